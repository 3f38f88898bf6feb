/* One SQL statement reduced to what it has in common with others: its fingerprint. Pure functions over
 * bytes; any input, however broken, gets an answer.
 *
 * Rules: literals (strings of every kind, numbers, hex, NULL/TRUE/FALSE as constants, placeholders
 * `$1` `?` `:n` `@p` `%s`) become `?`; comments and white space are one blank; `IN (…)` lists and the
 * rows of VALUES fold to one. The text keeps the case it was written in; the
 * hash ignores the case of keywords, and of unquoted identifiers where the dialect does. */
#ifndef POTTO_SQL_STATEMENT_H
#define POTTO_SQL_STATEMENT_H

#include "base/arena.h"
#include "base/engine.h"
#include "base/text.h"
#include "sql/sql_hash.h"

/* By the name or an alias of an engine (base/engine.h), any case; SQL_DIALECT_UNSET for any other. */
enum sql_dialect sql_dialect_of(struct text name);

enum sql_kind {
    SQL_KIND_UNSET, /* empty, or nothing known */
    SQL_KIND_SELECT,
    SQL_KIND_INSERT,
    SQL_KIND_UPDATE,
    SQL_KIND_DELETE,
    SQL_KIND_MERGE,
    SQL_KIND_REPLACE,
    SQL_KIND_DDL,
    SQL_KIND_TRANSACTION,
    SQL_KIND_UTILITY,
    SQL_KIND_OTHER,
    SQL_KIND_COUNT
};
const char *sql_kind_name(enum sql_kind kind); /* "select", …, "other"; static */

struct sql_fingerprint {
    struct text text; /* in the arena or the scratch; never empty: "(empty)" for a statement without tokens */
    struct sql_hash hash;
    enum sql_kind kind;
};

/* Valid UTF-8 out, whatever comes in. Memory: `arena`. Takes linear time. */
struct sql_fingerprint sql_fingerprint(enum sql_dialect dialect, struct text sql, struct arena *arena);

/* Tables read or written, as written (schema kept, quotes removed), each once, at most `max`. */
size_t sql_tables(enum sql_dialect dialect, struct text sql, struct text *out_tables, size_t max, struct arena *arena);

/* One single SELECT (or WITH … SELECT, VALUES, TABLE) that writes nothing and locks nothing: no INTO, no
 * FOR UPDATE/SHARE, no second statement, no data-modifying CTE, no executable comment. The first wall before
 * EXPLAIN; the read-only transaction is the second. */
bool sql_is_explainable(enum sql_dialect dialect, struct text sql);

#endif
