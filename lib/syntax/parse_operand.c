/* Operands: constants, names, parentheses, CASE, CAST, arrays; and what follows an operand directly. */
#include "syntax/parser.h"

static node *constant_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text = token_text(p, 0);
    char first = text.data[0];
    enum syntax_form form = FORM_STRING;

    skip(p, 1);
    if (first == '?' || (first == '$' && text.size > 1 && text.data[1] >= '0' && text.data[1] <= '9'))
        return leaf_make(p, SYNTAX_PARAMETER, from);
    if ((first >= '0' && first <= '9') || first == '.') {
        if (!p->is_mysql && sees_kind(p, TOKEN_WORD) && p->tokens[from].to == p->tokens[p->at].from)
            parser_fail(p, "a blank belongs behind a number");
        return leaf_of_form(p, SYNTAX_LITERAL, from, FORM_NUMBER);
    }
    if (text.size > 1 && text.data[1] == '\'' && strchr("bBxX", first) != NULL)
        form = FORM_BITS;
    while (is_string(p, 0)) /* one string in parts */
        skip(p, 1);
    if (!p->is_mysql && (first | 0x20) == 'u' && TAKE(p, W_UESCAPE))
        skip(p, 1);
    return leaf_of_form(p, SYNTAX_LITERAL, from, form);
}

static node *word_literal_parse(struct parser *p, enum syntax_form form)
{
    skip(p, 1);
    return leaf_of_form(p, SYNTAX_LITERAL, p->at - 1, form);
}

/* @name, @'name', @@name, @@global.name */
static node *variable_parse(struct parser *p)
{
    size_t from = p->at;

    while (is_operator(p, 0, "@"))
        skip(p, 1);
    if (!is_any_name(p, 0) && !sees_kind(p, TOKEN_CONSTANT))
        parser_fail(p, "a variable's name belongs here");
    skip(p, 1);
    while (sees_kind(p, TOKEN_DOT)) {
        skip(p, 1);
        any_ident_parse(p);
    }
    return leaf_make(p, SYNTAX_VARIABLE, from);
}

/* :name, %s and %(name)s, as drivers have them. */
static node *driver_parameter_parse(struct parser *p)
{
    size_t from = p->at;
    bool is_percent = is_operator(p, 0, "%");

    skip(p, 1);
    if (is_percent && take_kind(p, TOKEN_OPEN)) {
        any_ident_parse(p);
        expect_kind(p, TOKEN_CLOSE);
    }
    if (!are_adjacent(p, 0) && p->tokens[p->at - 1].to != p->tokens[p->at].from)
        parser_fail(p, "an expression belongs here");
    if (!is_any_name(p, 0))
        parser_fail(p, "an expression belongs here");
    skip(p, 1);
    return leaf_make(p, SYNTAX_PARAMETER, from);
}

static node *case_parse(struct parser *p)
{
    size_t from = p->at;
    node *subject = NULL, *otherwise = NULL;
    node_list whens = {0};

    expect(p, W_CASE);
    if (!sees(p, W_WHEN))
        subject = expression_parse(p);
    while (sees(p, W_WHEN)) {
        size_t begin = p->at;
        node *condition, *result;

        skip(p, 1);
        condition = expression_parse(p);
        expect(p, W_THEN);
        result = expression_parse(p);
        list_add(p, &whens, NODE(p, WHEN, begin, condition, result));
    }
    if (whens.count == 0)
        parser_fail(p, "WHEN belongs here");
    if (take(p, W_ELSE))
        otherwise = expression_parse(p);
    expect(p, W_END);
    return NODE(p, CASE, from, subject, list_make(p, SYNTAX_SEQUENCE, from, &whens), otherwise);
}

static node *cast_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text = token_text(p, 0);
    node *value, *type, *more = NULL, *made;

    skip(p, 1);
    expect_kind(p, TOKEN_OPEN);
    value = expression_parse(p);
    expect(p, W_AS);
    type = type_parse(p);
    if (!sees_kind(p, TOKEN_CLOSE))
        more = raw_to_close(p); /* MySQL: ARRAY, CHARACTER SET … */
    expect_kind(p, TOKEN_CLOSE);
    made = NODE(p, CAST, from, value, type, more);
    made->text = text;
    return made;
}

static node *array_items_parse(struct parser *p, size_t from);

static node *array_item_parse(struct parser *p)
{
    return is_symbol(p, 0, '[') ? array_items_parse(p, p->at) : expression_parse(p);
}

