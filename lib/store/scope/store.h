/* Our PostgreSQL (db/db.h), used for somebody: each statement is run within the scope that was entered, which
 * PostgreSQL is told in the same round trip, so that its row policies are the second barrier behind the statements' own
 * filters. One store is used by one thread. */
#ifndef POTTO_STORE_SCOPE_STORE_H
#define POTTO_STORE_SCOPE_STORE_H

#include "db/db.h"
#include "store_sql.h" /* generated: struct db_sql store_sql_<name> and the enum of its columns; STORE_SQL_COUNT */

struct store;
struct scope;

/* Makes the object; connects at the first statement. `url` and `application_name` (shown in pg_stat_activity) are kept,
 * not copied. */
struct store *store_new(const char *url, const char *application_name);
void store_destroy(struct store *store); /* NULL is fine */

/* True if the store answered something in the last `fresh_ms`, or answers now. */
bool store_is_healthy(struct store *store, int fresh_ms);

/* ---- whom the statements are run for ---- */

/* From here on, every statement and transaction sees only what `scope` may see: the store's row-level security is told
 * in the same round trip, whatever the statement filters by itself. NULL: nobody, to whom only the store's doors are
 * open (functions that look up sign-ins and tokens). For the dispatcher, which enters when it knows who calls and
 * leaves when the answer is made; the scope must live until then. The owner's role (command line, collector) is not
 * bound and enters nothing. */
void store_enter(struct store *store, const struct scope *scope);

/* A connection that the caller has just made counts as visible until the scope is left, for the answer that shows it.
 */
void store_enter_made(struct store *store, int64_t connection_id);

/* ---- statements ---- */

/* Run one statement; its result lives in `arena`. Parameters and columns are held against what its file declares
 * (db/sql.h). Errors: db/db.h's. */
enum status store_run(struct store *store, const struct db_sql *sql, const struct db_params *params,
                      struct arena *arena, PGresult **out_result, struct error *error);

/* Read tenant data, always by this: $1::bigint is the scope's organization and $2::bigint[] the connections it may see;
 * `params` holds $3 and on. The statement may write as well. Lines that filter by either end in `-- scope`:
 * tests/http/test_row_security.py takes them out, and nothing may be seen that was hidden. */
enum status store_read(struct store *store, const struct scope *scope, const struct db_sql *sql,
                       const struct db_params *params, struct arena *arena, PGresult **out_result, struct error *error);

const char *store_sqlstate(const struct store *store); /* of the last failure, "" if none */

/* Transactions do not nest. After a failed statement call store_rollback; it is safe (and does nothing) outside a
 * transaction or without a connection. */
enum status store_begin(struct store *store, struct error *error);
enum status store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);
/* Commit if `status` is STATUS_OK, else roll back. Returns `status`, or how the commit failed. */
enum status store_end(struct store *store, enum status status, struct error *error);

/* SQL given at run time, without parameters or results: migrations and settings. */
enum status store_script(struct store *store, const char *script, struct error *error);

#endif
