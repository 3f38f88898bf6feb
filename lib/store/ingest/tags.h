/* What the new rows of a batch add up to by the tags of their statements (sql/tags.h). */
#ifndef POTTO_STORE_INGEST_TAGS_H
#define POTTO_STORE_INGEST_TAGS_H

#include "store/ingest/rows.h"

/* A connection keeps so many values of a key; statements of further ones count as INGEST_TAG_OTHER. */
enum { INGEST_TAG_VALUES_MAX = 500 };
#define INGEST_TAG_OTHER "(other)"

/* Where literals are not kept, tags are not kept either: an application may write anything into them.
 * Add the new rows to the sums of their tags, in the caller's transaction; rows that are new are added to *spent.
 * SQL: sql/ingest_tags.sql */
enum status ingest_tags_write(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                              struct arena *arena, struct budget_spent *spent, struct error *error);

#endif
