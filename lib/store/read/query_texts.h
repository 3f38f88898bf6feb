/* For lib/store alone: what a page of fingerprints is called by. */
#ifndef POTTO_STORE_READ_QUERY_TEXTS_H
#define POTTO_STORE_READ_QUERY_TEXTS_H

#include "db/rows.h"
#include "store/read/query.h"

/* Hash, text (cut), kind, tables, and when they were seen, of `*count` numbers (query_pack_numbers), in their order.
 * One that is gone meanwhile is left out of all three. SQL: sql/query_text_list.sql */
enum status query_texts_read(struct store *store, const struct scope *scope, int64_t *numbers, size_t *count,
                             struct arena *arena, struct query_summary *out_summaries, struct error *error);

/* Columns from `first`: hash, fingerprint, kind, tables, first and last seen. The rest of the summary is zero. */
void query_text_read(const PGresult *result, int row, int first, struct arena *arena, struct query_summary *out);

/* The number of a fingerprint; 0: no visible connection has run it. SQL: sql/query_number_get.sql */
enum status query_number_read(struct store *store, const struct scope *scope, struct sql_hash hash, struct arena *arena,
                              int64_t *out_number, struct error *error);

#endif
