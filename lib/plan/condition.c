/* Conditions of plans; see condition.h. */
#include "plan/condition.h"

#include <string.h>

enum token_kind {
    TOKEN_UNSET,
    TOKEN_NAME,     /* may be a keyword, a function, a type */
    TOKEN_QUOTED,   /* a quoted name, without its quotes */
    TOKEN_STRING,   /* with its quotes */
    TOKEN_NUMBER,   /* or a parameter */
    TOKEN_OPERATOR, /* = <> ~~ :: … */
    TOKEN_OTHER,    /* one byte: ( ) , . [ ] */
};

struct token {
    enum token_kind kind;
    struct text text;
};

struct tokens {
    struct token items[CONDITION_TOKENS_MAX + 2]; /* the last two are UNSET, so that a look ahead needs no bound */
    size_t count;
};

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_operator_byte(char byte)
{
    return byte != '\0' && strchr("=<>~!*:+-/%|&^#@?", byte) != NULL;
}

static size_t quoted_size(struct text text)
{
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] != text.data[0])
            continue;
        if (i + 1 == text.size || text.data[i + 1] != text.data[0])
            return i + 1;
        i++;
    }
    return text.size;
}

static size_t run_size(struct text text, bool (*is_part)(char byte), bool takes_digits)
{
    size_t size = 1;

    while (size < text.size && (is_part(text.data[size]) || (takes_digits && is_digit(text.data[size]))))
        size++;
    return size;
}

static struct token token_at(struct text text)
{
    char first = text.data[0];
    struct token token = {TOKEN_OTHER, {text.data, 1}};

    if (first == '\'') {
        token = (struct token){TOKEN_STRING, {text.data, quoted_size(text)}};
    } else if (first == '"' || first == '`') {
        size_t size = quoted_size(text);

        token = (struct token){TOKEN_QUOTED, {text.data + 1, size > 2 ? size - 2 : 0}};
    } else if (is_name_byte(first)) {
        token = (struct token){TOKEN_NAME, {text.data, run_size(text, is_name_byte, true)}};
    } else if (is_digit(first) || first == '$') {
        token = (struct token){TOKEN_NUMBER, {text.data, run_size(text, is_name_byte, true)}};
    } else if (is_operator_byte(first)) {
        token = (struct token){TOKEN_OPERATOR, {text.data, run_size(text, is_operator_byte, false)}};
    }
    return token;
}

static void read_tokens(struct text condition, struct tokens *out)
{
    memset(out, 0, sizeof *out);
    while (condition.size > 0 && out->count < CONDITION_TOKENS_MAX) {
        struct token token;
        size_t size;

        if (strchr(" \t\r\n", condition.data[0]) != NULL) { /* a NUL, too */
            condition.data++;
            condition.size--;
            continue;
        }
        token = token_at(condition);
        size = token.text.size + (token.kind == TOKEN_QUOTED ? 2 : 0);
        out->items[out->count++] = token;
        if (size > condition.size) /* a quote without end */
            size = condition.size;
        condition.data += size;
        condition.size -= size;
    }
}

static bool is_byte(const struct token *token, char byte)
{
    return token->kind == TOKEN_OTHER && token->text.data[0] == byte;
}

static bool is_operator(const struct token *token, const char *operator)
{
    return token->kind == TOKEN_OPERATOR && text_equal(token->text, text_of(operator));
}

static bool is_one_of(struct text word, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (text_equal_nocase(word, text_of(words[i])))
            return true;
    return false;
}

/* Names that are no columns. */
static bool is_keyword(struct text word)
{
    static const char *const keywords[] = {"and",
                                           "or",
                                           "not",
                                           "is",
                                           "null",
                                           "any",
                                           "all",
                                           "array",
                                           "in",
                                           "like",
                                           "between",
                                           "true",
                                           "false",
                                           "case",
                                           "when",
                                           "then",
                                           "else",
                                           "end",
                                           "as",
                                           "from",
                                           "distinct",
                                           "subplan",
                                           "hashed",
                                           "interval",
                                           "escape",
                                           "exists",
                                           "select",
                                           "coalesce",
                                           "row",
                                           "div",
                                           "mod",
                                           "regexp",
                                           "rlike",
                                           "xor",
                                           "unknown",
                                           "collate",
                                           "alternatives",
                                           "returns",
                                           "using",
                                           "day",
                                           "month",
                                           "year",
                                           "hour",
                                           "minute",
                                           "second",
                                           "current_timestamp",
                                           "current_date",
                                           "date",
                                           "timestamp",
                                           "without",
                                           "with",
                                           "time",
                                           "zone",
                                           "varying",
                                           NULL};

    return is_one_of(word, keywords);
}

