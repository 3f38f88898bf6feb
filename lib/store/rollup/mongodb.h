/* Folding what MongoDB reports add up to into mongodb_stats. Runs as the role that owns the tables. */
#ifndef POTTO_STORE_ROLLUP_MONGODB_H
#define POTTO_STORE_ROLLUP_MONGODB_H

#include "store/scope/store.h"

enum { MONGODB_FOLD_ROWS_MAX = 5000 };

/* Fold up to MONGODB_FOLD_ROWS_MAX deltas, each exactly once. *out_deltas is 0 if another collector is folding.
 * Errors: STATUS_UNAVAILABLE, STATUS_TIMEOUT. SQL: sql/mongodb_fold_lock.sql, sql/mongodb_fold.sql */
enum status store_mongodb_fold(struct store *store, struct arena *arena, int64_t *out_deltas, struct error *error);

#endif
