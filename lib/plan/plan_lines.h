/* Plans as text: lines that hang on each other by their indents. Shared by the readers of text. */
#ifndef POTTO_PLAN_PLAN_LINES_H
#define POTTO_PLAN_PLAN_LINES_H

#include "plan/plan_internal.h"

/* The nodes from the root to the last line; each stands deeper than the one before it. */
struct plan_line_stack {
    struct {
        size_t indent;
        struct json_object *node; /* belongs to the document */
    } items[PLAN_DEPTH_MAX];
    size_t depth, node_count;
};

size_t plan_line_indent(struct text line); /* in bytes; a tab counts as one */

/* Take off what stands at `indent` or deeper, and put `node` below the rest, as an item of the array `key` of its
 * parent. The first node is the root. The stack, or the document that holds it, owns `node` then; on failure it is put.
 * Errors: STATUS_TOO_LARGE; STATUS_INVALID (a second root). */
enum status plan_line_push(struct plan_line_stack *stack, size_t indent, size_t below_indent, const char *key,
                           struct json_object *node, struct error *error);

/* The number behind `name` in a line, as in "rows=12" or "Disk: 12kB"; -1: there is none. */
double plan_line_number(struct text line, const char *name);

void plan_json_set_text(struct json_object *object, const char *key, struct text value); /* empty: not set */
void plan_json_set_number(struct json_object *object, const char *key, double value);    /* < 0: not set */

#endif
