/* For lib/store/read alone: the rollups of some fingerprints, one bucket after another: from chunks, which hold the
 * buckets of a fingerprint side by side, where hours and days are over, and from query_fingerprint_metrics otherwise.
 */
#ifndef POTTO_STORE_READ_BUCKETS_H
#define POTTO_STORE_READ_BUCKETS_H

#include "facts/sums.h"
#include "store/read/distribution.h"
#include "store/read/tiers.h"
#include "store/scope/scope.h"

/* What is wanted of each bucket; the rest is zero. */
enum bucket_depth {
    BUCKET_LOAD,      /* calls, slow_calls, total_ms */
    BUCKET_DETAILS,   /* all sums */
    BUCKET_HISTOGRAM, /* and the distribution */
};

struct bucket {
    size_t fingerprint_index; /* in the hashes asked for */
    int64_t connection_id;
    int64_t start_us, width_us;
    struct sums sums;
    /* One of the two, or none if only counters are known. They point into what was read. */
    struct text histogram_bytes, histogram_array;
};

struct bucket_request {
    const struct sql_hash *hashes; /* of one page: 500 at most */
    size_t count;
    const struct tier *tiers;   /* TIERS of them, as tiers_make() gives them */
    int64_t segmented_until_us; /* as segments_until() gives it */
    enum bucket_depth depth;
};

/* Called for each bucket, in no order. What it points to lives in the arena. False: the bucket is malformed. */
typedef bool bucket_visitor(void *context, const struct bucket *bucket);

/* SQL: sql/query_chunks_list.sql, sql/query_buckets_list.sql */
enum status buckets_read(struct store *store, const struct scope *scope, const struct bucket_request *request,
                         struct arena *arena, bucket_visitor *visit, void *context, struct error *error);

/* False: the bucket's distribution is malformed. */
bool bucket_add_distribution(const struct bucket *bucket, struct distribution *distribution);

#endif
