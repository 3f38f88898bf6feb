/* SELECT, VALUES, TABLE, set operations, and what follows them. */
#include "syntax/parser.h"

bool begins_query(const struct parser *p, size_t ahead)
{
    const struct token *token = token_at(p, ahead);
    size_t at = token->kind == TOKEN_OPEN ? token->after_opens : p->at + ahead;

    if (token->kind == TOKEN_OPEN && p->has_failed)
        return false;
    switch (p->tokens[at].word) {
    case W_SELECT:
    case W_WITH:
        return true;
    case W_VALUES:
        return !p->is_mysql || p->tokens[at + 1].word == W_ROW || p->tokens[at + 1].kind == TOKEN_OPEN;
    case W_TABLE:
        return true;
    default:
        return false;
    }
}

static enum syntax_form set_form(enum word word, bool is_all)
{
    switch (word) {
    case W_UNION:
        return is_all ? FORM_UNION_ALL : FORM_UNION;
    case W_INTERSECT:
        return is_all ? FORM_INTERSECT_ALL : FORM_INTERSECT;
    default:
        return is_all ? FORM_EXCEPT_ALL : FORM_EXCEPT;
    }
}

static int set_level(const struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_UNION:
    case W_EXCEPT:
        return 1;
    case W_INTERSECT:
        return 2;
    default:
        return 0;
    }
}

bool continues_query(const struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_ORDER:
    case W_LIMIT:
    case W_OFFSET:
    case W_FETCH:
    case W_FOR:
        return true;
    default:
        return set_level(p) > 0;
    }
}

/* ---- SELECT ---- */

static node *target_parse(struct parser *p)
{
    size_t from = p->at;
    struct text as = {0};
    node *value, *label = NULL, *made;

    if (is_operator(p, 0, "*")) {
        skip(p, 1);
        value = leaf_make(p, SYNTAX_STAR, from);
        return NODE(p, TARGET, from, value, NULL);
    }
    value = expression_parse(p);
    if (sees(p, W_AS)) {
        as = token_text(p, 0);
        skip(p, 1);
    }
    if (as.size > 0 || is_label(p, 0)) {
        if (p->is_mysql && is_string(p, 0)) {
            skip(p, 1);
            label = leaf_make(p, SYNTAX_IDENT, p->at - 1);
        } else
            label = any_ident_parse(p);
    }
    made = NODE(p, TARGET, from, value, label);
    made->text = as;
    return made;
}

node *targets_parse(struct parser *p)
{
    return list_parse(p, target_parse);
}

static node *select_options_parse(struct parser *p, enum syntax_form *out_form)
{
    static const enum word words[] = {W_ALL,           W_DISTINCT,         W_DISTINCTROW,         W_HIGH_PRIORITY,
                                      W_STRAIGHT_JOIN, W_SQL_SMALL_RESULT, W_SQL_BIG_RESULT,      W_SQL_BUFFER_RESULT,
                                      W_SQL_CACHE,     W_SQL_NO_CACHE,     W_SQL_CALC_FOUND_ROWS, W_NONE};
    size_t from = p->at;
    node *made;

    if (p->is_mysql) {
        made = raw_words_take(p, words);
        for (size_t i = from; i < p->at && !p->has_failed; i++)
            if (p->tokens[i].word == W_DISTINCT || p->tokens[i].word == W_DISTINCTROW)
                *out_form = FORM_DISTINCT;
        return made;
    }
    if (take(p, W_ALL))
        return leaf_make(p, SYNTAX_RAW, from);
    if (!take(p, W_DISTINCT))
        return NULL;
    *out_form = FORM_DISTINCT;
    if (!take(p, W_ON))
        return leaf_make(p, SYNTAX_RAW, from);
    *out_form = FORM_DISTINCT_ON;
    made = NODE(p, CLAUSE, from, paren_parse(p));
    made->text = TEXT("DISTINCT ON");
    return made;
}

