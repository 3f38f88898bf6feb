/* Results in PostgreSQL's binary formats; see rows.h. */
#include "db/rows.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/clock.h"
#include "db/sql.h"

enum { ARRAY_HEADER_BYTES = 20 };

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

int64_t row_known(const PGresult *result, int row, int column)
{
    return row_is_null(result, row, column) ? -1 : row_int64(result, row, column);
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

        assert(PQgetlength(result, row, column) == 8 && PQftype(result, column) == DB_TYPE_FLOAT8);
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
    /* PostgreSQL's infinities become the ends of our range. */
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

    if (text.size > 0 && PQftype(result, column) == DB_TYPE_JSONB) {
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

/* Returns the position of the first element's length; NULL and count 0 for an empty or NULL array. */
static const char *open_array(const PGresult *result, int row, int column, size_t *out_count)
{
    const char *at = PQgetvalue(result, row, column);

    *out_count = 0;
    if (row_is_null(result, row, column) || get_int32(at) == 0)
        return NULL;
    assert(get_int32(at) == 1);
    *out_count = (size_t)get_int32(at + 12);
    return at + ARRAY_HEADER_BYTES;
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

const int64_t *row_time_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count)
{
    const char *at = open_array(result, row, column, out_count);
    int64_t *times_us = arena_alloc_array(arena, *out_count, sizeof *times_us);

    for (size_t i = 0; i < *out_count; i++)
        times_us[i] = get_int64(at + i * (4 + sizeof *times_us) + 4) + CLOCK_POSTGRES_EPOCH_US;
    return times_us;
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
