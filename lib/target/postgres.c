/* PostgreSQL over libpq without blocking. */
#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "target/target_internal.h"

enum { IDLE_TIMEOUT_MS = 15000, SESSION_BYTES_MAX = 64 << 10 };

/* libpq takes certificates, keys and passwords from the home of our user where no file is named. It goes on without
 * those that are not there, and there is nothing below a device. */
static const char no_file[] = "/dev/null/none";

struct postgres {
    struct target target;
    PGconn *connection;
};

/* Failures by SQLSTATE (or a prefix of it) or by a part of libpq's own message, which is always in English. The first
 * match wins. */
static const struct {
    const char *sqlstate, *said;
    enum target_failure failure;
} failure_table[] = {
    {NULL, "unsupported startup parameter", TARGET_FAILURE_SETTING},
    {"28", "no encryption", TARGET_FAILURE_TLS},
    {"28", "SSL off", TARGET_FAILURE_TLS},
    {"28", NULL, TARGET_FAILURE_PASSWORD},
    {"3D000", NULL, TARGET_FAILURE_DATABASE},
    {"42501", "for database", TARGET_FAILURE_DATABASE},
    {"42501", NULL, TARGET_FAILURE_PERMISSION},
    {"53300", NULL, TARGET_FAILURE_FULL},
    {"57P03", NULL, TARGET_FAILURE_STARTING},
    {"57P01", NULL, TARGET_FAILURE_LOST},
    {"57P02", NULL, TARGET_FAILURE_LOST},
    {"57014", NULL, TARGET_FAILURE_TIMEOUT},
    {"55P03", NULL, TARGET_FAILURE_TIMEOUT},
    {"25P03", NULL, TARGET_FAILURE_LOST},
    {"08", NULL, TARGET_FAILURE_LOST},
    {NULL, "could not translate host name", TARGET_FAILURE_HOST},
    {NULL, "Connection refused", TARGET_FAILURE_REFUSED},
    {NULL, "No such file or directory", TARGET_FAILURE_REFUSED}, /* unix socket */
    {NULL, "timeout expired", TARGET_FAILURE_TIMEOUT},
    {NULL, "Connection timed out", TARGET_FAILURE_TIMEOUT},
    {NULL, "No route to host", TARGET_FAILURE_NETWORK},
    {NULL, "Network is unreachable", TARGET_FAILURE_NETWORK},
    {NULL, "does not support SSL", TARGET_FAILURE_TLS},
    {NULL, "certificate", TARGET_FAILURE_TLS},
    {NULL, "SSL error", TARGET_FAILURE_TLS},
    {NULL, "no password supplied", TARGET_FAILURE_PASSWORD},
    {NULL, "authentication", TARGET_FAILURE_PASSWORD},
};

static enum target_failure failure_of(const char *sqlstate, const char *said, enum target_failure otherwise)
{
    for (size_t i = 0; i < sizeof failure_table / sizeof failure_table[0]; i++) {
        const char *prefix = failure_table[i].sqlstate;

        if (prefix != NULL && strncmp(sqlstate, prefix, strlen(prefix)) != 0)
            continue;
        if (failure_table[i].said != NULL && strstr(said, failure_table[i].said) == NULL)
            continue;
        return failure_table[i].failure;
    }
    return otherwise;
}

/* A failed connection has no PGresult with an SQLSTATE. With PQERRORS_VERBOSE the message has it:
 * "… FATAL:  28P01: password authentication failed". */
static void find_sqlstate(const char *said, char out[6])
{
    out[0] = '\0';
    for (const char *at = strstr(said, ":  "); at != NULL; at = strstr(at + 1, ":  ")) {
        if (strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && at[8] == ':') {
            memcpy(out, at + 3, 5);
            out[5] = '\0';
            return;
        }
    }
}

