/* Log files that a collector follows: how far they are read, and what they told. Runs as the role that owns the tables,
 * as lease.h. Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_LOGS_H
#define POTTO_STORE_COLLECT_LOGS_H

#include "facts/deadlock.h"
#include "store/collect/lease.h"

/* The connection of a file. Of `lease` only what a sample's storing needs is set; it holds no lease, since a place that
 * moved meanwhile tells that another collector reads the file. */
struct log_target {
    struct lease lease;
    bool may_store; /* else the budget is used up, the store is full, or monitoring is stopped */
};

/* *out_is_there false: no such connection, or it is not active. SQL: sql/log_target.sql */
enum status store_log_target(struct store *store, int64_t connection_id, const struct budgets *budgets,
                             struct arena *arena, struct log_target *out_target, bool *out_is_there,
                             struct error *error);

/* How far a file on disk is read. */
struct log_place {
    int64_t inode;
    struct text name; /* in its directory, when it was found */
    int32_t head_size;
    int64_t head_digest; /* of the first head_size bytes */
    int64_t read_from, told;
    int32_t mode;
};

/* All files of a path. *out_followed_us: since when it is followed; INT64_MIN: this is the first time.
 * SQL: sql/log_places_list.sql */
enum status store_log_places(struct store *store, const struct lease *lease, struct text path, struct arena *arena,
                             struct log_place **out_places, size_t *out_count, int64_t *out_followed_us,
                             struct error *error);

/* How a path goes. */
struct log_state {
    const char *state;                     /* "ok", "warning", "failed" */
    struct text problem, remedy;           /* data NULL: none */
    const char *format;                    /* NULL: not known now */
    int64_t unread_bytes, unread_since_us; /* INT64_MIN: all is read */
    int32_t file_count;
};

/* What was read of one file. */
struct log_write {
    struct log_place before, after; /* before.told < 0: nothing was known of it */
    const struct log_facts *facts;
    /* Sums of what is new. */
    int64_t bytes, entries, executions, plans, elsewhere, timeless, foreign, unread, skipped;
    int64_t last_event_us; /* INT64_MIN: none */
};

/* Store it all, or nothing: the file's place, its samples, plans and deadlocks. STATUS_CONFLICT: the place is another
 * one meanwhile, since another collector reads the file.
 * SQL: sql/log_place_move.sql, sql/log_plans.sql, sql/log_file_add.sql, sql/log_deadlocks.sql */
enum status store_log_write(struct store *store, const struct lease *lease, struct text path,
                            const struct log_write *write, struct arena *arena, struct error *error);
/* SQL: sql/log_file_state.sql */
enum status store_log_state(struct store *store, const struct lease *lease, struct text path,
                            const struct log_state *state, struct arena *arena, struct error *error);
/* Forget files that are gone. SQL: sql/log_places_forget.sql */
enum status store_log_forget(struct store *store, const struct lease *lease, struct text path, const int64_t *inodes,
                             size_t count, struct arena *arena, struct error *error);

#endif
