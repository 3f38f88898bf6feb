/* One batch, one transaction; see ingest.h. */
#include "store/ingest/ingest.h"

#include <string.h>

#include "store/ingest/batch_id.h"
#include "store/ingest/plans.h"
#include "store/ingest/rows.h"
#include "store/ingest/seen.h"
#include "store/ingest/sums.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum { ATTEMPTS_MAX = 4 };

/* One attempt to store a batch. */
struct attempt {
    bool tries_copy;
    struct ingest_outcome outcome;
    struct ingest_statement *written;
    size_t written_count;
};

enum status store_ingest_target(struct store *store, const struct scope *scope, struct arena *arena,
                                struct ingest_target *out_target, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text engine;
    PGresult *result;
    enum status status;

    params_int64(&params, scope_connection_id(scope));
    status = store_read(store, scope, SQL(ingest_target), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such connection.");
    engine = row_text(result, 0, INGEST_TARGET_ENGINE);
    *out_target = (struct ingest_target){.organization_id = scope_organization_id(scope),
                                         .connection_id = scope_connection_id(scope),
                                         .rules = {.engine = engine,
                                                   .dialect = sql_dialect_of(engine),
                                                   .keeps_literals = row_bool(result, 0, INGEST_TARGET_KEEP_LITERALS)}};
    return STATUS_OK;
}

static struct ingest_batch_id id_of(const struct sample_batch *batch)
{
    return (struct ingest_batch_id){.organization_id = batch->target.organization_id,
                                    .connection_id = batch->target.connection_id,
                                    .id = batch->batch_id,
                                    .body_digest = batch->body_digest};
}

enum status store_ingest_replay(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error)
{
    const struct ingest_batch_id id = id_of(batch);

    return ingest_batch_replay(store, &id, arena, out_outcome, error);
}

/* What the new rows add up to. *out_written is what ingest_seen_add() takes after the commit. */
static enum status write_sums(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                              struct arena *arena, struct ingest_statement **out_written, size_t *out_written_count,
                              struct budget_spent *out_spent, struct error *error)
{
    const struct ingest_target *target = &batch->target;
    struct ingest_statement *statements;
    size_t count = ingest_statements_find(store, target, rows, arena, &statements);
    struct budget_spent spent = ingest_rows_cost(batch, rows);
    enum status status = ingest_deltas_write(store, target, rows, arena, error);

    if (status == STATUS_OK)
        status = ingest_fingerprints_write(store, target->organization_id, statements, count, arena, &spent, error);
    if (status == STATUS_OK)
        status = ingest_fingerprints_seen(store, target->organization_id, target->connection_id, statements, count,
                                          arena, error);
    if (status == STATUS_OK)
        status = ingest_plans_write(store, batch, rows, arena, &spent, error);
    *out_spent = spent;
    *out_written = statements;
    *out_written_count = count;
    return status;
}

static int64_t count_new(const struct ingest_rows *rows)
{
    int64_t count = 0;

    for (size_t i = 0; i < rows->count; i++)
        count += rows->rows[i].is_new;
    return count;
}

/* The batch's id goes first: a second sender of the same batch waits for it, before it has written anything. */
static enum status write_batch(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                               struct arena *arena, struct attempt *attempt, struct error *error)
{
    const struct ingest_batch_id id = id_of(batch);
    bool has_id = id.id.data != NULL;
    int64_t count = (int64_t)rows->count;
    enum status status = store_begin_ingest(store, error);

    if (status == STATUS_OK && has_id)
        status = ingest_batch_claim(store, &id, count, (int64_t)batch->samples.count - count, batch->rejected, arena,
                                    &attempt->outcome.is_replay, error);
    if (status != STATUS_OK || attempt->outcome.is_replay)
        return status;
    if (attempt->tries_copy)
        status = ingest_rows_copy(store, batch, rows, error);
    else
        status = ingest_rows_insert(store, batch, rows, error);
    if (status != STATUS_OK)
        return status;
    attempt->outcome.accepted = count_new(rows);
    attempt->outcome.duplicates = (int64_t)batch->samples.count - attempt->outcome.accepted;
    /* Everything is stored already. The id is not kept: the same batch gets the same answer without it. */
    if (attempt->outcome.accepted == 0) {
        store_rollback(store);
        attempt->outcome.spent = ingest_batch_cost(&id);
        return STATUS_OK;
    }
    if (has_id && attempt->outcome.accepted != count)
        status = ingest_batch_correct(store, &id, attempt->outcome.accepted, attempt->outcome.duplicates, arena, error);
    if (status == STATUS_OK)
        status = write_sums(store, batch, rows, arena, &attempt->written, &attempt->written_count,
                            &attempt->outcome.spent, error);
    if (status == STATUS_OK)
        status = store_commit(store, error);
    attempt->outcome.spent.rows += ingest_batch_cost(&id).rows;
    attempt->outcome.spent.bytes += ingest_batch_cost(&id).bytes;
    return status;
}

/* Two transactions deadlocked, or could not be serialized. Nothing is wrong with either. */
static bool is_worth_repeating(const struct store *store)
{
    return strncmp(store_sqlstate(store), "40", 2) == 0;
}

enum status store_ingest(struct store *store, const struct sample_batch *batch, struct arena *arena,
                         struct ingest_outcome *out_outcome, struct error *error)
{
    struct ingest_rows rows = ingest_rows_make(batch, arena);
    bool tries_copy = !batch->expects_duplicates;

    for (int attempts = 1;; attempts++) {
        struct attempt attempt = {.tries_copy = tries_copy};
        struct error failure = {0};
        enum status status = write_batch(store, batch, &rows, arena, &attempt, &failure);

        if (status == STATUS_OK && !attempt.outcome.is_replay) {
            ingest_seen_add(store, &batch->target, attempt.written, attempt.written_count);
            *out_outcome = attempt.outcome;
            return STATUS_OK;
        }
        store_rollback(store);
        if (status == STATUS_OK) {
            status = store_ingest_replay(store, batch, arena, out_outcome, error);
            if (status == STATUS_OK && !out_outcome->is_replay) /* deleted meanwhile: the sender tries again */
                status = error_set(error, STATUS_UNAVAILABLE, "The store is busy; try again.");
            return status;
        }
        if (attempts < ATTEMPTS_MAX && tries_copy && status == STATUS_CONFLICT) {
            tries_copy = false;
            continue;
        }
        if (attempts < ATTEMPTS_MAX && is_worth_repeating(store))
            continue;
        /* To the sender a conflict means a batch_id that was used before. This is not that. */
        if (status == STATUS_CONFLICT)
            status = failure.status = STATUS_INTERNAL;
        if (error != NULL)
            *error = failure;
        return status;
    }
}

enum status store_ingest_within(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error)
{
    struct ingest_rows rows = ingest_rows_make(batch, arena);
    struct ingest_statement *written;
    size_t written_count;
    /* Not by COPY: a duplicate would fail it, and the caller's transaction with it. */
    enum status status = ingest_rows_insert(store, batch, &rows, error);

    if (status == STATUS_OK)
        status = write_sums(store, batch, &rows, arena, &written, &written_count, &out_outcome->spent, error);
    if (status == STATUS_OK) {
        out_outcome->accepted = count_new(&rows);
        out_outcome->duplicates = (int64_t)batch->samples.count - out_outcome->accepted;
        out_outcome->is_replay = false;
    }
    return status;
}
