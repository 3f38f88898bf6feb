/* CSV (RFC 4180) written to a buffer: commas, CRLF, and quotes where needed. A text that a spreadsheet would take for a
 * formula (it begins with = + - @, a tab or a carriage return) gets an apostrophe before it, unless it is a number. */
#ifndef POTTO_FCGI_REQUEST_CSV_H
#define POTTO_FCGI_REQUEST_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

struct csv_writer {
    struct buffer *buffer; /* not owned */
    bool has_cells;        /* whether this row has a cell yet */
};

void csv_header(struct csv_writer *csv, const char *const *names); /* ends with NULL; writes the whole row */

void csv_text(struct csv_writer *csv, struct text text); /* data NULL: an empty cell */
void csv_int64(struct csv_writer *csv, int64_t value);
void csv_double(struct csv_writer *csv, double value); /* not finite: an empty cell */
void csv_end_row(struct csv_writer *csv);

/* Whether an Accept header prefers text/csv to JSON. JSON is the default. */
bool csv_is_wanted(struct text accept);

#endif
