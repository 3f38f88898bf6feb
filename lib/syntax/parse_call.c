/* Calls of functions, with the words that stand between arguments of some; windows; types. */
#include "syntax/parser.h"

enum { BETWEEN_WORDS_MAX = 5 };

/* Functions whose arguments have words between them. */
static const struct worded {
    enum word name;
    enum word words[BETWEEN_WORDS_MAX]; /* each leads an expression */
    bool has_unit_first;                /* its first argument is a word, any word */
    bool is_before_in;                  /* the first argument ends before IN */
} worded_functions[] = {
    {W_EXTRACT, {W_FROM}, true, false},
    {W_POSITION, {W_IN}, false, true},
    {W_SUBSTRING, {W_FROM, W_FOR, W_SIMILAR, W_ESCAPE}, false, false},
    {W_SUBSTR, {W_FROM, W_FOR}, false, false},
    {W_MID, {W_FROM, W_FOR}, false, false},
    {W_OVERLAY, {W_PLACING, W_FROM, W_FOR}, false, false},
    {W_TRIM, {W_FROM}, false, false},
    {W_CHAR, {W_USING}, false, false},
    {W_CONVERT, {W_USING}, false, false},
    {W_TIMESTAMPADD, {W_NONE}, true, false},
    {W_TIMESTAMPDIFF, {W_NONE}, true, false},
    {W_GET_FORMAT, {W_NONE}, true, false},
};

static const struct worded *worded_find(enum word name)
{
    for (size_t i = 0; i < sizeof worded_functions / sizeof worded_functions[0]; i++)
        if (worded_functions[i].name == name)
            return &worded_functions[i];
    return NULL;
}

/* Functions whose arguments are a language of their own: kept as they are spelled. */
static bool is_kept_raw(enum word name)
{
    static const enum word names[] = {W_XMLELEMENT, W_XMLFOREST,    W_XMLPARSE,       W_XMLPI,         W_XMLROOT,
                                      W_XMLTABLE,   W_XMLEXISTS,    W_XMLSERIALIZE,   W_XMLATTRIBUTES, W_JSON_TABLE,
                                      W_JSON_VALUE, W_JSON_QUERY,   W_JSON_EXISTS,    W_JSON_OBJECT,   W_JSON_OBJECTAGG,
                                      W_JSON_ARRAY, W_JSON_SCALAR,  W_JSON_SERIALIZE, W_COLUMN_CREATE, W_COLUMN_GET,
                                      W_COLUMN_ADD, W_WEIGHT_STRING};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i] == name)
            return true;
    return false;
}

static node *unit_parse(struct parser *p)
{
    if (sees_kind(p, TOKEN_CONSTANT))
        return operand_parse(p);
    return any_ident_parse(p);
}

/* FROM x, FOR y behind an argument. */
static node *words_between(struct parser *p, const struct worded *worded, node *first, size_t from)
{
    node_list parts = {0};
    bool is_taken = true;

    list_add(p, &parts, first);
    while (is_taken) {
        is_taken = false;
        for (size_t i = 0; i < BETWEEN_WORDS_MAX && worded->words[i] != W_NONE && !is_taken; i++) {
            size_t begin = p->at;
            node *argument;

            if (!sees(p, worded->words[i]))
                continue;
            is_taken = true;
            skip(p, 1);
            argument = NODE(p, ARGUMENT, begin, worded->words[i] == W_USING ? unit_parse(p) : expression_parse(p));
            argument->text =
                (struct text){p->sql.data + p->tokens[begin].from, p->tokens[begin].to - p->tokens[begin].from};
            list_add(p, &parts, argument);
        }
    }
    return parts.count == 1 ? first : list_make(p, SYNTAX_SEQUENCE, from, &parts);
}

static node *argument_parse(struct parser *p)
{
    size_t from = p->at;
    node *made;

    if (!p->is_mysql && sees(p, W_VARIADIC)) {
        struct text text = token_text(p, 0);

        skip(p, 1);
        made = NODE(p, ARGUMENT, from, expression_parse(p));
        made->text = text;
        return made;
    }
    if (!p->is_mysql && is_any_name(p, 0) && (is_operator(p, 1, "=>") || is_operator(p, 1, ":="))) {
        struct text text = token_text(p, 1);
        node *name = any_ident_parse(p);

        skip(p, 1);
        made = NODE(p, NAMED_ARGUMENT, from, name, expression_parse(p));
        made->text = text;
        return made;
    }
    return expression_parse(p);
}

