/* The connection, prepared statements and transactions; see store.h. Whom they are run for: store_scope.c. */
#include "store/scope/store.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/scope/scope_internal.h"
#include "store/scope/store_internal.h"

enum { CONNECT_TIMEOUT_S = 3, STATEMENT_TIMEOUT_MS = 15000, CONNECTION_IDS_BYTES_MAX = 64 * 1024 * 1024 };

struct store *store_new(const char *url, const char *application_name)
{
    struct store *store = calloc(1, sizeof *store);

    if (store == NULL)
        abort();
    store->url = url;
    store->application_name = application_name;
    buffer_init(&store->bound.connection_ids, CONNECTION_IDS_BYTES_MAX);
    return store;
}

void store_drop_connection(struct store *store)
{
    PQfinish(store->connection);
    store->connection = NULL;
    memset(store->is_prepared, 0, sizeof store->is_prepared);
}

void store_destroy(struct store *store)
{
    if (store == NULL)
        return;
    store_drop_connection(store);
    free(store->ingest_seen);
    buffer_free(&store->bound.connection_ids);
    free(store);
}

struct ingest_seen **store_ingest_seen(struct store *store)
{
    return &store->ingest_seen;
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

/* A server that has gone away has closed its end, which shows on the socket before anything is sent: so a restart
 * of the store costs a new connection and no failed request. Asked between transactions only; one system call. */
static bool has_been_closed(PGconn *connection)
{
    struct pollfd end = {.fd = PQsocket(connection), .events = POLLIN};

    if (PQtransactionStatus(connection) != PQTRANS_IDLE)
        return false;
    /* First its last words, then the end; a notice is read and leaves nothing behind. */
    while (poll(&end, 1, 0) > 0)
        if (PQconsumeInput(connection) == 0 || PQstatus(connection) != CONNECTION_OK)
            return true;
    return false;
}

enum status store_ensure(struct store *store, struct error *error)
{
    char options[96], timeout[12];
    const char *keywords[] = {"dbname", "application_name", "connect_timeout", "options", "client_encoding", NULL};
    const char *values[] = {store->url, store->application_name, timeout, options, "UTF8", NULL};

    if (store->connection != NULL && PQstatus(store->connection) == CONNECTION_OK &&
        !has_been_closed(store->connection))
        return STATUS_OK;
    store_drop_connection(store);
    snprintf(timeout, sizeof timeout, "%d", CONNECT_TIMEOUT_S);
    /* plan_cache_mode stays at its default; jit costs more than it gives on short statements. */
    snprintf(options, sizeof options, "-c statement_timeout=%d -c jit=off -c TimeZone=UTC", STATEMENT_TIMEOUT_MS);
    if (store->url == NULL)
        return error_set(error, STATUS_UNAVAILABLE, "The store is not configured.");
    store->connection = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(store->connection) != CONNECTION_OK) {
        error_set(error, STATUS_UNAVAILABLE, "The store is away; try again shortly.");
        error_detail(error, "%s", PQerrorMessage(store->connection));
        if (error != NULL)
            error->retry_after_s = 2;
        store_drop_connection(store);
        return STATUS_UNAVAILABLE;
    }
    PQsetNoticeProcessor(store->connection, ignore_notice, NULL);
    store->answered_at_us = clock_monotonic_us();
    return STATUS_OK;
}

PGconn *store_connection(struct store *store)
{
    return store->connection;
}

bool store_is_healthy(struct store *store, int fresh_ms)
{
    PGresult *result;
    bool is_ok;

    if (store->connection != NULL && PQstatus(store->connection) == CONNECTION_OK &&
        clock_monotonic_us() - store->answered_at_us < (int64_t)fresh_ms * 1000)
        return true;
    /* A server that went away shows only when asked; ask a second time on a new connection. */
    for (int attempt = 0; attempt < 2; attempt++) {
        if (store_ensure(store, NULL) != STATUS_OK)
            return false;
        result = PQexec(store->connection, "SELECT 1");
        is_ok = PQresultStatus(result) == PGRES_TUPLES_OK;
        PQclear(result);
        if (is_ok) {
            store->answered_at_us = clock_monotonic_us();
            return true;
        }
        store_drop_connection(store);
    }
    return false;
}

