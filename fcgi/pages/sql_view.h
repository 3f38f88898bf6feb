/* SQL as spans to colour, and broken into lines where it came as one long line. Pure; any bytes get an
 * answer, and the spans hold every byte of the input (line breaks replace blanks). */
#ifndef POTTO_FCGI_PAGES_SQL_VIEW_H
#define POTTO_FCGI_PAGES_SQL_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

enum sql_span_kind {
    SQL_SPAN_UNSET, /* names, operators, blanks */
    SQL_SPAN_KEYWORD,
    SQL_SPAN_STRING,
    SQL_SPAN_NUMBER,
    SQL_SPAN_PLACEHOLDER,
    SQL_SPAN_COMMENT,
};

struct sql_span {
    enum sql_span_kind kind;
    struct text text;
};

struct sql_view {
    struct sql_span *spans; /* neighbours differ in kind */
    size_t count;
    size_t line_count;
};

/* With `is_wrapped`, FROM, WHERE, JOIN and their like start a line, unless the text has lines already.
 * Memory: `arena`; the texts point into `sql` or are static. */
struct sql_view sql_view_make(struct text sql, bool is_wrapped, struct arena *arena);

#endif
