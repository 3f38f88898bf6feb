/* CSV (RFC 4180) into a buffer: commas, CRLF, quotes where they are needed. A text that a spreadsheet would take for a
 * formula (it begins with = + - @, a tab or a carriage return) gets an apostrophe before it, unless it is a number. */
#ifndef POTTO_FCGI_REQUEST_CSV_H
#define POTTO_FCGI_REQUEST_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

struct csv_writer {
    struct buffer *buffer; /* not owned */
    bool has_cells;        /* in this row */
};

void csv_header(struct csv_writer *csv, const char *const *names); /* ends with NULL; a whole row */

void csv_text(struct csv_writer *csv, struct text text); /* data NULL: an empty cell */
void csv_int64(struct csv_writer *csv, int64_t value);
void csv_double(struct csv_writer *csv, double value); /* not finite: an empty cell */
void csv_end_row(struct csv_writer *csv);

/* Whether an Accept header asks for text/csv rather than for JSON, which is what everybody else gets. */
bool csv_is_wanted(struct text accept);

#endif
