/* Rollups of some fingerprints, one by one; see buckets.h. */
#include "store/read/buckets.h"

#include "base/clock.h"
#include "store/read/bytes.h"
#include "store/read/sums_row.h"
#include "store/scope/statement.h"

enum { CHUNK_BUCKETS_MAX = 24, LOAD_BYTES = 28, DETAIL_BYTES = SUMS_COUNTERS * 8 };

#define HOUR_US (3600 * CLOCK_SECOND_US)
#define DAY_US  (24 * HOUR_US)

SUMS_COLUMNS(QUERY_BUCKETS_LIST);

/* The width of the buckets that each tier reads from chunks, and the length of such a chunk; 0: no chunks. */
static const struct {
    int64_t bucket_us, chunk_us;
} chunks_of[TIERS] = {{0, 0}, {HOUR_US, DAY_US}, {DAY_US, 8 * DAY_US}, {HOUR_US, DAY_US}, {0, 0}};

struct split {
    struct tier chunks[TIERS];  /* of whole buckets that are in chunks */
    struct tier rollups[TIERS]; /* the rest */
};

static struct split split_tiers(const struct bucket_request *request)
{
    struct split split;

    for (int i = 0; i < TIERS; i++) {
        struct tier tier = request->tiers[i];
        int64_t chunked_us = chunks_of[i].bucket_us == 0
                                 ? tier.from_us
                                 : clock_floor(request->segmented_until_us, chunks_of[i].bucket_us);

        if (chunked_us > tier.to_us)
            chunked_us = tier.to_us;
        if (chunked_us < tier.from_us)
            chunked_us = tier.from_us;
        split.chunks[i] = (struct tier){tier.from_us, chunked_us};
        split.rollups[i] = (struct tier){chunked_us, tier.to_us};
    }
    return split;
}

static bool any_tier(const struct tier tiers[TIERS])
{
    for (int i = 0; i < TIERS; i++)
        if (tiers[i].from_us < tiers[i].to_us)
            return true;
    return false;
}

/* ---- chunks ---- */

static bool is_wanted(const struct split *split, int64_t bucket_us, int64_t start_us)
{
    for (int i = 0; i < TIERS; i++)
        if (chunks_of[i].bucket_us == bucket_us && start_us >= split->chunks[i].from_us &&
            start_us < split->chunks[i].to_us)
            return true;
    return false;
}

/* The distribution of each bucket of a chunk, by the bucket's index. False: malformed. */
static bool find_histograms(struct text histograms, struct text out_by_index[CHUNK_BUCKETS_MAX])
{
    enum { HEAD_BYTES = 8 };

    for (size_t at = 0; at < histograms.size;) {
        uint32_t index, size;

        if (histograms.size - at < HEAD_BYTES)
            return false;
        index = bytes_uint32(histograms.data + at);
        size = bytes_uint32(histograms.data + at + 4);
        at += HEAD_BYTES;
        if (index >= CHUNK_BUCKETS_MAX || size > histograms.size - at)
            return false;
        out_by_index[index] = (struct text){histograms.data + at, size};
        at += size;
    }
    return true;
}

static bool visit_chunk(const PGresult *result, int row, const struct split *split, enum bucket_depth depth,
                        bucket_visitor *visit, void *context)
{
    struct text loads = row_text(result, row, QUERY_CHUNKS_LIST_SUMS),
                details = row_text(result, row, QUERY_CHUNKS_LIST_DETAILS), histograms[CHUNK_BUCKETS_MAX] = {{0}};
    struct bucket bucket = {.fingerprint_index =
                                (size_t)(row_int64(result, row, QUERY_CHUNKS_LIST_FINGERPRINT_INDEX) - 1),
                            .connection_id = row_int64(result, row, QUERY_CHUNKS_LIST_DATABASE_CONNECTION_ID)};
    int64_t chunk_start_us = row_time(result, row, QUERY_CHUNKS_LIST_START_AT);
    size_t count = loads.size / LOAD_BYTES;

    bucket.width_us = row_int64(result, row, QUERY_CHUNKS_LIST_BUCKET_S) * CLOCK_SECOND_US;
    if (loads.size % LOAD_BYTES != 0 || (depth != BUCKET_LOAD && details.size != count * DETAIL_BYTES) ||
        !find_histograms(row_text(result, row, QUERY_CHUNKS_LIST_HISTOGRAMS), histograms))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *bytes = loads.data + i * LOAD_BYTES;
        uint32_t index = bytes_uint32(bytes);

        if (index >= CHUNK_BUCKETS_MAX)
            return false;
        bucket.start_us = chunk_start_us + index * bucket.width_us;
        if (!is_wanted(split, bucket.width_us, bucket.start_us))
            continue;
        bucket.sums = bytes_load(bytes + 4);
        if (depth != BUCKET_LOAD)
            bytes_details(details.data + i * DETAIL_BYTES, &bucket.sums);
        bucket.histogram_bytes = histograms[index];
        if (!visit(context, &bucket))
            return false;
    }
    return true;
}