/* At the bracket. */
static node *array_items_parse(struct parser *p, size_t from)
{
    struct text text = phrase(p, from);
    node *items = NULL, *made;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    skip(p, 1);
    if (!is_symbol(p, 0, ']'))
        items = list_parse(p, array_item_parse);
    if (!is_symbol(p, 0, ']'))
        parser_fail(p, "a closing bracket belongs here");
    skip(p, 1);
    made = NODE(p, ARRAY, from, items);
    made->text = text;
    leave(p);
    return made;
}

static node *array_parse(struct parser *p)
{
    size_t from = p->at;

    skip(p, 1);
    if (is_symbol(p, 0, '['))
        return array_items_parse(p, from);
    return NODE(p, ARRAY_QUERY, from, subquery_parse(p));
}

static node *row_constructor_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text = token_text(p, 0);
    node *items = NULL, *made;

    skip(p, 1);
    expect_kind(p, TOKEN_OPEN);
    if (!sees_kind(p, TOKEN_CLOSE))
        items = list_parse(p, expression_or_default_parse);
    expect_kind(p, TOKEN_CLOSE);
    made = NODE(p, ROW, from, items);
    made->text = text;
    return made;
}

static node *paren_rest(struct parser *p, node *first, size_t from)
{
    node_list items = {0};

    list_add(p, &items, first);
    while (take_kind(p, TOKEN_COMMA))
        list_add(p, &items, expression_or_default_parse(p));
    expect_kind(p, TOKEN_CLOSE);
    return list_make(p, items.count == 1 ? SYNTAX_PAREN : SYNTAX_TUPLE, from, &items);
}

node *paren_parse(struct parser *p)
{
    size_t from = p->at;
    node *inner;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    expect_kind(p, TOKEN_OPEN);
    if (!begins_query(p, 0)) {
        inner = paren_rest(p, expression_or_default_parse(p), from);
    } else if (!sees_kind(p, TOKEN_OPEN)) {
        inner = query_parse(p);
        expect_kind(p, TOKEN_CLOSE);
        inner = NODE(p, SUBQUERY, from, inner);
    } else { /* ((SELECT … */
        inner = paren_parse(p);
        if (inner->kind == SYNTAX_SUBQUERY && (continues_query(p) || sees_kind(p, TOKEN_CLOSE))) {
            inner = query_rest(p, inner);
            expect_kind(p, TOKEN_CLOSE);
            inner = NODE(p, SUBQUERY, from, inner);
        } else {
            inner = operand_rest(p, inner, from);
            inner = paren_rest(p, expression_rest(p, inner, LEVEL_OR), from);
        }
    }
    leave(p);
    return inner;
}

static node *exists_parse(struct parser *p)
{
    size_t from = p->at;

    skip(p, 1);
    return NODE(p, EXISTS, from, subquery_parse(p));
}

/* MySQL: INTERVAL 1 DAY, or the function INTERVAL(a, b, …). */
static node *interval_parse(struct parser *p)
{
    size_t from = p->at;
    struct text word = token_text(p, 0);
    node *amount, *made;

    skip(p, 1);
    amount = sees_kind(p, TOKEN_OPEN) ? paren_parse(p) : expression_parse(p);
    if (amount->kind != SYNTAX_TUPLE)
        amount = expression_rest(p, amount, LEVEL_OR);
    else {
        node *list = node_make(p, SYNTAX_LIST, from, amount->items, amount->count);
        node *name = node_make(p, SYNTAX_IDENT, from, NULL, 0);

        name->text = word;
        return NODE(p, CALL, from, NODE(p, NAME, from, name), list, NULL, NULL);
    }
    if (!is_any_name(p, 0))
        parser_fail(p, "a unit belongs here");
    made = NODE(p, INTERVAL, from, amount);
    made->text = token_text(p, 0);
    skip(p, 1);
    return made;
}

static node *match_parse(struct parser *p)
{
    size_t from = p->at, begin = from + 1;
    node *columns, *words, *made;

    skip(p, 1);
    if (sees_kind(p, TOKEN_OPEN)) {
        columns = parens_parse(p, name_or_star_parse);
        columns = node_make(p, SYNTAX_TUPLE, begin, columns->items, columns->count);
    } else {
        columns = list_parse(p, name_or_star_parse);
    }
    expect(p, W_AGAINST);
    expect_kind(p, TOKEN_OPEN);
    words = expression_from(p, LEVEL_PREDICATE + 1);
    begin = p->at;
    raw_to_close(p);
    made = NODE(p, MATCH, from, columns, words);
    made->text = phrase(p, begin);
    expect_kind(p, TOKEN_CLOSE);
    return made;
}

