/* The numbers of the overview: what everything added up to in a period. Errors: STATUS_UNAVAILABLE when the store is
 * away. */
#ifndef POTTO_STORE_READ_OVERVIEW_H
#define POTTO_STORE_READ_OVERVIEW_H

#include "facts/sums.h"
#include "store/read/distribution.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

struct overview {
    struct sums sums; /* calls, slow_calls, total_ms */
    bool is_watched;  /* there are data of the period's first tenth */
};

/* SQL: sql/query_totals_read.sql, sql/connection_watched.sql */
enum status store_overview_get(struct store *store, const struct scope *scope, const struct period *period,
                               struct arena *arena, struct overview *out_overview, struct error *error);

/* SQL: sql/query_totals_read.sql */
enum status store_overview_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                       struct arena *arena, struct percentiles *out_percentiles, struct error *error);

#endif
