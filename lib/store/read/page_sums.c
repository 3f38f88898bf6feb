/* Adding up the buckets of a page; see page_sums.h. */
#include "store/read/page_sums.h"

#include "base/clock.h"
#include "base/vector.h"
#include "store/read/buckets.h"
#include "store/scope/statement.h"

/* Connections that ran one fingerprint, ascending. */
struct connections {
    int64_t *items;
    size_t count, capacity;
};

struct accumulator {
    const struct page_sums_request *request;
    struct query_summary *summaries;
    struct connections *connections;
    struct distribution *distributions; /* NULL: no percentiles are wanted */
    double *sparks_ms;                  /* QUERY_SPARK_POINTS for each; NULL: not from these buckets */
    int64_t now_us;
    struct arena *arena;
};

static void add_connection(struct connections *connections, int64_t id, struct arena *arena)
{
    size_t at = connections->count;

    while (at > 0 && connections->items[at - 1] > id)
        at--;
    if (at > 0 && connections->items[at - 1] == id)
        return;
    *vector_push(connections, arena) = id;
    memmove(&connections->items[at + 1], &connections->items[at], (connections->count - 1 - at) * sizeof id);
    connections->items[at] = id;
}

/* ---- sparks ---- */

/* The widest bucket that is not wider than a point of the spark. Where narrow buckets are not kept any more, the
 * narrowest one that is. */
static int32_t spark_resolution(const struct period *period)
{
    int64_t point_s = (period->to_us - period->from_us) / CLOCK_SECOND_US / QUERY_SPARK_POINTS;
    int32_t fitting_s = point_s >= 86400 ? 86400 : point_s >= 3600 ? 3600 : PERIOD_RESOLUTION_MIN_S;

    return fitting_s > period->resolution_s ? fitting_s : period->resolution_s;
}

/* Buckets and points end at different times: a bucket gives each point the share of its time that lies within the
 * point. The bucket that is being filled ends now. */
static void spread(const struct accumulator *accumulator, const struct bucket *bucket, double *spark_ms)
{
    const struct period *period = &accumulator->request->period;
    int64_t filled_us = accumulator->now_us - bucket->start_us;
    int64_t width_us = filled_us > 0 && filled_us < bucket->width_us ? filled_us : bucket->width_us;
    double point_us = (double)(period->to_us - period->from_us) / QUERY_SPARK_POINTS;
    double begin = (double)(bucket->start_us - period->from_us), end = begin + (double)width_us;
    int first = begin > 0 ? (int)(begin / point_us) : 0;

    for (int i = first; i < QUERY_SPARK_POINTS && point_us * i < end; i++) {
        double from = point_us * i > begin ? point_us * i : begin;
        double to = point_us * (i + 1) < end ? point_us * (i + 1) : end;

        if (to > from)
            spark_ms[i] += bucket->sums.total_ms * (to - from) / (double)width_us;
    }
}

static bool add_spark(void *context, const struct bucket *bucket)
{
    const struct accumulator *accumulator = context;

    spread(accumulator, bucket, accumulator->sparks_ms + bucket->fingerprint_index * QUERY_SPARK_POINTS);
    return true;
}

/* ---- sums ---- */

static bool add_bucket(void *context, const struct bucket *bucket)
{
    const struct accumulator *accumulator = context;
    struct query_summary *summary = &accumulator->summaries[bucket->fingerprint_index];

    add_connection(&accumulator->connections[bucket->fingerprint_index], bucket->connection_id, accumulator->arena);
    sums_add(&summary->sums, &bucket->sums);
    if (accumulator->sparks_ms != NULL)
        add_spark(context, bucket);
    return accumulator->distributions == NULL ||
           bucket_add_distribution(bucket, &accumulator->distributions[bucket->fingerprint_index]);
}

static void finish(const struct accumulator *accumulator, size_t index)
{
    struct query_summary *summary = &accumulator->summaries[index];
    double everything_ms = accumulator->request->everything_ms;

    summary->connection_ids = accumulator->connections[index].items;
    summary->connection_count = accumulator->connections[index].count;
    summary->mean_ms = sums_mean_ms(&summary->sums);
    summary->sums.max_ms = sums_max_ms(&summary->sums);
    summary->time_share = everything_ms > 0 ? summary->sums.total_ms / everything_ms : 0;
    if (summary->time_share > 1) /* the two sums may come from buckets of different widths */
        summary->time_share = 1;
    if (accumulator->distributions != NULL)
        summary->percentiles = distribution_percentiles(&accumulator->distributions[index]);
}

