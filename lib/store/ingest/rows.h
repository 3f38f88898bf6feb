/* The samples of a batch as rows of slow_queries_raw. */
#ifndef POTTO_STORE_INGEST_ROWS_H
#define POTTO_STORE_INGEST_ROWS_H

#include "store/ingest/ingest.h"

struct ingest_row {
    const struct sample_fact *sample;
    int64_t digest; /* slow_queries_raw.sample_digest */
    bool is_new;    /* was not stored before this transaction */
};

/* Each execution once, ascending by time, then by digest. Neighbours in the list are neighbours in the indexes, and all
 * transactions lock in one order: two that store the same samples wait for each other and do not deadlock. */
struct ingest_rows {
    struct ingest_row *rows;
    size_t count;
};

/* By what an execution is recognized; see store_ingest(). */
int64_t ingest_sample_digest(const struct sample_fact *sample, enum sample_provenance provenance, bool keeps_literals);

struct ingest_rows ingest_rows_make(const struct sample_batch *batch, struct arena *arena);

/* What the new rows take. */
struct budget_spent ingest_rows_cost(const struct sample_batch *batch, const struct ingest_rows *rows);

/* The fast way, by COPY: all rows or none. STATUS_CONFLICT if one is stored already; the transaction has failed then.
 */
enum status ingest_rows_copy(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                             struct error *error);

/* The sure way: rows that are stored already are left alone, and is_new is set of the others.
 * SQL: sql/ingest_samples.sql */
enum status ingest_rows_insert(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                               struct error *error);

#endif
