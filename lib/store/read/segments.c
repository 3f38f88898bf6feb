/* Adding up segments; see segments.h. */
#include "store/read/segments.h"

#include <stdlib.h>

#include "store/read/bytes.h"
#include "store/read/sums_row.h"
#include "store/scope/statement.h"

enum { FINGERPRINT_ID_MAX = 100 * 1000 * 1000, ID_BYTES = 4, VALUE_BYTES = 8 };

SUMS_COLUMNS(QUERY_SEGMENTS_READ);

/* Columns with values of fingerprints. Each is a string that has a value for each id in the column of the ids; it is
 * NULL unless `values` asks for it. Empty is one whose values are all 0, if it may be. */
static const struct {
    int column;
    unsigned values;
    bool may_be_empty;
} fingerprint_columns[] = {
    {QUERY_SEGMENTS_READ_FINGERPRINT_MS, SEGMENT_TIME, false},
    {QUERY_SEGMENTS_READ_FINGERPRINT_CALLS, SEGMENT_CALLS, false},
    {QUERY_SEGMENTS_READ_FINGERPRINT_SLOW_CALLS, SEGMENT_SLOW_CALLS, false},
    {QUERY_SEGMENTS_READ_FINGERPRINT_MAX_MS, SEGMENT_DETAILS, false},
    {QUERY_SEGMENTS_READ_FINGERPRINT_ROWS_EXAMINED, SEGMENT_DETAILS, false},
    {QUERY_SEGMENTS_READ_FINGERPRINT_ROWS_RETURNED, SEGMENT_DETAILS, false},
    {QUERY_SEGMENTS_READ_FINGERPRINT_LOCK_US, SEGMENT_LOCKS, true},
};
enum { FINGERPRINT_COLUMNS = sizeof fingerprint_columns / sizeof fingerprint_columns[0] };

/* Sums by fingerprint id. They are zero where nothing was added. */
struct accumulator {
    const PGresult *result;
    unsigned values;
    struct fingerprint_sums *by_id; /* up to `highest` */
    uint32_t highest;
};

static struct text row_ids(const PGresult *result, int row)
{
    return row_text(result, row, QUERY_SEGMENTS_READ_FINGERPRINT_IDS);
}

static bool is_well_formed(const PGresult *result, int row, size_t count, unsigned values)
{
    for (int i = 0; i < FINGERPRINT_COLUMNS; i++) {
        size_t size = row_text(result, row, fingerprint_columns[i].column).size;
        bool is_wanted = (values & fingerprint_columns[i].values) != 0;

        if (is_wanted && size != count * VALUE_BYTES && !(size == 0 && fingerprint_columns[i].may_be_empty))
            return false;
    }
    return true;
}

/* The highest id of a result whose rows are well formed; 0 if one is not. Ids ascend within a row. */
static uint32_t highest_id(const PGresult *result, unsigned values)
{
    uint32_t highest = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        struct text ids = row_ids(result, row);
        size_t count = ids.size / ID_BYTES;
        uint32_t last;

        if (count == 0 || ids.size % ID_BYTES != 0 || !is_well_formed(result, row, count, values))
            return 0;
        last = bytes_uint32(ids.data + (count - 1) * ID_BYTES);
        if (last > highest)
            highest = last;
    }
    return highest;
}

static enum status accumulator_start(struct accumulator *accumulator, const PGresult *result, unsigned values,
                                     struct arena *arena)
{
    *accumulator = (struct accumulator){.result = result, .values = values, .highest = highest_id(result, values)};
    if (PQntuples(result) > 0 && (accumulator->highest == 0 || accumulator->highest > FINGERPRINT_ID_MAX))
        return STATUS_INTERNAL;
    accumulator->by_id = arena_alloc_array(arena, (size_t)accumulator->highest + 1, sizeof *accumulator->by_id);
    return STATUS_OK;
}

/* `strings` in the order of fingerprint_columns. */
static void add_details(const char *const strings[FINGERPRINT_COLUMNS], size_t at, struct sums *sums)
{
    double max_ms = bytes_double(strings[3] + at);

    if (max_ms > sums->max_ms)
        sums->max_ms = max_ms;
    sums->rows_examined = sums_add_count(sums->rows_examined, bytes_int64(strings[4] + at));
    sums->rows_returned = sums_add_count(sums->rows_returned, bytes_int64(strings[5] + at));
}

static enum status add_fingerprints(struct accumulator *accumulator, int row)
{
    struct text ids = row_ids(accumulator->result, row);
    const char *strings[FINGERPRINT_COLUMNS]; /* in the order of fingerprint_columns */
    bool has_locks = row_text(accumulator->result, row, QUERY_SEGMENTS_READ_FINGERPRINT_LOCK_US).size > 0;

    for (int i = 0; i < FINGERPRINT_COLUMNS; i++)
        strings[i] = row_text(accumulator->result, row, fingerprint_columns[i].column).data;
    for (size_t i = 0; i < ids.size / ID_BYTES; i++) {
        uint32_t id = bytes_uint32(ids.data + i * ID_BYTES);
        size_t at = i * VALUE_BYTES;
        struct fingerprint_sums *item;

        if (id == 0 || id > accumulator->highest)
            return STATUS_INTERNAL;
        item = &accumulator->by_id[id];
        item->fingerprint_id = id;
        if (accumulator->values & SEGMENT_TIME)
            item->sums.total_ms += bytes_double(strings[0] + at);
        if (accumulator->values & SEGMENT_CALLS)
            item->sums.calls = sums_add_count(item->sums.calls, bytes_int64(strings[1] + at));
        if (accumulator->values & SEGMENT_SLOW_CALLS)
            item->sums.slow_calls = sums_add_count(item->sums.slow_calls, bytes_int64(strings[2] + at));
        if (accumulator->values & SEGMENT_DETAILS)
            add_details(strings, at, &item->sums);
        if (accumulator->values & SEGMENT_LOCKS && has_locks)
            item->sums.lock_us = sums_add_count(item->sums.lock_us, bytes_int64(strings[6] + at));
    }
    return STATUS_OK;
}

