/* INSERT, REPLACE, UPDATE, DELETE; and which statement this is. */
#include "syntax/parser.h"

static node *returning_parse(struct parser *p)
{
    size_t from = p->at;

    if (!take(p, W_RETURNING))
        return NULL;
    return NODE(p, RETURNING, from, targets_parse(p));
}

/* a, a.b, a[1], (a, b) */
static node *assigned_column_parse(struct parser *p)
{
    size_t from = p->at;
    node *made;

    if (is_any_name(p, 0)) {
        made = name_or_star_parse(p);
        return operand_rest(p, made, from);
    }
    if (!enter(p) || p->is_mysql || !sees_kind(p, TOKEN_OPEN)) {
        parser_fail(p, "a column belongs here");
        made = node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    } else {
        made = parens_parse(p, assigned_column_parse);
        made = node_make(p, SYNTAX_TUPLE, from, made->items, made->count);
    }
    leave(p);
    return made;
}

static node *assignment_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text;
    node *column, *made;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    column = assigned_column_parse(p);
    text = token_text(p, 0);
    if (!is_operator(p, 0, "=") && !(p->is_mysql && is_operator(p, 0, ":=")))
        parser_fail(p, "= belongs here");
    skip(p, 1);
    made = NODE(p, ASSIGN, from, column, expression_or_default_parse(p));
    made->text = text;
    leave(p);
    return made;
}

static node *assignments_parse(struct parser *p)
{
    return list_parse(p, assignment_parse);
}

/* ---- INSERT ---- */

static node *on_conflict_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *target = NULL, *where = NULL, *set = NULL, *where_update = NULL, *made;
    struct text text;

    skip(p, 2);
    begin = p->at;
    if (TAKE(p, W_ON, W_CONSTRAINT)) {
        ident_parse(p);
        target = leaf_make(p, SYNTAX_RAW, begin);
    } else if (sees_kind(p, TOKEN_OPEN)) {
        node *list = parens_parse(p, index_element_parse);

        target = node_make(p, SYNTAX_TUPLE, begin, list->items, list->count);
        if (take(p, W_WHERE))
            where = expression_parse(p);
    }
    begin = p->at;
    expect(p, W_DO);
    if (!take(p, W_NOTHING))
        expect(p, W_UPDATE);
    text = phrase(p, begin);
    if (take(p, W_SET)) {
        set = assignments_parse(p);
        if (take(p, W_WHERE))
            where_update = expression_parse(p);
    }
    made = NODE(p, ON_CONFLICT, from, target, where, set, where_update);
    made->text = text;
    return made;
}

static node *on_parse(struct parser *p)
{
    size_t from = p->at;

    if (!p->is_mysql)
        return sees(p, W_ON) && word_at(p, 1) == W_CONFLICT ? on_conflict_parse(p) : NULL;
    if (!TAKE(p, W_ON, W_DUPLICATE, W_KEY, W_UPDATE))
        return NULL;
    return NODE(p, ON_DUPLICATE, from, assignments_parse(p));
}

/* The rows: VALUES of MySQL have VALUE too, an alias behind them, and SET instead. */
static node *insert_source_parse(struct parser *p)
{
    size_t from = p->at;
    node *made;

    if (TAKE(p, W_DEFAULT, W_VALUES))
        return leaf_make(p, SYNTAX_RAW, from);
    if (p->is_mysql && take(p, W_SET)) {
        made = NODE(p, CLAUSE, from, assignments_parse(p));
        made->text = TEXT("SET");
        return made;
    }
    if (p->is_mysql && sees(p, W_VALUE)) {
        struct text text = token_text(p, 0);

        skip(p, 1);
        made = NODE(p, VALUES, from, NULL, NULL, list_parse(p, row_parse));
        made->text = text;
        return made;
    }
    return query_parse(p);
}

static bool begins_columns(const struct parser *p)
{
    return sees_kind(p, TOKEN_OPEN) && !begins_query(p, 0);
}

