/* Percentiles out of the rollups' histograms; see query.h. */
#include <string.h>

#include "store/histogram.h"
#include "store/query_parts.h"

static struct histogram read_histogram(const PGresult *result, int row, int column, struct arena *arena)
{
    struct histogram histogram = {NULL, 0};

    histogram.entries = row_int64_array(result, row, column, arena, &histogram.count);
    return histogram;
}

static struct percentiles percentiles_of(struct histogram histogram)
{
    struct percentiles percentiles = {.calls = histogram_calls(histogram)};

    if (percentiles.calls == 0)
        return percentiles;
    percentiles.p50_ms = histogram_quantile_ms(histogram, 0.5);
    percentiles.p95_ms = histogram_quantile_ms(histogram, 0.95);
    percentiles.p99_ms = histogram_quantile_ms(histogram, 0.99);
    return percentiles;
}

enum status store_query_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                    int64_t connection_id, struct text engine, const struct sql_hash *hashes,
                                    size_t count, struct arena *arena, struct percentiles *out, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    memset(out, 0, count * sizeof *out);
    if (count == 0)
        return STATUS_OK;
    query_params_choose(&params, connection_id, engine);
    query_params_parts(&params, period);
    params_hash_array(&params, hashes, count);
    status = store_read(store, scope, SQL(query_histogram_list), &params, 2, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        struct sql_hash hash = row_hash(result, row, 0);
        size_t at = 0;

        while (at < count && memcmp(&hashes[at], &hash, sizeof hash) != 0)
            at++;
        if (at < count)
            out[at] = percentiles_of(read_histogram(result, row, 1, arena));
    }
    return status;
}

enum status store_overview_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                       int64_t connection_id, struct text engine, int64_t team_id, struct arena *arena,
                                       struct percentiles *out, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    query_params_choose(&params, connection_id, engine);
    query_params_parts(&params, period);
    params_int64(&params, team_id);
    status = store_read(store, scope, SQL(overview_histogram), &params, 1, arena, &result, error);
    if (status == STATUS_OK)
        *out = PQntuples(result) == 0 ? (struct percentiles){0} : percentiles_of(read_histogram(result, 0, 0, arena));
    return status;
}

enum status store_query_series_percentiles(struct store *store, const struct scope *scope, struct sql_hash hash,
                                           int64_t connection_id, const struct period *period, struct arena *arena,
                                           struct series *series, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    size_t at = 0;
    enum status status;

    query_params_choose(&params, connection_id, (struct text){NULL, 0});
    params_int32(&params, period->resolution_s);
    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_series_histogram), &params, 2, arena, &result, error);
    /* Both ascend by time. */
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        int64_t bucket_us = row_time(result, row, 0);

        while (at < series->count && series->points[at].bucket_us < bucket_us)
            at++;
        if (at < series->count && series->points[at].bucket_us == bucket_us)
            series->points[at].p95_ms = percentiles_of(read_histogram(result, row, 1, arena)).p95_ms;
    }
    return status;
}
