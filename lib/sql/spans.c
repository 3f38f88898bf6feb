/* Spans for highlighting; see spans.h. */
#include "sql/spans.h"

#include <stdlib.h>
#include <strings.h>

#include "base/vector.h"
#include "sql/lexer.h"

/* Words that are shown as keywords, sorted for bsearch. sql/keyword.h has other words, for the fingerprint. */
static const char *const keywords[] = {
    "ADD",       "ALL",      "ALTER",    "ANALYZE",   "AND",      "ANY",     "AS",        "ASC",
    "BEGIN",     "BETWEEN",  "BY",       "CALL",      "CASE",     "CAST",    "COMMIT",    "CONFLICT",
    "COPY",      "CREATE",   "CROSS",    "CURRENT",   "DATABASE", "DEFAULT", "DELETE",    "DESC",
    "DISTINCT",  "DO",       "DROP",     "DUPLICATE", "ELSE",     "END",     "EXCEPT",    "EXISTS",
    "EXPLAIN",   "FALSE",    "FETCH",    "FILTER",    "FOR",      "FORCE",   "FROM",      "FULL",
    "GRANT",     "GROUP",    "HAVING",   "ILIKE",     "IN",       "INDEX",   "INNER",     "INSERT",
    "INTERSECT", "INTERVAL", "INTO",     "IS",        "JOIN",     "KEY",     "LATERAL",   "LEFT",
    "LIKE",      "LIMIT",    "LOCK",     "MERGE",     "NATURAL",  "NOT",     "NOTHING",   "NULL",
    "OFFSET",    "ON",       "OR",       "ORDER",     "OUTER",    "OVER",    "PARTITION", "REPLACE",
    "RETURNING", "RIGHT",    "ROLLBACK", "SELECT",    "SET",      "SHARE",   "SOME",      "STRAIGHT_JOIN",
    "TABLE",     "THEN",     "TRUE",     "TRUNCATE",  "UNION",    "UNIQUE",  "UPDATE",    "USING",
    "VACUUM",    "VALUES",   "VIEW",     "WHEN",      "WHERE",    "WINDOW",  "WITH",
};

struct spans_maker {
    enum sql_dialect dialect;
    VECTOR(struct sql_span) spans;
    struct arena *arena;
};

static void add_span(struct spans_maker *maker, enum sql_span_kind kind, const uint8_t *from, const uint8_t *to)
{
    *vector_push(&maker->spans, maker->arena) = (struct sql_span){kind, {(const char *)from, (size_t)(to - from)}};
}

static bool is_space(uint8_t byte)
{
    return sql_class_of[byte] == CLASS_SPACE;
}

static const uint8_t *comment_end(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *body;
    bool is_terminated;

    switch (scan_comment_begins(dialect, at, end, &body)) {
    case SCAN_COMMENT_LINE:
        return scan_line_comment(body, end);
    case SCAN_COMMENT_BLOCK:
        return scan_block_comment(body, end, dialect == SQL_DIALECT_POSTGRESQL, &is_terminated);
    case SCAN_COMMENT_EXECUTABLE:
        return body;
    default:
        return at + 2; /* the end of an executable comment */
    }
}

/* Add the spans of the white space and comments that the lexer skips before a token. */
static void add_gap(struct spans_maker *maker, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        const uint8_t *from = at;

        if (is_space(*at)) {
            while (at < end && is_space(*at))
                at++;
            add_span(maker, SQL_SPAN_BLANK, from, at);
        } else {
            at = comment_end(maker->dialect, at, end);
            add_span(maker, SQL_SPAN_COMMENT, from, at);
        }
    }
}

static int compare_keyword(const void *key, const void *row)
{
    const struct text *word = key;
    const char *keyword = *(const char *const *)row;
    int order = strncasecmp(word->data, keyword, word->size);

    return order != 0 ? order : -(keyword[word->size] != '\0');
}

/* left(…), right(…) and replace(…) are functions. */
static bool is_function(struct text word, const uint8_t *after, const uint8_t *end)
{
    return after < end && *after == '(' &&
           (text_equal_nocase(word, TEXT("LEFT")) || text_equal_nocase(word, TEXT("RIGHT")) ||
            text_equal_nocase(word, TEXT("REPLACE")));
}

static enum sql_span_kind constant_kind(struct text constant)
{
    char first = constant.data[0], second = constant.size > 1 ? constant.data[1] : '\0';

    if (first == '?' || (first == '$' && second >= '0' && second <= '9'))
        return SQL_SPAN_PLACEHOLDER;
    return first >= '0' && first <= '9' ? SQL_SPAN_NUMBER : SQL_SPAN_STRING;
}

static enum sql_span_kind kind_of(const struct sql_token *token, const struct sql_lexer *lexer)
{
    switch (token->kind) {
    case TOKEN_OPEN:
        return SQL_SPAN_OPEN;
    case TOKEN_CLOSE:
        return SQL_SPAN_CLOSE;
    case TOKEN_CONSTANT:
        return constant_kind(token->text);
    case TOKEN_WORD:
        return bsearch(&token->text, keywords, sizeof keywords / sizeof keywords[0], sizeof keywords[0],
                       compare_keyword) != NULL &&
                       !is_function(token->text, lexer->at, lexer->end)
                   ? SQL_SPAN_KEYWORD
                   : SQL_SPAN_UNSET;
    default:
        return SQL_SPAN_UNSET;
    }
}

struct sql_spans sql_spans_make(enum sql_dialect dialect, struct text sql, struct arena *arena)
{
    struct spans_maker maker = {.dialect = dialect, .arena = arena};
    struct sql_lexer lexer;
    const uint8_t *at;

    sql_lexer_init(&lexer, dialect, sql);
    for (at = lexer.at; at < lexer.end; at = lexer.at) {
        struct sql_token token = sql_lexer_next(&lexer);

        add_gap(&maker, at, (const uint8_t *)token.text.data);
        if (token.kind != TOKEN_END)
            add_span(&maker, kind_of(&token, &lexer), (const uint8_t *)token.text.data, lexer.at);
    }
    return (struct sql_spans){maker.spans.items, maker.spans.count};
}
