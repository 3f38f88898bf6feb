/* Potto's own PostgreSQL: one connection, statements prepared under their file
 * name, parameters and results in binary. One store is used by one thread.
 *
 * A statement is a file: sql/<name>.sql, embedded at build time and named
 * SQL(<name>) in C. Every placeholder is cast where it is first used
 * (`$1::bigint`), since parameters are sent in binary without a type. */
#ifndef POTTO_STORE_SCOPE_STORE_H
#define POTTO_STORE_SCOPE_STORE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "sql/sql_hash.h"

struct store;
struct scope;

struct store_sql {
    const char *name;
    const char *text;
    int index;                 /* position in the build's list; which connection has prepared it */
    bool is_planned_each_time; /* else PostgreSQL may come to plan it once for all parameters */
};
#define SQL(name) (&store_sql_##name)

/* ---- connection ---- */

/* Makes the object; connects at the first statement. `url` is kept, not copied.
 * `application_name` shows in pg_stat_activity. */
struct store *store_new(const char *url, const char *application_name);
void store_destroy(struct store *store); /* NULL is fine */

/* Connect if not connected. STATUS_UNAVAILABLE with what libpq said as detail. */
enum status store_ensure(struct store *store, struct error *error);

/* True if the store answered something in the last `fresh_ms`, or answers now. */
bool store_is_healthy(struct store *store, int fresh_ms);

/* For COPY and other things that need libpq itself; NULL when not connected. */
PGconn *store_connection(struct store *store);

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

/* ---- parameters ---- */

enum { STORE_PARAMS_MAX = 40 };

/* Built on the stack: struct store_params params = {.arena = arena}; then params_*
 * in order of $1, $2, …. Texts are not copied and must outlive the call. */
struct store_params {
    struct arena *arena;
    int count;
    const char *values[STORE_PARAMS_MAX];
    int lengths[STORE_PARAMS_MAX];
};

void params_int64(struct store_params *params, int64_t value); /* $n::bigint */
void params_int32(struct store_params *params, int32_t value); /* $n::int */
void params_double(struct store_params *params, double value); /* $n::float8 */
void params_bool(struct store_params *params, bool value);     /* $n::bool */
void params_text(struct store_params *params,
                 struct text value); /* $n::text; valid UTF-8 without NUL; data NULL: NULL */
void params_string(struct store_params *params, const char *value);  /* NULL: NULL */
void params_bytes(struct store_params *params, struct text value);   /* $n::bytea */
void params_time(struct store_params *params, int64_t time_us);      /* $n::timestamptz; INT64_MIN: NULL */
void params_hash(struct store_params *params, struct sql_hash hash); /* $n::uuid */
void params_json(struct store_params *params, struct text json);     /* $n::jsonb */
void params_null(struct store_params *params);
void params_int64_array(struct store_params *params, const int64_t *values, size_t count); /* $n::bigint[] */
void params_double_array(struct store_params *params, const double *values, size_t count); /* $n::float8[] */
void params_text_array(struct store_params *params, const struct text *values,
                       size_t count); /* $n::text[]; data NULL: NULL */
void params_hash_array(struct store_params *params, const struct sql_hash *values, size_t count); /* $n::uuid[] */
void params_time_array(struct store_params *params, const int64_t *times_us, size_t count); /* $n::timestamptz[] */

/* ---- statements ---- */

/* Run one statement; its result lives in `arena`. `column_count` is checked
 * against what comes back (0: returns no columns). Errors: STATUS_CONFLICT
 * (unique or exclusion violated), STATUS_INVALID (check, foreign key, value out of range),
 * STATUS_TIMEOUT, STATUS_UNAVAILABLE (away, shutting down, out of space),
 * STATUS_INTERNAL. The SQLSTATE stands in error->detail and store_sqlstate(). */
enum status store_run(struct store *store, const struct store_sql *sql, const struct store_params *params,
                      int column_count, struct arena *arena, PGresult **out_result, struct error *error);

/* The one door for reading tenant data: $1::bigint is the scope's organization
 * and $2::bigint[] the connections it may see; `params` holds $3 and on. The statement may write as well. Lines that
 * filter by either end in `-- scope`: tests/http/test_row_security.py takes them out and nothing may be seen that was
 * hidden. */
enum status store_read(struct store *store, const struct scope *scope, const struct store_sql *sql,
                       const struct store_params *params, int column_count, struct arena *arena, PGresult **out_result,
                       struct error *error);

const char *store_sqlstate(const struct store *store); /* of the last failure, "" if none */

/* Transactions do not nest. After a failed statement call store_rollback; it is
 * safe (and does nothing) outside a transaction or without a connection. */
enum status store_begin(struct store *store, struct error *error);
enum status store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

/* Text results of SQL given at run time: migrations and administration only. */
enum status store_script(struct store *store, const char *script, struct error *error);

/* Turn the failure of `result` (or of the connection, if NULL) into a status. */
enum status store_failure(struct store *store, const PGresult *result, struct error *error);

/* ---- results (binary) ---- */

/* How many rows a page of `limit` has. The statement was asked for one more: if it is there, there is another page. */
size_t row_page_count(const PGresult *result, int limit, bool *out_has_more);
int64_t row_changed_count(const PGresult *result); /* rows that the statement inserted, updated or deleted */
bool row_is_null(const PGresult *result, int row, int column);
int64_t row_int64(const PGresult *result, int row, int column); /* int2, int4, int8; NULL gives 0 */
double row_double(const PGresult *result, int row, int column); /* float4, float8; NULL gives 0 */
bool row_bool(const PGresult *result, int row, int column);
int64_t row_time(const PGresult *result, int row, int column); /* timestamptz; NULL gives INT64_MIN */
struct text row_text(const PGresult *result, int row,
                     int column); /* text, bytea, enum; points into result; NULL: data NULL */
struct text row_json(const PGresult *result, int row, int column); /* jsonb without its version byte, or json */
struct sql_hash row_hash(const PGresult *result, int row, int column);
/* One-dimensional arrays without NULLs; counts are bounded by the result. */
const int64_t *row_int64_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count);
const struct text *row_text_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count);

#include "store_sql.h" /* generated: extern const struct store_sql store_sql_<name>; STORE_SQL_COUNT */

#endif
