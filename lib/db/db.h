/* One connection to our PostgreSQL: statements prepared under their file name, parameters and results in binary. Used
 * by one thread. Knows nothing of organizations or scopes: that is lib/store's (store/scope/store.h).
 *
 * Errors of every function that runs something: STATUS_CONFLICT (unique or exclusion violated), STATUS_INVALID (check,
 * foreign key, value out of range), STATUS_TIMEOUT, STATUS_UNAVAILABLE (away, shutting down, out of space),
 * STATUS_INTERNAL. The SQLSTATE stands in error->detail and db_sqlstate(). */
#ifndef POTTO_DB_DB_H
#define POTTO_DB_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/params.h"
#include "db/rows.h"
#include "db/sql.h"

struct db;

/* Makes the object; connects at the first statement. `url` and `application_name` (shown in pg_stat_activity) are kept,
 * not copied. statement_count: how many statements the program has, which bounds struct db_sql.index. */
struct db *db_new(const char *url, const char *application_name, size_t statement_count);
void db_destroy(struct db *db); /* NULL is fine */

/* Connect if not connected. STATUS_UNAVAILABLE with what libpq said as detail. */
enum status db_ensure(struct db *db, struct error *error);

/* True if the server answered something in the last `fresh_ms`, or answers now. */
bool db_is_healthy(struct db *db, int fresh_ms);

/* No transaction is open: the next statement is one of its own, if need be on a new connection. */
bool db_is_idle(const struct db *db);

/* A statement with its parameters; NULL: none. */
struct db_call {
    const struct db_sql *sql;
    const struct db_params *params;
};

/* Run the calls in one round trip (a single one in two where it must be prepared), as one transaction or as a part of
 * the one that is open. The last one's result lives in `arena`; its columns are held against what the statement
 * declares. What the others answer is dropped. out_result may be NULL. */
enum status db_run(struct db *db, const struct db_call *calls, size_t count, struct arena *arena, PGresult **out_result,
                   struct error *error);

const char *db_sqlstate(const struct db *db); /* of the last failure, "" if none */

/* Transactions do not nest. `calls`, the first of which begins the transaction, is what stands at its start. After a
 * failed statement call db_rollback; it is safe (and does nothing) outside a transaction or without a connection. */
enum status db_begin(struct db *db, const struct db_call *calls, size_t count, struct error *error);
enum status db_commit(struct db *db, struct error *error);
void db_rollback(struct db *db);

/* SQL given at run time, without parameters or results: migrations and settings. */
enum status db_script(struct db *db, const char *script, struct error *error);

#endif