/* TRIM(BOTH x FROM y), TRIM(FROM y): a SEQUENCE of words and expressions. */
static node *trim_parse(struct parser *p, size_t from)
{
    node_list parts = {0};
    size_t begin = p->at;

    if (take(p, W_BOTH) || take(p, W_LEADING) || take(p, W_TRAILING))
        list_add(p, &parts, leaf_make(p, SYNTAX_RAW, begin));
    if (!sees(p, W_FROM))
        list_add(p, &parts, list_parse(p, expression_parse));
    if (sees(p, W_FROM)) {
        struct text text = token_text(p, 0);
        node *argument;

        begin = p->at;
        skip(p, 1);
        argument = NODE(p, ARGUMENT, begin, list_parse(p, expression_parse));
        argument->text = text;
        list_add(p, &parts, argument);
    }
    return list_make(p, SYNTAX_SEQUENCE, from, &parts);
}

static node *worded_arguments(struct parser *p, const struct worded *worded)
{
    size_t from = p->at;
    node *first;
    node_list list = {0};

    if (worded->name == W_TRIM) {
        list_add(p, &list, trim_parse(p, from));
        return list_make(p, SYNTAX_LIST, from, &list);
    }
    first = worded->has_unit_first && (worded->words[0] == W_NONE || word_at(p, 1) == W_FROM) ? unit_parse(p)
            : worded->is_before_in ? expression_from(p, LEVEL_PREDICATE + 1)
                                   : argument_parse(p);
    if (p->is_mysql && worded->name == W_CONVERT && take_kind(p, TOKEN_COMMA)) {
        node *type = type_parse(p);
        node *more = sees_kind(p, TOKEN_CLOSE) ? NULL : raw_to_close(p);

        list_add(p, &list, first);
        list_add(p, &list, more == NULL ? type : NODE(p, SEQUENCE, from, type, more));
        return list_make(p, SYNTAX_LIST, from, &list);
    }
    list_add(p, &list, words_between(p, worded, first, from));
    while (take_kind(p, TOKEN_COMMA)) {
        size_t begin = p->at;

        list_add(p, &list, words_between(p, worded, argument_parse(p), begin));
    }
    return list_make(p, SYNTAX_LIST, from, &list);
}

/* What stands behind the arguments, before the parenthesis: ORDER BY, SEPARATOR, LIMIT, RESPECT NULLS. */
static node *call_tail_parse(struct parser *p)
{
    size_t from = p->at;
    node_list parts = {0};

    if (sees(p, W_ORDER))
        list_add(p, &parts, order_parse(p));
    if (sees_kind(p, TOKEN_CLOSE))
        return parts.count == 0 ? NULL : list_make(p, SYNTAX_SEQUENCE, from, &parts);
    if (sees(p, W_SEPARATOR) || (p->is_mysql && sees(p, W_LIMIT)) || sees(p, W_RESPECT) || sees(p, W_IGNORE) ||
        sees(p, W_NULL) || sees(p, W_ABSENT) || sees(p, W_RETURNING) || sees(p, W_WITH) || sees(p, W_WITHOUT))
        list_add(p, &parts, raw_to_close(p));
    return parts.count == 0 ? NULL : list_make(p, SYNTAX_SEQUENCE, from, &parts);
}

node *window_spec_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node_list parts = {0};
    node *inner;

    expect_kind(p, TOKEN_OPEN);
    begin = p->at;
    if (is_name(p, 0) && !sees(p, W_PARTITION) && !sees(p, W_RANGE) && !sees(p, W_ROWS) && !sees(p, W_GROUPS))
        list_add(p, &parts, ident_parse(p));
    if (sees(p, W_PARTITION)) {
        struct text text;
        node *clause;
        size_t at = p->at;

        skip(p, 1);
        expect(p, W_BY);
        text = phrase(p, at);
        clause = NODE(p, CLAUSE, at, list_parse(p, expression_parse));
        clause->text = text;
        list_add(p, &parts, clause);
    }
    if (sees(p, W_ORDER))
        list_add(p, &parts, order_parse(p));
    if (sees(p, W_RANGE) || sees(p, W_ROWS) || sees(p, W_GROUPS))
        list_add(p, &parts, raw_to_close(p));
    inner = parts.count == 0 ? NULL : list_make(p, SYNTAX_SEQUENCE, begin, &parts);
    expect_kind(p, TOKEN_CLOSE);
    return NODE(p, WINDOW_SPEC, from, inner);
}

static node *within_group_parse(struct parser *p)
{
    size_t from = p->at;
    node *order;

    skip(p, 2);
    expect_kind(p, TOKEN_OPEN);
    order = order_parse(p);
    expect_kind(p, TOKEN_CLOSE);
    return NODE(p, WITHIN_GROUP, from, order);
}

