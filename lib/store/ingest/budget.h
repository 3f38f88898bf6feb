/* Budgets: how much a connection may have stored in an hour, by agents and by the collector together. What it stores
 * raises a level, which falls by one budget an hour. When the level is as high as one hour's budget, agents are refused
 * and the collector waits, until it is lower. So a connection may store one hour's budget at once, and what a batch or
 * a run stores beyond it is waited for. */
#ifndef POTTO_STORE_INGEST_BUDGET_H
#define POTTO_STORE_INGEST_BUDGET_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct db_params;

/* What may be stored in an hour; 0: no limit. */
struct budget {
    double bytes, rows, statements;
};

/* Of a struct config. */
#define BUDGET_OF(config)                                                                                              \
    {                                                                                                                  \
        .bytes = (double)(config).connection_bytes_per_hour, .rows = (double)(config).connection_rows_per_hour,        \
        .statements = (double)(config).connection_statements_per_hour                                                  \
    }

enum { BUDGET_ROW_BYTES = 150 /* a row of samples or rollups without its texts, with its indexes */ };

/* What was stored. */
struct budget_spent {
    double bytes;      /* of texts, plans and rows */
    double rows;       /* samples, new plans, new statements, rollups */
    double statements; /* that the organization did not know */
};

static inline bool budget_is_spent(const struct budget_spent *spent)
{
    return spent->bytes + spent->rows + spent->statements > 0;
}

/* What was spent and the budget, as the next six parameters of a statement. */
void budget_bind(struct db_params *params, const struct budget_spent *spent, const struct budget *budget);

/* May the agent of `scope` store a batch now? Errors, with retry_after_s: STATUS_THROTTLED (the budget is used up),
 * STATUS_UNAVAILABLE (the store is full). */
enum status budget_check(const struct store *store, const struct scope *scope, const struct budget *budget,
                         struct error *error);

/* Count what the agent of `scope` has stored. A worker writes it to the store when it is a 64th of an hour's budget or
 * ten seconds old, with the next batch; so that is what a killed worker forgets, and what each of the other workers may
 * take too much. SQL: sql/ingest_spend.sql */
void budget_charge(struct store *store, const struct scope *scope, const struct budget *budget,
                   const struct budget_spent *spent, struct arena *arena);

/* How much of one hour's budget the level of a visible connection is: 1 and more means that it is used up.
 * SQL: sql/ingest_spending_get.sql */
enum status budget_used(struct store *store, const struct scope *scope, int64_t connection_id,
                        const struct budget *budget, struct arena *arena, double *out_used, struct error *error);

#endif
