/* Expressions: operators with each dialect's levels. */
#include "syntax/parser.h"

static enum syntax_form form_of_operator(const struct parser *p, struct text spelling)
{
    static const struct {
        const char *spelling;
        enum syntax_form form;
    } forms[] = {
        {"=", FORM_EQUAL},       {"<>", FORM_NOT_EQUAL}, {"!=", FORM_NOT_EQUAL}, {"<", FORM_LESS},
        {"<=", FORM_LESS_EQUAL}, {">", FORM_GREATER},    {"<=>", FORM_SAME},     {">=", FORM_GREATER_EQUAL},
        {"+", FORM_ADD},         {"-", FORM_SUBTRACT},   {"*", FORM_MULTIPLY},   {"/", FORM_DIVIDE},
        {"%", FORM_MODULO},      {"||", FORM_CONCAT},    {"DIV", FORM_DIVIDE},   {"MOD", FORM_MODULO},
        {"XOR", FORM_XOR},
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (text_equal_nocase(spelling, text_of(forms[i].spelling)))
            return forms[i].form == FORM_SAME && !p->is_mysql ? FORM_OTHER : forms[i].form;
    return FORM_OTHER;
}

static enum level level_of_operator(const struct parser *p)
{
    static const struct {
        const char *spelling;
        enum level postgresql, mysql;
    } levels[] = {
        {"=", LEVEL_COMPARE, LEVEL_COMPARE},   {"<", LEVEL_COMPARE, LEVEL_COMPARE},
        {">", LEVEL_COMPARE, LEVEL_COMPARE},   {"<=", LEVEL_COMPARE, LEVEL_COMPARE},
        {">=", LEVEL_COMPARE, LEVEL_COMPARE},  {"<>", LEVEL_COMPARE, LEVEL_COMPARE},
        {"!=", LEVEL_COMPARE, LEVEL_COMPARE},  {"<=>", LEVEL_OTHER, LEVEL_COMPARE},
        {"+", LEVEL_ADD, LEVEL_ADD},           {"-", LEVEL_ADD, LEVEL_ADD},
        {"*", LEVEL_MULTIPLY, LEVEL_MULTIPLY}, {"/", LEVEL_MULTIPLY, LEVEL_MULTIPLY},
        {"%", LEVEL_MULTIPLY, LEVEL_MULTIPLY}, {"^", LEVEL_POWER, LEVEL_POWER},
        {"||", LEVEL_OTHER, LEVEL_OR},         {"&&", LEVEL_OTHER, LEVEL_AND},
        {"|", LEVEL_OTHER, LEVEL_OTHER},       {"&", LEVEL_OTHER, LEVEL_BIT_AND},
        {"<<", LEVEL_OTHER, LEVEL_SHIFT},      {">>", LEVEL_OTHER, LEVEL_SHIFT},
        {"->", LEVEL_OTHER, LEVEL_COLLATE},    {"->>", LEVEL_OTHER, LEVEL_COLLATE},
        {"=>", LEVEL_NONE, LEVEL_NONE},        {":=", LEVEL_NONE, LEVEL_NONE},
        {"::", LEVEL_NONE, LEVEL_NONE},
    };
    struct text spelling = token_text(p, 0);

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (text_equal(spelling, text_of(levels[i].spelling)))
            return p->is_mysql ? levels[i].mysql : levels[i].postgresql;
    return p->is_mysql ? LEVEL_NONE : LEVEL_OTHER;
}

/* Of IN, BETWEEN, LIKE and the like, perhaps behind NOT. */
static bool begins_predicate(const struct parser *p, size_t ahead)
{
    switch (word_at(p, ahead)) {
    case W_IN:
    case W_BETWEEN:
    case W_LIKE:
        return true;
    case W_ILIKE:
        return !p->is_mysql;
    case W_SIMILAR:
        return !p->is_mysql && word_at(p, ahead + 1) == W_TO;
    case W_REGEXP:
    case W_RLIKE:
        return p->is_mysql;
    default:
        return false;
    }
}

static enum level level_of_word(const struct parser *p)
{
    switch (word_at(p, 0)) {
    case W_OR:
        return LEVEL_OR;
    case W_XOR:
        return p->is_mysql ? LEVEL_XOR : LEVEL_NONE;
    case W_AND:
        return LEVEL_AND;
    case W_IS:
        return LEVEL_IS;
    case W_ISNULL:
    case W_NOTNULL:
        return p->is_mysql ? LEVEL_NONE : LEVEL_IS;
    case W_NOT:
        return begins_predicate(p, 1) ? LEVEL_PREDICATE : LEVEL_NONE;
    case W_OVERLAPS:
        return p->is_mysql ? LEVEL_NONE : LEVEL_PREDICATE;
    case W_SOUNDS:
        return p->is_mysql && word_at(p, 1) == W_LIKE ? LEVEL_PREDICATE : LEVEL_NONE;
    case W_MEMBER:
        return p->is_mysql && (word_at(p, 1) == W_OF || token_at(p, 1)->kind == TOKEN_OPEN) ? LEVEL_PREDICATE
                                                                                            : LEVEL_NONE;
    case W_DIV:
    case W_MOD:
        return p->is_mysql ? LEVEL_MULTIPLY : LEVEL_NONE;
    case W_AT:
        return word_at(p, 1) == W_TIME || word_at(p, 1) == W_LOCAL ? LEVEL_ZONE : LEVEL_NONE;
    case W_COLLATE:
        return LEVEL_COLLATE;
    case W_OPERATOR:
        return !p->is_mysql && token_at(p, 1)->kind == TOKEN_OPEN ? LEVEL_OTHER : LEVEL_NONE;
    default:
        return begins_predicate(p, 0) ? LEVEL_PREDICATE : LEVEL_NONE;
    }
}

static bool is_question(const struct parser *p)
{
    return !p->is_mysql && sees_kind(p, TOKEN_CONSTANT) && p->sql.data[token_at(p, 0)->from] == '?';
}

static enum level infix_level(const struct parser *p)
{
    if (sees_kind(p, TOKEN_OPERATOR))
        return level_of_operator(p);
    if (is_question(p))
        return LEVEL_OTHER;
    return sees_kind(p, TOKEN_WORD) ? level_of_word(p) : LEVEL_NONE;
}

static node *is_parse(struct parser *p, node *left, size_t from)
{
    size_t begin = p->at;
    enum syntax_form form = FORM_OTHER;
    bool is_not;
    node *made;

    if (take(p, W_ISNULL) || take(p, W_NOTNULL)) {
        form = p->tokens[begin].word == W_ISNULL ? FORM_IS_NULL : FORM_IS_NOT_NULL;
    } else {
        skip(p, 1);
        is_not = take(p, W_NOT);
        if (TAKE(p, W_DISTINCT, W_FROM)) {
            struct text text = phrase(p, begin);

            made = NODE(p, BINARY, from, left, expression_from(p, LEVEL_IS + 1));
            made->text = text;
            made->form = is_not ? FORM_SAME : FORM_NOT_SAME;
            return made;
        }
        if (take(p, W_NULL)) {
            form = is_not ? FORM_IS_NOT_NULL : FORM_IS_NULL;
        } else if (take(p, W_JSON)) {
            (void)(take(p, W_VALUE) || take(p, W_ARRAY) || take(p, W_OBJECT) || take(p, W_SCALAR));
            if (take(p, W_WITH) || take(p, W_WITHOUT)) {
                expect(p, W_UNIQUE);
                take(p, W_KEYS);
            }
        } else if (!take(p, W_TRUE) && !take(p, W_FALSE) && !take(p, W_UNKNOWN) &&
                   !(!p->is_mysql && take(p, W_DOCUMENT))) {
            if (!sees(p, W_NORMALIZED))
                skip(p, 1); /* NFC */
            expect(p, W_NORMALIZED);
        }
    }
    made = NODE(p, IS, from, left);
    made->text = phrase(p, begin);
    made->form = (uint16_t)form;
    return made;
}

static node *quantified_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text = token_text(p, 0);
    node *made;

