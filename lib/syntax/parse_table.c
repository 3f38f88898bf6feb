/* What stands in FROM: tables, functions, queries, joins. */
#include "syntax/parser.h"

/* ---- aliases ---- */

/* A column of an alias: a name, and a type where a function returns records. */
static node *alias_column_parse(struct parser *p)
{
    size_t from = p->at;
    node *name = any_ident_parse(p), *type, *collation = NULL;

    if (sees_kind(p, TOKEN_COMMA) || sees_kind(p, TOKEN_CLOSE))
        return name;
    type = type_parse(p);
    if (sees(p, W_COLLATE)) {
        size_t begin = p->at;

        skip(p, 1);
        name_parse(p);
        collation = leaf_make(p, SYNTAX_RAW, begin);
    }
    return NODE(p, COLUMN_DEF, from, name, type, collation);
}

node *table_alias_parse(struct parser *p)
{
    size_t from = p->at;
    struct text as = {0};
    node *name = NULL, *columns = NULL, *made;

    if (sees(p, W_AS)) {
        as = token_text(p, 0);
        skip(p, 1);
        if (p->is_mysql && is_string(p, 0)) {
            skip(p, 1);
            name = leaf_make(p, SYNTAX_IDENT, p->at - 1);
        } else if (!sees_kind(p, TOKEN_OPEN))
            name = ident_parse(p);
    } else if (is_table_alias(p, 0)) {
        name = ident_parse(p);
    } else {
        return NULL;
    }
    if (sees_kind(p, TOKEN_OPEN) && !begins_query(p, 0))
        columns = parens_parse(p, alias_column_parse);
    made = NODE(p, ALIAS, from, name, columns);
    made->text = as;
    return made;
}

/* ---- what stands beside a table's name ---- */

static node *sample_parse(struct parser *p)
{
    size_t from = p->at;

    skip(p, 1);
    name_parse(p);
    expect_kind(p, TOKEN_OPEN);
    raw_to_close(p);
    expect_kind(p, TOKEN_CLOSE);
    if (take(p, W_REPEATABLE)) {
        expect_kind(p, TOKEN_OPEN);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
    }
    return leaf_make(p, SYNTAX_RAW, from);
}

