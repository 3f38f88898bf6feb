/* Results of statements, in PostgreSQL's binary formats. A column is named by the enum of its statement (db/sql.h).
 * Texts point into the result, which lives in the arena that the statement was run with. */
#ifndef POTTO_DB_ROWS_H
#define POTTO_DB_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "sql/sql_hash.h"

/* The column of a statement with only one column, for code that runs several such statements. */
enum { ROW_ONLY_COLUMN };

/* The number of rows in a page of at most `limit`. The statement reads one row more, to know whether a page follows. */
size_t row_page_count(const PGresult *result, int limit, bool *out_has_more);
int64_t row_changed_count(const PGresult *result); /* rows that the statement inserted, updated or deleted */
bool row_is_null(const PGresult *result, int row, int column);
int64_t row_int64(const PGresult *result, int row, int column); /* int2, int4, int8; NULL gives 0 */
int64_t row_known(const PGresult *result, int row, int column); /* the same of a number of 0 or more; NULL gives -1 */
double row_double(const PGresult *result, int row, int column); /* float4, float8; NULL gives 0 */
bool row_bool(const PGresult *result, int row, int column);
int64_t row_time(const PGresult *result, int row, int column); /* timestamptz; NULL gives INT64_MIN */
struct text row_text(const PGresult *result, int row,
                     int column); /* text, bytea, enum; points into result; NULL: data NULL */
struct text row_json(const PGresult *result, int row, int column); /* jsonb without its version byte, or json */
struct sql_hash row_hash(const PGresult *result, int row, int column);
/* One-dimensional arrays without NULLs; counts are bounded by the result. */
const int64_t *row_int64_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count);
const int64_t *row_time_array(const PGresult *result, int row, int column, struct arena *arena,
                              size_t *out_count); /* timestamptz[], none of them infinite */
const struct text *row_text_array(const PGresult *result, int row, int column, struct arena *arena, size_t *out_count);

#endif
