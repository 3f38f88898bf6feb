/* One fingerprint by bucket, for charts; see series.h. */
#include "store/read/series.h"

#include <stdlib.h>

#include "base/vector.h"
#include "store/read/buckets.h"
#include "store/read/bytes.h"
#include "store/read/tiling.h"

struct bucket_list {
    struct bucket *items;
    size_t count, capacity;
    struct arena *arena;
};

static bool keep_bucket(void *context, const struct bucket *bucket)
{
    struct bucket_list *buckets = context;

    *vector_push(buckets, buckets->arena) = *bucket;
    return true;
}

static int by_start(const void *one, const void *other)
{
    const struct bucket *a = one, *b = other;

    return a->start_us < b->start_us ? -1 : a->start_us > b->start_us;
}

/* Make one point of the buckets from *at on that start at the same time. *at moves behind them. False: a distribution
 * is malformed. */
static bool make_point(const struct bucket_list *buckets, size_t *at, struct series_point *out_point)
{
    struct distribution distribution = {{0}};
    struct series_point point = {.bucket_us = buckets->items[*at].start_us};

    for (; *at < buckets->count && buckets->items[*at].start_us == point.bucket_us; (*at)++) {
        const struct bucket *bucket = &buckets->items[*at];

        sums_add(&point.sums, &bucket->sums);
        if (!bucket_add_distribution(bucket, &distribution))
            return false;
    }
    point.p95_ms = distribution_percentiles(&distribution).p95_ms;
    *out_point = point;
    return true;
}

enum status store_query_series(struct store *store, const struct scope *scope, struct sql_hash hash,
                               const struct period *period, struct arena *arena, struct series *out_series,
                               struct error *error)
{
    struct tier tiers[TIERS];
    struct bucket_request request = {.hashes = &hash, .count = 1, .tiers = tiers, .depth = BUCKET_HISTOGRAM};
    struct bucket_list buckets = {.arena = arena};
    struct series series = {0};
    enum status status = segments_until(store, arena, &request.segmented_until_us, error);

    tiers_make_one(period->from_us, period->to_us, period->resolution_s, tiers);
    if (status == STATUS_OK)
        status = buckets_read(store, scope, &request, arena, keep_bucket, &buckets, error);
    if (status != STATUS_OK)
        return status;
    if (buckets.count > 0)
        qsort(buckets.items, buckets.count, sizeof *buckets.items, by_start);
    series.points = arena_alloc_array(arena, buckets.count, sizeof *series.points);
    for (size_t at = 0; at < buckets.count;)
        if (!make_point(&buckets, &at, &series.points[series.count++]))
            return bytes_malformed(error, "distribution");
    *out_series = series;
    return STATUS_OK;
}