static node *insert_columns_parse(struct parser *p)
{
    size_t from = p->at;

    if (p->is_mysql && token_at(p, 1)->kind == TOKEN_CLOSE) {
        skip(p, 2); /* INSERT INTO t () VALUES () */
        return leaf_make(p, SYNTAX_RAW, from);
    }
    return parens_parse(p, assigned_column_parse);
}

static node *insert_parse(struct parser *p, node *with, size_t from)
{
    static const enum word words[] = {W_LOW_PRIORITY, W_DELAYED, W_HIGH_PRIORITY, W_IGNORE, W_INTO, W_NONE};
    size_t begin = p->at;
    bool is_replace = sees(p, W_REPLACE);
    node *table, *columns = NULL, *alias = NULL, *source, *on, *returning, *made, *parts = NULL;
    struct text text;
    bool is_empty_list = false;

    skip(p, 1);
    if (p->is_mysql)
        raw_words_take(p, words);
    else
        expect(p, W_INTO);
    text = phrase(p, begin);
    begin = p->at;
    table = name_parse(p);
    if (p->is_mysql && sees(p, W_PARTITION) && token_at(p, 1)->kind == TOKEN_OPEN) {
        size_t at = p->at;

        skip(p, 2);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
        parts = leaf_make(p, SYNTAX_RAW, at);
    }
    table = NODE(p, TABLE, begin, table, parts, !p->is_mysql && sees(p, W_AS) ? table_alias_parse(p) : NULL, NULL);
    if (begins_columns(p)) {
        columns = insert_columns_parse(p);
        is_empty_list = columns->kind == SYNTAX_RAW;
    }
    begin = p->at;
    if (!p->is_mysql && take(p, W_OVERRIDING)) {
        skip(p, 1);
        expect(p, W_VALUE);
        alias = leaf_make(p, SYNTAX_RAW, begin);
    }
    if (is_empty_list) { /* its parentheses are written by the template of the list */
        alias = columns;
        columns = NULL;
    }
    source = insert_source_parse(p);
    if (p->is_mysql && sees(p, W_AS))
        source = NODE(p, SEQUENCE, begin, source, table_alias_parse(p));
    on = on_parse(p);
    returning = returning_parse(p);
    made = NODE(p, INSERT, from, with, NULL, table, columns, alias, source, on, returning);
    made->text = text;
    made->form = is_replace ? FORM_REPLACE : FORM_UNSET;
    return made;
}

/* ---- UPDATE and DELETE ---- */

static node *update_parse(struct parser *p, node *with, size_t from)
{
    static const enum word words[] = {W_LOW_PRIORITY, W_IGNORE, W_NONE};
    size_t begin = p->at;
    node *tables, *set, *others = NULL, *where = NULL, *tail = NULL, *made;
    struct text text;

    skip(p, 1);
    if (p->is_mysql)
        raw_words_take(p, words);
    text = phrase(p, begin);
    tables = p->is_mysql ? tables_parse(p) : table_reference_parse(p);
    expect(p, W_SET);
    set = assignments_parse(p);
    if (!p->is_mysql && take(p, W_FROM))
        others = tables_parse(p);
    if (take(p, W_WHERE))
        where = expression_parse(p);
    if (p->is_mysql)
        tail = tail_parse(p);
    made = NODE(p, UPDATE, from, with, tail, tables, set, others, where, returning_parse(p));
    made->text = text;
    return made;
}

/* A table to delete from: t, t.*, db.t.* */
static node *delete_target_parse(struct parser *p)
{
    size_t from = p->at;

    if (!is_any_name(p, 0))
        parser_fail(p, "a table belongs here");
    return NODE(p, TABLE, from, name_or_star_parse(p), NULL, NULL, NULL);
}

