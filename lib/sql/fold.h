/* Lists folded to their shapes: of the items of `IN (…)` and ARRAY[…], and of the rows of VALUES, each shape is kept
 * once, in order of first appearance, and at most FOLD_SHAPES_MAX of them. Private to lib/sql. */
#ifndef POTTO_SQL_FOLD_H
#define POTTO_SQL_FOLD_H

#include "sql/scan.h"

enum {
    FOLD_DEPTH_MAX = 64, /* lists inside more brackets than this are left as they are */
    FOLD_SHAPES_MAX = 8
};

enum fold_kind {
    FOLD_NONE,    /* an ordinary parenthesis */
    FOLD_BRACKET, /* an ordinary [ */
    FOLD_LIST,    /* IN (…) */
    FOLD_ARRAY,   /* ARRAY[…] */
    FOLD_ROW      /* one row of VALUES */
};

/* One open parenthesis or bracket; for rows also what is known about the rows before. Offsets are into the canonical
 * text. */
struct fold_frame {
    uint32_t kind;
    uint32_t shape_count;
    size_t item_at; /* where the item begins, its separating comma included */
    struct {
        size_t at, size_bytes;
    } shapes[FOLD_SHAPES_MAX];
};

static inline void fold_begin(struct fold_frame *frame, enum fold_kind kind, size_t item_at)
{
    frame->kind = kind;
    frame->shape_count = 0;
    frame->item_at = item_at;
}

/* The item that began at frame->item_at ends at `end`. Returns where the text ends now: `end`, or item_at if an item
 * of this shape is there already. */
size_t fold_item_end(struct fold_frame *frame, const char *canonical, size_t end);

/* From after a comma over items that are plain numbers, strings and parameters. Returns the closing bracket if all
 * of the rest is, else where the first other item begins. */
const uint8_t *fold_skip_constants(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* `at` is after a row of VALUES; the shape of the rows is (?, ?, …) with `columns` constants. Returns after the last of
 * the rows that follow and are plain constants of that number, `at` if the next one is not. */
const uint8_t *fold_skip_rows(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, size_t columns);

/* How many constants the first row has, 0 if it has anything else. */
size_t fold_constant_columns(const struct fold_frame *frame, const char *canonical);

#endif
