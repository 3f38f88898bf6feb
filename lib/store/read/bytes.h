/* For lib/store/read alone: numbers as PostgreSQL's int4send, int8send and float8send write them. The caller has
 * checked that they lie within their string. */
#ifndef POTTO_STORE_READ_BYTES_H
#define POTTO_STORE_READ_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "facts/sums.h"

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

/* A bucket of a chunk, behind its index: 24 bytes of its load; elsewhere its details, 8 bytes for each count and for
 * max_ms. */
static inline struct sums bytes_load(const char *bytes)
{
    return (struct sums){
        .calls = bytes_int64(bytes), .slow_calls = bytes_int64(bytes + 8), .total_ms = bytes_double(bytes + 16)};
}

static inline void bytes_details(const char *bytes, struct sums *out_sums)
{
#define READ(member)                                                                                                   \
    out_sums->member = bytes_int64(bytes);                                                                             \
    bytes += sizeof(int64_t);
    SUMS_DETAIL_COUNTS(READ)
#undef READ
    out_sums->max_ms = bytes_double(bytes);
}

/* What was stored cannot be read: a bug. `what` tells the log what it was. STATUS_INTERNAL. */
static inline enum status bytes_malformed(struct error *error, const char *what)
{
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return error_detail(error, "a malformed %s", what);
}

#endif
