/* Budgets: how much a connection, and an organization as a whole, may have stored in an hour, by agents and by the
 * collector together. What they store raises a level, which falls by one budget an hour. When one of the two levels is
 * as high as one hour's budget, agents are refused and the collector waits, until it is lower. So a connection may
 * store one hour's budget at once, and what a batch or a run stores beyond it is waited for. */
#ifndef POTTO_STORE_INGEST_BUDGET_H
#define POTTO_STORE_INGEST_BUDGET_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct db_params;

/* What may be stored in an hour; 0: no limit. */
struct budget {
    double bytes, rows, statements;
};

struct budgets {
    struct budget connection, organization;
};

/* Of a struct config. */
#define BUDGET_OF(config, owner)                                                                                       \
    {                                                                                                                  \
        .bytes = (double)(config).owner##_bytes_per_hour, .rows = (double)(config).owner##_rows_per_hour,              \
        .statements = (double)(config).owner##_statements_per_hour                                                     \
    }
#define BUDGETS_OF(config)                                                                                             \
    {                                                                                                                  \
        .connection = BUDGET_OF(config, connection), .organization = BUDGET_OF(config, organization)                   \
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

/* What was spent and the budgets, as the next nine parameters of a statement. */
void budget_bind(struct db_params *params, const struct budget_spent *spent, const struct budgets *budgets);

/* Says that the connection, or its organization, sends more than its budget. */
const char *budget_exceeded(const struct budget *budget, bool is_organization, struct arena *arena);

/* May the agent of `scope` store a batch now? Errors, with retry_after_s: STATUS_THROTTLED (a budget is used up),
 * STATUS_UNAVAILABLE (the store is full). */
enum status budget_check(const struct store *store, const struct scope *scope, const struct budgets *budgets,
                         struct arena *arena, struct error *error);

/* Count what the agent of `scope` has stored. A worker writes it to the store when it is a 64th of an hour's budget or
 * ten seconds old, with the next batch; so that is what a killed worker forgets, and what each of the other workers may
 * take too much. SQL: sql/ingest_spend.sql */
void budget_charge(struct store *store, const struct scope *scope, const struct budgets *budgets,
                   const struct budget_spent *spent, struct arena *arena);

/* How much of one hour's budget the level of a visible connection is: 1 and more means that it is used up.
 * SQL: sql/ingest_spending_get.sql */
enum status budget_used(struct store *store, const struct scope *scope, int64_t connection_id,
                        const struct budget *budget, struct arena *arena, double *out_used, struct error *error);

#endif
