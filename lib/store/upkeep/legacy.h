/* What the predecessors' samples need beyond SQL, once, after the migrations: Potto's own fingerprints, so that their
 * statements are the same as those seen since, and no literal stands where none belongs. As the role that owns the
 * tables. */
#ifndef POTTO_STORE_UPKEEP_LEGACY_H
#define POTTO_STORE_UPKEEP_LEGACY_H

#include "store/scope/store.h"

/* Is there anything to do? SQL: sql/migration_task_find.sql */
enum status store_legacy_is_due(struct store *store, struct arena *arena, bool *out_is_due, struct error *error);

/* Fingerprint some statements, in one transaction; killed half-way and called again it goes on. *out_count 0: all are.
 * SQL: sql/legacy_text_*.sql, sql/ingest_fingerprints.sql */
enum status store_legacy_fingerprint(struct store *store, struct arena *arena, int64_t *out_count, struct error *error);

/* Nothing is to do any more. SQL: sql/migration_task_done.sql */
enum status store_legacy_done(struct store *store, struct arena *arena, struct error *error);

#endif
