/* Percentiles out of the rollups' histograms; see query.h. */
#include <endian.h>
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

struct bin_sums {
    int64_t counts[HISTOGRAM_BINS];
};

/* A bigint[] as PostgreSQL sends it: dimensions, flags, type, count, lower bound, then each length and value. */
static void add_bins(const PGresult *result, int row, int column, struct bin_sums *sums)
{
    enum { HEAD_BYTES = 20, ENTRY_BYTES = 12 };
    struct text array = row_text(result, row, column);

    for (size_t at = HEAD_BYTES; at + ENTRY_BYTES <= array.size; at += ENTRY_BYTES) {
        uint64_t bits;
        int64_t entry, bin;

        memcpy(&bits, array.data + at + 4, sizeof bits);
        entry = (int64_t)be64toh(bits);
        bin = entry >> HISTOGRAM_COUNT_BITS;
        if (bin >= 0 && bin < HISTOGRAM_BINS)
            sums->counts[bin] += entry & HISTOGRAM_COUNT_MAX;
    }
}

static struct histogram pack_bins(const struct bin_sums *sums, struct arena *arena)
{
    int64_t *entries = arena_alloc_array(arena, HISTOGRAM_BINS, sizeof *entries);
    size_t count = 0;

    for (int bin = 0; bin < HISTOGRAM_BINS; bin++)
        if (sums->counts[bin] > 0)
            entries[count++] = histogram_entry(bin, sums->counts[bin]);
    return (struct histogram){entries, count};
}

enum status store_query_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                    int64_t connection_id, struct text engine, const struct sql_hash *hashes,
                                    size_t count, struct arena *arena, struct percentiles *out, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct bin_sums *sums;
    PGresult *result;
    enum status status;

    memset(out, 0, count * sizeof *out);
    if (count == 0)
        return STATUS_OK;
    query_params_choose(&params, connection_id, engine);
    query_params_parts(&params, period);
    params_hash_array(&params, hashes, count);
    status = store_read(store, scope, SQL(query_histogram_list), &params, 2, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    sums = arena_alloc_array(arena, count, sizeof *sums);
    for (int row = 0; row < PQntuples(result); row++) {
        struct sql_hash hash = row_hash(result, row, 0);
        size_t at = 0;

        while (at < count && memcmp(&hashes[at], &hash, sizeof hash) != 0)
            at++;
        if (at < count)
            add_bins(result, row, 1, &sums[at]);
    }
    for (size_t at = 0; at < count; at++)
        out[at] = percentiles_of(pack_bins(&sums[at], arena));
    return STATUS_OK;
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