static bool is_comparison(const struct token *token)
{
    static const char *const operators[] = {"=",   "<", ">",  "<=",  ">=", "<>", "!=",   "~~", "~~*",
                                            "!~~", "~", "~*", "<=>", "@>", "!~", "!~~*", NULL};
    static const char *const words[] = {"like", "between", "in", "regexp", "rlike", NULL};

    return token->kind == TOKEN_OPERATOR ? is_one_of(token->text, operators)
                                         : token->kind == TOKEN_NAME && is_one_of(token->text, words);
}

/* "orders" of "orders" or "shop.orders" */
static bool is_last_part(struct text name, struct text part)
{
    return text_equal(name, part) ||
           (name.size > part.size && text_ends(name, part) && name.data[name.size - part.size - 1] == '.');
}

/* True at the first token of a column of the node's table; *out_size tokens long. A name with another table before it
 * is none. */
static bool column_at(const struct tokens *tokens, size_t at, const struct plan_node *node, struct text *out_column,
                      size_t *out_size)
{
    const struct token *token = &tokens->items[at];
    struct text qualifier = {NULL, 0}, column = token->text;
    size_t size = 1;

    if ((token->kind != TOKEN_NAME && token->kind != TOKEN_QUOTED) || (at > 0 && is_byte(token - 1, '.')))
        return false;
    while (at + size + 1 < tokens->count && is_byte(&token[size], '.')) {
        qualifier = column;
        column = token[size + 1].text;
        size += 2;
    }
    *out_size = size;
    if (column.size == 0 || is_byte(&token[size], '(') || (at > 0 && is_operator(token - 1, "::")))
        return false;
    if (size == 1 && token->kind == TOKEN_NAME && is_keyword(token->text))
        return false;
    if (at > 0 && token[-1].kind == TOKEN_NAME && !is_keyword(token[-1].text)) /* double precision */
        return false;
    if (size == 1 && (token[size].kind == TOKEN_STRING ||                 /* DATE'2026-01-01' */
                      text_equal_nocase(token[size].text, TEXT("from")))) /* EXTRACT(doy FROM taken) */
        return false;
    if (qualifier.size > 0 && !text_equal(qualifier, node->alias) && !is_last_part(node->relation, qualifier))
        return false;
    *out_column = column;
    return true;
}

const char *condition_columns(struct text condition, const struct plan_node *node, struct arena *arena)
{
    struct tokens tokens;
    struct text seen[CONDITION_COLUMNS_MAX];
    const char *list = "";
    size_t count = 0, size = 1;

    read_tokens(condition, &tokens);
    for (size_t i = 0; i < tokens.count && count < CONDITION_COLUMNS_MAX; i += size) {
        struct text column;
        bool is_known = false;

        size = 1;
        if (!column_at(&tokens, i, node, &column, &size))
            continue;
        for (size_t k = 0; k < count; k++)
            is_known |= text_equal(seen[k], column);
        if (is_known)
            continue;
        seen[count++] = column;
        list = arena_printf(arena, "%s%s%.*s", list, count > 1 ? ", " : "", (int)text_cut_utf8(column, 64).size,
                            column.data);
    }
    return list;
}

/* The token behind the parenthesis that opens at `at`; 0: it does not close. */
static size_t behind_parenthesis(const struct tokens *tokens, size_t at)
{
    int depth = 0;

    for (size_t i = at; i < tokens->count; i++) {
        depth += is_byte(&tokens->items[i], '(') - is_byte(&tokens->items[i], ')');
        if (depth == 0)
            return i + 1;
    }
    return 0;
}

/* The first column between two tokens. */
static bool column_between(const struct tokens *tokens, size_t begin, size_t end, const struct plan_node *node,
                           struct text *out_column)
{
    size_t size = 1;