/* INTO of either dialect: where the rows go. */
static node *into_parse(struct parser *p)
{
    static const enum word words[] = {W_TEMPORARY, W_TEMP, W_LOCAL, W_GLOBAL, W_UNLOGGED, W_TABLE, W_NONE};
    size_t from = p->at;

    skip(p, 1);
    if (!p->is_mysql) {
        raw_words_take(p, words);
        name_parse(p);
        return leaf_make(p, SYNTAX_INTO, from);
    }
    if (take(p, W_OUTFILE) || take(p, W_DUMPFILE)) {
        if (!is_string(p, 0))
            parser_fail(p, "a file's name belongs here");
        while (is_string(p, 0) || (is_any_name(p, 0) && !sees(p, W_FROM) && !sees(p, W_WHERE) && !sees(p, W_FOR) &&
                                   !sees(p, W_UNION) && !sees(p, W_LIMIT) && !sees(p, W_LOCK)))
            skip(p, 1);
        return leaf_make(p, SYNTAX_INTO, from);
    }
    do
        (void)(is_operator(p, 0, "@") ? operand_parse(p) : ident_parse(p));
    while (take_kind(p, TOKEN_COMMA));
    return leaf_make(p, SYNTAX_INTO, from);
}

static node *group_item_parse(struct parser *p)
{
    size_t from = p->at;
    node *value, *made;

    if (sees_kind(p, TOKEN_OPEN) && token_at(p, 1)->kind == TOKEN_CLOSE) {
        skip(p, 2);
        return node_make(p, SYNTAX_TUPLE, from, NULL, 0);
    }
    if (!p->is_mysql && TAKE(p, W_GROUPING, W_SETS)) {
        made = enter(p) ? NODE(p, GROUPING_SETS, from, parens_parse(p, group_item_parse))
                        : node_make(p, SYNTAX_RAW, from, NULL, 0);
        leave(p);
        return made;
    }
    value = expression_parse(p);
    if (!p->is_mysql || (!sees(p, W_ASC) && !sees(p, W_DESC)))
        return value;
    made = NODE(p, SORT, from, value);
    made->text = token_text(p, 0);
    made->form = sees(p, W_DESC) ? FORM_DESC : FORM_UNSET;
    skip(p, 1);
    return made;
}

static node *group_parse(struct parser *p)
{
    size_t from = p->at, begin;
    struct text quantifier = {0};
    node *list, *rollup = NULL, *made;

    skip(p, 1);
    expect(p, W_BY);
    if (!p->is_mysql && (sees(p, W_ALL) || sees(p, W_DISTINCT))) {
        quantifier = token_text(p, 0);
        skip(p, 1);
    }
    list = list_parse(p, group_item_parse);
    begin = p->at;
    if (p->is_mysql && TAKE(p, W_WITH, W_ROLLUP))
        rollup = leaf_make(p, SYNTAX_RAW, begin);
    made = NODE(p, GROUP, from, list, rollup);
    made->text = quantifier;
    return made;
}

static node *window_parse(struct parser *p)
{
    size_t from = p->at;
    node *name = ident_parse(p);

    expect(p, W_AS);
    return NODE(p, WINDOW, from, name, window_spec_parse(p));
}

static node *select_parse(struct parser *p)
{
    size_t from = p->at;
    enum syntax_form form = FORM_UNSET;
    node *options, *targets = NULL, *into = NULL, *tables = NULL, *where = NULL, *group = NULL, *having = NULL;
    node *windows = NULL, *made;

    skip(p, 1);
    options = select_options_parse(p, &form);
    if (p->is_mysql ||
        !(sees(p, W_FROM) || sees(p, W_WHERE) || sees(p, W_INTO) || sees_kind(p, TOKEN_END) ||
          sees_kind(p, TOKEN_CLOSE) || sees_kind(p, TOKEN_SEMICOLON) || set_level(p) > 0 || continues_query(p)))
        targets = targets_parse(p);
    if (sees(p, W_INTO))
        into = into_parse(p);
    if (take(p, W_FROM))
        tables = tables_parse(p);
    if (take(p, W_WHERE))
        where = expression_parse(p);
    if (sees(p, W_GROUP))
        group = group_parse(p);
    if (take(p, W_HAVING))
        having = expression_parse(p);
    if (sees(p, W_WINDOW) && word_at(p, 2) == W_AS) {
        skip(p, 1);
        windows = list_parse(p, window_parse);
    }
    made = NODE(p, SELECT, from, NULL, NULL, options, targets, into, tables, where, group, having, windows);
    made->form = (uint16_t)form;
    return made;
}