    skip(p, 1);
    if (begins_query(p, 0)) {
        node *inner = paren_parse(p);

        made = inner->kind == SYNTAX_SUBQUERY ? NODE(p, QUANTIFIED_QUERY, from, inner)
                                              : NODE(p, QUANTIFIED, from, (node *)syntax_bare(inner));
    } else {
        expect_kind(p, TOKEN_OPEN);
        made = NODE(p, QUANTIFIED, from, expression_parse(p));
        expect_kind(p, TOKEN_CLOSE);
    }
    made->text = text;
    return made;
}

static bool begins_quantified(const struct parser *p)
{
    return (sees(p, W_ANY) || sees(p, W_SOME) || sees(p, W_ALL)) && token_at(p, 1)->kind == TOKEN_OPEN;
}

static node *in_parse(struct parser *p, node *left, size_t from, struct text text, bool is_not)
{
    node *right, *made;

    if (!sees_kind(p, TOKEN_OPEN)) { /* a parameter that a driver expands */
        right = operand_parse(p);
        if (right->kind != SYNTAX_PARAMETER && !p->is_mysql)
            parser_fail(p, "a list belongs behind IN");
    } else {
        right = paren_parse(p);
        if (right->kind == SYNTAX_PAREN)
            right->kind = SYNTAX_TUPLE;
    }
    made = NODE(p, IN, from, left, right);
    made->text = text;
    made->form = is_not ? FORM_NOT : FORM_UNSET;
    return made;
}

