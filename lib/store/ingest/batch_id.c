/* Batches, and their ids; see batch_id.h. */
#include "store/ingest/batch_id.h"

#include <string.h>

#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum { ATTEMPTS_MAX = 4 };

static void bind_id(struct db_params *params, const struct ingest_batch_id *batch)
{
    params_int64(params, batch->organization_id);
    params_int64(params, batch->connection_id);
    params_text(params, batch->id);
}

/* In the transaction that stores the batch. *out_is_known: it was stored before, and nothing was written. */
static enum status claim(struct store *store, const struct ingest_batch_id *batch,
                         const struct ingest_batch_counts *counts, struct arena *arena, bool *out_is_known,
                         struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    bind_id(&params, batch);
    params_int64(&params, (int64_t)batch->body_digest);
    params_int32(&params, (int32_t)counts->distinct);
    params_int32(&params, (int32_t)(counts->sent - counts->distinct));
    params_int32(&params, (int32_t)counts->rejected);
    status = store_run(store, SQL(ingest_batch_add), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_known = PQntuples(result) == 0;
    return status;
}

/* Some of what was claimed as accepted was stored before. */
static enum status correct(struct store *store, const struct ingest_batch_id *batch,
                           const struct ingest_outcome *outcome, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    bind_id(&params, batch);
    params_int32(&params, (int32_t)outcome->accepted);
    params_int32(&params, (int32_t)outcome->duplicates);
    return store_run(store, SQL(ingest_batch_count), &params, arena, NULL, error);
}

enum status ingest_batch_replay(struct store *store, const struct ingest_batch_id *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    *out_outcome = (struct ingest_outcome){0};
    if (batch->id.data == NULL)
        return STATUS_OK;
    bind_id(&params, batch);
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

/* One transaction; open if it failed or is a replay. The batch's id goes first: a second sender of the same batch waits
 * for it, before it has written anything. */
static enum status attempt(struct store *store, const struct ingest_batch_id *batch,
                           const struct ingest_batch_counts *counts, const struct ingest_batch_writer *writer,
                           void *items, bool by_copy, struct arena *arena, struct ingest_outcome *out_outcome,
                           struct error *error)
{
    bool has_id = batch->id.data != NULL;
    struct ingest_outcome outcome = {0};
    enum status status = store_begin_ingest(store, error);

    if (status == STATUS_OK && has_id)
        status = claim(store, batch, counts, arena, &outcome.is_replay, error);
    if (status == STATUS_OK && !outcome.is_replay)
        status = writer->write_items(store, items, by_copy, &outcome.accepted, error);
    outcome.duplicates = counts->sent - outcome.accepted;
    if (status == STATUS_OK && has_id && outcome.accepted != 0 && outcome.accepted != counts->distinct)
        status = correct(store, batch, &outcome, arena, error);
    if (status == STATUS_OK && outcome.accepted != 0)
        status = writer->write_sums(store, items, arena, &outcome.spent, error);
    /* The row of an id costs as any other, also one that is not kept in the end. */
    outcome.spent.rows += has_id ? 1 : 0;
    outcome.spent.bytes += has_id ? BUDGET_ROW_BYTES : 0;
    *out_outcome = outcome;
    if (status != STATUS_OK || outcome.is_replay)
        return status;
    if (outcome.accepted != 0)
        return store_commit(store, error);
    /* Everything is stored already. The id is not kept: the same batch gets the same answer without it. */
    store_rollback(store);
    return STATUS_OK;
}

/* Two transactions deadlocked, or could not be serialized. Nothing is wrong with either. */
static bool is_worth_repeating(const struct store *store)
{
    return strncmp(store_sqlstate(store), "40", 2) == 0;
}

enum status ingest_batch_store(struct store *store, const struct ingest_batch_id *batch,
                               const struct ingest_batch_counts *counts, const struct ingest_batch_writer *writer,
                               void *items, struct arena *arena, struct ingest_outcome *out_outcome,
                               struct error *error)
{
    bool by_copy = !counts->expects_duplicates;
    struct ingest_outcome outcome;
    struct error failure;
    enum status status;

    for (int attempts = 1;; attempts++) {
        bool is_deadlock;

        failure = (struct error){0};
        status = attempt(store, batch, counts, writer, items, by_copy, arena, &outcome, &failure);
        if (status == STATUS_OK && !outcome.is_replay) {
            *out_outcome = outcome;
            return STATUS_OK;
        }
        is_deadlock = status != STATUS_OK && is_worth_repeating(store);
        store_rollback(store);
        if (status == STATUS_OK || attempts == ATTEMPTS_MAX)
            break;
        if (is_deadlock)
            continue;
        if (!by_copy || status != STATUS_CONFLICT)
            break;
        by_copy = false; /* COPY fails as a whole where an item is stored already */
    }
    if (status == STATUS_OK) {
        status = ingest_batch_replay(store, batch, arena, out_outcome, error);
        if (status == STATUS_OK && !out_outcome->is_replay) /* deleted meanwhile: the sender tries again */
            status = error_set(error, STATUS_UNAVAILABLE, "The store is busy; try again.");
        return status;
    }
    /* To the sender a conflict means a batch_id that was used before. This is not that. */
    if (status == STATUS_CONFLICT)
        status = failure.status = STATUS_INTERNAL;
    if (error != NULL)
        *error = failure;
    return status;
}
