/* For lib/store alone: which fingerprints a page of the list has, from what packs add up to. */
#ifndef POTTO_STORE_QUERY_RANK_H
#define POTTO_STORE_QUERY_RANK_H

#include "store/query_packs.h"

/* Leaves in `sums` only what the words of the filter pick. SQL: sql/query_packs_matching.sql */
enum status query_rank_keep_matching(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct pack_sums *sums, struct error *error);

/* The numbers of the page, in order; *out_total: of all pages. Linear in the count of sums. */
int64_t *query_rank(const struct pack_sums *sums, const struct query_filter *filter, struct arena *arena,
                    size_t *out_count, size_t *out_total);

#endif
