/* Parameters and results in PostgreSQL's binary formats; see store.h. */
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/scope/store.h"

enum { OID_INT8 = 20, OID_TEXT = 25, OID_FLOAT8 = 701, OID_TIMESTAMPTZ = 1184, OID_UUID = 2950, OID_JSONB = 3802 };

static void add(struct store_params *params, const void *value, size_t size_bytes)
{
    assert(params->count < STORE_PARAMS_MAX);
    assert(size_bytes <= INT32_MAX);
    params->values[params->count] = value;
    params->lengths[params->count] = (int)size_bytes;
    params->count++;
}

static void add_copy(struct store_params *params, const void *value, size_t size_bytes)
{
    add(params, arena_copy(params->arena, value, size_bytes), size_bytes);
}

void params_null(struct store_params *params)
{
    add(params, NULL, 0);
}

void params_int64(struct store_params *params, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);

    add_copy(params, &wire, sizeof wire);
}

void params_int32(struct store_params *params, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);

    add_copy(params, &wire, sizeof wire);
}

void params_double(struct store_params *params, double value)
{
    uint64_t wire;

    memcpy(&wire, &value, sizeof wire);
    wire = htobe64(wire);
    add_copy(params, &wire, sizeof wire);
}

void params_bool(struct store_params *params, bool value)
{
    add(params, value ? "\1" : "\0", 1);
}

void params_text(struct store_params *params, struct text value)
{
    add(params, value.data, value.size);
}

void params_string(struct store_params *params, const char *value)
{
    params_text(params, text_of(value));
}

void params_bytes(struct store_params *params, struct text value)
{
    params_text(params, value);
}

void params_time(struct store_params *params, int64_t time_us)
{
    if (time_us == INT64_MIN)
        params_null(params);
    else
        params_int64(params, time_us - CLOCK_POSTGRES_EPOCH_US);
}

void params_hash(struct store_params *params, struct sql_hash hash)
{
    add_copy(params, hash.bytes, sizeof hash.bytes);
}

void params_json(struct store_params *params, struct text json)
{
    char *copy;

    if (json.data == NULL) {
        params_null(params);
        return;
    }
    copy = arena_alloc(params->arena, json.size + 1);
    copy[0] = 1; /* version of jsonb's wire format */
    memcpy(copy + 1, json.data, json.size);
    add(params, copy, json.size + 1);
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

static char *put_header(char *at, int32_t oid, size_t count, bool has_nulls)
{
    at = put_int32(at, count == 0 ? 0 : 1);
    at = put_int32(at, has_nulls ? 1 : 0);
    at = put_int32(at, oid);
    if (count == 0)
        return at;
    at = put_int32(at, (int32_t)count);
    return put_int32(at, 1);
}

enum { HEADER_BYTES = 20 };

static void add_int64s(struct store_params *params, int32_t oid, const int64_t *values, size_t count, int64_t offset)
{
    char *data = arena_alloc(params->arena, HEADER_BYTES + count * 12);
    char *at = put_header(data, oid, count, false);

    for (size_t i = 0; i < count; i++) {
        at = put_int32(at, 8);
        at = put_int64(at, values[i] - offset);
    }
    add(params, data, (size_t)(at - data));
}

void params_int64_array(struct store_params *params, const int64_t *values, size_t count)
{
    add_int64s(params, OID_INT8, values, count, 0);
}

void params_time_array(struct store_params *params, const int64_t *times_us, size_t count)
{
    add_int64s(params, OID_TIMESTAMPTZ, times_us, count, CLOCK_POSTGRES_EPOCH_US);
}

void params_double_array(struct store_params *params, const double *values, size_t count)
{
    char *data = arena_alloc(params->arena, HEADER_BYTES + count * 12);
    char *at = put_header(data, OID_FLOAT8, count, false);

    for (size_t i = 0; i < count; i++) {
        int64_t bits;

        memcpy(&bits, &values[i], sizeof bits);
        at = put_int32(at, 8);
        at = put_int64(at, bits);
    }
    add(params, data, (size_t)(at - data));
}

void params_text_array(struct store_params *params, const struct text *values, size_t count)
{
    size_t total = HEADER_BYTES + count * 4;
    bool has_nulls = false;
    char *data, *at;

    for (size_t i = 0; i < count; i++) {
        total += values[i].size;
        has_nulls |= values[i].data == NULL;
    }
    data = arena_alloc(params->arena, total);
    at = put_header(data, OID_TEXT, count, has_nulls);
    for (size_t i = 0; i < count; i++) {
        at = put_int32(at, values[i].data == NULL ? -1 : (int32_t)values[i].size);
        if (values[i].data == NULL || values[i].size == 0)
            continue;
        memcpy(at, values[i].data, values[i].size);
        at += values[i].size;
    }
    add(params, data, (size_t)(at - data));
}

void params_hash_array(struct store_params *params, const struct sql_hash *values, size_t count)
{
    char *data = arena_alloc(params->arena, HEADER_BYTES + count * 20);
    char *at = put_header(data, OID_UUID, count, false);

    for (size_t i = 0; i < count; i++) {
        at = put_int32(at, 16);
        memcpy(at, values[i].bytes, 16);
        at += 16;
    }
    add(params, data, (size_t)(at - data));
}

/* ---- results ---- */

static int32_t get_int32(const char *at)
{
    uint32_t wire;

    memcpy(&wire, at, sizeof wire);
    return (int32_t)be32toh(wire);
}

static int64_t get_int64(const char *at)
{
    uint64_t wire;

    memcpy(&wire, at, sizeof wire);
    return (int64_t)be64toh(wire);
}

size_t row_page_count(const PGresult *result, int limit, bool *out_has_more)
{
    int rows = PQntuples(result);

    *out_has_more = rows > limit;
    return (size_t)(*out_has_more ? limit : rows);
}

int64_t row_changed_count(const PGresult *result)
{
    int64_t count = 0;

    text_to_int64(text_of(PQcmdTuples((PGresult *)(uintptr_t)result)), &count); /* libpq's parameter lacks the const */
    return count;
}

bool row_is_null(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) != 0;
}

