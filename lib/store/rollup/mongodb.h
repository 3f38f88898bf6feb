/* Folding what MongoDB reports add up to into mongodb_stats. Runs as the role that owns the tables. */
#ifndef POTTO_STORE_ROLLUP_MONGODB_H
#define POTTO_STORE_ROLLUP_MONGODB_H

#include "store/scope/store.h"

/* Fold some thousands of deltas, each exactly once; at least one of each connection that has some. Organizations get
 * equal shares, so that none waits for another. *rows_max: how many deltas a fold takes, kept from one fold to the
 * next; 0 at first. *out_deltas is 0 if none wait, or if another collector is folding. A fold that takes too long is no
 * error unless it cannot be made smaller; the next one takes fewer deltas, and *out_deltas is 0. Errors:
 * STATUS_UNAVAILABLE, STATUS_TIMEOUT. SQL: sql/mongodb_fold_lock.sql, sql/mongodb_fold.sql */
enum status store_mongodb_fold(struct store *store, int *rows_max, struct arena *arena, int64_t *out_deltas,
                               struct error *error);

#endif
