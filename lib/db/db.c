/* Statements and transactions; see db.h. The connection: connect.c. Waiting for answers: wait.c. Several statements in
 * one round trip: pipeline.c. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/db_internal.h"

struct db *db_new(const char *url, const char *application_name, size_t statement_count)
{
    struct db *db = calloc(1, sizeof *db + statement_count * sizeof db->is_prepared[0]);

    if (db == NULL)
        abort();
    db->url = url;
    db->application_name = application_name;
    db->statement_count = statement_count;
    db->deadline_us = INT64_MAX;
    db->limit_ms = DB_STATEMENT_MAX_MS;
    return db;
}

void db_destroy(struct db *db)
{
    if (db == NULL)
        return;
    db_drop_connection(db);
    free(db);
}

bool db_is_idle(const struct db *db)
{
    return db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK ||
           PQtransactionStatus(db->connection) == PQTRANS_IDLE;
}

bool db_is_healthy(struct db *db, int fresh_ms)
{
    PGresult *result;
    bool is_ok;

    if (db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK &&
        clock_monotonic_us() - db->answered_at_us < (int64_t)fresh_ms * 1000)
        return true;
    /* A lost server may show only when a query fails; try once more on a new connection. */
    for (int attempt = 0; attempt < 2; attempt++) {
        if (db_ensure_connected(db, NULL) != STATUS_OK)
            return false;
        result = db_query(db, "SELECT 1");
        is_ok = PQresultStatus(result) == PGRES_TUPLES_OK;
        PQclear(result);
        if (is_ok) {
            db->answered_at_us = clock_monotonic_us();
            return true;
        }
        db_drop_connection(db);
    }
    return false;
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

/* The first match wins. A prefix of two characters is a class of errors (PostgreSQL, appendix A). */
static const struct {
    const char *prefix;
    enum status status;
    const char *message;
} failure_table[] = {
    {"23505", STATUS_CONFLICT, "Something like this exists already."},
    {"23P01", STATUS_CONFLICT, "Something like this exists already."},
    {"23", STATUS_INVALID, "A value is not allowed."},
    {"22", STATUS_INVALID, "A value is not allowed."},
    {"40", STATUS_UNAVAILABLE, "The store is busy; try again."},
    {"25006", STATUS_UNAVAILABLE, "The store takes no changes just now; try again shortly."}, /* a standby */
    {"57014", STATUS_TIMEOUT, "The store took too long."},
    {"55P03", STATUS_UNAVAILABLE, "The store is busy; try again."},
    {"53", STATUS_UNAVAILABLE, "The store has run out of a resource; try again shortly."},
    {"57", STATUS_UNAVAILABLE, "The store is away; try again shortly."},
    {"58", STATUS_UNAVAILABLE, "The store has trouble; try again shortly."},
    {"08", STATUS_UNAVAILABLE, "The store is away; try again shortly."},
};

enum status db_failure(struct db *db, const PGresult *result, struct error *error)
{
    const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = result == NULL ? PQerrorMessage(db->connection) : PQresultErrorMessage(result);
    enum status status = STATUS_INTERNAL;
    const char *message = "Something went wrong on our side.";

    if (db->has_timed_out)
        said = "no answer in time";
    if (sqlstate == NULL)
        sqlstate = db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK ? "08006" : "XX000";
    snprintf(db->sqlstate, sizeof db->sqlstate, "%s", sqlstate);
    for (size_t i = 0; i < sizeof failure_table / sizeof failure_table[0]; i++)
        if (strncmp(sqlstate, failure_table[i].prefix, strlen(failure_table[i].prefix)) == 0) {
            status = failure_table[i].status;
            message = failure_table[i].message;
            break;
        }
    error_set(error, status, "%s", message);
    error_detail(error, "%s %s", db->sqlstate, said);
    if (error != NULL && status == STATUS_UNAVAILABLE)
        error->retry_after_s = 2;
    return status;
}

const char *db_statement_name(const struct db_sql *sql)
{
    return sql->is_planned_each_time ? "" : sql->name;
}

/* The result of a statement that has one. NULL: the connection was dropped because the time is over. */
static PGresult *only_result(struct db *db)
{
    PGresult *result = db_next_result(db), *end;

    /* Nothing follows but the end, which frees the connection for the next statement. */
    while (result != NULL && (end = db_next_result(db)) != NULL) {
        PQclear(end);
        if (PQstatus(db->connection) != CONNECTION_OK)
            break;
    }
    if (db->connection != NULL)
        return result;
    PQclear(result);
    return NULL;
}

static enum status prepare(struct db *db, const struct db_sql *sql, struct error *error)
{
    PGresult *result = NULL;
    enum status status = STATUS_OK;

    if (db->is_prepared[sql->index])
        return STATUS_OK;
    if (PQsendPrepare(db->connection, db_statement_name(sql), sql->text, 0, NULL) == 1)
        result = only_result(db);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = db_failure(db, result, error);
    else
        db->is_prepared[sql->index] = !sql->is_planned_each_time;
    PQclear(result);
    return status;
}

static void clear_result(void *result)
{
    PQclear(result);
}

/* Run one statement in a round trip of its own, or in two if it must be prepared first. */
static enum status run_plain(struct db *db, const struct db_call *call, PGresult **out_result, struct error *error)
{
    const struct db_params *params = call->params;
    int formats[DB_PARAMS_MAX];
    int count = params == NULL ? 0 : params->count;
    ExecStatusType outcome;
    PGresult *result = NULL;
    enum status status;

    db_call_start(db);
    status = prepare(db, call->sql, error);