static node *filter_parse(struct parser *p)
{
    size_t from = p->at;
    node *condition;

    skip(p, 1);
    expect_kind(p, TOKEN_OPEN);
    expect(p, W_WHERE);
    condition = expression_parse(p);
    expect_kind(p, TOKEN_CLOSE);
    return NODE(p, FILTER, from, condition);
}

/* WITHIN GROUP, FILTER, IGNORE NULLS, OVER. */
static node *call_after_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node_list parts = {0};

    if (sees(p, W_WITHIN) && word_at(p, 1) == W_GROUP)
        list_add(p, &parts, within_group_parse(p));
    if (sees(p, W_FILTER) && token_at(p, 1)->kind == TOKEN_OPEN)
        list_add(p, &parts, filter_parse(p));
    begin = p->at;
    if (p->is_mysql && TAKE(p, W_FROM, W_FIRST))
        list_add(p, &parts, leaf_make(p, SYNTAX_RAW, begin));
    begin = p->at;
    if (TAKE(p, W_RESPECT, W_NULLS) || TAKE(p, W_IGNORE, W_NULLS))
        list_add(p, &parts, leaf_make(p, SYNTAX_RAW, begin));
    begin = p->at;
    if (sees(p, W_OVER) && (token_at(p, 1)->kind == TOKEN_OPEN || is_name(p, 1))) {
        skip(p, 1);
        list_add(p, &parts, NODE(p, OVER, begin, sees_kind(p, TOKEN_OPEN) ? window_spec_parse(p) : ident_parse(p)));
    }
    return parts.count == 0 ? NULL : list_make(p, SYNTAX_SEQUENCE, from, &parts);
}

static node *arguments_parse(struct parser *p, enum word name, struct text *out_quantifier)
{
    const struct worded *worded = worded_find(name);
    size_t from = p->at;

    if (sees_kind(p, TOKEN_CLOSE))
        return NULL;
    if (is_operator(p, 0, "*") && token_at(p, 1)->kind == TOKEN_CLOSE) {
        skip(p, 1);
        return leaf_make(p, SYNTAX_STAR, from);
    }
    if (is_kept_raw(name))
        return raw_to_close(p);
    if (sees(p, W_DISTINCT) || sees(p, W_ALL) || (p->is_mysql && sees(p, W_DISTINCTROW))) {
        *out_quantifier = token_text(p, 0);
        skip(p, 1);
    }
    return worded != NULL ? worded_arguments(p, worded) : list_parse(p, argument_parse);
}

node *call_parse(struct parser *p, node *name, size_t from)
{
    enum word word = name->count == 1 ? (enum word)p->tokens[from].word : W_NONE;
    struct text quantifier = {0};
    node *arguments, *tail = NULL, *made;

    if (name->count > 0 && name->items[name->count - 1]->kind == SYNTAX_STAR)
        parser_fail(p, "this cannot be called");
    expect_kind(p, TOKEN_OPEN);
    arguments = arguments_parse(p, word, &quantifier);
    if (!sees_kind(p, TOKEN_CLOSE))
        tail = call_tail_parse(p);
    expect_kind(p, TOKEN_CLOSE);
    made = NODE(p, CALL, from, name, arguments, tail, call_after_parse(p));
    made->text = quantifier;
    made->form = quantifier.size > 0 && (quantifier.data[0] | 0x20) == 'd' ? FORM_DISTINCT : FORM_UNSET;
    return made;
}

/* ---- types ---- */

