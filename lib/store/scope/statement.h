/* Statements of the store, for lib/store alone: each runs within the scope that was entered (store/scope/store.h).
 * What a statement is, how its parameters are given and its rows are read: db/sql.h, db/params.h, db/rows.h. */
#ifndef POTTO_STORE_SCOPE_STATEMENT_H
#define POTTO_STORE_SCOPE_STATEMENT_H

#include "db/params.h"
#include "db/rows.h"
#include "store/scope/store.h"
#include "store_sql.h" /* generated: struct db_sql store_sql_<name> and the enum of its columns; STORE_SQL_COUNT */

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

/* SQL given at run time, without parameters or results: migrations and settings. */
enum status store_script(struct store *store, const char *script, struct error *error);

#endif