/* ---- VALUES, TABLE, parentheses, set operations ---- */

node *row_parse(struct parser *p)
{
    size_t from = p->at;
    node_list items = {0};

    if (p->is_mysql && sees(p, W_ROW))
        return operand_parse(p);
    expect_kind(p, TOKEN_OPEN);
    if (!(p->is_mysql && sees_kind(p, TOKEN_CLOSE)))
        do
            list_add(p, &items, expression_or_default_parse(p));
        while (take_kind(p, TOKEN_COMMA));
    expect_kind(p, TOKEN_CLOSE);
    return list_make(p, SYNTAX_TUPLE, from, &items);
}

static node *primary_parse(struct parser *p)
{
    size_t from = p->at;
    node *made;

    switch (word_at(p, 0)) {
    case W_SELECT:
        return select_parse(p);
    case W_VALUES: {
        struct text text = token_text(p, 0);

        skip(p, 1);
        made = NODE(p, VALUES, from, NULL, NULL, list_parse(p, row_parse));
        made->text = text;
        return made;
    }
    case W_TABLE:
        skip(p, 1);
        return NODE(p, TABLE_QUERY, from, NULL, NULL, table_reference_parse(p));
    default:
        if (!sees_kind(p, TOKEN_OPEN))
            parser_fail(p, "a query belongs here");
        made = subquery_parse(p);
        return NODE(p, QUERY_PAREN, from, NULL, NULL, (node *)syntax_item(made, 0));
    }
}

static node *set_rest(struct parser *p, node *left, int least)
{
    int level;

    while ((level = set_level(p)) >= least && level > 0) {
        size_t begin = p->at;
        enum word word = word_at(p, 0);
        bool is_all;
        struct text text;
        node *right;

        if (!enter(p)) {
            leave(p);
            break;
        }
        skip(p, 1);
        is_all = take(p, W_ALL);
        if (!is_all)
            take(p, W_DISTINCT);
        text = phrase(p, begin);
        right = set_rest(p, primary_parse(p), level + 1);
        left = NODE(p, SET_OPERATION, begin, NULL, NULL, left, right);
        left->text = text;
        left->form = (uint16_t)set_form(word, is_all);
        leave(p);
    }
    return left;
}

/* Give a query its WITH and its tail, which its own parts do not have. */
static node *query_complete(struct parser *p, node *query, node *with)
{
    node *tail = tail_parse(p);
    node *parts[] = {with, tail};

    if (query->count <= QUERY_TAIL) /* only after a failure */
        return query;
    if (p->at > 0 && !p->has_failed)
        query->to = p->tokens[p->at - 1].to;
    for (size_t i = 0; i < 2; i++) {
        if (parts[i] == NULL)
            continue;
        query->items[i] = parts[i];
        if (parts[i]->depth >= query->depth)
            query->depth = parts[i]->depth + 1;
        if (parts[i]->from < query->from)
            query->from = parts[i]->from;
    }
    if (query->depth > SYNTAX_DEPTH_MAX)
        parser_fail(p, "too many levels inside each other");
    return query;
}

node *query_parse(struct parser *p)
{
    node *with, *query;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    with = with_parse(p);
    query = query_complete(p, set_rest(p, primary_parse(p), 1), with);
    leave(p);
    return query;
}