/* USE INDEX FOR JOIN (a, b), FORCE KEY (c) */
static node *hints_parse(struct parser *p)
{
    size_t from = p->at;

    while ((sees(p, W_USE) || sees(p, W_FORCE) || sees(p, W_IGNORE)) &&
           (word_at(p, 1) == W_INDEX || word_at(p, 1) == W_KEY)) {
        skip(p, 2);
        if (take(p, W_FOR) && !take(p, W_JOIN)) {
            skip(p, 1);
            expect(p, W_BY);
        }
        expect_kind(p, TOKEN_OPEN);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

/* Of system-versioned tables of MariaDB. */
static node *system_time_parse(struct parser *p)
{
    size_t from = p->at;

    skip(p, 2);
    if (!take(p, W_ALL)) {
        if (TAKE(p, W_AS, W_OF)) {
            if (sees(p, W_TRANSACTION) || (sees(p, W_TIMESTAMP) && !is_string(p, 1)))
                skip(p, 1);
            expression_parse(p);
        } else if (take(p, W_BETWEEN)) {
            expression_from(p, LEVEL_PREDICATE + 1);
            expect(p, W_AND);
            expression_from(p, LEVEL_PREDICATE + 1);
        } else {
            expect(p, W_FROM);
            expression_from(p, LEVEL_PREDICATE + 1);
            expect(p, W_TO);
            expression_from(p, LEVEL_PREDICATE + 1);
        }
    }
    return leaf_make(p, SYNTAX_RAW, from);
}

static node *parts_of_table_parse(struct parser *p)
{
    size_t from = p->at;

    if (!p->is_mysql) {
        if (!is_operator(p, 0, "*"))
            return NULL;
        skip(p, 1); /* t *, which is t */
        return leaf_make(p, SYNTAX_RAW, from);
    }
    if (sees(p, W_PARTITION) && token_at(p, 1)->kind == TOKEN_OPEN) {
        skip(p, 2);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
    }
    if (sees(p, W_FOR) && word_at(p, 1) == W_SYSTEM_TIME) {
        system_time_parse(p);
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

/* ---- tables ---- */

static node *with_ordinality_parse(struct parser *p)
{
    size_t from = p->at;

    return TAKE(p, W_WITH, W_ORDINALITY) ? leaf_make(p, SYNTAX_RAW, from) : NULL;
}

static node *function_finish(struct parser *p, node *call, struct text lateral, size_t from)
{
    node *ordinality = with_ordinality_parse(p);
    node *alias = table_alias_parse(p);
    node *made = NODE(p, TABLE_FUNCTION, from, call, ordinality, alias);

    made->text = lateral;
    return made;
}

static node *row_function_parse(struct parser *p)
{
    size_t from = p->at;
    node *call = operand_parse(p), *alias = sees(p, W_AS) ? table_alias_parse(p) : NULL;

    return alias == NULL ? call : NODE(p, SEQUENCE, from, call, alias);
}

static bool is_function_here(const struct parser *p)
{
    size_t ahead = 1;

    while (token_at(p, ahead)->kind == TOKEN_DOT && is_any_name(p, ahead + 1) && ahead < 8)
        ahead += 2;
    if (token_at(p, ahead)->kind != TOKEN_OPEN)
        return false;
    return !p->is_mysql || sees(p, W_JSON_TABLE) || sees(p, W_SEQUENCE);
}

static node *table_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text = {0};
    node *name, *parts, *alias, *hints = NULL, *made;
    bool is_paren = false;

    if (!p->is_mysql && take(p, W_ONLY)) {
        text = phrase(p, from);
        is_paren = take_kind(p, TOKEN_OPEN);
    }
    name = p->is_mysql && sees(p, W_DUAL) ? NODE(p, NAME, from, any_ident_parse(p)) : name_parse(p);
    if (is_paren)
        expect_kind(p, TOKEN_CLOSE);
    parts = parts_of_table_parse(p);
    alias = table_alias_parse(p);
    if (p->is_mysql)
        hints = hints_parse(p);
    else if (sees(p, W_TABLESAMPLE))
        hints = sample_parse(p);
    made = NODE(p, TABLE, from, name, parts, alias, hints);
    made->text = text;
    made->form = text.size > 0 ? FORM_ONLY : FORM_UNSET;
    return made;
}

static node *joins_parse(struct parser *p, node *left);

/* At a parenthesis: a query, or tables. */
static node *derived_finish(struct parser *p, node *query, struct text lateral, size_t from)
{
    node *made = NODE(p, DERIVED, from, query, table_alias_parse(p));

    made->text = lateral;
    return made;
}

static node *table_list_rest(struct parser *p, node *first)
{
    node_list list = {0};

    list_add(p, &list, joins_parse(p, first));
    while (p->is_mysql && take_kind(p, TOKEN_COMMA))
        list_add(p, &list, table_reference_parse(p));
    return list.count == 1 ? list.items[0] : list_make(p, SYNTAX_LIST, p->at, &list);
}

static node *table_paren_parse(struct parser *p);

static node *table_paren_inner(struct parser *p, size_t from)
{
    node *inner;

    expect_kind(p, TOKEN_OPEN);
    if (begins_query(p, 0) && !sees_kind(p, TOKEN_OPEN)) {
        inner = query_parse(p);
        expect_kind(p, TOKEN_CLOSE);
        return NODE(p, SUBQUERY, from, inner);
    }
    if (begins_query(p, 0)) {
        size_t begin = p->at;

        inner = table_paren_parse(p);
        if (inner->kind == SYNTAX_SUBQUERY && (continues_query(p) || sees_kind(p, TOKEN_CLOSE))) {
            inner = query_rest(p, inner);
            expect_kind(p, TOKEN_CLOSE);
            return NODE(p, SUBQUERY, from, inner);
        }
        if (inner->kind == SYNTAX_SUBQUERY)
            inner = derived_finish(p, inner, TEXT(""), begin);
        else if (inner->kind == SYNTAX_TABLE_PAREN)
            inner->items[1] = table_alias_parse(p);
        inner = table_list_rest(p, inner);
    } else {
        inner = table_list_rest(p, table_reference_parse(p));
    }
    expect_kind(p, TOKEN_CLOSE);
    return NODE(p, TABLE_PAREN, from, inner, NULL);
}

/* SUBQUERY or TABLE_PAREN, without an alias. */
static node *table_paren_parse(struct parser *p)
{
    node *made;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    made = table_paren_inner(p, p->at);
    leave(p);
    return made;
}

static node *rows_from_parse(struct parser *p, struct text lateral, size_t from)
{
    size_t begin = p->at;
    node *made;

    skip(p, 2);
    made = NODE(p, ROWS_FROM, begin, parens_parse(p, row_function_parse));
    return function_finish(p, made, lateral, from);
}

/* { OJ a LEFT JOIN b ON … } */
static node *brace_join_parse(struct parser *p)
{
    size_t from = p->at;
    node *open, *inner;

    skip(p, 1);
    any_ident_parse(p);
    open = leaf_make(p, SYNTAX_RAW, from);
    inner = table_reference_parse(p);
    if (!is_symbol(p, 0, '}'))
        parser_fail(p, "a closing brace belongs here");
    skip(p, 1);
    return NODE(p, SEQUENCE, from, open, inner, leaf_make(p, SYNTAX_RAW, p->at - 1));
}

static node *primary_table_parse(struct parser *p)
{
    size_t from = p->at;
    struct text lateral = {0};
    node *made;

    if (sees(p, W_LATERAL)) {
        lateral = token_text(p, 0);
        skip(p, 1);
    }
    if (sees_kind(p, TOKEN_OPEN)) {
        made = table_paren_parse(p);
        if (made->kind == SYNTAX_SUBQUERY)
            return derived_finish(p, made, lateral, from);
        if (made->kind == SYNTAX_TABLE_PAREN && !p->is_mysql)
            made->items[1] = table_alias_parse(p);
        return made;
    }
    if (p->is_mysql && is_symbol(p, 0, '{'))
        return brace_join_parse(p);
    if (!p->is_mysql && sees(p, W_ROWS) && word_at(p, 1) == W_FROM)
        return rows_from_parse(p, lateral, from);
    if (!sees(p, W_ONLY) && (is_function_here(p) || word_at(p, 0) == W_CURRENT_DATE))
        return function_finish(p, operand_parse(p), lateral, from);
    return table_parse(p);
}

/* ---- joins ---- */

static enum syntax_form join_form_take(struct parser *p)
{
    size_t from = p->at;
    bool is_natural = take(p, W_NATURAL);
    enum syntax_form form = is_natural ? FORM_NATURAL_INNER : FORM_INNER;

    if (p->is_mysql && take(p, W_STRAIGHT_JOIN))
        return form;
    if (!is_natural && take(p, W_CROSS)) {
        form = FORM_CROSS;
    } else if (take(p, W_LEFT)) {
        form = is_natural ? FORM_NATURAL_LEFT : FORM_LEFT;
        take(p, W_OUTER);
    } else if (take(p, W_RIGHT)) {
        form = is_natural ? FORM_NATURAL_RIGHT : FORM_RIGHT;
        take(p, W_OUTER);
    } else if (!p->is_mysql && take(p, W_FULL)) {
        form = is_natural ? FORM_NATURAL_FULL : FORM_FULL;
        take(p, W_OUTER);
    } else {
        take(p, W_INNER);
    }
    if (take(p, W_JOIN))
        return form;
    if (p->at > from)
        parser_fail(p, "JOIN belongs here");
    return FORM_UNSET;
}

static bool sees_join(const struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_JOIN:
    case W_INNER:
    case W_CROSS:
    case W_NATURAL:
        return true;
    case W_LEFT:
    case W_RIGHT:
        return word_at(p, 1) == W_JOIN || word_at(p, 1) == W_OUTER;
    case W_FULL:
        return !p->is_mysql;
    case W_STRAIGHT_JOIN:
        return p->is_mysql;
    default:
        return false;
    }
}

static node *using_column_parse(struct parser *p)
{
    return any_ident_parse(p);
}

static node *join_step(struct parser *p, node *left)
{
    size_t from = p->at;
    enum syntax_form form = join_form_take(p);
    struct text text = phrase(p, from);
    bool may_have_on = form == FORM_INNER || form == FORM_LEFT || form == FORM_RIGHT || form == FORM_FULL ||
                       (form == FORM_CROSS && p->is_mysql);
    node *right = primary_table_parse(p), *on = NULL, *columns = NULL, *alias = NULL, *made;

    if (!enter(p)) {
        leave(p);
        return left;
    }
    while (may_have_on && !p->has_failed && sees_join(p) && !sees(p, W_ON) && !sees(p, W_USING))
        right = join_step(p, right);
    if (may_have_on && take(p, W_ON)) {
        on = expression_parse(p);
    } else if (may_have_on && take(p, W_USING)) {
        columns = parens_parse(p, using_column_parse);
        if (!p->is_mysql && take(p, W_AS))
            alias = ident_parse(p);
    } else if (may_have_on && (!p->is_mysql || (form != FORM_INNER && form != FORM_CROSS))) {
        parser_fail(p, "ON or USING belongs here");
    }
    made = NODE(p, JOIN, from, left, right, on, columns, alias);
    made->text = text;
    made->form = (uint16_t)form;
    leave(p);
    return made;
}

static node *joins_parse(struct parser *p, node *left)
{
    while (sees_join(p) && !p->has_failed)
        left = join_step(p, left);
    return left;
}

node *table_reference_parse(struct parser *p)
{
    node *made;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    made = joins_parse(p, primary_table_parse(p));
    leave(p);
    return made;
}

node *tables_parse(struct parser *p)
{
    return list_parse(p, table_reference_parse);
}
