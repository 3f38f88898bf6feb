/* Several statements in one round trip, by libpq's pipeline mode; see db_internal.h. */
#include "base/clock.h"
#include "db/db_internal.h"

static enum status send_call(struct db *db, const struct db_call *call, struct error *error);
static enum status read_call(struct db *db, const struct db_call *call, PGresult **out_result, struct error *error);

enum status db_pipeline(struct db *db, const struct db_call *calls, size_t count, PGresult **out_result,
                        struct error *error)
{
    PGresult *last = NULL, *sync;
    enum status status = STATUS_OK;
    bool is_synced;

    db_call_start(db);
    if (PQenterPipelineMode(db->connection) != 1)
        return db_failure(db, NULL, error);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = send_call(db, &calls[i], error);
    if (status == STATUS_OK && PQpipelineSync(db->connection) != 1)
        status = db_failure(db, NULL, error);
    if (status != STATUS_OK) {
        db_drop_connection(db); /* the calls were sent only in part */
        return status;
    }
    for (size_t i = 0; i < count && PQstatus(db->connection) == CONNECTION_OK; i++) {
        PGresult *result = NULL;
        enum status call_status = read_call(db, &calls[i], &result, status == STATUS_OK ? error : NULL);

        /* Calls after a failed one were not run; report the failed one. */
        if (status == STATUS_OK)
            status = call_status;
        PQclear(last);
        last = result;
    }
    sync = db_next_result(db);
    is_synced = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    PQclear(sync);
    if (!is_synced || PQexitPipelineMode(db->connection) != 1) {
        if (status == STATUS_OK)
            status = db_failure(db, NULL, error);
        db_drop_connection(db);
    }
    if (status != STATUS_OK) {
        PQclear(last);
        return status;
    }
    db->answered_at_us = clock_monotonic_us();
    *out_result = last;
    return STATUS_OK;
}

static enum status send_call(struct db *db, const struct db_call *call, struct error *error)
{
    const struct db_params *params = call->params;
    int count = params == NULL ? 0 : params->count;
    int formats[DB_PARAMS_MAX];
    const char *name = db_statement_name(call->sql);
    bool is_sent = true;

    for (int i = 0; i < count; i++)
        formats[i] = 1;
    if (!db->is_prepared[call->sql->index])
        is_sent = PQsendPrepare(db->connection, name, call->sql->text, 0, NULL) == 1;
    is_sent = is_sent && PQsendQueryPrepared(db->connection, name, count, count == 0 ? NULL : params->values,
                                             count == 0 ? NULL : params->lengths, formats, 1) == 1;
    return is_sent ? STATUS_OK : db_failure(db, NULL, error);
}

/* Read one command's result and the NULL after it. */
static PGresult *command_result(struct db *db)
{
    PGresult *result = db_next_result(db), *end;

    if (result == NULL || PQresultStatus(result) == PGRES_PIPELINE_SYNC)
        return result;
    while ((end = db_next_result(db)) != NULL) {
        PQclear(end);
        if (PQstatus(db->connection) != CONNECTION_OK)
            break;
    }
    return result;
}

static enum status read_call(struct db *db, const struct db_call *call, PGresult **out_result, struct error *error)
{
    PGresult *result;
    ExecStatusType outcome;
    enum status status = STATUS_OK;

    if (!db->is_prepared[call->sql->index]) {
        result = command_result(db);
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            db->is_prepared[call->sql->index] = !call->sql->is_planned_each_time;
        else if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
            status = db_failure(db, result, error);
        PQclear(result);
    }
    result = command_result(db);
    outcome = PQresultStatus(result);
    if (outcome == PGRES_TUPLES_OK || outcome == PGRES_COMMAND_OK) {
        *out_result = result;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = outcome == PGRES_PIPELINE_ABORTED ? STATUS_INTERNAL : db_failure(db, result, error);
    PQclear(result);
    return status;
}