static enum status tell_connect(const struct target_options *options, PGconn *connection,
                                struct target_problem *out_problem)
{
    const char *said = connection == NULL ? "out of memory" : PQerrorMessage(connection);
    char sqlstate[6];

    find_sqlstate(said, sqlstate);
    return target_failure_tell(&target_postgres, options, failure_of(sqlstate, said, TARGET_FAILURE_NETWORK), sqlstate,
                               said, out_problem);
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static enum status finish_connecting(const struct target_options *options, PGconn *connection,
                                     struct target_problem *out_problem)
{
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;

    if (connection == NULL || PQstatus(connection) == CONNECTION_BAD)
        return tell_connect(options, connection, out_problem);
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    PQsetNoticeProcessor(connection, ignore_notice, NULL); /* also what comes before the sign-in has ended */
    while (wants != PGRES_POLLING_OK) {
        if (!target_guard_wait(PQsocket(connection), wants == PGRES_POLLING_READING ? POLLIN : POLLOUT))
            return tell_connect(options, connection, out_problem);
        wants = PQconnectPoll(connection);
        /* After a refused write libpq waits for the server's last words. */
        if (wants == PGRES_POLLING_FAILED || target_guard_reason() != TARGET_FAILURE_UNSET)
            return tell_connect(options, connection, out_problem);
    }
    return STATUS_OK;
}

static void postgres_close(struct target *target)
{
    PQfinish(((struct postgres *)target)->connection);
    free(target);
}

static PGconn *start_connecting(const struct target_options *options)
{
    char port[12], limits[320];
    const char *keywords[] = {"host",
                              "port",
                              "dbname",
                              "user",
                              "password",
                              "sslmode",
                              "sslrootcert",
                              "sslcert",
                              "sslkey",
                              "sslcrl",
                              "application_name",
                              "options",
                              "passfile",
                              "client_encoding",
                              "tcp_user_timeout",
                              "gssencmode",
                              NULL};
    const char *values[] = {options->host,
                            port,
                            options->database,
                            options->username,
                            options->password,
                            target_is_socket(options) ? "disable" : options->tls_mode,
                            target_is_verified(options) ? target_ca_file(options) : no_file,
                            no_file,
                            no_file,
                            no_file,
                            "potto",
                            limits,
                            no_file,
                            "UTF8",
                            "5000",
                            "disable",
                            NULL};

    snprintf(port, sizeof port, "%d", target_port(options));
    snprintf(limits, sizeof limits,
             "-c default_transaction_read_only=on -c statement_timeout=%d -c lock_timeout=%d "
             "-c idle_in_transaction_session_timeout=%d -c jit=off -c max_parallel_workers_per_gather=0 "
             "-c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=1",
             options->statement_timeout_ms, options->lock_timeout_ms, IDLE_TIMEOUT_MS);
    return PQconnectStartParams(keywords, values, 0);
}

static enum status give_up(struct postgres *postgres, enum target_failure failure, const char *said,
                           struct target_problem *out_problem)
{
    postgres->target.is_broken = true;
    return target_failure_tell(&target_postgres, postgres->target.options, failure, "", said, out_problem);
}

/* Read what there is. Notifications are thrown away: nobody asked for them, and libpq keeps them for ever. */
static bool consume(PGconn *connection)
{
    PGnotify *notification;
    bool is_well = PQconsumeInput(connection) != 0;

    while ((notification = PQnotifies(connection)) != NULL)
        PQfreemem(notification);
    return is_well;
}

static bool flush(PGconn *connection)
{
    int left = PQflush(connection);

    while (left == 1) {
        if (!target_guard_wait(PQsocket(connection), POLLIN | POLLOUT) || !consume(connection))
            return false;
        left = PQflush(connection);
    }
    return left == 0;
}

/* Read the next result; NULL at the end of the statement. */
static bool next_result(PGconn *connection, PGresult **out_result)
{
    while (PQisBusy(connection) != 0)
        if (!target_guard_wait(PQsocket(connection), POLLIN) || !consume(connection))
            return false;
    *out_result = PQgetResult(connection);
    return true;
}

static enum status tell_result(struct postgres *postgres, const PGresult *result, struct target_problem *out_problem)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = PQresultErrorMessage(result);
    enum target_failure failure = failure_of(sqlstate == NULL ? "" : sqlstate, said, TARGET_FAILURE_STATEMENT);

