/* Checks of conditions: comparisons, IN, LIKE, OR. */
#include "advise/examine.h"

#include <stdio.h>

static bool is_comparison(node *at)
{
    return at->form >= FORM_EQUAL && at->form <= FORM_GREATER_EQUAL;
}

static bool is_text_literal(node *at)
{
    at = syntax_bare(at);
    return at != NULL && at->kind == SYNTAX_LITERAL && at->form == FORM_STRING;
}

void check_leading_wildcard(struct examiner *e, node *at)
{
    node *pattern = syntax_bare(at->items[1]), *left = syntax_bare(at->items[0]);

    if ((at->form != FORM_LIKE && at->form != FORM_ILIKE) || left->kind != SYNTAX_NAME || !e->is_condition)
        return;
    if (is_text_literal(pattern) && pattern->text.size > 2 && pattern->text.data[1] == '%')
        found(e, at, "%s is compared with the pattern %s.", shown(e, left), shown(e, pattern));
}

/* MySQL compares a text with a number as numbers, PostgreSQL an integer with 1.5 as numeric: the column is converted
 * in every row, and no index of it helps. */
static bool is_converted(const struct examiner *e, const struct schema_column *column, node *other)
{
    const struct source *source;
    const struct schema_column *other_column = column_of(e, other, &source);
    bool is_mysql = e->tree->dialect == SQL_DIALECT_MYSQL;

    other = syntax_bare(other);
    if (other_column != NULL)
        return is_mysql && column->type == COLUMN_TYPE_TEXT &&
               (other_column->type == COLUMN_TYPE_INTEGER || other_column->type == COLUMN_TYPE_NUMBER);
    if (other->kind == SYNTAX_UNARY && (other->form == FORM_MINUS || other->form == FORM_PLUS))
        other = syntax_bare(other->items[0]);
    if (other->kind != SYNTAX_LITERAL || other->form != FORM_NUMBER)
        return false;
    return is_mysql ? column->type == COLUMN_TYPE_TEXT
                    : column->type == COLUMN_TYPE_INTEGER && memchr(other->text.data, '.', other->text.size) != NULL;
}

void check_implicit_conversion(struct examiner *e, node *at)
{
    const struct source *source;

    if (!e->is_condition || (at->kind == SYNTAX_BINARY && !is_comparison(at)))
        return;
    for (size_t side = 0; side < 2; side++) {
        const struct schema_column *column = column_of(e, at->items[side], &source);
        node *other = at->items[1 - side];

        if (column == NULL || (at->kind == SYNTAX_IN && side == 1))
            continue;
        if (at->kind == SYNTAX_IN)
            other = other->kind == SYNTAX_TUPLE && other->count > 0 ? other->items[0] : NULL;
        if (other != NULL && is_converted(e, column, other)) {
            found(e, at, "The column %s is converted to be compared with %s.", shown(e, at->items[side]),
                  shown(e, other));
            return;
        }
    }
}

static void check_wrapped(struct examiner *e, node *at, node *wrapped)
{
    const struct schema_column *column;
    const struct source *source;
    size_t count = 0;
    node *name;

    wrapped = syntax_bare(wrapped);
    if (wrapped->kind != SYNTAX_CALL && wrapped->kind != SYNTAX_CAST && wrapped->kind != SYNTAX_CAST_COLONS &&
        !(wrapped->kind == SYNTAX_BINARY && wrapped->form >= FORM_ADD && wrapped->form <= FORM_CONCAT))
        return;
    name = only_column(wrapped, &count);
    column = count == 1 ? column_of(e, name, &source) : NULL;
    if (column != NULL && source->table != NULL && is_indexed(source->table, column->name) &&
        !has_expression_index(source->table))
        found(e, at, "%s hides the column %s, which has an index.", shown(e, wrapped), shown(e, name));
}

void check_function_on_column(struct examiner *e, node *at)
{
    if (!e->is_condition)
        return;
    if (at->kind == SYNTAX_BINARY) {
        for (size_t side = 0; is_comparison(at) && side < 2; side++)
            if (is_constant(at->items[1 - side]))
                check_wrapped(e, at, at->items[side]);
    } else if (at->kind == SYNTAX_IN ? at->form != FORM_NOT && is_constant(at->items[1])
                                     : at->form != FORM_NOT && is_constant(at->items[1]) && is_constant(at->items[2])) {
        check_wrapped(e, at, at->items[0]);
    }
}

/* Does a condition of the query keep rows where the column is NULL out? */
static bool rejects_null(struct examiner *e, node *query, node *column)
{
    node *parts[PARTS_MAX];
    size_t count = conjuncts(query->items[SELECT_WHERE], parts, PARTS_MAX);

    if (count >= PARTS_MAX) {
        e->is_cut = true; /* one behind the bound may reject it */
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_rejecting = (parts[i]->kind == SYNTAX_IS && parts[i]->form == FORM_IS_NOT_NULL) ||
                            (parts[i]->kind == SYNTAX_BINARY && is_comparison(parts[i]));

        for (uint32_t k = 0; is_rejecting && k < parts[i]->count; k++)
            if (syntax_equal(parts[i]->items[k], column))
                return true;
    }
    return false;
}

