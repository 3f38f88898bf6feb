/* Internal to lib/store: runs the store's statements, each within the scope that was entered (store/scope/store.h).
 * db/sql.h defines statements, db/params.h their parameters, db/rows.h their results. */
#ifndef POTTO_STORE_SCOPE_STATEMENT_H
#define POTTO_STORE_SCOPE_STATEMENT_H

#include "db/db.h"
#include "db/params.h"
#include "db/rows.h"
#include "store/scope/store.h"
#include "store_sql.h" /* generated: struct db_sql store_sql_<name> and the enum of its columns; STORE_SQL_COUNT */

/* Run one statement; its result lives in `arena`. Parameters and columns are checked against the declaration in its
 * file (db/sql.h). Errors: those of db/db.h. */
enum status store_run(struct store *store, const struct db_sql *sql, const struct db_params *params,
                      struct arena *arena, PGresult **out_result, struct error *error);

/* Tenant data is always read by this function: $1::bigint is the scope's organization, $2::bigint[] its
 * connections (those that a request chose: store/read/filter.h); `params` holds $3 and on. The statement may also
 * write. Lines that filter by $1 or $2 end in `-- scope`: tests/http/test_row_security.py removes them and checks that
 * row policies alone still hide everything. Where a statement says `ANY ((SELECT $2::bigint[])::bigint[])`, PostgreSQL
 * plans it without looking at the connections: one plan serves all callers, and no statement is planned again at each
 * use because its caller has few connections. */
enum status store_read(struct store *store, const struct scope *scope, const struct db_sql *sql,
                       const struct db_params *params, struct arena *arena, PGresult **out_result, struct error *error);

const char *store_sqlstate(const struct store *store); /* of the last failure, "" if none */

/* The time that the statements below may take on the server: in a transaction until its end, else until the next call.
 */
enum {
    STORE_LIMIT_USUAL_MS = DB_STATEMENT_MAX_MS,
    STORE_LIMIT_LONG_MS = 3600 * 1000,
    STORE_LIMIT_MIGRATION_MS = 12 * 3600 * 1000
};
enum status store_set_limit(struct store *store, int64_t limit_ms, struct error *error);

/* SQL given at run time, without parameters or results: migrations and settings. */
enum status store_script(struct store *store, const char *script, struct error *error);

#endif