const char *store_sqlstate(const struct store *store)
{
    return store->sqlstate;
}

/* First match wins; a prefix of two is a class of errors (PostgreSQL appendix A). */
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

enum status store_failure(struct store *store, const PGresult *result, struct error *error)
{
    const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = result == NULL ? PQerrorMessage(store->connection) : PQresultErrorMessage(result);
    enum status status = STATUS_INTERNAL;
    const char *message = "Something went wrong on our side.";

    if (sqlstate == NULL)
        sqlstate = store->connection == NULL || PQstatus(store->connection) != CONNECTION_OK ? "08006" : "XX000";
    snprintf(store->sqlstate, sizeof store->sqlstate, "%s", sqlstate);
    for (size_t i = 0; i < sizeof failure_table / sizeof failure_table[0]; i++)
        if (strncmp(sqlstate, failure_table[i].prefix, strlen(failure_table[i].prefix)) == 0) {
            status = failure_table[i].status;
            message = failure_table[i].message;
            break;
        }
    error_set(error, status, "%s", message);
    error_detail(error, "%s %s", store->sqlstate, said);
    if (error != NULL && status == STATUS_UNAVAILABLE)
        error->retry_after_s = 2;
    return status;
}

const char *store_statement_name(const struct store_sql *sql)
{
    return sql->is_planned_each_time ? "" : sql->name;
}

static enum status prepare(struct store *store, const struct store_sql *sql, struct error *error)
{
    PGresult *result;
    enum status status = STATUS_OK;

    if (store->is_prepared[sql->index])
        return STATUS_OK;
    result = PQprepare(store->connection, store_statement_name(sql), sql->text, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = store_failure(store, result, error);
    else
        store->is_prepared[sql->index] = !sql->is_planned_each_time;
    PQclear(result);
    return status;
}

static void clear_result(void *result)
{
    PQclear(result);
}

/* One statement in a round trip of its own, or two where it must be prepared. */
static enum status run_plain(struct store *store, const struct store_piece *piece, PGresult **out_result,
                             struct error *error)
{
    const struct store_params *params = piece->params;
    int formats[STORE_PARAMS_MAX];
    int count = params == NULL ? 0 : params->count;
    ExecStatusType outcome;
    PGresult *result;
    enum status status = prepare(store, piece->sql, error);

    /* A connection that died while idle shows at the first use: once more, on a new one. */
    if (status == STATUS_UNAVAILABLE && store->connection != NULL && PQstatus(store->connection) != CONNECTION_OK) {
        status = store_ensure(store, error);
        if (status == STATUS_OK)
            status = prepare(store, piece->sql, error);
    }
    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < count; i++)
        formats[i] = 1;
    result = PQexecPrepared(store->connection, store_statement_name(piece->sql), count,
                            count == 0 ? NULL : params->values, count == 0 ? NULL : params->lengths, formats, 1);
    outcome = PQresultStatus(result);
    if (outcome != PGRES_TUPLES_OK && outcome != PGRES_COMMAND_OK) {
        status = store_failure(store, result, error);
        PQclear(result);
        return status;
    }
    store->answered_at_us = clock_monotonic_us();
    *out_result = result;
    return STATUS_OK;
}

/* The statement as a transaction of its own that begins with the scope, in one round trip. */
static enum status run_bound(struct store *store, const struct store_piece *piece, PGresult **out_result,
                             struct error *error)
{
    struct store_params scope = {0};
    const struct store_piece pieces[] = {{SQL(scope_set), &scope}, *piece};
    enum status status = store_bind_params(store, &scope, error);

    return status == STATUS_OK ? store_pipeline(store, pieces, 2, out_result, error) : status;
}

