/* Rollups: folding stored data into them, and rebuilding them from samples. Runs as the role that owns the tables, so
 * no function takes a scope. Errors of each function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_ROLLUP_ROLLUP_H
#define POTTO_STORE_ROLLUP_ROLLUP_H

#include "facts/retention.h"
#include "store/scope/store.h"

/* Fold up to `max` deltas into the rollups, each exactly once, and raise the data_version of the organizations
 * concerned. One collector folds at a time; *out_count is 0 if another one is folding.
 * SQL: sql/rollup_lock.sql, sql/rollup_fold.sql */
enum status store_rollup_fold(struct store *store, int max, struct arena *arena, int64_t *out_count,
                              struct error *error);

/* Days of one connection that are rebuilt together: one day, or several that have few samples. */
struct rollup_range {
    int64_t organization_id, connection_id, from_us, to_us;
    int64_t days, samples;
};
struct rollup_days {
    int64_t from_us, to_us; /* INT64_MIN, INT64_MAX: all */
    int64_t connection_id;  /* 0: all */
    bool is_legacy;         /* only connections of the predecessors */
};
/* List the ranges of the wanted days whose samples are all still stored, so that they can be rebuilt. Lives in `arena`.
 * SQL: sql/rollup_rebuild_days.sql */
enum status store_rollup_range_list(struct store *store, const struct rollup_days *wanted, struct arena *arena,
                                    struct rollup_range **out_ranges, size_t *out_count, struct error *error);

struct rollup_rebuilt {
    int64_t samples; /* samples read */
    int64_t changed; /* rows of rollups that were wrong */
};
/* Rebuild the sums of samples in the rollups of the range, in one transaction. Ingest and collectors may run meanwhile.
 * Sums of counters are not changed. Rows older than `retention` keeps at their resolution are not made.
 * SQL: sql/rollup_lock_wait.sql, sql/rollup_rebuild.sql */
enum status store_rollup_rebuild(struct store *store, const struct rollup_range *range,
                                 const struct retention *retention, struct arena *arena,
                                 struct rollup_rebuilt *out_rebuilt, struct error *error);

#endif
