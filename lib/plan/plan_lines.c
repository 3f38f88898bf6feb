/* Plans as text; see plan_lines.h. */
#include "plan/plan_lines.h"

#include <limits.h>
#include <string.h>

size_t plan_line_indent(struct text line)
{
    size_t indent = 0;

    while (indent < line.size && (line.data[indent] == ' ' || line.data[indent] == '\t'))
        indent++;
    return indent;
}

enum status plan_line_push(struct plan_line_stack *stack, size_t indent, size_t below_indent, const char *key,
                           struct json_object *node, struct error *error)
{
    struct json_object *siblings = NULL, *parent;

    while (stack->depth > 0 && stack->items[stack->depth - 1].indent >= below_indent)
        stack->depth--;
    if (stack->depth == PLAN_DEPTH_MAX || stack->node_count == PLAN_NODES_MAX) {
        json_object_put(node);
        return error_set(error, STATUS_TOO_LARGE, "The plan has more than %d nodes or is nested deeper than %d.",
                         PLAN_NODES_MAX, PLAN_DEPTH_MAX);
    }
    if (stack->depth == 0 && stack->node_count > 0) {
        json_object_put(node);
        return error_set(error, STATUS_INVALID, "The text has more than one plan, or its indents are lost.");
    }
    if (stack->depth > 0) {
        parent = stack->items[stack->depth - 1].node;
        if (!json_object_object_get_ex(parent, key, &siblings)) {
            siblings = json_object_new_array();
            json_object_object_add(parent, key, siblings);
        }
        json_object_array_add(siblings, node);
    }
    stack->items[stack->depth].indent = indent;
    stack->items[stack->depth].node = node;
    stack->depth++;
    stack->node_count++;
    return STATUS_OK;
}

double plan_line_number(struct text line, const char *name)
{
    const char *found = line.size == 0 ? NULL : memmem(line.data, line.size, name, strlen(name));
    struct text digits;
    double number;

    if (found == NULL)
        return -1;
    digits.data = found + strlen(name);
    digits.size = 0;
    while (digits.data + digits.size < line.data + line.size &&
           memchr("0123456789.e+", digits.data[digits.size], 13) != NULL)
        digits.size++;
    while (digits.size > 0 && digits.data[digits.size - 1] == '.') /* "1.5..2.5" */
        digits.size--;
    for (size_t i = 0; i + 1 < digits.size; i++)
        if (digits.data[i] == '.' && digits.data[i + 1] == '.')
            digits.size = i;
    return text_to_double(digits, &number) && number >= 0 ? number : -1;
}

void plan_json_set_text(struct json_object *object, const char *key, struct text value)
{
    if (value.size > 0 && value.size <= INT_MAX)
        json_object_object_add(object, key, json_object_new_string_len(value.data, (int)value.size));
}

void plan_json_set_number(struct json_object *object, const char *key, double value)
{
    if (value >= 0)
        json_object_object_add(object, key, json_object_new_double(value));
}
