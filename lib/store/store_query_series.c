/* Sums by bucket, for charts: rollups alone; see query.h. */
#include "store/query_parts.h"

static struct store_params series_params(const struct period *period, int64_t connection_id, struct text engine,
                                         struct arena *arena)
{
    struct store_params params = {.arena = arena};

    query_params_choose(&params, connection_id, engine);
    params_int32(&params, period->resolution_s);
    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    return params;
}

static enum status read_series(struct store *store, const struct scope *scope, const struct store_sql *sql,
                               const struct store_params *params, struct arena *arena, struct series *out_series,
                               struct error *error)
{
    struct series series = {0};
    PGresult *result;
    enum status status = store_read(store, scope, sql, params, 4, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    series.count = (size_t)PQntuples(result);
    series.points = arena_alloc_array(arena, series.count, sizeof *series.points);
    for (size_t i = 0; i < series.count; i++)
        series.points[i] = (struct series_point){
            .bucket_us = row_time(result, (int)i, 0),
            .calls = row_int64(result, (int)i, 1),
            .slow_calls = row_int64(result, (int)i, 2),
            .total_ms = row_double(result, (int)i, 3),
        };
    *out_series = series;
    return STATUS_OK;
}

enum status store_overview_series(struct store *store, const struct scope *scope, const struct period *period,
                                  int64_t connection_id, struct text engine, struct arena *arena,
                                  struct series *out_series, struct error *error)
{
    struct store_params params = series_params(period, connection_id, engine, arena);

    return read_series(store, scope, SQL(overview_series), &params, arena, out_series, error);
}

enum status store_query_series(struct store *store, const struct scope *scope, struct sql_hash hash,
                               int64_t connection_id, const struct period *period, struct arena *arena,
                               struct series *out_series, struct error *error)
{
    struct store_params params = series_params(period, connection_id, (struct text){NULL, 0}, arena);

    params_hash(&params, hash);
    return read_series(store, scope, SQL(query_series), &params, arena, out_series, error);
}
