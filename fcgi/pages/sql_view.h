/* SQL as pieces to colour, broken into lines where it came as one long line. lib/sql cuts it into spans; this draws
 * them. Pure; any bytes get an answer, and the pieces hold every byte of the input (line breaks replace blanks). */
#ifndef POTTO_FCGI_PAGES_SQL_VIEW_H
#define POTTO_FCGI_PAGES_SQL_VIEW_H

#include "sql/spans.h"

struct sql_view {
    struct sql_span *spans; /* neighbours differ in kind; blanks and parentheses are SQL_SPAN_UNSET here */
    size_t count;
    size_t line_count;
};

/* With `is_wrapped`, FROM, WHERE, JOIN and their like start a line, unless the text has lines already.
 * Memory: `arena`; the texts point into `sql` or are static. */
struct sql_view sql_view_make(enum sql_dialect dialect, struct text sql, bool is_wrapped, struct arena *arena);

#endif