static enum status add_row(struct accumulator *accumulator, int row, struct segment_sums *sums)
{
    struct sums more = accumulator->values & SEGMENT_CONNECTIONS
                           ? row_sums(accumulator->result, row, QUERY_SEGMENTS_READ_CALLS)
                           : row_load(accumulator->result, row, QUERY_SEGMENTS_READ_CALLS);

    sums_add(&sums->totals, &more);
    return add_fingerprints(accumulator, row);
}

/* All rows together. */
static enum status add_up(const PGresult *result, unsigned values, struct arena *arena, struct segment_sums *out_sums)
{
    struct segment_sums sums = {0};
    struct accumulator accumulator;
    enum status status = accumulator_start(&accumulator, result, values, arena);

    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        status = add_row(&accumulator, row, &sums);
    if (status != STATUS_OK)
        return status;
    sums.items = accumulator.by_id;
    for (uint32_t id = 1; id <= accumulator.highest; id++)
        if (accumulator.by_id[id].fingerprint_id != 0)
            sums.items[sums.count++] = accumulator.by_id[id];
    *out_sums = sums;
    return STATUS_OK;
}

/* ---- adding up each connection ---- */

struct connection_row {
    int64_t connection_id;
    int row;
};

static int by_connection(const void *one, const void *other)
{
    const struct connection_row *a = one, *b = other;

    if (a->connection_id != b->connection_id)
        return a->connection_id < b->connection_id ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static int by_fingerprint_id(const void *one, const void *other)
{
    const struct fingerprint_sums *a = one, *b = other;

    return a->fingerprint_id < b->fingerprint_id ? -1 : a->fingerprint_id > b->fingerprint_id;
}

/* Move what was added into `sums`: the next connection begins with nothing. */
static void take_sums(struct accumulator *accumulator, const struct connection_row *rows, size_t count,
                      struct arena *arena, struct segment_sums *sums)
{
    size_t ids_max = 0;

    for (size_t i = 0; i < count; i++)
        ids_max += row_ids(accumulator->result, rows[i].row).size / ID_BYTES;
    if (ids_max > accumulator->highest)
        ids_max = accumulator->highest;
    sums->items = arena_alloc_array(arena, ids_max, sizeof *sums->items);
    for (size_t i = 0; i < count; i++) {
        struct text ids = row_ids(accumulator->result, rows[i].row);

        for (size_t at = 0; at < ids.size; at += ID_BYTES) {
            struct fingerprint_sums *item = &accumulator->by_id[bytes_uint32(ids.data + at)];

            if (item->fingerprint_id == 0)
                continue; /* taken with an earlier segment */
            sums->items[sums->count++] = *item;
            *item = (struct fingerprint_sums){0};
        }
    }
    if (sums->count > 0)
        qsort(sums->items, sums->count, sizeof *sums->items, by_fingerprint_id);
}

static enum status add_up_each(const PGresult *result, unsigned values, struct arena *arena,
                               struct segment_sums **out_sums, size_t *out_count)
{
    size_t row_count = (size_t)PQntuples(result), count = 0;
    struct connection_row *rows = arena_alloc_array(arena, row_count, sizeof *rows);
    struct segment_sums *all = arena_alloc_array(arena, row_count, sizeof *all);
    struct accumulator accumulator;
    enum status status = accumulator_start(&accumulator, result, values, arena);

    for (size_t i = 0; i < row_count; i++)
        rows[i] =
            (struct connection_row){row_int64(result, (int)i, QUERY_SEGMENTS_READ_DATABASE_CONNECTION_ID), (int)i};
    if (row_count > 0)
        qsort(rows, row_count, sizeof *rows, by_connection);
    for (size_t first = 0, end; status == STATUS_OK && first < row_count; first = end) {
        struct segment_sums *sums = &all[count++];

        sums->connection_id = rows[first].connection_id;
        for (end = first; status == STATUS_OK && end < row_count && rows[end].connection_id == sums->connection_id;
             end++)
            status = add_row(&accumulator, rows[end].row, sums);
        if (status == STATUS_OK)
            take_sums(&accumulator, &rows[first], end - first, arena, sums);
    }
    *out_sums = all;
    *out_count = count;
    return status;
}

/* ---- reading ---- */

static enum status run(struct store *store, const struct scope *scope, const struct segment_request *request,
                       struct arena *arena, PGresult **out_result, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_tiling(&params, request->period, request->segmented_until_us);
    params_int32(&params, (int32_t)request->values);
    return store_read(store, scope, SQL(query_segments_read), &params, arena, out_result, error);
}

enum status segments_read(struct store *store, const struct scope *scope, const struct segment_request *request,
                          struct arena *arena, struct segment_sums *out_sums, struct error *error)
{
    PGresult *result;
    enum status status = run(store, scope, request, arena, &result, error);

    if (status == STATUS_OK && add_up(result, request->values, arena, out_sums) != STATUS_OK)
        status = bytes_malformed(error, "segment");
    return status;
}

enum status segments_read_each(struct store *store, const struct scope *scope, const struct segment_request *request,
                               struct arena *arena, struct segment_sums **out_sums, size_t *out_count,
                               struct error *error)
{
    PGresult *result;
    enum status status = run(store, scope, request, arena, &result, error);

    if (status == STATUS_OK && add_up_each(result, request->values, arena, out_sums, out_count) != STATUS_OK)
        status = bytes_malformed(error, "segment");
    return status;
}
