/* One connection to the store's PostgreSQL. Statements are prepared under their file name; parameters and results are
 * binary. Used by one thread. Organizations and scopes are the business of lib/store (store/scope/store.h).
 *
 * Errors of every function that runs a statement: STATUS_CONFLICT (unique or exclusion constraint), STATUS_INVALID
 * (check, foreign key, value out of range), STATUS_TIMEOUT, STATUS_UNAVAILABLE (not reachable, does not answer,
 * shutting down, out of space), STATUS_INTERNAL. error->detail and db_sqlstate() have the SQLSTATE.
 *
 * No call waits for ever, whatever the server or the network does. The server ends a statement after
 * DB_STATEMENT_MAX_MS. If a second later nothing has come, the call fails and the connection is dropped: a late answer
 * would be taken for the answer to the next statement. For a moment after that, and after a connection that could not
 * be made in 2.5 s, calls fail at once. */
#ifndef POTTO_DB_DB_H
#define POTTO_DB_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/params.h"
#include "db/rows.h"
#include "db/sql.h"

struct db;

enum { DB_STATEMENT_MAX_MS = 15000 };

/* Makes the object; it connects at the first statement. `url` and `application_name` (shown in pg_stat_activity) are
 * kept, not copied. statement_count: the number of statements in the program, above every struct db_sql.index. */
struct db *db_new(const char *url, const char *application_name, size_t statement_count);
void db_destroy(struct db *db); /* NULL is fine */

/* No call waits beyond this time (monotonic); those that begin after it fail with STATUS_TIMEOUT. INT64_MAX: no
 * deadline, as at first. */
void db_set_deadline(struct db *db, int64_t deadline_us);

/* The program stops: no call of any connection, of whatever thread, waits beyond this time (monotonic), those that
 * wait already included. Those that begin after it fail with STATUS_TIMEOUT. */
void db_stop_by(int64_t deadline_us);

/* Let the statements that follow take `limit_ms` instead of DB_STATEMENT_MAX_MS: in a transaction until its end, else
 * until the next call or the loss of the connection. */
enum status db_set_limit(struct db *db, int64_t limit_ms, struct error *error);

/* True if the server answered something in the last `fresh_ms`, or answers now. */
bool db_is_healthy(struct db *db, int fresh_ms);

/* True if no transaction is open: the next statement is a transaction of its own, on a new connection if needed. */
bool db_is_idle(const struct db *db);

/* A statement with its parameters; NULL: none. */
struct db_call {
    const struct db_sql *sql;
    const struct db_params *params;
};

/* Run the calls in one round trip (a single call takes two if it must be prepared first), as one transaction or as part
 * of the open one. Only the last call's result is kept, in `arena`; its columns are checked against the statement's
 * declaration. out_result may be NULL. */
enum status db_run(struct db *db, const struct db_call *calls, size_t count, struct arena *arena, PGresult **out_result,
                   struct error *error);

const char *db_sqlstate(const struct db *db); /* of the last failure, "" if none */

/* Transactions do not nest. `calls` run at the start of the transaction; the first of them is BEGIN. After a failed
 * statement call db_rollback; outside a transaction or without a connection it does nothing. */
enum status db_begin(struct db *db, const struct db_call *calls, size_t count, struct error *error);
enum status db_commit(struct db *db, struct error *error);
void db_rollback(struct db *db);

/* SQL given at run time, without parameters or results: migrations and settings. */
enum status db_script(struct db *db, const char *script, struct error *error);

#endif
