/* The shape of an answer: what columns and how many rows a statement gives on a server that is what it says it is. A
 * result of another shape is refused as a whole, so its readers trust what they read. */
#ifndef POTTO_TARGET_SHAPE_H
#define POTTO_TARGET_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum target_column_kind {
    TARGET_COLUMN_UNSET,
    TARGET_TEXT,    /* at most max_bytes; read as valid UTF-8 without NUL, with a final NUL behind it */
    TARGET_KEY,     /* the same without what is no UTF-8: letters, digits and "/-" only */
    TARGET_COUNT,   /* a whole number from 0 on */
    TARGET_INT64,   /* any whole number */
    TARGET_AMOUNT,  /* 0 to 1e15, finite */
    TARGET_DOUBLE,  /* -1e15 to 1e15, finite */
    TARGET_TIME_US, /* microseconds since 1970, in the years 1 to 9999 */
    TARGET_BOOL,    /* t, true, 1, on, yes, or the opposite */
};

struct target_column {
    const char *name;
    enum target_column_kind kind;
    bool may_be_null;
    size_t max_bytes; /* of TARGET_TEXT and TARGET_KEY */
};

/* A statement and the shape of its answer. Columns are a constant of the program; the text may be made at run time. */
struct target_statement {
    const char *sql; /* placeholders are the engine's: $1 or ? */
    const struct target_column *columns;
    int column_count; /* 0: it answers no rows, and columns is NULL */
    int rows_min, rows_max;
    /* What the result may cost in memory: its bytes, and TARGET_CELL_BYTES for each cell, also for an empty one. */
    size_t cost_max;
    /* A result that is larger, or takes longer, is cut to its first rows instead of refused, and the target can only be
     * closed then. Only of MySQL. */
    bool takes_first;
};

enum { TARGET_CELL_BYTES = 32 };

/* The columns of an array and their number, for the initializer of a statement. */
#define TARGET_COLUMNS(array) .columns = (array), .column_count = sizeof(array) / sizeof((array)[0])

/* A cell that was found to be of its column's kind. */
struct target_cell {
    const char *data; /* NULL: the cell is NULL; otherwise the bytes of a text, and not NULL for the other kinds */
    union {
        size_t size;
        int64_t integer;
        double number;
        bool is_true;
    };
};

/* Cells live in the arena that target_run() was given. */
struct target_rows {
    const struct target_cell *cells; /* row by row */
    const struct target_column *columns;
    int row_count, column_count;
    bool is_cut; /* rows are left out; see takes_first */
};

/* A cell that is not there, or another kind than the column has, is a bug of the caller and ends the process. */
bool target_is_null(const struct target_rows *rows, int row, int column);
struct text target_text(const struct target_rows *rows, int row, int column);   /* data NULL: NULL */
const char *target_string(const struct target_rows *rows, int row, int column); /* "" for NULL */
int64_t target_int64(const struct target_rows *rows, int row, int column);      /* 0 for NULL */
int64_t target_time_us(const struct target_rows *rows, int row, int column);    /* INT64_MIN for NULL */
double target_double(const struct target_rows *rows, int row, int column);      /* 0 for NULL */
bool target_is_true(const struct target_rows *rows, int row, int column);       /* false for NULL */

#endif
