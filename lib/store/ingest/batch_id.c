/* Ids of batches; see batch_id.h. */
#include "store/ingest/batch_id.h"

#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

struct budget_spent ingest_batch_cost(const struct ingest_batch_id *batch)
{
    bool has_id = batch->id.data != NULL;

    return (struct budget_spent){.bytes = has_id ? BUDGET_ROW_BYTES : 0, .rows = has_id ? 1 : 0};
}

static void bind_id(struct db_params *params, const struct ingest_batch_id *batch)
{
    params_int64(params, batch->organization_id);
    params_int64(params, batch->connection_id);
    params_text(params, batch->id);
}

enum status ingest_batch_claim(struct store *store, const struct ingest_batch_id *batch, int64_t accepted,
                               int64_t duplicates, int64_t rejected, struct arena *arena, bool *out_is_known,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    bind_id(&params, batch);
    params_int64(&params, (int64_t)batch->body_digest);
    params_int32(&params, (int32_t)accepted);
    params_int32(&params, (int32_t)duplicates);
    params_int32(&params, (int32_t)rejected);
    status = store_run(store, SQL(ingest_batch_add), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_known = PQntuples(result) == 0;
    return status;
}

enum status ingest_batch_correct(struct store *store, const struct ingest_batch_id *batch, int64_t accepted,
                                 int64_t duplicates, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    bind_id(&params, batch);
    params_int32(&params, (int32_t)accepted);
    params_int32(&params, (int32_t)duplicates);
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