static enum status read_chunks(struct store *store, const struct scope *scope, const struct bucket_request *request,
                               const struct split *split, struct arena *arena, bucket_visitor *visit, void *context,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t buckets_s[TIERS], starts_us[TIERS], ends_us[TIERS];
    size_t count = 0;
    PGresult *result;
    enum status status;

    for (int i = 0; i < TIERS; i++) {
        if (split->chunks[i].from_us >= split->chunks[i].to_us)
            continue;
        buckets_s[count] = chunks_of[i].bucket_us / CLOCK_SECOND_US;
        starts_us[count] = clock_floor(split->chunks[i].from_us, chunks_of[i].chunk_us);
        /* Without whole days between them, the hours of both tiers may lie in one chunk. */
        ends_us[count++] = split->chunks[i].to_us;
    }
    params_hash_array(&params, request->hashes, request->count);
    params_int64_array(&params, buckets_s, count);
    params_time_array(&params, starts_us, count);
    params_time_array(&params, ends_us, count);
    params_int32(&params, request->depth);
    status = store_read(store, scope, SQL(query_chunks_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        if (!visit_chunk(result, row, split, request->depth, visit, context))
            status = bytes_malformed(error, "chunk");
    return status;
}

/* ---- rollups ---- */

static bool find_fingerprint(const struct bucket_request *request, struct sql_hash hash, size_t *index)
{
    for (size_t i = 0; i < request->count; i++) {
        size_t at = (*index + i) % request->count; /* rows of one come together */

        if (sql_hash_equal(request->hashes[at], hash)) {
            *index = at;
            return true;
        }
    }
    return false;
}

static enum status read_rollups(struct store *store, const struct scope *scope, const struct bucket_request *request,
                                const struct split *split, struct arena *arena, bucket_visitor *visit, void *context,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    struct bucket bucket = {0};
    PGresult *result;
    enum status status;

    params_tiers(&params, split->rollups);
    params_hash_array(&params, request->hashes, request->count);
    params_int32(&params, request->depth);
    status = store_read(store, scope, SQL(query_buckets_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        if (!find_fingerprint(request, row_hash(result, row, QUERY_BUCKETS_LIST_SQL_HASH), &bucket.fingerprint_index))
            continue;
        bucket.connection_id = row_int64(result, row, QUERY_BUCKETS_LIST_DATABASE_CONNECTION_ID);
        bucket.width_us = row_int64(result, row, QUERY_BUCKETS_LIST_RESOLUTION_S) * CLOCK_SECOND_US;
        bucket.start_us = row_time(result, row, QUERY_BUCKETS_LIST_BUCKET_AT);
        bucket.sums = row_sums(result, row, QUERY_BUCKETS_LIST_CALLS);
        bucket.histogram_array = row_text(result, row, QUERY_BUCKETS_LIST_HISTOGRAM);
        if (!visit(context, &bucket))
            status = bytes_malformed(error, "rollup");
    }
    return status;
}

enum status buckets_read(struct store *store, const struct scope *scope, const struct bucket_request *request,
                         struct arena *arena, bucket_visitor *visit, void *context, struct error *error)
{
    struct split split = split_tiers(request);
    enum status status = STATUS_OK;

    if (request->count > 0 && any_tier(split.chunks))
        status = read_chunks(store, scope, request, &split, arena, visit, context, error);
    if (status == STATUS_OK && request->count > 0 && any_tier(split.rollups))
        status = read_rollups(store, scope, request, &split, arena, visit, context, error);
    return status;
}

bool bucket_add_distribution(const struct bucket *bucket, struct distribution *distribution)
{
    distribution_add_array(distribution, bucket->histogram_array);
    return distribution_add_bytes(distribution, bucket->histogram_bytes);
}
