/* Storing samples, from an agent's batch or from a collection cycle. One call is one transaction: it stores samples,
 * fingerprints, plans, rollup deltas and the batch's id, all of them or none. STATUS_OK means that they are on disk. */
#ifndef POTTO_STORE_INGEST_INGEST_H
#define POTTO_STORE_INGEST_INGEST_H

#include "facts/growth.h"
#include "facts/sample.h"
#include "facts/statement.h"
#include "store/ingest/budget.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* Whose samples these are and how they are read. */
struct ingest_target {
    int64_t organization_id, connection_id;
    struct statement_rules
        rules;        /* without keeps_literals, full_sql and plans are dropped before anything is written */
    struct text host; /* data NULL: the connection has none */
};

/* The target of an agent's scope. Errors: STATUS_ABSENT (deleted meanwhile). SQL: sql/ingest_target.sql */
enum status store_ingest_target(struct store *store, const struct scope *scope, struct arena *arena,
                                struct ingest_target *out_target, struct error *error);

struct sample_batch {
    struct ingest_target target;
    struct sample_facts samples; /* each with its fingerprint */
    /* Some are probably stored already, since a collector reads the newest rows of a log again: the rows are inserted
     * with a check for conflicts at once, and COPY is not tried first. The result is the same either way. */
    bool expects_duplicates;
    struct text batch_id; /* 1 to 100 bytes; data NULL: none, then only sample digests tell duplicates */
    uint64_t body_digest; /* of what was sent under batch_id */
    int64_t rejected;     /* items of the batch refused before; kept with its id */
};

/* The keys of tags by which samples are added up, a list as in base/tag_keys.h; NULL: none. It must outlive the store.
 */
void store_set_tag_keys(struct store *store, const char *list);

struct ingest_outcome {
    int64_t accepted;   /* stored now */
    int64_t duplicates; /* stored before, or twice in the batch */
    bool is_replay;     /* batch_id was known: nothing was done, all counts as duplicates */
    struct budget_spent spent;
    struct growth_facts uncounted; /* what was stored now and no counter has; store_ingest_within() alone */
};

/* Store a batch. On any failure nothing of it is stored, and sending it again is safe.
 *
 * Two samples on one connection are the same execution if their time, text, duration, rows, user and database are
 * equal. Where literals are not kept the fingerprint stands for the text. The duration of an active session does not
 * count, since it was still running.
 * Errors: STATUS_CONFLICT (batch_id was used for another body), STATUS_UNAVAILABLE, STATUS_TIMEOUT.
 * SQL: sql/ingest_*.sql */
enum status store_ingest(struct store *store, const struct sample_batch *batch, struct arena *arena,
                         struct ingest_outcome *out_outcome, struct error *error);

/* The answer of a batch that is stored already, by its id. *out_outcome is a replay if it is, and zero if not; nothing
 * is stored. Errors as store_ingest(). SQL: sql/ingest_batch_get.sql */
enum status store_ingest_replay(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error);

/* store_ingest() within a transaction that the caller has begun and will commit or roll back: a collection cycle stores
 * its samples and its growth together. batch_id is ignored. */
enum status store_ingest_within(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error);

#endif