    if (PQstatus(postgres->connection) == CONNECTION_BAD || sqlstate == NULL)
        failure = TARGET_FAILURE_LOST;
    if (failure == TARGET_FAILURE_LOST)
        postgres->target.is_broken = true;
    return target_failure_tell(&target_postgres, postgres->target.options, failure, sqlstate == NULL ? "" : sqlstate,
                               said, out_problem);
}

static enum target_fit add_rows(struct target_cells *cells, const PGresult *result)
{
    int columns = PQnfields(result);
    enum target_fit fit = target_cells_columns(cells, (uint64_t)columns);

    for (int row = 0; row < PQntuples(result); row++)
        for (int column = 0; fit == TARGET_FITS && column < columns; column++)
            fit = target_cells_add(cells, PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column),
                                   (size_t)PQgetlength(result, row, column));
    return fit;
}

/* Rows come one in a result, and after them a result without rows; or there is one error; then the statement ends. */
static enum status read_result(struct postgres *postgres, const PGresult *result, struct target_cells *cells,
                               bool *out_is_last, struct target_problem *out_problem)
{
    ExecStatusType kind = PQresultStatus(result);

    *out_is_last = kind != PGRES_SINGLE_TUPLE;
    switch (kind) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        if (add_rows(cells, result) == TARGET_FITS)
            return STATUS_OK;
        break;
    case PGRES_COMMAND_OK:
        if (target_cells_columns(cells, 0) == TARGET_FITS)
            return STATUS_OK;
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        return tell_result(postgres, result, out_problem);
    default: /* COPY, and what belongs to a pipeline */
        snprintf(cells->misfit, sizeof cells->misfit, "%s", PQresStatus(kind));
    }
    return target_misfit_tell(&postgres->target, cells, out_problem);
}

static enum status read_results(struct postgres *postgres, struct target_cells *cells,
                                struct target_problem *out_problem)
{
    enum status status = STATUS_OK;
    bool is_last = false;

    for (;;) {
        PGresult *result = NULL;

        if (!next_result(postgres->connection, &result))
            return give_up(postgres, TARGET_FAILURE_LOST, PQerrorMessage(postgres->connection), out_problem);
        if (result == NULL)
            break;
        if (is_last) {
            snprintf(cells->misfit, sizeof cells->misfit, "more than one result");
            status = target_misfit_tell(&postgres->target, cells, out_problem);
        } else {
            status = read_result(postgres, result, cells, &is_last, out_problem);
        }
        PQclear(result);
        if (postgres->target.is_broken)
            return status;
    }
    if (is_last)
        return status;
    return give_up(postgres, TARGET_FAILURE_LOST, "no result", out_problem);
}

static enum status postgres_run(struct target *target, const struct text *params, int param_count,
                                struct target_cells *cells, struct target_rows *out_rows,
                                struct target_problem *out_problem)
{
    struct postgres *postgres = (struct postgres *)target;
    PGconn *connection = postgres->connection;
    const char *values[TARGET_PARAMS_MAX] = {NULL};
    enum status status;

    assert(param_count <= TARGET_PARAMS_MAX);
    for (int i = 0; i < param_count; i++)
        values[i] = params[i].data == NULL ? NULL : arena_string(cells->arena, params[i].data, params[i].size);
    /* The extended protocol takes exactly one statement and refuses a text with a second one. */
    if (PQsendQueryParams(connection, cells->statement->sql, param_count, NULL, values, NULL, NULL, 0) == 0 ||
        PQsetSingleRowMode(connection) == 0 || !flush(connection))
        return give_up(postgres, TARGET_FAILURE_LOST, PQerrorMessage(connection), out_problem);
    status = read_results(postgres, cells, out_problem);
    if (status != STATUS_OK)
        return status;
    return target_cells_finish(cells, false, out_rows) == TARGET_FITS ? STATUS_OK
                                                                      : target_misfit_tell(target, cells, out_problem);
}

