/* Looking at trees: comparison, parentheses, parts of queries. */
#include "syntax/syntax.h"

const struct syntax_node *syntax_bare(const struct syntax_node *node)
{
    while (node != NULL && node->kind == SYNTAX_PAREN)
        node = node->items[0];
    return node;
}

bool syntax_is_query(const struct syntax_node *node)
{
    return node != NULL &&
           (node->kind == SYNTAX_SELECT || node->kind == SYNTAX_SET_OPERATION || node->kind == SYNTAX_QUERY_PAREN ||
            node->kind == SYNTAX_VALUES || node->kind == SYNTAX_TABLE_QUERY);
}

const struct syntax_node *syntax_tail(const struct syntax_node *query, enum syntax_kind kind)
{
    const struct syntax_node *tail = syntax_item(query, QUERY_TAIL);

    for (size_t i = 0; tail != NULL && i < tail->count; i++)
        if (tail->items[i]->kind == kind)
            return tail->items[i];
    return NULL;
}

/* Names and strings are compared as they are spelled, words without their case. */
static bool is_exact(const struct syntax_node *node)
{
    return node->kind == SYNTAX_IDENT || node->kind == SYNTAX_LITERAL || node->kind == SYNTAX_VARIABLE ||
           node->kind == SYNTAX_RAW;
}

bool syntax_equal(const struct syntax_node *left, const struct syntax_node *right)
{
    left = syntax_bare(left);
    right = syntax_bare(right);
    if (left == NULL || right == NULL)
        return left == right;
    if (left->kind != right->kind || left->form != right->form || left->count != right->count)
        return false;
    if (is_exact(left) ? !text_equal(left->text, right->text) : !text_equal_nocase(left->text, right->text))
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (!syntax_equal(left->items[i], right->items[i]))
            return false;
    return true;
}