static node *delete_finish(struct parser *p, node *with, size_t from, struct text text, node *tables, node *using)
{
    node *where = NULL, *tail = NULL, *made;

    if (take(p, W_WHERE))
        where = expression_parse(p);
    if (p->is_mysql)
        tail = tail_parse(p);
    made = NODE(p, DELETE, from, with, tail, tables, using, NULL, where, returning_parse(p));
    made->text = text;
    return made;
}

static node *delete_using_parse(struct parser *p, enum word word)
{
    size_t from = p->at;
    node *made;

    if (!take(p, word))
        return NULL;
    made = NODE(p, USING, from, tables_parse(p));
    made->text = word == W_FROM ? TEXT("FROM") : TEXT("USING");
    return made;
}

static node *delete_parse(struct parser *p, node *with, size_t from)
{
    static const enum word words[] = {W_LOW_PRIORITY, W_QUICK, W_IGNORE, W_NONE};
    size_t begin = p->at;
    node *tables, *using;
    struct text text;

    skip(p, 1);
    if (!p->is_mysql) {
        expect(p, W_FROM);
        text = phrase(p, begin);
        tables = table_reference_parse(p);
        return delete_finish(p, with, from, text, tables, delete_using_parse(p, W_USING));
    }
    raw_words_take(p, words);
    if (sees(p, W_HISTORY))
        skip(p, 1);
    if (!take(p, W_FROM)) { /* DELETE a, b FROM a JOIN b */
        text = phrase(p, begin);
        tables = list_parse(p, delete_target_parse);
        using = delete_using_parse(p, W_FROM);
        if (using == NULL)
            parser_fail(p, "FROM belongs here");
        return delete_finish(p, with, from, text, tables, using);
    }
    text = phrase(p, begin);
    begin = p->at;
    tables = is_any_name(p, 0) && (token_at(p, 1)->kind == TOKEN_COMMA || word_at(p, 1) == W_USING ||
                                   token_at(p, 1)->kind == TOKEN_DOT)
                 ? NULL
                 : table_reference_parse(p);
    if (tables != NULL)
        return delete_finish(p, with, from, text, tables, NULL);
    tables = list_parse(p, delete_target_parse); /* DELETE FROM a, b USING a JOIN b */
    using = delete_using_parse(p, W_USING);
    if (using == NULL && tables->count == 1 && !p->has_failed) { /* DELETE FROM db.t AS a WHERE … */
        p->at = begin;
        tables = table_reference_parse(p);
    } else if (using == NULL) {
        parser_fail(p, "USING belongs here");
    }
    return delete_finish(p, with, from, text, tables, using);
}

node *write_parse(struct parser *p, node *with, size_t from)
{
    switch (word_at(p, 0)) {
    case W_INSERT:
        return insert_parse(p, with, from);
    case W_REPLACE:
        return p->is_mysql ? insert_parse(p, with, from) : NULL;
    case W_UPDATE:
        return update_parse(p, with, from);
    case W_DELETE:
        return delete_parse(p, with, from);
    default:
        return NULL;
    }
}

/* Put a WITH that was read before its statement's query into it. */
static node *with_put(struct parser *p, node *query, node *with)
{
    if (with == NULL || p->has_failed)
        return query;
    query->items[QUERY_WITH] = with;
    query->from = with->from;
    if (with->depth >= query->depth)
        query->depth = with->depth + 1;
    if (query->depth > SYNTAX_DEPTH_MAX)
        parser_fail(p, "too many levels inside each other");
    return query;
}

node *statement_parse(struct parser *p)
{
    size_t from = p->at;
    node *with, *made;

    switch (word_at(p, 0)) {
    case W_CREATE:
    case W_ALTER:
        return schema_statement_parse(p);
    default:
        break;
    }
    with = with_parse(p);
    made = write_parse(p, with, from);
    if (made != NULL)
        return made;
    if (!begins_query(p, 0) || sees(p, W_WITH)) {
        parser_fail(p, "a statement of a kind that is not examined");
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    return with_put(p, query_parse(p), with);
}
