/* For lib/store/read alone: which fingerprints a page of a list has, by what segments add up to. */
#ifndef POTTO_STORE_READ_RANK_H
#define POTTO_STORE_READ_RANK_H

#include "store/read/summary.h"

struct ranked_page {
    int64_t *fingerprint_ids; /* in the filter's order; equals in the order of the ids */
    size_t count;
    int64_t total_count; /* fingerprints that match, all pages */
    struct sums totals;  /* calls, slow_calls and total_ms of everything that the connections of the scope ran */
};

/* segmented_until_us as segments_until() gives it. SQL: sql/query_segments_read.sql, sql/query_segments_matching.sql,
 * sql/catalog_fingerprints.sql, sql/query_segments_last_seen.sql */
enum status rank_page(struct store *store, const struct scope *scope, const struct query_filter *filter,
                      int64_t segmented_until_us, struct arena *arena, struct ranked_page *out_page,
                      struct error *error);

/* The largest key is first; equals stand by fingerprint_id, then by `at`. */
struct ranked {
    double key;
    uint32_t fingerprint_id;
    size_t at; /* the caller's own */
};
/* A key of time, in whole us: sums that were added up in another order have the same key. */
double rank_us(double ms);
/* Sort the first `keep` of `items` to the front. The rest follows in no order. */
void rank_first(struct ranked *items, size_t count, size_t keep);
/* Sort the rows of a page to the front of `items`, and return how many they are. from: the first one that the pages
 * before leave, NULL: the first of all. */
size_t rank_cut(struct ranked *items, size_t count, const struct ranked *from, int limit, bool *out_has_more);

#endif
