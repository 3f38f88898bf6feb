/* A task that runs once after the migrations and that SQL cannot do: it gives the predecessors' statements Potto's own
 * fingerprints. Then they are the same statements as those seen since, and have no literals where none belong. Runs as
 * the role that owns the tables. */
#ifndef POTTO_STORE_UPKEEP_LEGACY_H
#define POTTO_STORE_UPKEEP_LEGACY_H

#include "store/scope/store.h"

/* Is the task still to be done? SQL: sql/migration_task_find.sql */
enum status store_legacy_is_due(struct store *store, struct arena *arena, bool *out_is_due, struct error *error);

/* Fingerprint some of the statements, in one transaction; so a run that was interrupted can be repeated.
 * *out_count 0: all are done. SQL: sql/legacy_text_*.sql, sql/ingest_fingerprints.sql */
enum status store_legacy_fingerprint(struct store *store, struct arena *arena, int64_t *out_count, struct error *error);

/* Analyze the tables and mark the task as done. SQL: sql/migration_task_done.sql */
enum status store_legacy_done(struct store *store, struct arena *arena, struct error *error);

#endif