int64_t row_int64(const PGresult *result, int row, int column)
{
    const char *value = PQgetvalue(result, row, column);
    uint16_t narrow;

    if (row_is_null(result, row, column))
        return 0;
    switch (PQgetlength(result, row, column)) {
    case 8:
        return get_int64(value);
    case 4:
        return get_int32(value);
    case 2:
        memcpy(&narrow, value, sizeof narrow);
        return (int16_t)be16toh(narrow);
    default:
        assert(!"an integer column");
        return 0;
    }
}

double row_double(const PGresult *result, int row, int column)
{
    const char *value = PQgetvalue(result, row, column);

    if (row_is_null(result, row, column))
        return 0;
    if (PQgetlength(result, row, column) == 4) {
        int32_t bits = get_int32(value);
        float narrow;

        memcpy(&narrow, &bits, sizeof narrow);
        return (double)narrow;
    } else {
        int64_t bits = get_int64(value);
        double wide;

        assert(PQgetlength(result, row, column) == 8 && PQftype(result, column) == OID_FLOAT8);
        memcpy(&wide, &bits, sizeof wide);
        return wide;
    }
}

bool row_bool(const PGresult *result, int row, int column)
{
    return !row_is_null(result, row, column) && PQgetvalue(result, row, column)[0] != 0;
}

int64_t row_time(const PGresult *result, int row, int column)
{
    int64_t since_2000_us;

    if (row_is_null(result, row, column))
        return INT64_MIN;
    since_2000_us = get_int64(PQgetvalue(result, row, column));
    /* PostgreSQL's infinities stay what they are: as far as our range goes. */
    if (since_2000_us == INT64_MIN || since_2000_us > INT64_MAX - CLOCK_POSTGRES_EPOCH_US)
        return since_2000_us == INT64_MIN ? INT64_MIN : INT64_MAX;
    return since_2000_us + CLOCK_POSTGRES_EPOCH_US;
}

struct text row_text(const PGresult *result, int row, int column)
{
    if (row_is_null(result, row, column))
        return (struct text){NULL, 0};
    return (struct text){PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
}

struct text row_json(const PGresult *result, int row, int column)
{
    struct text text = row_text(result, row, column);

    if (text.size > 0 && PQftype(result, column) == OID_JSONB) {
        text.data++;
        text.size--;
    }
    return text;
}

struct sql_hash row_hash(const PGresult *result, int row, int column)
{
    struct sql_hash hash = {{0}};

    if (!row_is_null(result, row, column) && PQgetlength(result, row, column) == sizeof hash.bytes)
        memcpy(hash.bytes, PQgetvalue(result, row, column), sizeof hash.bytes);
    return hash;
}

/* Where the first element's length stands; NULL and count 0 for an empty or NULL array. */
static const char *open_array(const PGresult *result, int row, int column, size_t *out_count)
{
    const char *at = PQgetvalue(result, row, column);

    *out_count = 0;
    if (row_is_null(result, row, column) || get_int32(at) == 0)
        return NULL;
    assert(get_int32(at) == 1);
    *out_count = (size_t)get_int32(at + 12);
    return at + HEADER_BYTES;
}

const int64_t *row_int64_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count)
{
    const char *at = open_array(result, row, column, out_count);
    int64_t *values = arena_alloc_array(arena, *out_count, sizeof *values);

    for (size_t i = 0; i < *out_count; i++) {
        int32_t size = get_int32(at);

        values[i] = size == 8 ? get_int64(at + 4) : size == 4 ? get_int32(at + 4) : 0;
        at += 4 + (size > 0 ? size : 0);
    }
    return values;
}

const struct text *row_text_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count)
{
    const char *at = open_array(result, row, column, out_count);
    struct text *values = arena_alloc_array(arena, *out_count, sizeof *values);

    for (size_t i = 0; i < *out_count; i++) {
        int32_t size = get_int32(at);

        values[i] = size < 0 ? (struct text){NULL, 0} : (struct text){at + 4, (size_t)size};
        at += 4 + (size > 0 ? size : 0);
    }
    return values;
}