/* {d '2000-01-01'}, {fn now()} */
static node *brace_parse(struct parser *p)
{
    size_t from = p->at;
    node *open, *inner, *close;

    skip(p, 1);
    any_ident_parse(p);
    open = leaf_make(p, SYNTAX_RAW, from);
    inner = expression_parse(p);
    if (!is_symbol(p, 0, '}'))
        parser_fail(p, "a closing brace belongs here");
    skip(p, 1);
    close = leaf_make(p, SYNTAX_RAW, p->at > 0 ? p->at - 1 : 0);
    return NODE(p, SEQUENCE, from, open, inner, close);
}

/* Words of MariaDB before a sequence's name, and PostgreSQL's CURRENT OF. */
static node *word_run_parse(struct parser *p, size_t words)
{
    size_t from = p->at;

    skip(p, words);
    name_parse(p);
    return leaf_make(p, SYNTAX_NILADIC, from);
}

/* A name, a call, or a constant with its type before it. */
static node *name_or_call_parse(struct parser *p)
{
    size_t from = p->at;
    unsigned flags = word_flags_of(word_at(p, 0));
    bool is_call = token_at(p, 1)->kind == TOKEN_OPEN;
    bool is_reserved = (flags & (p->is_mysql ? WORD_RESERVED_MYSQL : WORD_RESERVED)) != 0;
    node *name, *made;

    if (is_reserved && token_at(p, 1)->kind != TOKEN_DOT && !(is_call && (flags & WORD_IS_CALL) != 0))
        parser_fail(p, "this word cannot begin an expression");
    name = name_or_star_parse(p);
    if (sees_kind(p, TOKEN_OPEN))
        made = call_parse(p, name, from);
    else if (!p->is_mysql && is_string(p, 0))
        made = name;
    else
        return name;
    if (!p->is_mysql && is_string(p, 0))
        made = NODE(p, TYPED_LITERAL, from, made, constant_parse(p), NULL);
    return made;
}

static node *niladic_parse(struct parser *p)
{
    size_t from = p->at;

    if (token_at(p, 1)->kind == TOKEN_OPEN)
        return name_or_call_parse(p);
    skip(p, 1);
    return leaf_make(p, SYNTAX_NILADIC, from);
}

static node *mysql_word_parse(struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_INTERVAL:
        return interval_parse(p);
    case W_MATCH:
        return token_at(p, 1)->kind == TOKEN_OPEN || is_any_name(p, 1) ? match_parse(p) : name_or_call_parse(p);
    case W_NEXT:
    case W_PREVIOUS:
        return word_at(p, 1) == W_VALUE && word_at(p, 2) == W_FOR ? word_run_parse(p, 3) : name_or_call_parse(p);
    case W_DATE:
    case W_TIME:
    case W_TIMESTAMP:
        if (is_string(p, 1)) {
            size_t from = p->at;
            node *type = type_parse(p);

            return NODE(p, TYPED_LITERAL, from, type, constant_parse(p), NULL);
        }
        return name_or_call_parse(p);
    case W_UTC_DATE:
    case W_UTC_TIME:
    case W_UTC_TIMESTAMP:
        return niladic_parse(p);
    default:
        /* _utf8 'text' */
        if (token_text(p, 0).data[0] == '_' && token_at(p, 1)->kind == TOKEN_CONSTANT && !are_adjacent(p, 0)) {
            size_t from = p->at;

            skip(p, 1);
            constant_parse(p);
            return leaf_of_form(p, SYNTAX_LITERAL, from, FORM_STRING);
        }
        return name_or_call_parse(p);
    }
}

static node *postgresql_word_parse(struct parser *p)
{
    if (is_typed_constant(p))
        return typed_constant_parse(p);
    switch (word_at(p, 0)) {
    case W_ARRAY:
        return array_parse(p);
    case W_CURRENT:
        return word_at(p, 1) == W_OF ? word_run_parse(p, 2) : name_or_call_parse(p);
    case W_USER:
    case W_SESSION_USER:
    case W_SYSTEM_USER:
    case W_CURRENT_CATALOG:
        return niladic_parse(p);
    case W_COLLATION:
        if (word_at(p, 1) == W_FOR) {
            size_t from = p->at;
            node *made;

            skip(p, 2);
            made = NODE(p, ARGUMENT, from, paren_parse(p));
            made->text = TEXT("COLLATION FOR");
            return made;
        }
        return name_or_call_parse(p);
    default:
        return name_or_call_parse(p);
    }
}

