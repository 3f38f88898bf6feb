/* The fingerprint of a SQL statement: the text that is the same for all statements that differ only in
 * literals. Pure functions over bytes; every input gives a result, even one that is not SQL.
 *
 * Rules: literals (strings of every kind, numbers, hex, NULL/TRUE/FALSE as constants, placeholders
 * `$1` `?` `:n` `@p` `%s`) become `?`. Comments and white space become one blank. `IN (…)` lists and the
 * rows of VALUES fold to one. The text keeps its case; the hash ignores the case of keywords, and of
 * unquoted identifiers where the dialect does. */
#ifndef POTTO_SQL_STATEMENT_H
#define POTTO_SQL_STATEMENT_H

#include "base/arena.h"
#include "base/engine.h"
#include "base/text.h"
#include "sql/sql_hash.h"

/* By the name or an alias of an engine (base/engine.h), any case; SQL_DIALECT_UNSET for any other. */
enum sql_dialect sql_dialect_of(struct text name);

enum sql_kind {
    SQL_KIND_UNSET, /* an empty statement, or one that does not begin with a word */
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

/* The result is valid UTF-8 for any input. Memory: `arena`. Takes linear time. */
struct sql_fingerprint sql_fingerprint(enum sql_dialect dialect, struct text sql, struct arena *arena);

/* The tables that the statement reads or writes, each once, at most `max`. Names are spelled as in the statement, with
 * schema, without quotes. */
size_t sql_tables(enum sql_dialect dialect, struct text sql, struct text *out_tables, size_t max, struct arena *arena);

/* Whether a statement of these tables reads a database's own catalogues and nothing else: pg_catalog, names that begin
 * with pg_, information_schema, performance_schema, mysql, sys. One without tables does if it only describes objects:
 * SELECT pg_catalog.pg_get_functiondef(…). Takes linear time. */
bool sql_reads_catalogs_alone(enum sql_dialect dialect, struct text sql, const struct text *tables, size_t count);

/* Is it the name of a command of MySQL's protocol, as slow logs have it among statements: `Quit`, `Close stmt`, or
 * after MariaDB's `# administrator command: `? Such a text is no statement. */
bool sql_is_protocol_command(struct text sql);

/* Is it a single SELECT (or WITH … SELECT, VALUES, TABLE) that writes and locks nothing: no INTO, no
 * FOR UPDATE/SHARE, no second statement, no data-modifying CTE, no executable comment? This is the first barrier before
 * EXPLAIN; the read-only transaction is the second. */
bool sql_is_explainable(enum sql_dialect dialect, struct text sql);

/* A text of pg_stat_statements as PREPARE takes it: DATE $1 becomes $1::DATE, EXTRACT($1 FROM x) becomes EXTRACT(epoch
 * FROM x), and parameters have numbers without gaps. Its plan is that of the statement. Memory: `arena`. Takes linear
 * time. */
struct text sql_preparable(struct text sql, struct arena *arena);

#endif