static node *array_suffix_parse(struct parser *p)
{
    size_t from = p->at;

    if (take(p, W_ARRAY) && !is_symbol(p, 0, '['))
        return leaf_make(p, SYNTAX_RAW, from);
    while (is_symbol(p, 0, '[')) {
        skip(p, 1);
        if (sees_kind(p, TOKEN_CONSTANT))
            skip(p, 1);
        if (!is_symbol(p, 0, ']'))
            parser_fail(p, "a closing bracket belongs here");
        skip(p, 1);
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

static node *type_argument_parse(struct parser *p)
{
    return expression_parse(p);
}

static void interval_fields_take(struct parser *p)
{
    static const enum word fields[] = {W_YEAR, W_MONTH, W_DAY, W_HOUR, W_MINUTE, W_SECOND};
    bool is_field = false;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && !is_field; i++)
        is_field = take(p, fields[i]);
    if (is_field && take(p, W_TO))
        skip(p, 1);
    if (sees_kind(p, TOKEN_OPEN)) {
        skip(p, 1);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
    }
}

/* The name of a type, which may be several words; no arguments. */
static void type_name_take(struct parser *p)
{
    take(p, W_SETOF);
    if (TAKE(p, W_DOUBLE, W_PRECISION) || TAKE(p, W_LONG, W_VARCHAR) || TAKE(p, W_LONG, W_VARBINARY))
        return;
    if (p->is_mysql && (take(p, W_SIGNED) || take(p, W_UNSIGNED))) {
        (void)(take(p, W_INTEGER) || take(p, W_INT));
        return;
    }
    if (take(p, W_LONG) && !is_any_name(p, 0))
        return;
    take(p, W_NATIONAL);
    if (sees(p, W_CHARACTER) || sees(p, W_CHAR) || sees(p, W_NCHAR) || sees(p, W_BIT)) {
        skip(p, 1);
        take(p, W_VARYING);
        return;
    }
    if (!is_any_name(p, 0) || (word_flags_of(word_at(p, 0)) & (p->is_mysql ? 0 : WORD_RESERVED)) != 0)
        parser_fail(p, "a type belongs here");
    skip(p, 1);
    while (sees_kind(p, TOKEN_DOT)) {
        skip(p, 1);
        any_ident_parse(p);
    }
    if (is_operator(p, 0, "%") && word_at(p, 1) == W_TYPE)
        skip(p, 2);
}

node *type_parse(struct parser *p)
{
    static const enum word mysql_more[] = {W_UNSIGNED, W_SIGNED, W_ZEROFILL, W_NONE};
    size_t from = p->at, begin;
    bool is_time = sees(p, W_TIME) || sees(p, W_TIMESTAMP), is_interval = sees(p, W_INTERVAL) && !p->is_mysql;
    node *arguments = NULL, *more = NULL, *array, *made;
    struct text name;

    type_name_take(p);
    name = phrase(p, from);
    begin = p->at;
    if (is_interval) {
        interval_fields_take(p);
        more = p->at == begin ? NULL : leaf_make(p, SYNTAX_RAW, begin);
    } else if (sees_kind(p, TOKEN_OPEN)) {
        arguments = parens_parse(p, type_argument_parse);
    }
    begin = p->at;
    if (p->is_mysql)
        more = raw_words_take(p, mysql_more);
    else if (is_time && (TAKE(p, W_WITH, W_TIME, W_ZONE) || TAKE(p, W_WITHOUT, W_TIME, W_ZONE)))
        more = leaf_make(p, SYNTAX_RAW, begin);
    array = p->is_mysql ? NULL : array_suffix_parse(p);
    if (array != NULL && more == NULL && array->text.size > 0 && array->text.data[0] != '[') {
        more = array; /* ARRAY[4] stands apart */
        array = NULL;
    }
    made = NODE(p, TYPE, from, arguments, more, array);
    made->text = name;
    return made;
}

/* DOUBLE PRECISION '1', TIMESTAMP WITH TIME ZONE '…', INTERVAL '1 day', INTERVAL (3) '1 day' HOUR TO SECOND of
 * PostgreSQL. Types that are one name are read as names or calls. */
bool is_typed_constant(const struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_INTERVAL:
        return is_string(p, 1) || token_at(p, 1)->kind == TOKEN_OPEN;
    case W_DOUBLE:
        return word_at(p, 1) == W_PRECISION;
    case W_TIME:
    case W_TIMESTAMP:
        return word_at(p, 1) == W_WITH || word_at(p, 1) == W_WITHOUT || token_at(p, 1)->kind == TOKEN_OPEN;
    case W_NATIONAL:
        return word_at(p, 1) == W_CHAR || word_at(p, 1) == W_CHARACTER;
    case W_BIT:
    case W_CHAR:
    case W_CHARACTER:
    case W_NCHAR:
        return word_at(p, 1) == W_VARYING;
    default:
        return false;
    }
}

node *typed_constant_parse(struct parser *p)
{
    size_t from = p->at;
    bool is_interval = sees(p, W_INTERVAL);
    node *type = type_parse(p), *value, *fields = NULL;

    if (!is_string(p, 0))
        parser_fail(p, "a constant belongs behind its type");
    value = operand_parse(p);
    if (is_interval) {
        size_t begin = p->at;

        if (!sees_kind(p, TOKEN_OPEN))
            interval_fields_take(p);
        fields = p->at == begin ? NULL : leaf_make(p, SYNTAX_RAW, begin);
    }
    return NODE(p, TYPED_LITERAL, from, type, value, fields);
}
