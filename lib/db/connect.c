/* Opening and closing the connection to the store; see db_internal.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/db_internal.h"

enum { CONNECT_MAX_MS = 2500, SILENT_MS = 1500, RETRY_AFTER_S = 2, IDLE_TRANSACTION_MAX_MS = 60000 };

void db_drop_connection(struct db *db)
{
    PQfinish(db->connection); /* does not wait: the connection is non-blocking */
    db->connection = NULL;
    db->limit_ms = DB_STATEMENT_MAX_MS;
    db->is_limited_by_transaction = false;
    memset(db->is_prepared, 0, db->statement_count * sizeof db->is_prepared[0]);
}

/* Has the server closed the connection? The socket shows it before anything is sent, so a restart of the store costs a
 * new connection, but no failed request. Checked only between transactions, with one system call. */
static bool has_been_closed(PGconn *connection)
{
    struct pollfd end = {.fd = PQsocket(connection), .events = POLLIN};

    if (PQtransactionStatus(connection) != PQTRANS_IDLE)
        return false;
    /* The socket is readable if the server sent something (a notice, or its last message) or closed the connection. */
    while (poll(&end, 1, 0) > 0)
        if (PQconsumeInput(connection) == 0 || PQstatus(connection) != CONNECTION_OK)
            return true;
    return false;
}

static enum status away(struct error *error, const char *detail)
{
    error_set(error, STATUS_UNAVAILABLE, "The store is away; try again shortly.");
    error_detail(error, "%s", detail);
    if (error != NULL)
        error->retry_after_s = RETRY_AFTER_S;
    return STATUS_UNAVAILABLE;
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static PGconn *start(const struct db *db)
{
    char options[160];
    /* The url may overrule those that stand before it, but not those after it. A peer that has vanished from the
     * network shows after seconds. */
    const char *keywords[] = {"gssencmode",          "keepalives_idle",
                              "keepalives_interval", "keepalives_count",
                              "tcp_user_timeout",    "dbname",
                              "application_name",    "options",
                              "client_encoding",     NULL};
    const char *values[] = {"disable", "30", "10", "3", "10000", db->url, db->application_name, options, "UTF8", NULL};

    /* plan_cache_mode keeps its default; on short statements jit costs more than it saves. The locks of a program that
     * stopped in a transaction are free again after a minute. */
    snprintf(options, sizeof options,
             "-c statement_timeout=%d -c jit=off -c TimeZone=UTC -c idle_in_transaction_session_timeout=%d",
             DB_STATEMENT_MAX_MS, IDLE_TRANSACTION_MAX_MS);
    return PQconnectStartParams(keywords, values, 1);
}

/* Let libpq connect, until `until_us` or the deadline. Returns NULL, or what went wrong. */
static const char *finish(const struct db *db, int64_t until_us)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    PGconn *connection = db->connection;

    if (connection == NULL)
        return "out of memory";
    /* From the start: the server may warn while the connection is being made, and libpq would print it. */
    PQsetNoticeProcessor(connection, ignore_notice, NULL);
    if (PQstatus(connection) == CONNECTION_BAD)
        return PQerrorMessage(connection);
    while (state != PGRES_POLLING_OK) {
        int64_t deadline_us = db_deadline_us(db);
        int64_t left_us = (until_us < deadline_us ? until_us : deadline_us) - clock_monotonic_us();
        int count = db_wait(PQsocket(connection), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, left_us);

        if (left_us <= 0)
            return "no answer in time";
        if (count == 0 || (count < 0 && errno == EINTR))
            continue;
        state = PQconnectPoll(connection);
        if (state == PGRES_POLLING_FAILED)
            return PQerrorMessage(connection);
    }
    return PQsetnonblocking(connection, 1) == 0 ? NULL : PQerrorMessage(connection);
}

static enum status connect(struct db *db, struct error *error)
{
    int64_t now_us = clock_monotonic_us(), until_us = now_us + CONNECT_MAX_MS * INT64_C(1000);
    const char *problem;

    if (db->url == NULL)
        return error_set(error, STATUS_UNAVAILABLE, "The store is not configured.");
    if (now_us < db->silent_until_us)
        return away(error, "no answer a moment ago");
    db->connection = start(db);
    problem = finish(db, until_us);
    if (problem == NULL) {
        db->answered_at_us = clock_monotonic_us();
        return STATUS_OK;
    }
    if (clock_monotonic_us() >= until_us)
        db->silent_until_us = clock_monotonic_us() + SILENT_MS * INT64_C(1000);
    away(error, problem);
    db_drop_connection(db);
    return STATUS_UNAVAILABLE;
}

enum status db_ensure_connected(struct db *db, struct error *error)
{
    bool is_connected = db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK;

    if (clock_monotonic_us() >= db_deadline_us(db))
        return error_set(error, STATUS_TIMEOUT, "The store took too long.");
    if (is_connected && !has_been_closed(db->connection))
        return STATUS_OK;
    db_drop_connection(db);
    /* The rest of a transaction must not run without its start. */
    if (db->is_in_transaction)
        return away(error, "the connection was lost in a transaction");
    return connect(db, error);
}
