/* What cycles and looks at sessions share in the store. */
#ifndef POTTO_STORE_COLLECT_COLLECT_INTERNAL_H
#define POTTO_STORE_COLLECT_COLLECT_INTERNAL_H

#include "facts/overhead.h"
#include "facts/statement.h"
#include "store/collect/lease.h"
#include "store/scope/statement.h"

/* A row that has the columns of sql/lease_take.sql. */
void lease_read(const PGresult *result, int row, struct text owner, struct lease *out_lease);
/* The organization and the connection, as $1 and $2. */
void lease_bind_connection(struct db_params *params, const struct lease *lease);
/* And the run that holds the lease, as $3. */
void lease_bind(struct db_params *params, const struct lease *lease);
/* Give the lease back by `sql`, which returns a row if the run still holds it. It goes before all that is written but
 * the charge of overhead: the row stays locked until the commit, so that nobody takes the connection in between.
 * Errors: STATUS_CONFLICT. */
enum status lease_finish(struct store *store, const struct db_sql *sql, const struct db_params *params,
                         struct arena *arena, struct error *error);
/* Write the fingerprints that are not stored yet, and add them to *spent. */
enum status lease_write_statements(struct store *store, const struct lease *lease, const struct statement_list *list,
                                   struct arena *arena, struct budget_spent *spent, struct error *error);
/* Count what was stored; beyond its budget the connection waits. SQL: sql/cycle_spend.sql */
enum status lease_charge(struct store *store, const struct lease *lease, const struct budget_spent *spent,
                         struct arena *arena, struct error *error);
/* Count what the database's server was asked for, and hold back accordingly. *out_stage is what holds from now on. SQL:
 * sql/overhead_charge.sql, sql/overhead_stage_set.sql */
enum status lease_charge_overhead(struct store *store, const struct lease *lease, const struct overhead_cost *cost,
                                  struct arena *arena, const struct overhead_stage **out_stage, struct error *error);
/* After a failed transaction, the `attempts`-th: roll back. True: two transactions deadlocked, or could not be
 * serialized. Nothing is wrong with either, and it may be tried again. */
bool lease_may_try_again(struct store *store, int attempts);

#endif
