/* One batch, one transaction; see ingest.h. */
#include "store/ingest/ingest.h"

#include <string.h>

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

static void bind_batch_id(struct db_params *params, const struct sample_batch *batch)
{
    params_int64(params, batch->target.organization_id);
    params_int64(params, batch->target.connection_id);
    params_text(params, batch->batch_id);
}

/* *out_is_known: the id was stored before. The transaction has written nothing then. */
static enum status claim_batch_id(struct store *store, const struct sample_batch *batch, size_t distinct_count,
                                  struct arena *arena, bool *out_is_known, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    bind_batch_id(&params, batch);
    params_int64(&params, (int64_t)batch->body_digest);
    params_int32(&params, (int32_t)distinct_count);
    params_int32(&params, (int32_t)(batch->samples.count - distinct_count));
    params_int32(&params, (int32_t)batch->rejected);
    status = store_run(store, SQL(ingest_batch_add), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_known = PQntuples(result) == 0;
    return status;
}

enum status store_ingest_replay(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    *out_outcome = (struct ingest_outcome){0};
    if (batch->batch_id.data == NULL)
        return STATUS_OK;
    bind_batch_id(&params, batch);
    status = store_begin_ingest(store, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(ingest_batch_get), &params, arena, &result, error);
    store_rollback(store); /* nothing was written */
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return STATUS_OK;
    if (row_int64(result, 0, INGEST_BATCH_GET_BODY_DIGEST) != (int64_t)batch->body_digest)
        return error_set(error, STATUS_CONFLICT, "This batch_id was used for another batch.");
    *out_outcome = (struct ingest_outcome){.accepted = 0,
                                           .duplicates = row_int64(result, 0, INGEST_BATCH_GET_ACCEPTED) +
                                                         row_int64(result, 0, INGEST_BATCH_GET_DUPLICATES),
                                           .is_replay = true};
    return STATUS_OK;
}

static enum status correct_batch_count(struct store *store, const struct sample_batch *batch,
                                       const struct ingest_outcome *outcome, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    bind_batch_id(&params, batch);
    params_int32(&params, (int32_t)outcome->accepted);
    params_int32(&params, (int32_t)outcome->duplicates);
    return store_run(store, SQL(ingest_batch_count), &params, arena, NULL, error);
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

/* The row of a batch's id costs as any other, also one that is not kept in the end. */
static struct budget_spent id_cost(bool has_id)
{
    return has_id ? (struct budget_spent){.bytes = BUDGET_ROW_BYTES, .rows = 1} : (struct budget_spent){0};
}

/* The batch's id goes first: a second sender of the same batch waits for it, before it has written anything. */
static enum status write_batch(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                               struct arena *arena, struct attempt *attempt, struct error *error)
{
    bool has_id = batch->batch_id.data != NULL;
    enum status status = store_begin_ingest(store, error);

    if (status == STATUS_OK && has_id)
        status = claim_batch_id(store, batch, rows->count, arena, &attempt->outcome.is_replay, error);
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
        attempt->outcome.spent = id_cost(has_id);
        return STATUS_OK;
    }
    if (has_id && attempt->outcome.accepted != (int64_t)rows->count)
        status = correct_batch_count(store, batch, &attempt->outcome, arena, error);
    if (status == STATUS_OK)
        status = write_sums(store, batch, rows, arena, &attempt->written, &attempt->written_count,
                            &attempt->outcome.spent, error);
    if (status == STATUS_OK)
        status = store_commit(store, error);
    attempt->outcome.spent.rows += id_cost(has_id).rows;
    attempt->outcome.spent.bytes += id_cost(has_id).bytes;
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
