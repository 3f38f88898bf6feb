/* Rollups: folding stored data into them, and making them again from samples. Runs as the role that owns the tables, so
 * no function takes a scope. Errors of each function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_ROLLUP_ROLLUP_H
#define POTTO_STORE_ROLLUP_ROLLUP_H

#include "facts/retention.h"
#include "store/scope/store.h"

/* A connection whose numbers cannot be added up. Its deltas wait until store_rollup_retry(), and so do those that come
 * later. */
struct rollup_aside {
    int64_t organization_id, connection_id;
    struct text reason;  /* what PostgreSQL said */
    bool holds_segments; /* its segments cannot be made either; those of the others are made without it */
};

struct rollup_folded {
    int64_t deltas;                   /* 0 also if another collector is folding */
    bool has_more;                    /* more waits: fold again at once */
    const struct rollup_aside *aside; /* connections that were set aside; in the arena */
    size_t aside_count;
};

/* Whose turn it is next, kept from one fold to the next. Zero at first. */
struct rollup_turns {
    struct rollup_turn {
        int64_t last_organization_id;
        int rows_max; /* deltas in a turn, so that it takes few seconds; 0: not known yet */
    } current, past;
    uint64_t count;
};

/* Fold deltas into the rollups, each exactly once, and raise the data_version of the organizations concerned. One
 * collector folds at a time. A call takes two turns, each a transaction: one with deltas of the last quarter of an
 * hour, so that what people look at stays current, and one with older ones. Organizations take turns in both, and each
 * gets an equal share; within one, connections do, the newest deltas first. So nobody waits for more than the two turns
 * of another, however much that one has waiting.
 *
 * If a fold fails because of the numbers of some connections, these are set aside, and the others' deltas are folded.
 * What else is folded shows that they are to blame; `is_stuck`: so does that nothing could be folded for a while, and
 * that one connection alone has deltas.
 *
 * Errors: STATUS_UNAVAILABLE, STATUS_TIMEOUT, and failures that are no single connection's fault; nothing is set aside
 * then.
 * SQL: sql/rollup_waiting_list.sql, sql/rollup_lock.sql, sql/rollup_fold.sql, sql/rollup_set_aside_*.sql,
 * sql/query_segments_*.sql */
enum status store_rollup_fold(struct store *store, struct rollup_turns *turns, bool is_stuck, struct arena *arena,
                              struct rollup_folded *out_folded, struct error *error);

/* The connections that are set aside: `connection_id`, or all if it is 0. Only their ids are filled in.
 * SQL: sql/rollup_set_aside_list.sql */
enum status store_rollup_aside_list(struct store *store, int64_t connection_id, struct arena *arena,
                                    struct rollup_aside **out_list, size_t *out_count, struct error *error);
/* Fold what was set aside, make the segments that were left out, and no longer set the connection aside. If that fails,
 * everything stays as it was. SQL: sql/rollup_set_aside_return.sql */
enum status store_rollup_retry(struct store *store, const struct rollup_aside *aside, struct arena *arena,
                               int64_t *out_deltas, struct error *error);

/* Days of one connection that are rebuilt together: one day, or several that have few samples. */
struct rollup_range {
    int64_t organization_id, connection_id, from_us, to_us;
    int64_t days, samples;
};
struct rollup_days {
    int64_t from_us, to_us; /* INT64_MIN, INT64_MAX: all */
    int64_t connection_id;  /* 0: all */
    bool is_legacy;         /* only connections with samples of the predecessors */
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
