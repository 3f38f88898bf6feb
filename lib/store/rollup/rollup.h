/* Rollups: folding what was stored into them, and making them again from samples. Run as the role that owns the
 * tables: nothing here takes a scope. Every function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_ROLLUP_ROLLUP_H
#define POTTO_STORE_ROLLUP_ROLLUP_H

#include "facts/retention.h"
#include "store/scope/store.h"

/* Fold up to `max` deltas into the rollups, exactly once, and let the organizations concerned know
 * (data_version). One collector does so at a time; *out_count 0 also when another one is at it.
 * SQL: sql/rollup_lock.sql, sql/rollup_fold.sql */
enum status store_rollup_fold(struct store *store, int max, struct arena *arena, int64_t *out_count,
                              struct error *error);

/* Days of one connection that are made again at once: one, or several that have few samples. */
struct rollup_piece {
    int64_t organization_id, connection_id, from_us, to_us;
    int64_t days, samples;
};
struct rollup_days {
    int64_t from_us, to_us; /* INT64_MIN, INT64_MAX: all */
    int64_t connection_id;  /* 0: all */
    bool is_legacy;         /* the predecessors' alone */
};
/* Days of the period whose samples are all there: what can be made again. SQL: sql/rollup_rebuild_days.sql */
enum status store_rollup_piece_list(struct store *store, const struct rollup_days *wanted, struct arena *arena,
                                    struct rollup_piece **out_pieces, size_t *out_count, struct error *error);

struct rollup_rebuilt {
    int64_t samples; /* read */
    int64_t changed; /* rows of rollups that were not right */
};
/* Make what the piece's samples add up to anew, in one transaction, whatever ingest and collectors do meanwhile; what
 * counters add stays. Resolutions that `retention` does not keep so long are not made.
 * SQL: sql/rollup_lock_wait.sql, sql/rollup_rebuild.sql */
enum status store_rollup_rebuild(struct store *store, const struct rollup_piece *piece,
                                 const struct retention *retention, struct arena *arena,
                                 struct rollup_rebuilt *out_rebuilt, struct error *error);

#endif
