/* What potto-collector reads and writes of one cycle: what was known of a database before it, and what it found. Run as
 * the role that owns the tables: a collector serves every organization, so nothing here takes a scope.
 *
 * Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_CYCLE_H
#define POTTO_STORE_COLLECT_CYCLE_H

#include "store/collect/lease.h"
#include "store/ingest/ingest.h"
#include "store/scope/store.h"

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

#endif
