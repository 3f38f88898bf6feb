/* Reports of fingerprints: by what they add up to in a period, or by how that differs from another. Everything returned
 * lives in `arena`. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_STATS_QUERIES_H
#define POTTO_STORE_READ_STATS_QUERIES_H

#include "store/read/stats.h"
#include "store/read/summary.h"

/* sort: QUERY_SORT_TOTAL, _CALLS, _MEAN or _MAX. */
enum status store_stats_queries(struct store *store, const struct scope *scope, const struct period *period,
                                enum query_sort sort, const struct stats_page *page, struct arena *arena,
                                struct stats_list *out_list, struct error *error);

/* What got faster since `compared`: the mean fell by least_share (0..1) or more, and there were at least calls_min
 * calls in both periods. stats_row.sums is the filter's period; sort_key is the time saved, in us. */
enum status store_stats_improvements(struct store *store, const struct scope *scope, const struct period *period,
                                     const struct period *compared, int64_t calls_min, double least_share,
                                     const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                     struct error *error);

#endif
