/* Internal to lib/store/rollup: one fold, for some connections or for all. */
#ifndef POTTO_STORE_ROLLUP_FOLD_H
#define POTTO_STORE_ROLLUP_FOLD_H

#include "store/rollup/rollup.h"

/* Bring the segments up to date, in the same transaction as the change of the rollups, so that they are never behind
 * (migrations/010_segments.sql). */
enum status rollup_refresh_segments(struct store *store, struct arena *arena, struct error *error);

/* Begin a transaction whose statements may take long, and wait for the lock of folding. A statement of its own takes
 * it, so the snapshot of the next statement is later than the last fold. */
enum status rollup_begin_long(struct store *store, struct arena *arena, struct error *error);

/* Fold up to `max` deltas of the connections `ids` (count 0: of all) and bring the segments up to date, in one
 * transaction. *out_deltas is 0 if another collector is folding. */
enum status rollup_fold_once(struct store *store, int max, const int64_t *ids, size_t count, struct arena *arena,
                             int64_t *out_deltas, struct error *error);

/* The segments of these connections can be made: STATUS_OK. Changes nothing. */
enum status rollup_segments_try(struct store *store, const int64_t *ids, size_t count, struct arena *arena,
                                struct error *error);

/* Set a connection aside, with the deltas that it has. */
enum status rollup_set_aside(struct store *store, const struct rollup_aside *aside, struct arena *arena,
                             struct error *error);

#endif