    /* A connection that broke while idle may show at its first use only: try once more on a new one. */
    if (status == STATUS_UNAVAILABLE && db->connection != NULL && PQstatus(db->connection) != CONNECTION_OK) {
        status = db_ensure_connected(db, error);
        if (status == STATUS_OK)
            status = prepare(db, call->sql, error);
    }
    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < count; i++)
        formats[i] = 1;
    if (PQsendQueryPrepared(db->connection, db_statement_name(call->sql), count, count == 0 ? NULL : params->values,
                            count == 0 ? NULL : params->lengths, formats, 1) == 1)
        result = only_result(db);
    outcome = PQresultStatus(result);
    if (outcome != PGRES_TUPLES_OK && outcome != PGRES_COMMAND_OK) {
        status = db_failure(db, result, error);
        PQclear(result);
        return status;
    }
    db->answered_at_us = clock_monotonic_us();
    *out_result = result;
    return STATUS_OK;
}

/* Parameters must have the types that the statement declares; anything else is a bug. */
static void check_params(const struct db_call *call)
{
    int count = call->params == NULL ? 0 : call->params->count;

    assert(count == call->sql->param_count);
    for (int i = 0; i < count; i++)
        assert(call->params->types[i] == DB_TYPE_UNSET || call->params->types[i] == call->sql->param_types[i]);
}

static enum status check_columns(const struct db_sql *sql, const PGresult *result, struct error *error)
{
    int count = PQnfields(result);

    for (int i = 0; i < count && count == sql->column_count; i++)
        if (PQftype(result, i) != (Oid)sql->column_types[i]) {
            error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
            return error_detail(error, "%s: column %d has another type than declared: %u", sql->name, i + 1,
                                (unsigned)PQftype(result, i));
        }
    if (count == sql->column_count)
        return STATUS_OK;
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return error_detail(error, "%s: %d columns expected, %d came", sql->name, sql->column_count, count);
}

enum status db_run(struct db *db, const struct db_call *calls, size_t count, struct arena *arena, PGresult **out_result,
                   struct error *error)
{
    PGresult *result = NULL;
    enum status status = db_ensure_connected(db, error);

    for (size_t i = 0; i < count; i++)
        check_params(&calls[i]);
    db->sqlstate[0] = '\0';
    if (status == STATUS_OK)
        status = count == 1 ? run_plain(db, calls, &result, error) : db_pipeline(db, calls, count, &result, error);
    if (status != STATUS_OK)
        return status;
    arena_defer(arena, clear_result, result);
    status = check_columns(calls[count - 1].sql, result, error);
    if (status == STATUS_OK && out_result != NULL)
        *out_result = result;
    return status;
}

static enum status begin(struct db *db, const struct db_call *calls, size_t count, struct error *error)
{
    PGresult *result = NULL;
    enum status status;

    db->is_in_transaction = false;
    status = db_ensure_connected(db, error);
    if (status == STATUS_OK)
        status = db_pipeline(db, calls, count, &result, error);
    PQclear(result);
    if (status != STATUS_OK)
        db_rollback(db);
    db->is_in_transaction = status == STATUS_OK;
    return status;
}

enum status db_begin(struct db *db, const struct db_call *calls, size_t count, struct error *error)
{
    enum status status = begin(db, calls, count, error);

    /* Trying again is safe: these calls begin the transaction, so nothing was committed. */
    if (status == STATUS_UNAVAILABLE && db->connection == NULL)
        status = begin(db, calls, count, error);
    return status;
}

static void end_transaction(struct db *db)
{
    db->is_in_transaction = false;
    if (!db->is_limited_by_transaction)
        return;
    db->limit_ms = DB_STATEMENT_MAX_MS;
    db->is_limited_by_transaction = false;
}

enum status db_commit(struct db *db, struct error *error)
{
    enum status status = db_ensure_connected(db, error);
    PGresult *result;

    if (status != STATUS_OK)
        return status;
    result = db_query(db, "COMMIT");
    end_transaction(db);
    /* COMMIT of a failed transaction "succeeds" with the tag ROLLBACK. */
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        status = db_failure(db, result, error);
    } else if (strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        status = error_detail(error, "commit of a failed transaction");
    }
    PQclear(result);
    return status;
}

void db_rollback(struct db *db)
{
    if (db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK &&
        PQtransactionStatus(db->connection) != PQTRANS_IDLE)
        PQclear(db_query(db, "ROLLBACK"));
    end_transaction(db);
    /* A statement that was sent only in part (a broken COPY) cannot be repaired: use a new connection. */
    if (db->connection != NULL && PQtransactionStatus(db->connection) != PQTRANS_IDLE)
        db_drop_connection(db);
}

enum status db_script(struct db *db, const char *script, struct error *error)
{
    enum status status = db_ensure_connected(db, error);
    PGresult *result;
    ExecStatusType outcome;

    if (status != STATUS_OK)
        return status;
    result = db_query(db, script);
    outcome = PQresultStatus(result);
    if (outcome != PGRES_COMMAND_OK && outcome != PGRES_TUPLES_OK && outcome != PGRES_EMPTY_QUERY)
        status = db_failure(db, result, error);
    PQclear(result);
    return status;
}

void db_set_deadline(struct db *db, int64_t deadline_us)
{
    db->deadline_us = deadline_us;
}

enum status db_set_limit(struct db *db, int64_t limit_ms, struct error *error)
{
    bool is_local = db->is_in_transaction;
    char script[64];
    enum status status;

    snprintf(script, sizeof script, "SET %s statement_timeout = %lld", is_local ? "LOCAL" : "SESSION",
             (long long)limit_ms);
    status = db_script(db, script, error);
    if (status != STATUS_OK)
        return status;
    db->limit_ms = limit_ms;
    db->is_limited_by_transaction = is_local;
    return STATUS_OK;
}
