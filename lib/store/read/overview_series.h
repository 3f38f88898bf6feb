/* What charts draw: everything that connections ran, by bucket. It lives in `arena`. Errors: STATUS_UNAVAILABLE when
 * the store is away. */
#ifndef POTTO_STORE_READ_OVERVIEW_SERIES_H
#define POTTO_STORE_READ_OVERVIEW_SERIES_H

#include "store/read/series.h"

/* Source: query_metrics, and what is stored of it by columns.
 * SQL: sql/connection_chunks_list.sql, sql/connection_buckets_list.sql */
enum status store_overview_series(struct store *store, const struct scope *scope, const struct period *period,
                                  struct arena *arena, struct series *out_series, struct error *error);

#endif
