/* What the new rows of a batch add up to. */
#ifndef POTTO_STORE_INGEST_SUMS_H
#define POTTO_STORE_INGEST_SUMS_H

#include "store/ingest/fingerprints.h"
#include "store/ingest/rows.h"

/* Write a rollup delta for each fingerprint and bucket. SQL: sql/ingest_deltas.sql */
enum status ingest_deltas_write(struct store *store, const struct ingest_target *target, const struct ingest_rows *rows,
                                struct arena *arena, struct error *error);

/* The fingerprints of the new rows that ingest_seen_covers() does not cover, ascending by hash. *out_statements lives
 * in `arena`. */
size_t ingest_statements_find(struct store *store, const struct ingest_target *target, const struct ingest_rows *rows,
                              struct arena *arena, struct ingest_statement **out_statements);

#endif
