/* Lists folded to their shapes. A list is IN (…), ARRAY[…] or the rows of VALUES; it keeps each different shape of its
 * items once, in order of first appearance, at most FOLD_SHAPES_MAX of them. Private to lib/sql. */
#ifndef POTTO_SQL_FOLD_H
#define POTTO_SQL_FOLD_H

#include "sql/scan.h"

enum {
    FOLD_DEPTH_MAX = 64, /* lists inside more brackets are not folded */
    FOLD_SHAPES_MAX = 8
};

enum fold_kind {
    FOLD_NONE,    /* an ordinary parenthesis */
    FOLD_BRACKET, /* an ordinary [ */
    FOLD_LIST,    /* IN (…) */
    FOLD_ARRAY,   /* ARRAY[…] */
    FOLD_ROW      /* one row of VALUES */
};

/* One open parenthesis or bracket, with the shapes of its items so far; for rows, those of the earlier rows. Offsets
 * are into the canonical text. */
struct fold_frame {
    uint32_t kind;
    uint32_t shape_count;
    size_t item_at; /* start of the item, at the comma before it */
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

/* Finish the item from frame->item_at to `end`. Returns the new end of the text: `end`, or item_at if the item is
 * dropped because its shape is there already. */
size_t fold_item_end(struct fold_frame *frame, const char *canonical, size_t end);

/* Skip items that are plain numbers, strings or parameters; `at` is after a comma. Returns the closing bracket if all
 * remaining items are, else the start of the first other item. */
const uint8_t *fold_skip_constants(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* Skip rows of VALUES that are `columns` plain constants each; `at` is after a row of the shape (?, ?, …). Returns the
 * first byte after the last such row; `at` if the next row is another. */
const uint8_t *fold_skip_rows(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, size_t columns);

/* The number of constants in the first row; 0 if it has anything else. */
size_t fold_constant_columns(const struct fold_frame *frame, const char *canonical);

#endif
