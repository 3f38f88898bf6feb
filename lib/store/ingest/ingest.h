/* Storing samples: executions seen one by one, from an agent's batch or from a collector's look at a slow
 * log. One call is one transaction: fingerprints, samples, plans, what they add up to in the rollups and
 * the batch's id are stored together or not at all, and STATUS_OK means they are on disk. */
#ifndef POTTO_STORE_INGEST_INGEST_H
#define POTTO_STORE_INGEST_INGEST_H

#include "sql/statement.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* slow_queries_raw.provenance */
enum sample_provenance {
    SAMPLE_PROVENANCE_UNSET = 0,
    SAMPLE_PROVENANCE_AGENT = 1,
    SAMPLE_PROVENANCE_SLOW_LOG = 2,
    SAMPLE_PROVENANCE_ACTIVE_SESSION = 3,
    SAMPLE_PROVENANCE_LEGACY = 4,
};

/* Whose samples these are and how they are read. */
struct ingest_target {
    int64_t organization_id, connection_id;
    struct text engine;       /* as in the API; data NULL: of no account */
    enum sql_dialect dialect; /* of the connection's engine */
    bool keeps_literals;      /* false: full_sql and plans are dropped before anything is written */
};

/* The target of an agent's scope. Errors: STATUS_ABSENT (deleted meanwhile). SQL: sql/ingest_target.sql */
enum status store_ingest_target(struct store *store, const struct scope *scope, struct arena *arena,
                                struct ingest_target *out_target, struct error *error);

/* One execution. Texts are valid UTF-8 without NUL and outlive the call. */
struct ingest_sample {
    int64_t captured_at_us;           /* start of the execution; 0001 to 9999 */
    struct text full_sql;             /* data NULL: unknown, literals never left the host */
    struct sql_fingerprint statement; /* sql_fingerprint() of full_sql or of what the agent sent instead */
    double duration_ms;               /* finite, >= 0 */
    int64_t rows_examined;            /* -1: unknown */
    int64_t rows_returned;            /* -1: unknown */
    struct text user_host;            /* data NULL: unknown */
    struct text database_name;        /* data NULL: unknown or the connection's own */
    struct text plan;                 /* a JSON object that jsonb takes; data NULL: none */
    struct sql_hash plan_hash;        /* set if plan is, or if has_plan_hash */
    bool has_plan_hash;               /* the plan is in query_plans already */
};

struct sample_batch {
    struct ingest_target target;
    enum sample_provenance provenance;
    const struct ingest_sample *samples;
    size_t sample_count;
    /* Some are probably stored already (a collector that looks back over what it saw): insert row by
     * conflict-checked row at once instead of trying COPY first. Never needed for being right. */
    bool expects_duplicates;
    struct text batch_id; /* 1 to 100 bytes; data NULL: none, then only sample digests tell duplicates */
    uint64_t body_digest; /* of what was sent under batch_id */
    int64_t rejected;     /* items of the batch refused before; kept with its id */
};

struct ingest_outcome {
    int64_t accepted;   /* stored now */
    int64_t duplicates; /* stored before, or twice in the batch */
    bool is_replay;     /* batch_id was known: nothing was done, all counts as duplicates */
};

/* Store a batch. On any failure nothing of it is stored, and sending it again is safe.
 *
 * Two executions on one connection are the same one if time, text (fingerprint, where literals are not
 * kept), duration (except of active sessions, where it is that so far), rows, user and database are.
 * Errors: STATUS_CONFLICT (batch_id was used for another body), STATUS_UNAVAILABLE, STATUS_TIMEOUT.
 * SQL: sql/ingest_*.sql */
enum status store_ingest(struct store *store, const struct sample_batch *batch, struct arena *arena,
                         struct ingest_outcome *out_outcome, struct error *error);

/* The same as a part of a transaction that the caller has begun and will commit or roll back: the samples of
 * a collection cycle beside its counters. A batch_id is not looked at. */
enum status store_ingest_within(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error);

#endif
