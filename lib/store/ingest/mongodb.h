/* Storing reports of MongoDB nodes. One call is one transaction: it stores the reports, what they add to the sums, and
 * the batch's id, all of them or none. STATUS_OK means that they are on disk. */
#ifndef POTTO_STORE_INGEST_MONGODB_H
#define POTTO_STORE_INGEST_MONGODB_H

#include "facts/mongodb.h"
#include "store/ingest/ingest.h"

/* Nodes of one connection that report within a day: ten times what a replica set can have. */
enum { MONGODB_NODES_MAX = 500 };

/* Whose reports these are. Lives in the arena. */
struct mongodb_target {
    /* The caller's, with this connection alone and what it stored lately: for budget_check() and budget_charge(). */
    const struct scope *writer;
    int64_t organization_id, connection_id;
    const struct text *nodes; /* that reported within a day, ascending by bytes */
    const int64_t *node_ages_s;
    size_t node_count;
};

/* The connection that `scope` sends reports for: an agent its own, a member one of those that they may change.
 * Errors: STATUS_ABSENT (not visible), STATUS_FORBIDDEN (visible, but not theirs), STATUS_INVALID (of another engine).
 * SQL: sql/mongodb_target.sql */
enum status store_mongodb_target(struct store *store, const struct scope *scope, int64_t connection_id,
                                 struct arena *arena, struct mongodb_target *out_target, struct error *error);

struct mongodb_batch {
    struct mongodb_target target;
    struct mongodb_reports reports;
    struct text batch_id; /* 1 to 100 bytes; data NULL: none */
    uint64_t body_digest; /* of what was sent under batch_id */
    int64_t rejected;     /* reports of the batch refused before; kept with its id */
};

/* Store a batch. Two reports of a connection are the same if node and time are; the first one stays. On any failure
 * nothing is stored, and sending it again is safe.
 * Errors: STATUS_CONFLICT (batch_id was used for another body), STATUS_INVALID (more than MONGODB_NODES_MAX nodes),
 * STATUS_UNAVAILABLE, STATUS_TIMEOUT. SQL: sql/mongodb_*.sql, sql/ingest_batch_*.sql */
enum status store_mongodb_ingest(struct store *store, const struct mongodb_batch *batch, struct arena *arena,
                                 struct ingest_outcome *out_outcome, struct error *error);
/* As store_ingest_replay(). */
enum status store_mongodb_replay(struct store *store, const struct mongodb_batch *batch, struct arena *arena,
                                 struct ingest_outcome *out_outcome, struct error *error);

#endif
