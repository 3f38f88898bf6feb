/* For lib/store/read alone: what the buckets of a page of fingerprints add up to. */
#ifndef POTTO_STORE_READ_PAGE_SUMS_H
#define POTTO_STORE_READ_PAGE_SUMS_H

#include "store/read/summary.h"

struct page_sums_request {
    struct period period;
    int64_t segmented_until_us; /* as segments_until() gives it */
    double everything_ms;       /* what time_share is a share of */
    bool with_percentiles, with_sparks;
};

/* Set the sums, known, mean_ms, time_share, percentiles (where asked for), connections and, with_sparks,
 * spark_ms of `count` summaries, whose hashes are set. SQL: sql/examining_connections.sql, and those of buckets.h */
enum status page_sums_read(struct store *store, const struct scope *scope, const struct page_sums_request *request,
                           struct query_summary *summaries, size_t count, struct arena *arena, struct error *error);

#endif