enum status store_run(struct store *store, const struct store_sql *sql, const struct store_params *params,
                      int column_count, struct arena *arena, PGresult **out_result, struct error *error)
{
    const struct store_piece piece = {sql, params};
    PGresult *result = NULL;
    enum status status = store_ensure(store, error);

    store->sqlstate[0] = '\0';
    if (status == STATUS_OK && store_must_bind(store))
        status = run_bound(store, &piece, &result, error);
    else if (status == STATUS_OK)
        status = run_plain(store, &piece, &result, error);
    store->bound.is_administering = false; /* in a transaction it was said at its start */
    if (status != STATUS_OK)
        return status;
    arena_defer(arena, clear_result, result);
    if (PQnfields(result) != column_count) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        return error_detail(error, "%s: %d columns expected, %d came", sql->name, column_count, PQnfields(result));
    }
    if (out_result != NULL)
        *out_result = result;
    return STATUS_OK;
}

enum status store_read(struct store *store, const struct scope *scope, const struct store_sql *sql,
                       const struct store_params *params, int column_count, struct arena *arena, PGresult **out_result,
                       struct error *error)
{
    struct store_params all = {.arena = arena};

    params_int64(&all, scope->organization_id);
    params_int64_array(&all, scope->connection_ids, scope->connection_count);
    if (params != NULL) {
        assert(params->count + all.count <= STORE_PARAMS_MAX);
        memcpy(all.values + all.count, params->values, (size_t)params->count * sizeof params->values[0]);
        memcpy(all.lengths + all.count, params->lengths, (size_t)params->count * sizeof params->lengths[0]);
        all.count += params->count;
    }
    return store_run(store, sql, &all, column_count, arena, out_result, error);
}

static enum status begin(struct store *store, struct error *error)
{
    struct store_params scope = {0};
    const struct store_piece pieces[] = {{SQL(transaction_begin), NULL}, {SQL(scope_set), &scope}};
    size_t count = 1;
    PGresult *result = NULL;
    enum status status = store_ensure(store, error);

    if (status == STATUS_OK && store_must_bind(store)) {
        status = store_bind_params(store, &scope, error);
        count = 2;
    }
    if (status == STATUS_OK)
        status = store_pipeline(store, pieces, count, &result, error);
    PQclear(result);
    if (status != STATUS_OK)
        store_rollback(store);
    return status;
}

enum status store_begin(struct store *store, struct error *error)
{
    enum status status = begin(store, error);

    /* Nothing has been done yet that could be done twice. */
    if (status == STATUS_UNAVAILABLE && store->connection == NULL)
        status = begin(store, error);
    return status;
}

enum status store_commit(struct store *store, struct error *error)
{
    PGresult *result = PQexec(store->connection, "COMMIT");
    enum status status = STATUS_OK;

    /* COMMIT of a failed transaction "succeeds" with the tag ROLLBACK. */
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        status = store_failure(store, result, error);
    } else if (strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        status = error_detail(error, "commit of a failed transaction");
    }
    PQclear(result);
    return status;
}

void store_rollback(struct store *store)
{
    if (store->connection == NULL)
        return;
    if (PQstatus(store->connection) != CONNECTION_OK) {
        store_drop_connection(store);
        return;
    }
    if (PQtransactionStatus(store->connection) != PQTRANS_IDLE)
        PQclear(PQexec(store->connection, "ROLLBACK"));
    /* A statement half sent (a broken COPY) cannot be repaired; a new connection can. */
    if (PQtransactionStatus(store->connection) != PQTRANS_IDLE)
        store_drop_connection(store);
}

enum status store_script(struct store *store, const char *script, struct error *error)
{
    enum status status = store_ensure(store, error);
    PGresult *result;
    ExecStatusType outcome;

    if (status != STATUS_OK)
        return status;
    result = PQexec(store->connection, script);
    outcome = PQresultStatus(result);
    if (outcome != PGRES_COMMAND_OK && outcome != PGRES_TUPLES_OK && outcome != PGRES_EMPTY_QUERY)
        status = store_failure(store, result, error);
    PQclear(result);
    return status;
}
