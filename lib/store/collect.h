/* What potto-collector reads and writes: leases on connections, what was known of a database before a
 * cycle, what a cycle found. Run as the role that owns the tables: a collector serves every
 * organization, so nothing here takes a scope.
 *
 * Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_H
#define POTTO_STORE_COLLECT_H

#include "store/ingest.h"
#include "store/store.h"

/* ---- leases: store_lease.c ---- */

/* A connection that is ours to collect from until the lease runs out. `owner` names one run: whoever takes
 * the connection later writes another name there, and what the first one finds after that is refused. */
struct lease {
    int64_t organization_id, connection_id;
    struct text owner;
    struct text name, engine, host, database_name, username, tls_mode; /* data NULL: none */
    struct text password_ciphertext;                                   /* data NULL: none */
    int32_t port;                                                      /* 0: the engine's own */
    double min_duration_ms;
    double least_duration_ms; /* the same, or the connection's own where that is less */
    bool keeps_literals;
    struct text cursor; /* JSON object of the last cycle */
};

/* Take the connection that has been due the longest, if any is: monitored, active, with a host. Skips those
 * that others hold. *out_is_taken false: nothing is due. SQL: sql/lease_take.sql */
enum status store_lease_take(struct store *store, struct text owner, int lease_s, struct arena *arena,
                             struct lease *out_lease, bool *out_is_taken, struct error *error);
/* Prolong what these owners hold. SQL: sql/lease_renew.sql */
enum status store_lease_renew(struct store *store, const struct text *owners, size_t count, int lease_s,
                              struct arena *arena, struct error *error);
/* Give a connection back as due as it was: the run came to nothing. SQL: sql/lease_release.sql */
enum status store_lease_release(struct store *store, const struct lease *lease, struct arena *arena,
                                struct error *error);
/* Connections made by hand get their row too. SQL: sql/lease_ensure.sql */
enum status store_lease_ensure(struct store *store, struct arena *arena, struct error *error);

/* ---- cycles: store_collect.c ---- */

struct counter_row {
    struct text key; /* counter_baselines.counter_key */
    struct sql_hash hash;
    int64_t calls;
    double total_ms;
    int64_t rows, blocks_hit, blocks_read;
};
/* The last look at a connection's statistics, ascending by key (bytes). SQL: sql/counter_baseline_list.sql */
enum status store_counter_list(struct store *store, const struct lease *lease, struct arena *arena,
                               struct counter_row **out_rows, size_t *out_count, struct error *error);
/* Fingerprints of the connection with a plan made in the last `pause_s` seconds. SQL: sql/plan_recent_list.sql */
enum status store_plan_recent_list(struct store *store, const struct lease *lease, int pause_s, struct arena *arena,
                                   struct sql_hash **out_hashes, size_t *out_count, struct error *error);

struct cycle_fingerprint {
    struct sql_hash hash;
    struct text fingerprint;
    const char *kind;
    const struct text *tables;
    size_t table_count;
};
struct cycle_growth {
    struct sql_hash hash;
    int64_t at_us;
    struct counter_row totals; /* key and hash unused */
    int64_t slow_calls;
};
struct cycle_plan {
    struct sql_hash hash, plan_hash;
    struct text plan;
    const char *provenance;
    double total_cost; /* < 0: unknown */
};

/* What one run found. */
struct cycle_write {
    const char *state;                           /* ok, warning, failed */
    struct text problem, remedy, server_version; /* data NULL: none; server_version: keep the old */
    double duration_ms;
    int64_t found;      /* statements that grew; new samples are added to it */
    struct text cursor; /* data NULL: keep the old */
    bool has_more;      /* due again at once */

    const struct cycle_fingerprint *fingerprints;
    size_t fingerprint_count;
    const struct cycle_growth *growth;
    size_t growth_count;
    const struct counter_row *baselines; /* new or changed */
    size_t baseline_count;
    const struct text *gone_keys; /* baselines to forget */
    size_t gone_count;
    const struct cycle_plan *plans;
    size_t plan_count;
    const struct sample_batch *batches; /* batch_id unused */
    size_t batch_count;
};

/* All of it in one transaction, and the lease given back. STATUS_CONFLICT: the lease was lost, nothing was
 * written. SQL: sql/cycle_*.sql, sql/ingest_*.sql */
enum status store_cycle_write(struct store *store, const struct lease *lease, const struct cycle_write *write,
                              struct arena *arena, struct error *error);

/* ---- the daemon's own row in collectors: store_lease.c ---- */

/* A row by the host's name (or "name #2" where another daemon of that host is alive). `process` tells daemons
 * apart. `detail` is a JSON object. *out_id 0: the name was taken meanwhile; try again at the next beat.
 * SQL: sql/daemon_beat.sql */
enum status store_daemon_beat(struct store *store, struct text hostname, struct text process, struct text version,
                              struct text detail, struct arena *arena, int64_t *out_id, struct error *error);
/* A clean end: the name is free at once. SQL: sql/daemon_end.sql */
enum status store_daemon_end(struct store *store, int64_t id, struct arena *arena, struct error *error);

#endif
