/* The fields of a row in COPY's binary format: the number of fields (copy_int16), then each with its size. Each
 * function writes at `at` and returns the place behind; the caller has reserved the memory. */
#ifndef POTTO_DB_COPY_FIELDS_H
#define POTTO_DB_COPY_FIELDS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "sql/sql_hash.h"

enum { COPY_COUNT_BYTES = 2, COPY_SIZE_BYTES = 4 }; /* of a row's number of fields, of a field's size */

static inline char *copy_int16(char *at, int16_t value)
{
    uint16_t wire = htobe16((uint16_t)value);

    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

static inline char *copy_int32(char *at, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);

    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

static inline char *copy_null_field(char *at)
{
    return copy_int32(at, -1);
}

static inline char *copy_int64_field(char *at, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);

    at = copy_int32(at, 8);
    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

/* Negative: unknown, which is NULL. */
static inline char *copy_count_field(char *at, int64_t count)
{
    return count < 0 ? copy_null_field(at) : copy_int64_field(at, count);
}

static inline char *copy_double_field(char *at, double value)
{
    int64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return copy_int64_field(at, bits);
}

static inline char *copy_hash_field(char *at, struct sql_hash hash)
{
    at = copy_int32(at, sizeof hash.bytes);
    memcpy(at, hash.bytes, sizeof hash.bytes);
    return at + sizeof hash.bytes;
}

/* data NULL is NULL. */
static inline char *copy_text_field(char *at, struct text text)
{
    if (text.data == NULL)
        return copy_null_field(at);
    at = copy_int32(at, (int32_t)text.size);
    memcpy(at, text.data, text.size);
    return at + text.size;
}

#endif
