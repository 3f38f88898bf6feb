/* For store/query_*.c alone: numbers as PostgreSQL's int4send, int8send and float8send write them. The caller has
 * checked that they lie within their string. */
#ifndef POTTO_STORE_READ_QUERY_BYTES_H
#define POTTO_STORE_READ_QUERY_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bytes_uint32(const char *bytes)
{
    uint32_t bits;

    memcpy(&bits, bytes, sizeof bits);
    return be32toh(bits);
}

static inline int64_t bytes_int64(const char *bytes)
{
    uint64_t bits;

    memcpy(&bits, bytes, sizeof bits);
    return (int64_t)be64toh(bits);
}

static inline double bytes_double(const char *bytes)
{
    int64_t bits = bytes_int64(bytes);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A sum of counts that stops at the largest. */
static inline int64_t add_bounded(int64_t one, int64_t other)
{
    int64_t sum;

    return __builtin_add_overflow(one, other, &sum) ? INT64_MAX : sum;
}

#endif
