/* PostgreSQL over libpq without blocking: every wait has a deadline and ends early when the collector stops. */
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "target/target_internal.h"

enum {
    WAIT_SLICE_MS = 100, /* should_stop is checked this often */
    GRACE_MS = 1000,     /* wait this long after the server's own timeout, then disconnect */
    IDLE_TIMEOUT_MS = 15000,
    PARAMS_MAX = 16
};

/* Debian's bundle of certificates; libpq 15 has no name for "the system's". */
static const char system_ca_file[] = "/etc/ssl/certs/ca-certificates.crt";

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

/* Wait until `fd` is ready. Returns TARGET_FAILURE_UNSET if it is, else TARGET_FAILURE_TIMEOUT or _STOPPED. */
static enum target_failure wait_ready(const struct target_options *options, int fd, short events, int64_t deadline_us)
{
    for (;;) {
        int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
        struct pollfd waiting = {.fd = fd, .events = events};

        if (target_should_stop(options))
            return TARGET_FAILURE_STOPPED;
        if (left_ms <= 0)
            return TARGET_FAILURE_TIMEOUT;
        if (poll(&waiting, 1, left_ms < WAIT_SLICE_MS ? (int)left_ms : WAIT_SLICE_MS) > 0)
            return TARGET_FAILURE_UNSET;
    }
}

static enum status finish_connecting(const struct target_options *options, PGconn *connection,
                                     struct target_problem *out_problem)
{
    int64_t deadline_us = clock_monotonic_us() + (int64_t)options->connect_timeout_ms * 1000;
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;

    if (connection == NULL || PQstatus(connection) == CONNECTION_BAD)
        return tell_connect(options, connection, out_problem);
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    while (wants != PGRES_POLLING_OK) {
        enum target_failure failure =
            wait_ready(options, PQsocket(connection), wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_us);

        if (failure != TARGET_FAILURE_UNSET)
            return target_failure_tell(&target_postgres, options, failure, "", "", out_problem);
        wants = PQconnectPoll(connection);
        if (wants == PGRES_POLLING_FAILED)
            return tell_connect(options, connection, out_problem);
    }
    return STATUS_OK;
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static void postgres_close(struct target *target)
{
    PQfinish(((struct postgres *)target)->connection);
    free(target);
}

static enum status postgres_open(const struct target_options *options, struct target **out_target,
                                 struct target_problem *out_problem)
{
    char port[12], limits[320];
    bool is_verified = strncmp(options->tls_mode, "verify-", 7) == 0;
    const char *ca_file = options->ca_file != NULL ? options->ca_file : system_ca_file;
    const char *keywords[] = {"host",       "port",     "dbname",          "user",
                              "password",   "sslmode",  "sslrootcert",     "application_name",
                              "options",    "passfile", "client_encoding", "tcp_user_timeout",
                              "gssencmode", NULL};
    const char *values[] = {options->host,
                            port,
                            options->database,
                            options->username,
                            options->password,
                            options->tls_mode,
                            is_verified ? ca_file : "",
                            "potto",
                            limits,
                            "/dev/null", /* do not use password or service files of the collector's user */
                            "UTF8",
                            "5000",
                            "disable",
                            NULL};
    struct postgres *postgres = calloc(1, sizeof *postgres);
    const char *version;
    enum status status;

    if (postgres == NULL)
        abort();
    snprintf(port, sizeof port, "%d", target_port(&target_postgres, options));
    snprintf(limits, sizeof limits,
             "-c default_transaction_read_only=on -c statement_timeout=%d -c lock_timeout=%d "
             "-c idle_in_transaction_session_timeout=%d -c jit=off -c max_parallel_workers_per_gather=0 "
             "-c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=1",
             options->statement_timeout_ms, options->lock_timeout_ms, IDLE_TIMEOUT_MS);
    postgres->target.kind = &target_postgres;
    postgres->target.options = options;
    postgres->connection = PQconnectStartParams(keywords, values, 0);
    status = finish_connecting(options, postgres->connection, out_problem);
    if (status == STATUS_OK && PQsetnonblocking(postgres->connection, 1) != 0)
        status = tell_connect(options, postgres->connection, out_problem);
    if (status != STATUS_OK) {
        postgres_close(&postgres->target);
        return status;
    }
    PQsetErrorVerbosity(postgres->connection, PQERRORS_DEFAULT);
    PQsetNoticeProcessor(postgres->connection, ignore_notice, NULL);
    version = PQparameterStatus(postgres->connection, "server_version");
    snprintf(postgres->target.version, sizeof postgres->target.version, "%s", version == NULL ? "" : version);
    postgres->target.version_number = PQserverVersion(postgres->connection);
    *out_target = &postgres->target;
    return STATUS_OK;
}

static enum status give_up(struct postgres *postgres, enum target_failure failure, const char *said,
                           struct target_problem *out_problem)
{
    postgres->target.is_broken = true;
    return target_failure_tell(&target_postgres, postgres->target.options, failure, "", said, out_problem);
}

static enum status flush(struct postgres *postgres, int64_t deadline_us, struct target_problem *out_problem)
{
    PGconn *connection = postgres->connection;
    int left = PQflush(connection);