    for (size_t i = begin; i < end; i += size) {
        size = 1;
        if (column_at(tokens, i, node, out_column, &size))
            return true;
    }
    return false;
}

/* Is what ends before `at` compared? Closing parentheses and casts may stand between. */
static bool is_compared(const struct tokens *tokens, size_t at)
{
    static const char *const type_words[] = {"precision", "varying", "without", "with", "time", "zone", NULL};

    while (at < tokens->count) {
        const struct token *token = &tokens->items[at];

        if (is_byte(token, ')')) {
            at++;
        } else if (is_operator(token, "::")) {
            at += 2;
            while (at < tokens->count && is_one_of(tokens->items[at].text, type_words))
                at++;
            if (at < tokens->count && is_byte(&tokens->items[at], '('))
                at = behind_parenthesis(tokens, at);
            if (at == 0)
                return false;
        } else {
            return is_comparison(token);
        }
    }
    return false;
}

bool condition_has_function(struct text condition, const struct plan_node *node, struct text *out_function,
                            struct text *out_column)
{
    static const char *const no_functions[] = {"and",    "or",   "not",     "in",  "any", "all",
                                               "exists", "cast", "convert", "row", NULL};
    struct tokens tokens;

    read_tokens(condition, &tokens);
    for (size_t i = 0; i + 1 < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        size_t end;

        /* PostgreSQL quotes names that are keywords, too: "left"(serial, 6). */
        if ((token->kind != TOKEN_NAME && token->kind != TOKEN_QUOTED) || !is_byte(token + 1, '(') ||
            is_one_of(token->text, no_functions) || (i > 0 && is_operator(token - 1, "::")))
            continue;
        end = behind_parenthesis(&tokens, i + 1);
        if (end == 0 || !is_compared(&tokens, end) || !column_between(&tokens, i + 2, end - 1, node, out_column))
            continue;
        *out_function = token->text;
        return true;
    }
    return false;
}

/* The token behind constants and signs of arithmetic that begin at `at`: "+ 1", "- '1 day'::interval",
 * "+ interval 1 day". 0: something else is there. */
static size_t behind_arithmetic(const struct tokens *tokens, size_t at)
{
    static const char *const signs[] = {"+", "-", "*", "/", "%", "||", NULL};
    static const char *const words[] = {"interval", "day",     "hour",     "minute",  "second", "month",
                                        "year",     "numeric", "bigint",   "integer", "double", "precision",
                                        "text",     "real",    "smallint", NULL};
    size_t begin = at;

    if (at >= tokens->count || tokens->items[at].kind != TOKEN_OPERATOR || !is_one_of(tokens->items[at].text, signs))
        return 0;
    for (at++; at < tokens->count; at++) {
        const struct token *token = &tokens->items[at];
        bool is_constant = token->kind == TOKEN_NUMBER || token->kind == TOKEN_STRING || is_operator(token, "::") ||
                           (token->kind == TOKEN_NAME && is_one_of(token->text, words)) ||
                           (token->kind == TOKEN_OPERATOR && is_one_of(token->text, signs)) || is_byte(token, '.');

        if (!is_constant)
            break;
    }
    return at > begin + 1 ? at : 0;
}

bool condition_has_arithmetic(struct text condition, const struct plan_node *node, struct text *out_column)
{
    struct tokens tokens;

    read_tokens(condition, &tokens);
    for (size_t i = 0; i < tokens.count; i++) {
        struct text column;
        size_t size, end;

        if (!column_at(&tokens, i, node, &column, &size))
            continue;
        end = i + size;
        while (end < tokens.count && is_byte(&tokens.items[end], ')')) /* of (column)::type */
            end++;
        if (end + 1 < tokens.count && end > i + size && is_operator(&tokens.items[end], "::"))
            end += 2;
        end = behind_arithmetic(&tokens, end);
        if (end == 0 || !is_compared(&tokens, end))
            continue;
        *out_column = column;
        return true;
    }
    return false;
}

/* MySQL: cast(t.created as date) = … */
static bool is_cast_call(const struct tokens *tokens, size_t at, const struct plan_node *node, struct text *out_column,
                         struct text *out_type)
{
    static const char *const casts[] = {"cast", "convert", NULL};
    const struct token *token = &tokens->items[at];
    size_t end;

