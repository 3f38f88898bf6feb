/* Folding what MongoDB reports add up to into mongodb_stats. Runs as the role that owns the tables. */
#ifndef POTTO_STORE_ROLLUP_MONGODB_H
#define POTTO_STORE_ROLLUP_MONGODB_H

#include "store/rollup/rollup.h"

/* Fold some thousands of deltas, each exactly once; at least one of each connection that has some. Organizations get
 * equal shares, so that none waits for another. *rows_max: how many deltas a fold takes, kept from one fold to the
 * next; 0 at first. deltas of *out_folded is 0 if none wait, or if another collector is folding. A fold that takes too
 * long is no error unless it cannot be made smaller; the next one takes fewer deltas, and this one none. Connections
 * whose deltas cannot be folded are set aside, as by store_rollup_fold(), with the same `is_stuck` and errors. Their
 * deltas stay where they are and are not folded until store_rollup_retry().
 * SQL: sql/mongodb_waiting_list.sql, sql/mongodb_fold_lock.sql, sql/mongodb_fold.sql */
enum status store_mongodb_fold(struct store *store, int *rows_max, bool is_stuck, struct arena *arena,
                               struct rollup_folded *out_folded, struct error *error);

#endif