/* A pooler may drop the options of the start without a word; then nothing would limit the session. And a database
 * without an encoding refuses to send what is no UTF-8: its bytes come as they are (shape.h makes them UTF-8). */
static enum status settle_session(struct postgres *postgres, struct target_problem *out_problem)
{
    static const struct target_column columns[] = {{"is_limited", .kind = TARGET_BOOL}};
    const struct target_options *options = postgres->target.options;
    struct arena *arena = arena_new(SESSION_BYTES_MAX);
    const struct target_statement limits = {
        .sql = arena_printf(arena,
                            "SELECT /* potto */ current_setting('default_transaction_read_only')::boolean AND "
                            "current_setting('statement_timeout')::interval = interval '%d ms' AND "
                            "current_setting('lock_timeout')::interval = interval '%d ms'",
                            options->statement_timeout_ms, options->lock_timeout_ms),
        TARGET_COLUMNS(columns),
        .rows_min = 1,
        .rows_max = 1,
        .cost_max = 1024};
    static const struct target_statement bytes = {.sql = "SET /* potto */ client_encoding = 'SQL_ASCII'"};
    const char *encoding = PQparameterStatus(postgres->connection, "server_encoding");
    struct target_cells cells = {.arena = arena, .statement = &limits};
    struct target_rows rows;
    enum status status = postgres_run(&postgres->target, NULL, 0, &cells, &rows, out_problem);

    if (status == STATUS_OK && !target_is_true(&rows, 0, 0))
        status = target_failure_tell(&target_postgres, options, TARGET_FAILURE_SETTING, "",
                                     "the session is not limited as it was asked to be", out_problem);
    if (status == STATUS_OK && encoding != NULL && strcmp(encoding, "SQL_ASCII") == 0) {
        cells = (struct target_cells){.arena = arena, .statement = &bytes};
        status = postgres_run(&postgres->target, NULL, 0, &cells, &rows, out_problem);
    }
    arena_destroy(arena);
    return status;
}

static enum status postgres_open(const struct target_options *options, struct target **out_target,
                                 struct target_problem *out_problem)
{
    struct postgres *postgres = calloc(1, sizeof *postgres);
    PGconn *connection = start_connecting(options);
    const char *version;
    enum status status;

    if (postgres == NULL)
        abort();
    *postgres = (struct postgres){.target = {.kind = &target_postgres, .options = options}, .connection = connection};
    status = finish_connecting(options, connection, out_problem);
    if (status == STATUS_OK && PQsetnonblocking(connection, 1) != 0)
        status = tell_connect(options, connection, out_problem);
    /* A server that asked for no password knows us by the user that we run as. */
    if (status == STATUS_OK && target_is_socket(options) && PQconnectionUsedPassword(connection) == 0)
        status = target_failure_tell(&target_postgres, options, TARGET_FAILURE_PASSWORD, "",
                                     "the server let the collector in without the password", out_problem);
    if (status != STATUS_OK) {
        postgres_close(&postgres->target);
        return status;
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
    version = PQparameterStatus(connection, "server_version");
    if (version != NULL)
        target_copy_words(postgres->target.version, sizeof postgres->target.version, version, strlen(version));
    postgres->target.version_number = PQserverVersion(connection);
    *out_target = &postgres->target;
    return settle_session(postgres, out_problem);
}

const struct target_kind target_postgres = {
    .engine = ENGINE_POSTGRESQL,
    .open = postgres_open,
    .close = postgres_close,
    .run = postgres_run,
};
