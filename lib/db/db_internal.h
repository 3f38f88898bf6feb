/* Internal to lib/db: the members of struct db. */
#ifndef POTTO_DB_DB_INTERNAL_H
#define POTTO_DB_DB_INTERNAL_H

#include <stdint.h>

#include "db/db.h"

/* Times are monotonic. */
struct db {
    const char *url;
    const char *application_name;
    PGconn *connection; /* non-blocking: no call of libpq waits by itself */
    int64_t answered_at_us;
    int64_t deadline_us;     /* of all calls, see db_set_deadline and db_deadline_us */
    int64_t limit_ms;        /* of a statement on the server, see db_set_limit */
    int64_t until_us;        /* the end of the call that runs; set by db_call_start */
    int64_t silent_until_us; /* the server did not answer: until then it is not asked again */
    bool has_timed_out;      /* the call that runs was given up */
    bool is_in_transaction;  /* begun, and neither committed nor rolled back, whatever became of the connection */
    bool is_limited_by_transaction; /* limit_ms ends with the transaction */
    size_t unflushed_bytes;         /* of the COPY that runs */
    char sqlstate[6];
    size_t statement_count;
    bool is_prepared[]; /* by struct db_sql.index */
};

/* The name under which the statement is prepared; "" for one that is prepared, and so planned, at each use. */
const char *db_statement_name(const struct db_sql *sql);

/* Turn the failure of `result` (or of the connection, if NULL) into a status. */
enum status db_failure(struct db *db, const PGresult *result, struct error *error);

/* ---- connect.c ---- */

/* Connect if not connected. Errors: STATUS_UNAVAILABLE, with libpq's message as detail; STATUS_TIMEOUT (the deadline
 * has passed). */
enum status db_ensure_connected(struct db *db, struct error *error);

/* Close the connection; the next statement opens another. */
void db_drop_connection(struct db *db);

/* ---- wait.c ---- */

/* From here on the waits below together take no longer than a statement may, and end at the deadline. */
void db_call_start(struct db *db);

/* When all calls end (monotonic): db_set_deadline or db_stop_by, whichever is first. */
int64_t db_deadline_us(const struct db *db);

/* As poll(2) on one descriptor, for a part of `left_us` only: who waits looks at the deadline again after each part. */
int db_wait(int descriptor, short events, int64_t left_us);

/* Send what libpq still holds. False: the connection is broken, or was dropped because the time is over. */
bool db_flush(struct db *db);

/* The next result of the statement that was sent; NULL after the last one. NULL without a connection: it was dropped
 * because the time is over. */
PGresult *db_next_result(struct db *db);

/* Run SQL without parameters and return the last statement's result, for PQclear. NULL: it could not be sent, or the
 * connection was dropped because the time is over; db_failure() says which. */
PGresult *db_query(struct db *db, const char *sql);

/* ---- pipeline.c ---- */

/* Run `calls` as one transaction, or as part of the open one. All are sent at once, with those that must be prepared
 * first. The caller clears the result, which is the last call's. After a failure the connection is ready for the next
 * statement; a transaction that a call began has then failed. */
enum status db_pipeline(struct db *db, const struct db_call *calls, size_t count, PGresult **out_result,
                        struct error *error);

#endif