static node *between_parse(struct parser *p, node *left, size_t from, struct text text, bool is_not)
{
    node *low, *high, *made;

    low = expression_from(p, LEVEL_PREDICATE + 1);
    expect(p, W_AND);
    high = expression_from(p, p->is_mysql ? LEVEL_PREDICATE : LEVEL_PREDICATE + 1);
    made = NODE(p, BETWEEN, from, left, low, high);
    made->text = text;
    made->form = is_not ? FORM_NOT : FORM_UNSET;
    return made;
}

static node *like_parse(struct parser *p, node *left, size_t from, struct text text, enum syntax_form form)
{
    node *pattern, *escape = NULL, *made;

    pattern = begins_quantified(p) ? quantified_parse(p) : expression_from(p, LEVEL_PREDICATE + 1);
    if (take(p, W_ESCAPE))
        escape = expression_from(p, LEVEL_PREDICATE + 1);
    made = NODE(p, LIKE, from, left, pattern, escape);
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

static enum syntax_form form_of_like(enum word word, bool is_not)
{
    switch (word) {
    case W_LIKE:
        return is_not ? FORM_NOT_LIKE : FORM_LIKE;
    case W_ILIKE:
        return is_not ? FORM_NOT_ILIKE : FORM_ILIKE;
    case W_SIMILAR:
        return is_not ? FORM_NOT_SIMILAR : FORM_SIMILAR;
    default:
        return is_not ? FORM_NOT_REGEXP : FORM_REGEXP;
    }
}

static node *predicate_parse(struct parser *p, node *left, size_t from)
{
    size_t begin = p->at;
    bool is_not = take(p, W_NOT);
    enum word word = word_at(p, 0);
    struct text text;
    node *made;

    skip(p, 1);
    switch (word) {
    case W_IN:
        return in_parse(p, left, from, phrase(p, begin), is_not);
    case W_BETWEEN:
        if (!p->is_mysql && !take(p, W_SYMMETRIC))
            take(p, W_ASYMMETRIC);
        return between_parse(p, left, from, phrase(p, begin), is_not);
    case W_OVERLAPS:
    case W_SOUNDS:
    case W_MEMBER:
        if (word != W_OVERLAPS)
            skip(p, word == W_SOUNDS || sees(p, W_OF));
        text = phrase(p, begin);
        made = NODE(p, BINARY, from, left, expression_from(p, LEVEL_PREDICATE + 1));
        made->text = text;
        made->form = FORM_OTHER;
        return made;
    default:
        if (word == W_SIMILAR)
            skip(p, 1);
        return like_parse(p, left, from, phrase(p, begin), form_of_like(word, is_not));
    }
}

/* AND, OR, &&, || of MySQL: one node for a run of the same spelling. */
static node *chain_parse(struct parser *p, node *left, size_t from, enum level level)
{
    struct text text = token_text(p, 0);
    node_list parts = {0};
    node *made;

    list_add(p, &parts, left);
    while (infix_level(p) == level && text_equal_nocase(token_text(p, 0), text)) {
        skip(p, 1);
        list_add(p, &parts, expression_from(p, level + 1));
    }
    made = list_make(p, SYNTAX_CHAIN, from, &parts);
    made->text = text;
    made->form = level == LEVEL_AND ? FORM_AND : FORM_OR;
    return made;
}

static node *binary_parse(struct parser *p, node *left, size_t from, enum level level)
{
    size_t begin = p->at;
    struct text text;
    node *right, *made;

    if (take(p, W_OPERATOR)) {
        expect_kind(p, TOKEN_OPEN);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
    } else {
        bool is_jsonb = is_question(p) && are_adjacent(p, 0) && (is_operator(p, 1, "|") || is_operator(p, 1, "&"));

        skip(p, is_jsonb ? 2 : 1);
    }
    text = phrase(p, begin);
    right = begins_quantified(p) ? quantified_parse(p) : expression_from(p, level + 1);
    made = NODE(p, BINARY, from, left, right);
    made->text = text;
    made->form = (uint16_t)form_of_operator(p, text);
    if (level == LEVEL_COMPARE && !p->is_mysql && right->kind != SYNTAX_QUANTIFIED &&
        right->kind != SYNTAX_QUANTIFIED_QUERY && infix_level(p) == LEVEL_COMPARE)
        parser_fail(p, "comparisons do not chain");
    return made;
}

/* AT TIME ZONE z, AT LOCAL */
static node *zone_parse(struct parser *p, node *left, size_t from)
{
    size_t begin = p->at;
    bool is_local;
    struct text text;
    node *made;

    skip(p, 1);
    is_local = take(p, W_LOCAL);
    if (!is_local) {
        expect(p, W_TIME);
        expect(p, W_ZONE);
    }
    text = phrase(p, begin);
    made = NODE(p, AT_ZONE, from, left, is_local ? NULL : expression_from(p, LEVEL_ZONE + 1));
    made->text = text;
    return made;
}

static node *infix_parse(struct parser *p, node *left, size_t from, enum level level)
{

    switch (level) {
    case LEVEL_OR:
    case LEVEL_AND:
        return chain_parse(p, left, from, level);
    case LEVEL_IS:
        return is_parse(p, left, from);
    case LEVEL_PREDICATE:
        return predicate_parse(p, left, from);
    case LEVEL_ZONE:
        return zone_parse(p, left, from);
    case LEVEL_COLLATE:
        if (!take(p, W_COLLATE))
            return binary_parse(p, left, from, level); /* MySQL's -> */
        if (is_string(p, 0)) {
            skip(p, 1);
            return NODE(p, COLLATE, from, left, leaf_make(p, SYNTAX_LITERAL, p->at - 1));
        }
        return NODE(p, COLLATE, from, left, p->is_mysql ? any_ident_parse(p) : name_parse(p));
    default:
        return binary_parse(p, left, from, level);
    }
}

node *expression_rest(struct parser *p, node *left, enum level least)
{
    size_t from = p->at > 0 ? p->at - 1 : 0;
    enum level level;

    while ((level = infix_level(p)) != LEVEL_NONE && level >= least && !p->has_failed)
        left = infix_parse(p, left, from, level);
    return left;
}

/* NOT, a sign, and operators that stand before their operand. */
static node *prefix_parse(struct parser *p, enum level level, enum syntax_form form)
{
    size_t from = p->at;
    struct text text = token_text(p, 0);
    node *made;

    if (take(p, W_OPERATOR)) {
        expect_kind(p, TOKEN_OPEN);
        raw_to_close(p);
        expect_kind(p, TOKEN_CLOSE);
        text = phrase(p, from);
    } else {
        skip(p, 1);
    }
    made = NODE(p, UNARY, from, expression_from(p, level));
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

/* ":=" of MySQL: everything behind it belongs to it. */
static node *assigned_parse(struct parser *p, node *variable, size_t from)
{
    struct text text = token_text(p, 0);
    node *made;

    skip(p, 1);
    made = NODE(p, ASSIGN, from, variable, expression_parse(p));
    made->text = text;
    return made;
}

static bool is_prefix_operator(const struct parser *p)
{
    struct text text = token_text(p, 0);

    if (sees(p, W_OPERATOR))
        return !p->is_mysql && token_at(p, 1)->kind == TOKEN_OPEN;
    if (!sees_kind(p, TOKEN_OPERATOR) || text.data[0] == ':')
        return false;
    if (p->is_mysql)
        return text.size == 1 && memchr("-+~!", text.data[0], 4) != NULL;
    if (text.data[0] == '%' && are_adjacent(p, 0) && is_any_name(p, 1) && token_text(p, 1).data[0] == 's')
        return false; /* %s of a driver */
    return level_of_operator(p) == LEVEL_OTHER || text_equal(text, TEXT("-")) || text_equal(text, TEXT("+"));
}

static node *prefixed_or_operand(struct parser *p)
{
    struct text text = token_text(p, 0);
    bool is_sign = text_equal(text, TEXT("-")) || text_equal(text, TEXT("+"));
    node *operand;
    size_t from = p->at;

    if (sees(p, W_NOT))
        return prefix_parse(p, LEVEL_NOT, FORM_NOT);
    if (is_prefix_operator(p))
        return prefix_parse(p, is_sign || p->is_mysql ? LEVEL_SIGN : LEVEL_OTHER + 1,
                            text_equal(text, TEXT("-"))                  ? FORM_MINUS
                            : text_equal(text, TEXT("+"))                ? FORM_PLUS
                            : text_equal(text, TEXT("!")) && p->is_mysql ? FORM_NOT
                                                                         : FORM_OTHER);
    if (p->is_mysql && sees(p, W_BINARY))
        return prefix_parse(p, LEVEL_SIGN, FORM_OTHER);
    operand = operand_parse(p);
    if (operand->kind == SYNTAX_VARIABLE && is_operator(p, 0, ":="))
        return assigned_parse(p, operand, from);
    return operand;
}

node *expression_from(struct parser *p, enum level least)
{
    node *left;

    if (!enter(p)) {
        leave(p);
        return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
    }
    left = expression_rest(p, prefixed_or_operand(p), least);
    leave(p);
    return left;
}

node *expression_parse(struct parser *p)
{
    return expression_from(p, LEVEL_OR);
}

node *expression_or_default_parse(struct parser *p)
{
    size_t from = p->at;

    if (sees(p, W_DEFAULT) && token_at(p, 1)->kind != TOKEN_OPEN) {
        skip(p, 1);
        return leaf_of_form(p, SYNTAX_LITERAL, from, FORM_DEFAULT);
    }
    return expression_parse(p);
}
