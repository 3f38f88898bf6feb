/* Plans that came with samples. */
#ifndef POTTO_STORE_INGEST_PLANS_H
#define POTTO_STORE_INGEST_PLANS_H

#include "store/ingest/rows.h"

/* Write the plans of the new rows, where the target keeps literals: a plan shows them in its conditions. Adds those
 * that were not known to *spent. SQL: sql/ingest_plans.sql */
enum status ingest_plans_write(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                               struct arena *arena, struct budget_spent *spent, struct error *error);

#endif
