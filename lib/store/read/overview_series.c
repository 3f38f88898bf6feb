/* What connections ran, all together, by bucket: from chunks where buckets are over, from query_metrics otherwise; see
 * overview_series.h. */
#include "store/read/overview_series.h"

#include "base/clock.h"
#include "store/read/bytes.h"
#include "store/read/sums_row.h"
#include "store/read/tiling.h"
#include "store/scope/statement.h"

enum { LOAD_BYTES = 28 };

SUMS_LOAD_COLUMNS(CONNECTION_BUCKETS_LIST);

struct accumulator {
    const struct period *period;
    int64_t bucket_us;
    struct series_point *points; /* one for each bucket of the period */
    bool *is_known;              /* whether there is a rollup of the bucket */
    size_t count;
};

static void add(const struct accumulator *accumulator, int64_t start_us, const struct sums *more)
{
    size_t at = (size_t)((start_us - accumulator->period->from_us) / accumulator->bucket_us);
    struct series_point *point = &accumulator->points[at];

    accumulator->is_known[at] = true;
    point->bucket_us = start_us;
    sums_add(&point->sums, more);
    point->active_connection_count += more->calls > 0;
}

/* Add the buckets before `until_us`; a chunk may reach beyond the period on either side. False: malformed. */
static bool add_chunk(const struct accumulator *accumulator, const PGresult *result, int row, int64_t until_us)
{
    int64_t chunk_start_us = row_time(result, row, CONNECTION_CHUNKS_LIST_START_AT);
    struct text loads = row_text(result, row, CONNECTION_CHUNKS_LIST_SUMS);

    for (size_t at = 0; at + LOAD_BYTES <= loads.size; at += LOAD_BYTES) {
        const char *bytes = loads.data + at;
        int64_t start_us = chunk_start_us + bytes_uint32(bytes) * accumulator->bucket_us;
        struct sums more = bytes_load(bytes + 4);

        if (start_us >= accumulator->period->from_us && start_us < until_us)
            add(accumulator, start_us, &more);
    }
    return loads.size % LOAD_BYTES == 0;
}

static enum status read_chunks(struct store *store, const struct scope *scope, const struct accumulator *accumulator,
                               int64_t until_us, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    const int32_t bucket_s = accumulator->period->resolution_s;
    const int64_t chunk_s = bucket_s >= 86400 ? 64 * 86400 : bucket_s >= 3600 ? 8 * 86400 : 8 * 3600;
    PGresult *result;
    enum status status;

    params_int64(&params, bucket_s);
    params_time(&params, clock_floor(accumulator->period->from_us, chunk_s * CLOCK_SECOND_US));
    params_time(&params, until_us);
    status = store_read(store, scope, SQL(connection_chunks_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        if (!add_chunk(accumulator, result, row, until_us))
            status = bytes_malformed(error, "chunk");
    return status;
}

static enum status read_rollups(struct store *store, const struct scope *scope, const struct accumulator *accumulator,
                                int64_t from_us, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int32(&params, accumulator->period->resolution_s);
    params_time(&params, from_us);
    params_time(&params, accumulator->period->to_us);
    status = store_read(store, scope, SQL(connection_buckets_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        struct sums more = row_load(result, row, CONNECTION_BUCKETS_LIST_CALLS);

        add(accumulator, row_time(result, row, CONNECTION_BUCKETS_LIST_BUCKET_AT), &more);
    }
    return status;
}

enum status store_overview_series(struct store *store, const struct scope *scope, const struct period *period,
                                  struct arena *arena, struct series *out_series, struct error *error)
{
    struct accumulator accumulator = {.period = period, .bucket_us = period->resolution_s * CLOCK_SECOND_US};
    struct series series = {0};
    int64_t until_us;
    enum status status = segments_until(store, arena, &until_us, error);

    if (status != STATUS_OK)
        return status;
    until_us = clock_floor(until_us, accumulator.bucket_us);
    if (until_us > period->to_us)
        until_us = period->to_us;
    if (until_us < period->from_us)
        until_us = period->from_us;
    accumulator.count = (size_t)((period->to_us - period->from_us) / accumulator.bucket_us);
    accumulator.points = arena_alloc_array(arena, accumulator.count, sizeof *accumulator.points);
    accumulator.is_known = arena_alloc_array(arena, accumulator.count, sizeof *accumulator.is_known);
    if (until_us > period->from_us)
        status = read_chunks(store, scope, &accumulator, until_us, arena, error);
    if (status == STATUS_OK && until_us < period->to_us)
        status = read_rollups(store, scope, &accumulator, until_us, arena, error);
    series.points = accumulator.points;
    for (size_t i = 0; i < accumulator.count; i++)
        if (accumulator.is_known[i])
            series.points[series.count++] = accumulator.points[i];
    if (status == STATUS_OK)
        *out_series = series;
    return status;
}