    while (left == 1) {
        enum target_failure failure =
            wait_ready(postgres->target.options, PQsocket(connection), POLLIN | POLLOUT, deadline_us);

        if (failure != TARGET_FAILURE_UNSET)
            return give_up(postgres, failure, "", out_problem);
        if (PQconsumeInput(connection) == 0)
            return give_up(postgres, TARGET_FAILURE_LOST, PQerrorMessage(connection), out_problem);
        left = PQflush(connection);
    }
    return left == 0 ? STATUS_OK : give_up(postgres, TARGET_FAILURE_LOST, PQerrorMessage(connection), out_problem);
}

/* Read the next result; NULL at the end of the statement. */
static enum status next_result(struct postgres *postgres, int64_t deadline_us, PGresult **out_result,
                               struct target_problem *out_problem)
{
    PGconn *connection = postgres->connection;

    while (PQisBusy(connection) != 0) {
        enum target_failure failure = wait_ready(postgres->target.options, PQsocket(connection), POLLIN, deadline_us);

        if (failure != TARGET_FAILURE_UNSET)
            return give_up(postgres, failure, "", out_problem);
        if (PQconsumeInput(connection) == 0)
            return give_up(postgres, TARGET_FAILURE_LOST, PQerrorMessage(connection), out_problem);
    }
    *out_result = PQgetResult(connection);
    return STATUS_OK;
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

static bool add_rows(struct target_cells *collector, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++)
        for (int column = 0; column < PQnfields(result); column++)
            if (!target_cells_add(collector, PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column),
                                  (size_t)PQgetlength(result, row, column)))
                return false;
    return true;
}

static enum status read_results(struct postgres *postgres, int64_t deadline_us, struct target_cells *collector,
                                int *out_column_count, struct target_problem *out_problem)
{
    enum status status = STATUS_OK, outcome = STATUS_OK;

    for (;;) {
        PGresult *result = NULL;
        ExecStatusType kind;

        status = next_result(postgres, deadline_us, &result, out_problem);
        if (status != STATUS_OK || result == NULL)
            return status != STATUS_OK ? status : outcome;
        kind = PQresultStatus(result);
        if (kind == PGRES_SINGLE_TUPLE || kind == PGRES_TUPLES_OK) {
            *out_column_count = PQnfields(result);
            if (!add_rows(collector, result)) {
                PQclear(result);
                give_up(postgres, TARGET_FAILURE_STATEMENT, "result over its bound", out_problem);
                return STATUS_TOO_LARGE;
            }
        } else if (kind != PGRES_COMMAND_OK && kind != PGRES_EMPTY_QUERY) {
            outcome = tell_result(postgres, result, out_problem);
        }
        PQclear(result);
    }
}

static enum status postgres_run(struct target *target, const char *sql, const struct text *params, int param_count,
                                size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                                struct target_problem *out_problem)
{
    struct postgres *postgres = (struct postgres *)target;
    const struct target_options *options = target->options;
    int64_t deadline_us = clock_monotonic_us() + (int64_t)(options->statement_timeout_ms + GRACE_MS) * 1000;
    struct target_cells collector = {.arena = arena, .max_bytes = max_bytes};
    const char *values[PARAMS_MAX];
    int column_count = 0;
    enum status status;

    if (param_count > PARAMS_MAX)
        return target_failure_tell(&target_postgres, options, TARGET_FAILURE_STATEMENT, "", "parameters", out_problem);
    for (int i = 0; i < param_count; i++)
        values[i] = params[i].data == NULL ? NULL : arena_string(arena, params[i].data, params[i].size);
    /* The extended protocol takes exactly one statement and refuses a text with a second one. */
    if (PQsendQueryParams(postgres->connection, sql, param_count, NULL, values, NULL, NULL, 0) == 0 ||
        PQsetSingleRowMode(postgres->connection) == 0)
        return give_up(postgres, TARGET_FAILURE_LOST, PQerrorMessage(postgres->connection), out_problem);
    status = flush(postgres, deadline_us, out_problem);
    if (status == STATUS_OK)
        status = read_results(postgres, deadline_us, &collector, &column_count, out_problem);
    if (status != STATUS_OK)
        return status;
    out_rows->cells = collector.cells.items;
    out_rows->column_count = column_count;
    out_rows->row_count = column_count == 0 ? 0 : (int)(collector.cells.count / (size_t)column_count);
    out_rows->is_cut = false;
    return STATUS_OK;
}

const struct target_kind target_postgres = {
    .engine = ENGINE_POSTGRESQL,
    .open = postgres_open,
    .close = postgres_close,
    .run = postgres_run,
};
