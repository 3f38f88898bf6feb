/* Cuts a statement into spans for highlighting, with the lexer that also finds tables. Pure; any bytes give a result,
 * in linear time. */
#ifndef POTTO_SQL_SPANS_H
#define POTTO_SQL_SPANS_H

#include "sql/statement.h"

enum sql_span_kind {
    SQL_SPAN_UNSET, /* names, operators, punctuation */
    SQL_SPAN_BLANK, /* white space */
    SQL_SPAN_OPEN,  /* one parenthesis */
    SQL_SPAN_CLOSE,
    SQL_SPAN_KEYWORD,
    SQL_SPAN_STRING,
    SQL_SPAN_NUMBER,
    SQL_SPAN_PLACEHOLDER, /* ? and $1 */
    SQL_SPAN_COMMENT,     /* of a comment that MySQL executes, only its beginning and its end */
};

struct sql_span {
    enum sql_span_kind kind;
    struct text text; /* points into the statement; never empty */
};

struct sql_spans {
    struct sql_span
        *items; /* one for each token, and one for each blank or comment between tokens; in order, with all bytes */
    size_t count;
};

/* SQL_DIALECT_UNSET is read as PostgreSQL, except that comments do not nest. Memory: `arena`. */
struct sql_spans sql_spans_make(enum sql_dialect dialect, struct text sql, struct arena *arena);

#endif