    if (token->kind != TOKEN_NAME || !is_one_of(token->text, casts) || !is_byte(token + 1, '('))
        return false;
    end = behind_parenthesis(tokens, at + 1);
    if (end == 0 || !is_compared(tokens, end) || !column_between(tokens, at + 2, end - 1, node, out_column))
        return false;
    for (size_t i = at + 2; i + 1 < end; i++)
        if (text_equal_nocase(tokens->items[i].text, TEXT("as"))) {
            *out_type = tokens->items[i + 1].text;
            return true;
        }
    return false;
}

bool condition_has_cast(struct text condition, const struct plan_node *node, struct text *out_column,
                        struct text *out_type)
{
    static const char *const types[] = {"date", "numeric", "double",    "integer",  "bigint",
                                        "real", "time",    "timestamp", "smallint", NULL};
    struct tokens tokens;
    size_t size = 1;

    read_tokens(condition, &tokens);
    for (size_t i = 0; i + 1 < tokens.count; i++) {
        const struct token *behind;

        if (is_cast_call(&tokens, i, node, out_column, out_type))
            return true;
        if (!column_at(&tokens, i, node, out_column, &size) || i + size + 2 > tokens.count)
            continue;
        behind = &tokens.items[i + size]; /* (column)::type */
        if (!is_byte(behind, ')') || !is_operator(behind + 1, "::") || i + size + 2 >= tokens.count)
            continue;
        if (!is_one_of(behind[2].text, types) || !is_compared(&tokens, i + size + 1))
            continue;
        *out_type = behind[2].text;
        return true;
    }
    return false;
}

bool condition_has_leading_wildcard(struct text condition, const struct plan_node *node, struct text *out_column)
{
    static const char *const patterns[] = {"~~", "like", NULL}, *const never[] = {"~~*",    "~",     "~*",
                                                                                  "regexp", "rlike", NULL};
    enum { COLUMN_DISTANCE_MAX = 8 }; /* tokens: ((name)::text ~~ */
    struct tokens tokens;

    read_tokens(condition, &tokens);
    for (size_t i = 1; i + 1 < tokens.count; i++) {
        const struct token *token = &tokens.items[i], *pattern = token + 1;
        bool is_wild = pattern->kind == TOKEN_STRING && pattern->text.size > 1 &&
                       (pattern->text.data[1] == '%' || pattern->text.data[1] == '_');
        bool is_match = token->kind == TOKEN_NAME || token->kind == TOKEN_OPERATOR;
        bool is_found = false;

        if (!is_match || pattern->kind != TOKEN_STRING)
            continue;
        if (!is_one_of(token->text, never) && !(is_wild && is_one_of(token->text, patterns)))
            continue;
        for (size_t at = i >= COLUMN_DISTANCE_MAX ? i - COLUMN_DISTANCE_MAX : 0; at < i; at++)
            is_found |= column_between(&tokens, at, i, node, out_column); /* the nearest */
        if (is_found)
            return true;
    }
    return false;
}

bool condition_equals_number(struct text condition, const struct plan_node *node)
{
    struct tokens tokens;

    read_tokens(condition, &tokens);
    for (size_t i = 0; i < tokens.count; i++) {
        struct text column;
        size_t size, at;

        if (!column_at(&tokens, i, node, &column, &size))
            continue;
        at = i + size;
        if (at + 2 < tokens.count && text_equal_nocase(tokens.items[at].text, TEXT("in")) &&
            is_byte(&tokens.items[at + 1], '('))
            at++;
        else if (at >= tokens.count || !is_operator(&tokens.items[at], "="))
            continue;
        if (at + 1 < tokens.count && tokens.items[at + 1].kind == TOKEN_NUMBER)
            return true;
    }
    return false;
}

bool condition_has_or(struct text condition)
{
    return condition_contains(condition, " OR ") || condition_contains(condition, " or ");
}

bool condition_has_subquery(struct text condition)
{
    static const char *const words[] = {"SubPlan", "InitPlan", "subquery#", "select#"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (condition_contains(condition, words[i]))
            return true;
    return false;
}

bool condition_contains(struct text condition, const char *words)
{
    return condition.size > 0 && memmem(condition.data, condition.size, words, strlen(words)) != NULL;
}
