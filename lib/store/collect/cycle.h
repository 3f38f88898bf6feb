/* A collection cycle in the store: what was known of a database before it, and what it found. Runs as the role that
 * owns the tables: a collector serves every organization, so nothing here takes a scope.
 *
 * Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_CYCLE_H
#define POTTO_STORE_COLLECT_CYCLE_H

#include "facts/facts.h"
#include "store/collect/lease.h"
#include "store/scope/store.h"

/* The baselines of a connection, ascending by the bytes of their keys. SQL: sql/counter_baseline_list.sql */
enum status store_baseline_list(struct store *store, const struct lease *lease, struct arena *arena,
                                struct baseline_list *out_list, struct error *error);
/* Fingerprints of the connection with a plan made in the last `pause_s` seconds. SQL: sql/plan_recent_list.sql */
enum status store_plan_recent_list(struct store *store, const struct lease *lease, int pause_s, struct arena *arena,
                                   struct sql_hash **out_hashes, size_t *out_count, struct error *error);

/* Whether a run answered by itself, or its process died or was killed before. */
enum cycle_end { CYCLE_END_UNSET, CYCLE_END_ANSWERED, CYCLE_END_KILLED };

/* How a cycle ended, and what it found. */
struct cycle_write {
    enum cycle_end end;
    const char *state;           /* "ok", "warning", "failed" */
    struct text problem, remedy; /* data NULL: none */
    struct text server_version;  /* data NULL: keep the old */
    double duration_ms;
    int64_t cost_us; /* of the database's time, with that of plans */
    int64_t plan_cost_us;
    struct text cursor; /* data NULL: keep the old */
    bool has_more;      /* the connection is due again at once */
    struct facts facts;
};

/* Write all of it and give the lease back, in one transaction. STATUS_CONFLICT: the lease was lost, and nothing was
 * written. SQL: sql/cycle_*.sql, store/ingest/sql/ingest_*.sql */
enum status store_cycle_write(struct store *store, const struct lease *lease, const struct cycle_write *write,
                              struct arena *arena, struct error *error);

#endif