node *query_rest(struct parser *p, node *left)
{
    node *query = NODE(p, QUERY_PAREN, p->at, NULL, NULL, (node *)syntax_item(left, 0));

    return query_complete(p, set_rest(p, query, 1), NULL);
}

node *subquery_parse(struct parser *p)
{
    node *made = paren_parse(p);

    if (made->kind != SYNTAX_SUBQUERY)
        parser_fail(p, "a query belongs in these parentheses");
    return made;
}

/* ---- WITH ---- */

static node *cte_body_parse(struct parser *p)
{
    size_t from = p->at;
    node *with, *made;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    with = sees(p, W_WITH) ? with_parse(p) : NULL;
    made = write_parse(p, with, from);
    if (made == NULL)
        made = query_complete(p, set_rest(p, primary_parse(p), 1), with);
    leave(p);
    return made;
}

static node *cte_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *name = ident_parse(p), *columns = NULL, *body, *more = NULL, *made;
    struct text materialized;

    if (sees_kind(p, TOKEN_OPEN))
        columns = parens_parse(p, ident_parse);
    expect(p, W_AS);
    begin = p->at;
    if (!TAKE(p, W_NOT, W_MATERIALIZED))
        take(p, W_MATERIALIZED);
    materialized = phrase(p, begin);
    expect_kind(p, TOKEN_OPEN);
    body = cte_body_parse(p);
    expect_kind(p, TOKEN_CLOSE);
    begin = p->at;
    if (sees(p, W_SEARCH) || sees(p, W_CYCLE)) {
        while (!sees_kind(p, TOKEN_END) && !begins_query(p, 0) && !sees(p, W_INSERT) && !sees(p, W_UPDATE) &&
               !sees(p, W_DELETE) && !(sees_kind(p, TOKEN_COMMA) && word_at(p, 2) == W_AS))
            skip(p, 1);
        more = leaf_make(p, SYNTAX_RAW, begin);
    }
    made = NODE(p, CTE, from, name, columns, body, more);
    made->text = materialized;
    return made;
}

node *with_parse(struct parser *p)
{
    size_t from = p->at;
    struct text recursive = {0};
    node *made;

    if (!take(p, W_WITH))
        return NULL;
    if (sees(p, W_RECURSIVE)) {
        recursive = token_text(p, 0);
        skip(p, 1);
    }
    made = NODE(p, WITH, from, list_parse(p, cte_parse));
    made->text = recursive;
    made->form = recursive.size > 0 ? FORM_RECURSIVE : FORM_UNSET;
    return made;
}

/* ---- ORDER BY, LIMIT and what else may follow ---- */

static node *sort_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *value = expression_parse(p), *made;
    enum syntax_form form = FORM_UNSET;

    begin = p->at;
    if (take(p, W_DESC)) {
        form = FORM_DESC;
    } else if (!take(p, W_ASC) && !p->is_mysql && take(p, W_USING)) {
        if (TAKE(p, W_OPERATOR)) {
            expect_kind(p, TOKEN_OPEN);
            raw_to_close(p);
        }
        skip(p, 1);
    }
    if (!p->is_mysql && take(p, W_NULLS) && !take(p, W_FIRST))
        expect(p, W_LAST);
    made = NODE(p, SORT, from, value);
    made->text = phrase(p, begin);
    made->form = (uint16_t)form;
    return made;
}

node *order_parse(struct parser *p)
{
    size_t from = p->at;

    expect(p, W_ORDER);
    expect(p, W_BY);
    return NODE(p, ORDER, from, list_parse(p, sort_parse));
}

