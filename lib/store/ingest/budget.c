/* Budgets of agents; see budget.h. The levels are read together with the agent's token. */
#include "store/ingest/budget.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum { SLOT_COUNT = 256, PENDING_SHARE = 64, FULL_RETRY_S = 300, HOUR_S = 3600 };
#define PENDING_MAX_US (10 * CLOCK_SECOND_US)

/* What a connection stored and the store does not know yet. */
struct pending {
    int64_t organization_id, connection_id; /* 0: none */
    struct budget_spent spent;
    int64_t since_us; /* monotonic */
};

struct budget_pending {
    struct pending slots[SLOT_COUNT];
};

static struct pending *slot_of(const struct store *store, int64_t connection_id)
{
    return store->budget_pending == NULL ? NULL : &store->budget_pending->slots[connection_id % SLOT_COUNT];
}

/* The greatest share of an hour's budget. */
static double hours_of(const struct budget_spent *spent, const struct budget *budget)
{
    double hours = 0;

    if (budget->bytes > 0)
        hours = fmax(hours, spent->bytes / budget->bytes);
    if (budget->rows > 0)
        hours = fmax(hours, spent->rows / budget->rows);
    if (budget->statements > 0)
        hours = fmax(hours, spent->statements / budget->statements);
    return hours;
}

static double level_of(double spent, double per_hour, double age_s)
{
    return fmax(spent - per_hour * fmax(age_s, 0) / HOUR_S, 0);
}

static void add_spent(struct budget_spent *sum, const struct budget_spent *more)
{
    sum->bytes += more->bytes;
    sum->rows += more->rows;
    sum->statements += more->statements;
}

/* What this worker has not told the store yet: of one connection, or (0) of the organization's. */
static struct budget_spent pending_of(const struct store *store, int64_t organization_id, int64_t connection_id)
{
    struct budget_spent sum = {0};

    for (size_t i = 0; store->budget_pending != NULL && i < SLOT_COUNT; i++) {
        const struct pending *slot = &store->budget_pending->slots[i];

        if (slot->organization_id == organization_id && (connection_id == 0 || slot->connection_id == connection_id))
            add_spent(&sum, &slot->spent);
    }
    return sum;
}

/* How high the level is, as a share of an hour's budget. */
static double level_hours(const struct scope_spending *known, const struct budget_spent *pending,
                          const struct budget *budget)
{
    struct budget_spent level = {.bytes = level_of(known->bytes, budget->bytes, known->age_s),
                                 .rows = level_of(known->rows, budget->rows, known->age_s),
                                 .statements = level_of(known->statements, budget->statements, known->age_s)};

    add_spent(&level, pending);
    return hours_of(&level, budget);
}

const char *budget_exceeded(const struct budget *budget, bool is_organization, struct arena *arena)
{
    return arena_printf(arena, "%s more than Potto keeps: %.0f MB, %.0f rows or %.0f new statements an hour.",
                        is_organization ? "The databases of this organization together send" : "This database sends",
                        budget->bytes / 1e6, budget->rows, budget->statements);
}

enum status budget_check(const struct store *store, const struct scope *scope, const struct budgets *budgets,
                         struct arena *arena, struct error *error)
{
    struct budget_spent own = pending_of(store, scope->organization_id, scope->connection_id);
    struct budget_spent all = pending_of(store, scope->organization_id, 0);
    double own_hours = level_hours(&scope->spending, &own, &budgets->connection);
    double all_hours = level_hours(&scope->organization_spending, &all, &budgets->organization);
    bool is_organization = all_hours > own_hours;
    double hours = fmax(own_hours, all_hours);

    if (scope->is_store_full) {
        error_set(error, STATUS_UNAVAILABLE, "The store is full. Nothing is taken until it has room again.");
        if (error != NULL)
            error->retry_after_s = FULL_RETRY_S;
        return STATUS_UNAVAILABLE;
    }
    if (hours < 1)
        return STATUS_OK;
    error_set(error, STATUS_THROTTLED, "%s Send the batch again later.",
              budget_exceeded(is_organization ? &budgets->organization : &budgets->connection, is_organization, arena));
    if (error != NULL)
        error->retry_after_s = 1 + (int)fmin((hours - 1) * HOUR_S, 24 * HOUR_S);
    return STATUS_THROTTLED;
}

enum status budget_used(struct store *store, const struct scope *scope, int64_t connection_id,
                        const struct budget *budget, struct arena *arena, double *out_used, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct budget_spent level = {0};
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    params_double(&params, budget->bytes);
    params_double(&params, budget->rows);
    params_double(&params, budget->statements);
    status = store_read(store, scope, SQL(ingest_spending_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 1)
        level = (struct budget_spent){.bytes = row_double(result, 0, INGEST_SPENDING_GET_BYTES),
                                      .rows = row_double(result, 0, INGEST_SPENDING_GET_ROW_COUNT),
                                      .statements = row_double(result, 0, INGEST_SPENDING_GET_STATEMENTS)};
    *out_used = hours_of(&level, budget);
    return STATUS_OK;
}

void budget_bind(struct db_params *params, const struct budget_spent *spent, const struct budgets *budgets)
{
    const struct budget *const both[] = {&budgets->connection, &budgets->organization};

    params_double(params, spent->bytes);
    params_double(params, spent->rows);
    params_double(params, spent->statements);
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        params_double(params, both[i]->bytes);
        params_double(params, both[i]->rows);
        params_double(params, both[i]->statements);
    }
}

static enum status write_spent(struct store *store, int64_t connection_id, const struct budget_spent *spent,
                               const struct budgets *budgets, struct arena *arena)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, connection_id);
    budget_bind(&params, spent, budgets);
    return store_run(store, SQL(ingest_spend), &params, arena, NULL, NULL);
}

void budget_charge(struct store *store, const struct scope *scope, const struct budgets *budgets,
                   const struct budget_spent *spent, struct arena *arena)
{
    int64_t now_us = clock_monotonic_us();
    struct pending *slot;

    if (!budget_is_spent(spent))
        return;
    if (store->budget_pending == NULL)
        store->budget_pending = calloc(1, sizeof *store->budget_pending);
    slot = slot_of(store, scope->connection_id);
    /* Another connection has the slot: count at once. */
    if (slot == NULL || (slot->connection_id != 0 && slot->connection_id != scope->connection_id)) {
        write_spent(store, scope->connection_id, spent, budgets, arena);
        return;
    }
    if (slot->connection_id == 0)
        *slot = (struct pending){
            .organization_id = scope->organization_id, .connection_id = scope->connection_id, .since_us = now_us};
    add_spent(&slot->spent, spent);
    if (hours_of(&slot->spent, &budgets->connection) < 1.0 / PENDING_SHARE && now_us - slot->since_us < PENDING_MAX_US)
        return;
    /* If it fails, it is counted with the next batch. */
    if (write_spent(store, scope->connection_id, &slot->spent, budgets, arena) == STATUS_OK)
        *slot = (struct pending){.connection_id = 0};
}