static bool all_fit(const struct tier tiers[TIERS], int32_t resolution_s)
{
    static const int32_t widths_s[TIERS] = {300, 3600, 86400, 3600, 300};

    for (int i = 0; i < TIERS; i++)
        if (tiers[i].from_us < tiers[i].to_us && widths_s[i] > resolution_s)
            return false;
    return true;
}

static bool has_connection(const struct query_summary *summary, int64_t id)
{
    for (size_t i = 0; i < summary->connection_count; i++)
        if (summary->connection_ids[i] == id)
            return true;
    return false;
}

/* A number is known where somebody told some, or a connection's server would tell it. */
static enum status mark_known(struct store *store, const struct scope *scope, struct query_summary *summaries,
                              size_t count, struct arena *arena, struct error *error)
{
    PGresult *result;
    size_t unknown = 0;
    enum status status;

    for (size_t i = 0; i < count; i++) {
        summaries[i].known = sums_known(&summaries[i].sums);
        unknown += summaries[i].known != SUMS_KNOW_ALL;
    }
    if (unknown == 0)
        return STATUS_OK;
    status = store_read(store, scope, SQL(examining_connections), NULL, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        unsigned told = row_bool(result, row, EXAMINING_CONNECTIONS_TELLS_DIGESTS) ? SUMS_KNOW_ALL : SUMS_KNOW_EXAMINED;

        for (size_t i = 0; i < count; i++)
            if (has_connection(&summaries[i], row_int64(result, row, EXAMINING_CONNECTIONS_ID)))
                summaries[i].known |= told;
    }
    return status;
}

enum status page_sums_read(struct store *store, const struct scope *scope, const struct page_sums_request *request,
                           struct query_summary *summaries, size_t count, struct arena *arena, struct error *error)
{
    const struct period *period = &request->period;
    struct tier tiers[TIERS], spark_tiers[TIERS];
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    double *sparks_ms =
        request->with_sparks ? arena_alloc_array(arena, count * QUERY_SPARK_POINTS, sizeof *sparks_ms) : NULL;
    struct accumulator accumulator = {
        .request = request, .summaries = summaries, .now_us = clock_now_us(), .arena = arena};
    struct bucket_request buckets = {.hashes = hashes,
                                     .count = count,
                                     .tiers = tiers,
                                     .segmented_until_us = request->segmented_until_us,
                                     .depth = request->with_percentiles ? BUCKET_HISTOGRAM : BUCKET_DETAILS};
    int32_t spark_s = spark_resolution(period);
    bool is_one_read;
    enum status status;

    for (size_t i = 0; i < count; i++) {
        hashes[i] = summaries[i].hash;
        summaries[i].spark_ms = sparks_ms == NULL ? NULL : sparks_ms + i * QUERY_SPARK_POINTS;
    }
    accumulator.connections = arena_alloc_array(arena, count, sizeof *accumulator.connections);
    if (request->with_percentiles)
        accumulator.distributions = arena_alloc_array(arena, count, sizeof *accumulator.distributions);
    tiers_make(period, tiers);
    is_one_read = all_fit(tiers, spark_s);
    accumulator.sparks_ms = is_one_read ? sparks_ms : NULL;
    status = buckets_read(store, scope, &buckets, arena, add_bucket, &accumulator, error);
    if (status == STATUS_OK && sparks_ms != NULL && !is_one_read) {
        int64_t width_us = spark_s * CLOCK_SECOND_US;

        accumulator.sparks_ms = sparks_ms;
        /* The period may begin within a bucket: that bucket is read too. */
        tiers_make_one(clock_floor(period->from_us, width_us), period->to_us, spark_s, spark_tiers);
        buckets.tiers = spark_tiers;
        buckets.depth = BUCKET_LOAD;
        status = buckets_read(store, scope, &buckets, arena, add_spark, &accumulator, error);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        finish(&accumulator, i);
    return status == STATUS_OK ? mark_known(store, scope, summaries, count, arena, error) : status;
}
