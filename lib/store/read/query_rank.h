/* For lib/store alone: which fingerprints a page of the list has, from what packs add up to. */
#ifndef POTTO_STORE_READ_QUERY_RANK_H
#define POTTO_STORE_READ_QUERY_RANK_H

#include "store/read/query.h"

struct ranked_page {
    int64_t *numbers; /* of the fingerprints (query_pack_numbers), in the filter's order; equals in the numbers' */
    size_t count;
    int64_t total_count; /* fingerprints that match, all pages */
    double total_ms;     /* of all that match the connection and engine filters */
    int64_t calls, slow_calls;
};

/* packed_until_us as query_packs_until() gives it. SQL: sql/query_packs_read.sql, sql/query_packs_matching.sql,
 * sql/query_packs_last_seen.sql */
enum status query_rank_page(struct store *store, const struct scope *scope, const struct query_filter *filter,
                            int64_t packed_until_us, struct arena *arena, struct ranked_page *out_page,
                            struct error *error);

/* By key, largest first; equals by number, then by `at`. */
struct ranked {
    double key;
    uint32_t number;
    size_t at; /* the caller's own */
};
/* A key of time in whole us: that a sum was added up in another order makes no difference. */
double query_rank_us(double ms);
/* The `keep` first of `items` come first, in order; the rest follows in none. */
void query_rank_first(struct ranked *items, size_t count, size_t keep);
/* A page of `items`: its rows come first, in order; returns how many. from: the first place that the pages before
 * leave, NULL: the first of all. */
size_t query_rank_cut(struct ranked *items, size_t count, const struct ranked *from, int limit, bool *out_has_more);

#endif
