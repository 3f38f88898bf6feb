/* Internal to lib/store/rollup: one fold of pieces of what waits. */
#ifndef POTTO_STORE_ROLLUP_FOLD_H
#define POTTO_STORE_ROLLUP_FOLD_H

#include "base/clock.h"
#include "store/rollup/rollup.h"
#include "store/scope/statement.h"

/* The years 0001 to 9999, which PostgreSQL gets for an open end. Samples lie within them. */
#define ROLLUP_FROM_US (-INT64_C(62135596800) * CLOCK_SECOND_US)
#define ROLLUP_TO_US   (INT64_C(253402300800) * CLOCK_SECOND_US)

/* Deltas of one connection, the newest first. */
struct rollup_piece {
    int64_t organization_id, connection_id;
    int64_t rows_max;
};

/* What one transaction folds: pieces of deltas whose time is in [from_us, to_us). */
struct rollup_pick {
    struct rollup_piece *pieces; /* each of another connection */
    size_t count;
    int64_t from_us, to_us;
};

/* Bring the segments up to date, in the same transaction as the change of the rollups, so that they are never behind
 * (migrations/010_segments.sql). */
enum status rollup_refresh_segments(struct store *store, struct arena *arena, struct error *error);

/* Begin a transaction whose statements may take long, and wait for the lock of folding. A statement of its own takes
 * it, so the snapshot of the next statement is later than the last fold. */
enum status rollup_begin_long(struct store *store, struct arena *arena, struct error *error);

/* Fold the pieces and bring the segments up to date, in one transaction. *out_deltas is 0 if another collector is
 * folding. */
enum status rollup_fold_once(struct store *store, const struct rollup_pick *pick, struct arena *arena,
                             int64_t *out_deltas, struct error *error);

/* Fold pieces of the deltas of MongoDB reports, whatever their time, in one transaction (mongodb.c). *out_deltas is 0
 * if another collector is folding. */
enum status rollup_fold_reports(struct store *store, const struct rollup_piece *pieces, size_t count,
                                struct arena *arena, int64_t *out_deltas, struct error *error);

/* Add two parameters: the pieces' connections, and how many deltas of each. */
void rollup_bind_pieces(struct db_params *params, const struct rollup_piece *pieces, size_t count);

/* The segments of the pieces' connections can be made: STATUS_OK. Changes nothing. */
enum status rollup_segments_try(struct store *store, const struct rollup_piece *pieces, size_t count,
                                struct arena *arena, struct error *error);

/* Set a connection aside, with the deltas that it has. */
enum status rollup_set_aside(struct store *store, const struct rollup_aside *aside, struct arena *arena,
                             struct error *error);

#endif