static node *word_parse(struct parser *p)
{
    bool is_call = token_at(p, 1)->kind == TOKEN_OPEN;

    switch (word_at(p, 0)) {
    case W_NULL:
        return word_literal_parse(p, FORM_NULL);
    case W_TRUE:
        return word_literal_parse(p, FORM_TRUE);
    case W_FALSE:
        return word_literal_parse(p, FORM_FALSE);
    case W_CASE:
        return case_parse(p);
    case W_CAST:
        return is_call ? cast_parse(p) : name_or_call_parse(p);
    case W_TREAT:
        return is_call && !p->is_mysql ? cast_parse(p) : name_or_call_parse(p);
    case W_EXISTS:
        return is_call ? exists_parse(p) : name_or_call_parse(p);
    case W_ROW:
        return is_call ? row_constructor_parse(p) : name_or_call_parse(p);
    case W_CURRENT_DATE:
    case W_CURRENT_TIME:
    case W_CURRENT_TIMESTAMP:
    case W_CURRENT_USER:
    case W_CURRENT_ROLE:
    case W_LOCALTIME:
    case W_LOCALTIMESTAMP:
        return niladic_parse(p);
    default:
        return p->is_mysql ? mysql_word_parse(p) : postgresql_word_parse(p);
    }
}

/* .5 is two tokens for the lexer. */
static node *dot_number_parse(struct parser *p)
{
    size_t from = p->at;

    if (!are_adjacent(p, 0) || token_at(p, 1)->kind != TOKEN_CONSTANT)
        parser_fail(p, "an expression belongs here");
    skip(p, 2);
    return leaf_of_form(p, SYNTAX_LITERAL, from, FORM_NUMBER);
}

static node *first_parse(struct parser *p)
{
    switch (token_at(p, 0)->kind) {
    case TOKEN_CONSTANT:
        return constant_parse(p);
    case TOKEN_OPEN:
        return paren_parse(p);
    case TOKEN_WORD:
        return word_parse(p);
    case TOKEN_NAME:
        return name_or_call_parse(p);
    case TOKEN_DOT:
        return dot_number_parse(p);
    default:
        break;
    }
    if (p->is_mysql && is_operator(p, 0, "@"))
        return variable_parse(p);
    if ((is_operator(p, 0, "%") || is_symbol(p, 0, ':')) && are_adjacent(p, 0))
        return driver_parameter_parse(p);
    if (p->is_mysql && is_symbol(p, 0, '{'))
        return brace_parse(p);
    parser_fail(p, "an expression belongs here");
    return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
}

/* At the bracket. */
static node *subscript_parse(struct parser *p, node *of, size_t from)
{
    node *low = NULL, *high = NULL;

    skip(p, 1);
    if (!is_symbol(p, 0, ':'))
        low = expression_parse(p);
    if (is_symbol(p, 0, ':')) {
        size_t begin = p->at;

        skip(p, 1);
        if (!is_symbol(p, 0, ']'))
            high = expression_parse(p);
        low = NODE(p, SLICE, begin, low, high);
    }
    if (!is_symbol(p, 0, ']'))
        parser_fail(p, "a closing bracket belongs here");
    skip(p, 1);
    return NODE(p, SUBSCRIPT, from, of, low);
}

static node *field_parse(struct parser *p, node *of, size_t from)
{
    skip(p, 1);
    if (is_operator(p, 0, "*")) {
        skip(p, 1);
        return NODE(p, FIELD, from, of, leaf_make(p, SYNTAX_STAR, p->at - 1));
    }
    return NODE(p, FIELD, from, of, any_ident_parse(p));
}

node *operand_rest(struct parser *p, node *operand, size_t from)
{
    while (!p->is_mysql && !p->has_failed) {
        if (is_symbol(p, 0, '['))
            operand = subscript_parse(p, operand, from);
        else if (sees_kind(p, TOKEN_DOT))
            operand = field_parse(p, operand, from);
        else if (is_operator(p, 0, "::")) {
            skip(p, 1);
            operand = NODE(p, CAST_COLONS, from, operand, type_parse(p));
        } else
            break;
    }
    return operand;
}

node *operand_parse(struct parser *p)
{
    size_t from = p->at;

    return operand_rest(p, first_parse(p), from);
}