static node *limit_parse(struct parser *p)
{
    size_t from = p->at;
    node *first;

    skip(p, 1);
    if (take(p, W_ALL))
        return NODE(p, LIMIT, from, leaf_make(p, SYNTAX_RAW, p->at - 1));
    if (p->is_mysql && TAKE(p, W_ROWS, W_EXAMINED)) {
        node *made = NODE(p, CLAUSE, from, expression_parse(p));

        made->text = TEXT("LIMIT ROWS EXAMINED");
        return made;
    }
    first = expression_parse(p);
    if (p->is_mysql && take_kind(p, TOKEN_COMMA))
        return NODE(p, LIMIT_PAIR, from, first, expression_parse(p));
    return NODE(p, LIMIT, from, first);
}

static node *offset_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *value, *made;

    skip(p, 1);
    value = expression_parse(p);
    begin = p->at;
    if (!take(p, W_ROW))
        take(p, W_ROWS);
    made = NODE(p, OFFSET, from, value);
    made->text = phrase(p, begin);
    return made;
}

static node *fetch_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *value = NULL, *made;
    struct text text;

    skip(p, 1);
    if (!take(p, W_FIRST))
        expect(p, W_NEXT);
    text = phrase(p, from);
    if (!sees(p, W_ROW) && !sees(p, W_ROWS))
        value = expression_from(p, LEVEL_SIGN);
    begin = p->at;
    if (!take(p, W_ROW))
        expect(p, W_ROWS);
    if (!take(p, W_ONLY) && !TAKE(p, W_WITH, W_TIES))
        parser_fail(p, "ONLY or WITH TIES belongs here");
    made = NODE(p, FETCH, from, value, leaf_make(p, SYNTAX_RAW, begin));
    made->text = text;
    return made;
}

static bool lock_take(struct parser *p)
{
    if (TAKE(p, W_LOCK, W_IN, W_SHARE, W_MODE))
        return true;
    if (!(TAKE(p, W_FOR, W_UPDATE) || TAKE(p, W_FOR, W_NO, W_KEY, W_UPDATE) || TAKE(p, W_FOR, W_SHARE) ||
          TAKE(p, W_FOR, W_KEY, W_SHARE) || TAKE(p, W_FOR, W_READ, W_ONLY)))
        return false;
    if (take(p, W_OF))
        list_parse(p, name_parse);
    return true;
}

static node *lock_parse(struct parser *p)
{
    size_t from = p->at;

    if (!lock_take(p))
        return NULL;
    if (!take(p, W_NOWAIT) && !TAKE(p, W_SKIP, W_LOCKED) && p->is_mysql && take(p, W_WAIT))
        skip(p, 1);
    return leaf_make(p, SYNTAX_LOCK, from);
}

static node *procedure_parse(struct parser *p)
{
    size_t from = p->at;
    node *made;

    skip(p, 1);
    made = NODE(p, CLAUSE, from, operand_parse(p));
    made->text = TEXT("PROCEDURE");
    return made;
}

static node *tail_part_parse(struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_ORDER:
        return order_parse(p);
    case W_LIMIT:
        return limit_parse(p);
    case W_OFFSET:
        return offset_parse(p);
    case W_FETCH:
        return fetch_parse(p);
    case W_FOR:
    case W_LOCK:
        return lock_parse(p);
    case W_INTO:
        return p->is_mysql ? into_parse(p) : NULL;
    case W_PROCEDURE:
        return p->is_mysql ? procedure_parse(p) : NULL;
    case W_ROWS:
        if (p->is_mysql && word_at(p, 1) == W_EXAMINED) {
            size_t from = p->at;
            node *made;

            skip(p, 2);
            made = NODE(p, CLAUSE, from, expression_parse(p));
            made->text = TEXT("ROWS EXAMINED");
            return made;
        }
        return NULL;
    default:
        return NULL;
    }
}

node *tail_parse(struct parser *p)
{
    size_t from = p->at;
    node_list parts = {0};
    node *part;

    while ((part = tail_part_parse(p)) != NULL)
        list_add(p, &parts, part);
    return parts.count == 0 ? NULL : list_make(p, SYNTAX_SEQUENCE, from, &parts);
}
