/* What the files of ingest share: store_ingest.c (the transaction), store_ingest_rows.c (samples),
 * store_ingest_sums.c (rollups, fingerprints, plans), store_ingest_seen.c (what need not be written again). */
#ifndef POTTO_STORE_INGEST_INGEST_INTERNAL_H
#define POTTO_STORE_INGEST_INGEST_INTERNAL_H

#include "store/ingest/ingest.h"

/* A sample of the batch that occurs in it once. */
struct ingest_row {
    const struct ingest_sample *sample;
    int64_t digest; /* slow_queries_raw.sample_digest */
    bool is_new;    /* was not stored before this transaction */
};

/* Ascending by time, then digest: neighbours in the indexes, and the same order in every transaction, so
 * that two that store the same samples wait for each other instead of locking each other out. */
struct ingest_rows {
    struct ingest_row *rows;
    size_t count;
};

/* What makes two executions the same one; see store_ingest(). */
int64_t ingest_sample_digest(const struct ingest_sample *sample, enum sample_provenance provenance,
                             bool keeps_literals);

struct ingest_rows ingest_rows_make(const struct sample_batch *batch, struct arena *arena);

/* The fast way: all rows or none. STATUS_CONFLICT if one is stored already; the transaction has failed then. */
enum status ingest_rows_copy(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                             struct error *error);

/* The sure way: rows stored already are left alone, is_new tells which were not. SQL: sql/ingest_samples.sql */
enum status ingest_rows_insert(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                               struct error *error);

/* ---- what the new rows add up to ---- */

/* The statement's tables as sql/ingest_fingerprints.sql takes them: names with U+001F between them; a name that holds
 * one itself is left out. */
struct text ingest_tables(enum sql_dialect dialect, struct text sql, struct arena *arena);

/* One fingerprint of a batch. */
struct ingest_statement {
    const struct ingest_sample *sample; /* one that has it */
    int64_t first_us, last_us;
};

/* Write rollup_deltas, and of fingerprints, where they were seen, and plans what is not known to be there.
 * *out_written is what ingest_seen_add takes after the commit.
 * SQL: sql/ingest_deltas.sql, ingest_fingerprints.sql, ingest_fingerprint_connections.sql, ingest_plans.sql */
enum status ingest_sums_write(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                              struct arena *arena, const struct ingest_statement **out_written,
                              size_t *out_written_count, struct error *error);

/* ---- memory of what was written, bounded; forgetting costs a write and no more ---- */

bool ingest_seen_covers(struct store *store, const struct ingest_target *target,
                        const struct ingest_statement *statement);
void ingest_seen_add(struct store *store, const struct ingest_target *target, const struct ingest_statement *statements,
                     size_t count);

#endif
