/* Whom statements are run for: the scope as settings of the transaction, which row-level security reads
 * (migrations/009_row_security.sql), sent in the same round trip as the statement; see store.h. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/scope/scope_internal.h"
#include "store/scope/store_internal.h"

enum { CONNECTION_ID_CHARS_MAX = 21 }; /* with its comma */

static enum status send_piece(struct store *store, const struct store_piece *piece, struct error *error);
static enum status read_piece(struct store *store, const struct store_piece *piece, PGresult **out_result,
                              struct error *error);

void store_enter(struct store *store, const struct scope *scope)
{
    store->bound.scope = scope;
    store->bound.made_id = 0;
    store->bound.is_written = false;
    store->bound.is_administering = false;
}

void store_administer(struct store *store)
{
    store->bound.is_administering = true;
}

void store_enter_made(struct store *store, int64_t connection_id)
{
    store->bound.made_id = connection_id;
    store->bound.is_written = false;
}

bool store_must_bind(const struct store *store)
{
    return store->bound.scope != NULL &&
           (store->connection == NULL || PQtransactionStatus(store->connection) == PQTRANS_IDLE);
}

static void write_ids(struct bound_scope *bound)
{
    const struct scope *scope = bound->scope;
    struct buffer *ids = &bound->connection_ids;

    buffer_clear(ids);
    buffer_reserve(ids, (scope->connection_count + 2) * CONNECTION_ID_CHARS_MAX);
    buffer_append_byte(ids, '{');
    for (size_t i = 0; i < scope->connection_count; i++)
        buffer_printf(ids, "%s%" PRId64, i == 0 ? "" : ",", scope->connection_ids[i]);
    if (bound->made_id != 0)
        buffer_printf(ids, "%s%" PRId64, scope->connection_count == 0 ? "" : ",", bound->made_id);
    buffer_append_byte(ids, '}');
}

enum status store_bind_params(struct store *store, struct store_params *params, struct error *error)
{
    static const char *const roles[] = {"agent", "viewer", "member", "admin"}; /* by enum role */
    struct bound_scope *bound = &store->bound;

    if (!bound->is_written) {
        snprintf(bound->organization_id, sizeof bound->organization_id, "%" PRId64, bound->scope->organization_id);
        snprintf(bound->user_id, sizeof bound->user_id, "%" PRId64, bound->scope->user_id);
        write_ids(bound);
        bound->is_written = true;
    }
    if (bound->connection_ids.has_failed) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        return error_detail(error, "no memory for the ids of %zu connections", bound->scope->connection_count);
    }
    params_string(params, bound->organization_id);
    params_string(params, bound->user_id);
    params_string(params, roles[bound->scope->role]);
    params_text(params, buffer_text(&bound->connection_ids));
    params_string(params, bound->is_administering ? "on" : "off");
    bound->is_administering = false;
    return STATUS_OK;
}

enum status store_begin_ingest(struct store *store, struct error *error)
{
    static const struct store_piece pieces[] = {{SQL(transaction_begin), NULL}, {SQL(ingest_role), NULL}};
    PGresult *result = NULL;
    enum status status = store_ensure(store, error);

    if (status == STATUS_OK)
        status = store_pipeline(store, pieces, 2, &result, error);
    PQclear(result);
    if (status != STATUS_OK)
        store_rollback(store);
    /* What the store calls a wrong value is a role that is not there: nothing of the sender's. */
    if (status == STATUS_INVALID || status == STATUS_CONFLICT)
        status = error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return status;
}

enum status store_pipeline(struct store *store, const struct store_piece *pieces, size_t count, PGresult **out_result,
                           struct error *error)
{
    PGconn *connection = store->connection;
    PGresult *last = NULL, *sync;
    enum status status = STATUS_OK;
    bool is_synced;

    if (PQenterPipelineMode(connection) != 1)
        return store_failure(store, NULL, error);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = send_piece(store, &pieces[i], error);
    if (status == STATUS_OK && PQpipelineSync(connection) != 1)
        status = store_failure(store, NULL, error);
    if (status != STATUS_OK) {
        store_drop_connection(store); /* half sent */
        return status;
    }
    for (size_t i = 0; i < count && PQstatus(connection) == CONNECTION_OK; i++) {
        PGresult *result = NULL;
        enum status piece_status = read_piece(store, &pieces[i], &result, status == STATUS_OK ? error : NULL);

        /* What follows a failure was not run; the failure counts. */
        if (status == STATUS_OK)
            status = piece_status;
        PQclear(last);
        last = result;
    }
    sync = PQgetResult(connection);
    is_synced = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    PQclear(sync);
    if (!is_synced || PQexitPipelineMode(connection) != 1) {
        if (status == STATUS_OK)
            status = store_failure(store, NULL, error);
        store_drop_connection(store);
    }
    if (status != STATUS_OK) {
        PQclear(last);
        return status;
    }
    store->answered_at_us = clock_monotonic_us();
    *out_result = last;
    return STATUS_OK;
}

static enum status send_piece(struct store *store, const struct store_piece *piece, struct error *error)
{
    const struct store_params *params = piece->params;
    int count = params == NULL ? 0 : params->count;
    int formats[STORE_PARAMS_MAX];
    const char *name = store_statement_name(piece->sql);
    bool is_sent = true;

    for (int i = 0; i < count; i++)
        formats[i] = 1;
    if (!store->is_prepared[piece->sql->index])
        is_sent = PQsendPrepare(store->connection, name, piece->sql->text, 0, NULL) == 1;
    is_sent = is_sent && PQsendQueryPrepared(store->connection, name, count, count == 0 ? NULL : params->values,
                                             count == 0 ? NULL : params->lengths, formats, 1) == 1;
    return is_sent ? STATUS_OK : store_failure(store, NULL, error);
}

/* One command's answer, and the NULL that ends it. */
static PGresult *next_result(PGconn *connection)
{
    PGresult *result = PQgetResult(connection), *end;

    if (result == NULL || PQresultStatus(result) == PGRES_PIPELINE_SYNC)
        return result;
    while ((end = PQgetResult(connection)) != NULL) {
        PQclear(end);
        if (PQstatus(connection) != CONNECTION_OK)
            break;
    }
    return result;
}

static enum status read_piece(struct store *store, const struct store_piece *piece, PGresult **out_result,
                              struct error *error)
{
    PGresult *result;
    ExecStatusType outcome;
    enum status status = STATUS_OK;

    if (!store->is_prepared[piece->sql->index]) {
        result = next_result(store->connection);
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            store->is_prepared[piece->sql->index] = !piece->sql->is_planned_each_time;
        else if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
            status = store_failure(store, result, error);
        PQclear(result);
    }
    result = next_result(store->connection);
    outcome = PQresultStatus(result);
    if (outcome == PGRES_TUPLES_OK || outcome == PGRES_COMMAND_OK) {
        *out_result = result;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = outcome == PGRES_PIPELINE_ABORTED ? STATUS_INTERNAL : store_failure(store, result, error);
    PQclear(result);
    return status;
}