void check_not_in_nullable(struct examiner *e, node *at)
{
    node *query, *targets, *value;
    const struct schema_column *column;
    const struct source *source;

    if (at->form != FORM_NOT || at->items[1]->kind != SYNTAX_SUBQUERY)
        return;
    query = at->items[1]->items[0];
    targets = query->kind == SYNTAX_SELECT ? query->items[SELECT_TARGETS] : NULL;
    if (targets == NULL || targets->count != 1)
        return;
    value = targets->items[0]->items[0];
    column = column_of(e, value, &source);
    if (column != NULL && (!column->is_not_null || source->is_optional) && !rejects_null(e, query, value))
        found(e, at, "%s may be NULL: then no row at all is kept.", shown(e, value));
}

void check_equals_null(struct examiner *e, node *at)
{
    if (is_comparison(at) && (is_null(at->items[0]) || is_null(at->items[1])))
        found(e, at, "%s is never true.", shown(e, at));
}

void check_in_list_long(struct examiner *e, node *at)
{
    if (at->items[1]->kind == SYNTAX_TUPLE && at->items[1]->count >= 1000)
        found(e, at, "The list has %u items.", (unsigned)at->items[1]->count);
}

/* The column that an arm of OR compares with a constant; NULL: it does something else. */
static node *compared_column(node *arm)
{
    arm = syntax_bare(arm);
    if (arm->kind == SYNTAX_BINARY && is_comparison(arm)) {
        for (size_t side = 0; side < 2; side++)
            if (syntax_bare(arm->items[side])->kind == SYNTAX_NAME && is_constant(arm->items[1 - side]))
                return syntax_bare(arm->items[side]);
    } else if ((arm->kind == SYNTAX_IN || arm->kind == SYNTAX_BETWEEN) && arm->form != FORM_NOT &&
               syntax_bare(arm->items[0])->kind == SYNTAX_NAME && is_constant(arm->items[1])) {
        return syntax_bare(arm->items[0]);
    }
    return NULL;
}

void check_or_over_tables(struct examiner *e, node *at)
{
    const struct source *first = NULL;

    if (at->form != FORM_OR || !e->is_condition)
        return;
    for (uint32_t i = 0; i < at->count; i++) {
        node *name = compared_column(at->items[i]);
        const struct source *source = name == NULL ? NULL : source_of(e, name);

        if (source == NULL || source->is_optional)
            return;
        if (first != NULL && source != first) {
            found(e, at, "One arm asks for %s, another for %s.", shown(e, compared_column(at->items[0])),
                  shown(e, name));
            return;
        }
        first = first == NULL ? source : first;
    }
}

void check_or_over_columns(struct examiner *e, node *at)
{
    node *with_index = NULL, *without = NULL;
    const struct source *first = NULL;

    if (at->form != FORM_OR || !e->is_condition)
        return;
    for (uint32_t i = 0; i < at->count; i++) {
        node *name = compared_column(at->items[i]);
        const struct source *source;
        const struct schema_column *column = name == NULL ? NULL : column_of(e, name, &source);

        if (column == NULL || source->table == NULL || (first != NULL && source != first))
            return;
        first = source;
        if (is_indexed(source->table, column->name))
            with_index = name;
        else
            without = name;
    }
    if (with_index != NULL && without != NULL)
        found(e, at, "%s has an index, %s has none: so the whole table is read.", shown(e, with_index),
              shown(e, without));
}

void check_count_for_exists(struct examiner *e, node *at)
{
    static const char *const names[] = {"count", NULL};
    node *query = syntax_bare(at->items[0]), *targets, *call;
    double number = number_of(at->items[1]);

    if (query->kind != SYNTAX_SUBQUERY ||
        !((number == 0 && (at->form == FORM_GREATER || at->form == FORM_EQUAL || at->form == FORM_NOT_EQUAL)) ||
          (number == 1 && (at->form == FORM_GREATER_EQUAL || at->form == FORM_LESS))))
        return;
    query = query->items[0];
    targets = query->kind == SYNTAX_SELECT ? query->items[SELECT_TARGETS] : NULL;
    if (targets == NULL || targets->count != 1 || query->items[SELECT_GROUP] != NULL ||
        query->items[SELECT_FROM] == NULL)
        return;
    call = targets->items[0]->items[0];
    if (is_call_of(call, names) && call->items[CALL_AFTER] == NULL &&
        (call->items[CALL_ARGUMENTS]->kind == SYNTAX_STAR || is_constant(call->items[CALL_ARGUMENTS])))
        found(e, at, "All rows are counted to learn whether there is one: %s.", shown(e, at));
}
