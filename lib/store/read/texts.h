/* For lib/store/read alone: hashes, texts, kinds and tables of a page of fingerprints. */
#ifndef POTTO_STORE_READ_TEXTS_H
#define POTTO_STORE_READ_TEXTS_H

#include "store/read/summary.h"

/* Set hash, text (cut), kind, tables, first and last seen of `*count` fingerprint ids, in their order. When it was seen
 * is told of all connections that the caller sees, also where the scope is narrowed. A fingerprint that is gone
 * meanwhile is left out of ids, summaries and count. SQL: sql/query_text_list.sql */
enum status texts_read(struct store *store, const struct scope *scope, int64_t *fingerprint_ids, size_t *count,
                       struct arena *arena, struct query_summary *out_summaries, struct error *error);

/* The same of one fingerprint, whole. STATUS_ABSENT: no connection of the scope has ever run it.
 * SQL: sql/query_text_get.sql */
enum status text_read(struct store *store, const struct scope *scope, struct sql_hash hash, struct arena *arena,
                      struct query_summary *out_summary, struct error *error);

/* The id of a fingerprint; 0: no connection of the scope has run it. SQL: sql/fingerprint_id_get.sql */
enum status fingerprint_id_read(struct store *store, const struct scope *scope, struct sql_hash hash,
                                struct arena *arena, int64_t *out_fingerprint_id, struct error *error);

#endif
