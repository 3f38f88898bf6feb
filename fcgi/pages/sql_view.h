/* SQL as coloured spans. lib/sql finds the spans; this file breaks one long line into several. Pure. Any bytes are
 * accepted, and the result holds every byte of the input, but line breaks replace blanks. */
#ifndef POTTO_FCGI_PAGES_SQL_VIEW_H
#define POTTO_FCGI_PAGES_SQL_VIEW_H

#include "sql/spans.h"

struct sql_view {
    struct sql_span *spans; /* neighbours differ in kind; blanks and parentheses have kind SQL_SPAN_UNSET */
    size_t count;
    size_t line_count;
};

/* With `is_wrapped`, keywords such as FROM, WHERE and JOIN start a new line, unless the text already has several lines.
 * Memory: `arena`; the texts point into `sql` or are static. */
struct sql_view sql_view_make(enum sql_dialect dialect, struct text sql, bool is_wrapped, struct arena *arena);

#endif
