/* Parameters in PostgreSQL's binary formats; see params.h. */
#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/clock.h"
#include "db/params.h"

static void add(struct db_params *params, enum db_type type, const void *value, size_t size_bytes)
{
    assert(params->count < DB_PARAMS_MAX);
    assert(size_bytes <= INT32_MAX);
    params->types[params->count] = type;
    params->values[params->count] = value;
    params->lengths[params->count] = (int)size_bytes;
    params->count++;
}

static void add_copy(struct db_params *params, enum db_type type, const void *value, size_t size_bytes)
{
    add(params, type, arena_copy(params->arena, value, size_bytes), size_bytes);
}

void params_append(struct db_params *params, const struct db_params *more)
{
    size_t count = (size_t)more->count;

    assert(params->count + more->count <= DB_PARAMS_MAX);
    memcpy(params->types + params->count, more->types, count * sizeof more->types[0]);
    memcpy(params->values + params->count, more->values, count * sizeof more->values[0]);
    memcpy(params->lengths + params->count, more->lengths, count * sizeof more->lengths[0]);
    params->count += more->count;
}

void params_null(struct db_params *params)
{
    add(params, DB_TYPE_UNSET, NULL, 0);
}

void params_int64(struct db_params *params, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);

    add_copy(params, DB_TYPE_BIGINT, &wire, sizeof wire);
}

void params_int32(struct db_params *params, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);

    add_copy(params, DB_TYPE_INT, &wire, sizeof wire);
}

void params_double(struct db_params *params, double value)
{
    uint64_t wire;

    memcpy(&wire, &value, sizeof wire);
    wire = htobe64(wire);
    add_copy(params, DB_TYPE_FLOAT8, &wire, sizeof wire);
}

void params_bool(struct db_params *params, bool value)
{
    add(params, DB_TYPE_BOOLEAN, value ? "\1" : "\0", 1);
}

void params_text(struct db_params *params, struct text value)
{
    add(params, DB_TYPE_TEXT, value.data, value.size);
}

void params_string(struct db_params *params, const char *value)
{
    params_text(params, text_of(value));
}

void params_bytes(struct db_params *params, struct text value)
{
    add(params, DB_TYPE_BYTEA, value.data, value.size);
}

void params_time(struct db_params *params, int64_t time_us)
{
    uint64_t wire;

    if (time_us == INT64_MIN) {
        params_null(params);
        return;
    }
    wire = htobe64((uint64_t)(time_us - CLOCK_POSTGRES_EPOCH_US));
    add_copy(params, DB_TYPE_TIMESTAMPTZ, &wire, sizeof wire);
}

void params_hash(struct db_params *params, struct sql_hash hash)
{
    add_copy(params, DB_TYPE_UUID, hash.bytes, sizeof hash.bytes);
}

void params_json(struct db_params *params, struct text json)
{
    char *copy;

    if (json.data == NULL) {
        params_null(params);
        return;
    }
    copy = arena_alloc(params->arena, json.size + 1);
    copy[0] = 1; /* version of jsonb's wire format */
    memcpy(copy + 1, json.data, json.size);
    add(params, DB_TYPE_JSONB, copy, json.size + 1);
}

/* ---- arrays: int32 dimensions, int32 has_nulls, oid, then int32 length, int32 lower bound, elements ---- */

static char *put_int32(char *at, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);

    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

static char *put_int64(char *at, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);

    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

static char *put_header(char *at, enum db_type type, size_t count, bool has_nulls)
{
    at = put_int32(at, count == 0 ? 0 : 1);
    at = put_int32(at, has_nulls ? 1 : 0);
    at = put_int32(at, (int32_t)type);
    if (count == 0)
        return at;
    at = put_int32(at, (int32_t)count);
    return put_int32(at, 1);
}

enum { HEADER_BYTES = 20 };

static void add_int64s(struct db_params *params, enum db_type type, enum db_type array_type, const int64_t *values,
                       size_t count, int64_t offset)
{
    char *data = arena_alloc(params->arena, HEADER_BYTES + count * 12);
    char *at = put_header(data, type, count, false);

    for (size_t i = 0; i < count; i++) {
        at = put_int32(at, 8);
        at = put_int64(at, values[i] - offset);
    }
    add(params, array_type, data, (size_t)(at - data));
}

void params_int64_array(struct db_params *params, const int64_t *values, size_t count)
{
    add_int64s(params, DB_TYPE_BIGINT, DB_TYPE_BIGINT_ARRAY, values, count, 0);
}

void params_time_array(struct db_params *params, const int64_t *times_us, size_t count)
{
    add_int64s(params, DB_TYPE_TIMESTAMPTZ, DB_TYPE_TIMESTAMPTZ_ARRAY, times_us, count, CLOCK_POSTGRES_EPOCH_US);
}

void params_double_array(struct db_params *params, const double *values, size_t count)
{
    char *data = arena_alloc(params->arena, HEADER_BYTES + count * 12);
    char *at = put_header(data, DB_TYPE_FLOAT8, count, false);

    for (size_t i = 0; i < count; i++) {
        int64_t bits;

        memcpy(&bits, &values[i], sizeof bits);
        at = put_int32(at, 8);
        at = put_int64(at, bits);
    }
    add(params, DB_TYPE_FLOAT8_ARRAY, data, (size_t)(at - data));
}

void params_text_array(struct db_params *params, const struct text *values, size_t count)
{
    size_t total = HEADER_BYTES + count * 4;
    bool has_nulls = false;
    char *data, *at;

    for (size_t i = 0; i < count; i++) {
        total += values[i].size;
        has_nulls |= values[i].data == NULL;
    }
    data = arena_alloc(params->arena, total);
    at = put_header(data, DB_TYPE_TEXT, count, has_nulls);
    for (size_t i = 0; i < count; i++) {
        at = put_int32(at, values[i].data == NULL ? -1 : (int32_t)values[i].size);
        if (values[i].data == NULL || values[i].size == 0)
            continue;
        memcpy(at, values[i].data, values[i].size);
        at += values[i].size;
    }
    add(params, DB_TYPE_TEXT_ARRAY, data, (size_t)(at - data));
}

void params_hash_array(struct db_params *params, const struct sql_hash *values, size_t count)
{
    char *data = arena_alloc(params->arena, HEADER_BYTES + count * 20);
    char *at = put_header(data, DB_TYPE_UUID, count, false);

    for (size_t i = 0; i < count; i++) {
        at = put_int32(at, 16);
        memcpy(at, values[i].bytes, 16);
        at += 16;
    }
    add(params, DB_TYPE_UUID_ARRAY, data, (size_t)(at - data));
}
