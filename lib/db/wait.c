/* Waiting for the store's answers, never longer than the call may take; see db_internal.h. A server that hangs, or a
 * network that swallows packets, is told from a slow statement by time alone: the server itself ends a statement after
 * the limit, so if nothing has come a second later, nothing will. */
#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "db/db_internal.h"

/* SLICE_MS: how soon a thread that waits notices that the program stops. */
enum { GRACE_MS = 1000, SILENT_MS = 1500, SLICE_MS = 500 };

static _Atomic int64_t stop_us = INT64_MAX;

void db_stop_by(int64_t deadline_us)
{
    atomic_store(&stop_us, deadline_us);
}

int64_t db_deadline_us(const struct db *db)
{
    int64_t all_us = atomic_load(&stop_us);

    return all_us < db->deadline_us ? all_us : db->deadline_us;
}

void db_call_start(struct db *db)
{
    db->until_us = clock_monotonic_us() + (db->limit_ms + GRACE_MS) * 1000;
    db->has_timed_out = false;
}

int db_wait(int descriptor, short events, int64_t left_us)
{
    struct pollfd socket = {.fd = descriptor, .events = events};
    int64_t left_ms = left_us / 1000 + 1;

    return left_us <= 0 ? 0 : poll(&socket, 1, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS);
}

/* An answer that came later would be taken for the answer to the next statement, so the connection goes. A server that
 * let its own limit pass is not asked again for a moment. */
static void give_up(struct db *db)
{
    db->has_timed_out = true;
    if (db->until_us < db_deadline_us(db))
        db->silent_until_us = clock_monotonic_us() + SILENT_MS * INT64_C(1000);
    db_drop_connection(db);
}

/* TLS may hold bytes that were received and decrypted already; the socket does not show them. */
static bool has_pending_bytes(PGconn *connection)
{
    SSL *tls = PQsslInUse(connection) ? PQsslStruct(connection, "OpenSSL") : NULL;

    return tls != NULL && SSL_pending(tls) > 0;
}

/* Wait until the connection's socket is readable or, if `for_writing`, writable. False: the call's time is over, and
 * the connection was dropped. */
static bool wait_for_socket(struct db *db, bool for_writing)
{
    int descriptor = PQsocket(db->connection);

    if (descriptor < 0 || has_pending_bytes(db->connection))
        return true;
    for (;;) {
        int64_t deadline_us = db_deadline_us(db);
        int64_t left_us = (db->until_us < deadline_us ? db->until_us : deadline_us) - clock_monotonic_us();
        int count = db_wait(descriptor, (short)(POLLIN | (for_writing ? POLLOUT : 0)), left_us);

        if (count > 0 || (count < 0 && errno != EINTR))
            return true; /* what is wrong shows when libpq reads */
        if (left_us <= 0) {
            give_up(db);
            return false;
        }
    }
}

bool db_flush(struct db *db)
{
    int unsent;

    while ((unsent = PQflush(db->connection)) == 1)
        if (!wait_for_socket(db, true) || PQconsumeInput(db->connection) == 0)
            return false;
    return unsent == 0;
}

PGresult *db_next_result(struct db *db)
{
    while (PQisBusy(db->connection)) {
        bool has_unsent = PQflush(db->connection) == 1;

        if (!wait_for_socket(db, has_unsent))
            return NULL;
        /* A connection that broke while it sent may still have the server's last words to read, until its end. */
        if (PQconsumeInput(db->connection) == 0)
            break;
    }
    return PQgetResult(db->connection);
}

PGresult *db_query(struct db *db, const char *sql)
{
    PGresult *last = NULL, *result;

    db_call_start(db);
    if (PQsendQuery(db->connection, sql) != 1)
        return NULL;
    while ((result = db_next_result(db)) != NULL) {
        PQclear(last);
        last = result;
        if (PQresultStatus(result) == PGRES_COPY_IN || PQstatus(db->connection) != CONNECTION_OK)
            break;
    }
    if (db->connection != NULL)
        return last;
    PQclear(last);
    return NULL;
}
