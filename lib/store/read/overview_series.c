/* What connections ran, all together, by bucket: from strips (migrations/010_segments.sql) where buckets are over, from
 * query_metrics otherwise; see query.h. */
#include "base/clock.h"
#include "store/read/query_bytes.h"
#include "store/read/query_packs.h"
#include "store/read/query_parts.h"
#include "store/scope/statement.h"

enum { CELL_BYTES = 28 };

struct summing {
    const struct period *period;
    int64_t cell_us;
    struct series_point *points; /* one for each bucket of the period */
    bool *is_known;              /* that there is a rollup of it */
    size_t count;
};

static void add(const struct summing *summing, int64_t bucket_us, int64_t calls, int64_t slow_calls, double total_ms)
{
    size_t at = (size_t)((bucket_us - summing->period->from_us) / summing->cell_us);
    struct series_point *point = &summing->points[at];

    summing->is_known[at] = true;
    point->bucket_us = bucket_us;
    point->calls = add_bounded(point->calls, calls);
    point->slow_calls = add_bounded(point->slow_calls, slow_calls);
    point->total_ms += total_ms;
    point->active_connection_count += calls > 0;
}

static enum status malformed(struct error *error)
{
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return error_detail(error, "a strip that is not one");
}

/* Cells of before `until_us`; a strip may reach beyond the period on either side. */
static bool add_strip(const struct summing *summing, const PGresult *result, int row, int64_t until_us)
{
    int64_t start_us = row_time(result, row, CONNECTION_STRIPS_LIST_START_AT);
    struct text sums = row_text(result, row, CONNECTION_STRIPS_LIST_SUMS);

    for (size_t at = 0; at + CELL_BYTES <= sums.size; at += CELL_BYTES) {
        const char *bytes = sums.data + at;
        int64_t bucket_us = start_us + bytes_uint32(bytes) * summing->cell_us;

        if (bucket_us >= summing->period->from_us && bucket_us < until_us)
            add(summing, bucket_us, bytes_int64(bytes + 4), bytes_int64(bytes + 12), bytes_double(bytes + 20));
    }
    return sums.size % CELL_BYTES == 0;
}

static enum status read_strips(struct store *store, const struct scope *scope, struct db_params params,
                               const struct summing *summing, int64_t until_us, struct error *error)
{
    const int32_t cell_s = summing->period->resolution_s;
    const int64_t strip_s = cell_s >= 86400 ? 64 * 86400 : cell_s >= 3600 ? 8 * 86400 : 8 * 3600;
    PGresult *result;
    enum status status;

    params_int64(&params, cell_s);
    params_time(&params, query_floor_to(summing->period->from_us, strip_s * CLOCK_SECOND_US));
    params_time(&params, until_us);
    status = store_read(store, scope, SQL(connection_strips_list), &params, params.arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        if (!add_strip(summing, result, row, until_us))
            status = malformed(error);
    return status;
}

static enum status read_rollups(struct store *store, const struct scope *scope, struct db_params params,
                                const struct summing *summing, int64_t from_us, struct error *error)
{
    PGresult *result;
    enum status status;

    params_int32(&params, summing->period->resolution_s);
    params_time(&params, from_us);
    params_time(&params, summing->period->to_us);
    status = store_read(store, scope, SQL(connection_cells_list), &params, params.arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        add(summing, row_time(result, row, CONNECTION_CELLS_LIST_BUCKET_AT),
            row_int64(result, row, CONNECTION_CELLS_LIST_CALLS),
            row_int64(result, row, CONNECTION_CELLS_LIST_SLOW_CALLS),
            row_double(result, row, CONNECTION_CELLS_LIST_TOTAL_MS));
    return status;
}

enum status store_overview_series(struct store *store, const struct scope *scope, const struct period *period,
                                  int64_t connection_id, struct text engine, int64_t team_id, struct arena *arena,
                                  struct series *out_series, struct error *error)
{
    struct summing summing = {.period = period, .cell_us = period->resolution_s * CLOCK_SECOND_US};
    struct db_params params = {.arena = arena};
    struct series series = {0};
    int64_t until_us;
    enum status status = query_packs_until(store, arena, &until_us, error);

    if (status != STATUS_OK)
        return status;
    until_us = query_floor_to(until_us, summing.cell_us);
    if (until_us > period->to_us)
        until_us = period->to_us;
    if (until_us < period->from_us)
        until_us = period->from_us;
    summing.count = (size_t)((period->to_us - period->from_us) / summing.cell_us);
    summing.points = arena_alloc_array(arena, summing.count, sizeof *summing.points);
    summing.is_known = arena_alloc_array(arena, summing.count, sizeof *summing.is_known);
    query_params_choose(&params, connection_id, engine);
    params_int64(&params, team_id);
    if (until_us > period->from_us)
        status = read_strips(store, scope, params, &summing, until_us, error);
    if (status == STATUS_OK && until_us < period->to_us)
        status = read_rollups(store, scope, params, &summing, until_us, error);
    series.points = summing.points;
    for (size_t i = 0; i < summing.count; i++)
        if (summing.is_known[i])
            series.points[series.count++] = summing.points[i];
    if (status == STATUS_OK)
        *out_series = series;
    return status;
}
