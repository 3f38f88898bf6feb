/* See sql_view.h. A coarse scanner for the eye: fingerprints are made by lib/sql, not here. */
#include "fcgi/pages/sql_view.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum break_kind { BREAK_NONE, BREAK_LINE, BREAK_INDENTED };

/* Sorted, for bsearch. The second column: does the word start a line at depth 0? */
static const struct keyword {
    const char *word;
    enum break_kind breaks;
} keywords[] = {
    {"ADD", BREAK_NONE},       {"ALL", BREAK_NONE},      {"ALTER", BREAK_NONE},     {"ANALYZE", BREAK_NONE},
    {"AND", BREAK_INDENTED},   {"ANY", BREAK_NONE},      {"AS", BREAK_NONE},        {"ASC", BREAK_NONE},
    {"BEGIN", BREAK_NONE},     {"BETWEEN", BREAK_NONE},  {"BY", BREAK_NONE},        {"CALL", BREAK_NONE},
    {"CASE", BREAK_NONE},      {"CAST", BREAK_NONE},     {"COMMIT", BREAK_NONE},    {"CONFLICT", BREAK_NONE},
    {"COPY", BREAK_NONE},      {"CREATE", BREAK_NONE},   {"CROSS", BREAK_LINE},     {"CURRENT", BREAK_NONE},
    {"DATABASE", BREAK_NONE},  {"DEFAULT", BREAK_NONE},  {"DELETE", BREAK_NONE},    {"DESC", BREAK_NONE},
    {"DISTINCT", BREAK_NONE},  {"DO", BREAK_NONE},       {"DROP", BREAK_NONE},      {"DUPLICATE", BREAK_NONE},
    {"ELSE", BREAK_NONE},      {"END", BREAK_NONE},      {"EXCEPT", BREAK_LINE},    {"EXISTS", BREAK_NONE},
    {"EXPLAIN", BREAK_NONE},   {"FALSE", BREAK_NONE},    {"FETCH", BREAK_NONE},     {"FILTER", BREAK_NONE},
    {"FOR", BREAK_LINE},       {"FORCE", BREAK_NONE},    {"FROM", BREAK_LINE},      {"FULL", BREAK_LINE},
    {"GRANT", BREAK_NONE},     {"GROUP", BREAK_LINE},    {"HAVING", BREAK_LINE},    {"ILIKE", BREAK_NONE},
    {"IN", BREAK_NONE},        {"INDEX", BREAK_NONE},    {"INNER", BREAK_LINE},     {"INSERT", BREAK_NONE},
    {"INTERSECT", BREAK_LINE}, {"INTERVAL", BREAK_NONE}, {"INTO", BREAK_NONE},      {"IS", BREAK_NONE},
    {"JOIN", BREAK_LINE},      {"KEY", BREAK_NONE},      {"LATERAL", BREAK_NONE},   {"LEFT", BREAK_LINE},
    {"LIKE", BREAK_NONE},      {"LIMIT", BREAK_LINE},    {"LOCK", BREAK_NONE},      {"MERGE", BREAK_NONE},
    {"NATURAL", BREAK_LINE},   {"NOT", BREAK_NONE},      {"NOTHING", BREAK_NONE},   {"NULL", BREAK_NONE},
    {"OFFSET", BREAK_LINE},    {"ON", BREAK_NONE},       {"OR", BREAK_INDENTED},    {"ORDER", BREAK_LINE},
    {"OUTER", BREAK_NONE},     {"OVER", BREAK_NONE},     {"PARTITION", BREAK_NONE}, {"REPLACE", BREAK_NONE},
    {"RETURNING", BREAK_LINE}, {"RIGHT", BREAK_LINE},    {"ROLLBACK", BREAK_NONE},  {"SELECT", BREAK_NONE},
    {"SET", BREAK_LINE},       {"SHARE", BREAK_NONE},    {"SOME", BREAK_NONE},      {"STRAIGHT_JOIN", BREAK_LINE},
    {"TABLE", BREAK_NONE},     {"THEN", BREAK_NONE},     {"TRUE", BREAK_NONE},      {"TRUNCATE", BREAK_NONE},
    {"UNION", BREAK_LINE},     {"UNIQUE", BREAK_NONE},   {"UPDATE", BREAK_NONE},    {"USING", BREAK_NONE},
    {"VACUUM", BREAK_NONE},    {"VALUES", BREAK_LINE},   {"VIEW", BREAK_NONE},      {"WHEN", BREAK_NONE},
    {"WHERE", BREAK_LINE},     {"WINDOW", BREAK_LINE},   {"WITH", BREAK_NONE},
};

struct view_maker {
    struct text sql;
    size_t at;
    int depth; /* of parentheses */
    bool is_wrapped;
    struct text before; /* the keyword before: no break within LEFT OUTER JOIN */
    struct sql_view view;
    size_t capacity;
    struct arena *arena;
};

static void add_span(struct view_maker *maker, enum sql_span_kind kind, struct text text)
{
    struct sql_view *view = &maker->view;
    struct sql_span *last = view->count == 0 ? NULL : &view->spans[view->count - 1];
    struct sql_span *larger;

    if (text.size == 0)
        return;
    if (last != NULL && last->kind == kind && last->text.data + last->text.size == text.data) {
        last->text.size += text.size;
        return;
    }
    if (view->count == maker->capacity) {
        maker->capacity = maker->capacity == 0 ? 32 : maker->capacity * 2;
        larger = arena_alloc_array(maker->arena, maker->capacity, sizeof *larger);
        if (view->count > 0)
            memcpy(larger, view->spans, view->count * sizeof *larger);
        view->spans = larger;
    }
    view->spans[view->count++] = (struct sql_span){kind, text};
}

static bool is_word_byte(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte >= 0x80;
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static int compare_keyword(const void *key, const void *row)
{
    const struct text *word = key;
    const struct keyword *keyword = row;
    int order = strncasecmp(word->data, keyword->word, word->size);

    return order != 0 ? order : -(keyword->word[word->size] != '\0');
}

static const struct keyword *find_keyword(struct text word)
{
    return bsearch(&word, keywords, sizeof keywords / sizeof keywords[0], sizeof keywords[0], compare_keyword);
}

static bool is_join_word(struct text word)
{
    static const char *const words[] = {"LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "OUTER", "BETWEEN"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal_nocase(word, text_of(words[i])))
            return true;
    return false;
}

/* A name between the two ends a break is suppressed by: `BETWEEN ? AND ?`, `LEFT OUTER JOIN`. */
static void break_before(struct view_maker *maker, enum break_kind breaks)
{
    struct sql_view *view = &maker->view;
    struct sql_span *last = view->count == 0 ? NULL : &view->spans[view->count - 1];

    if (!maker->is_wrapped || maker->depth > 0 || breaks == BREAK_NONE || last == NULL || is_join_word(maker->before) ||
        last->kind != SQL_SPAN_UNSET || last->text.data[last->text.size - 1] != ' ')
        return;
    last->text.size--;
    if (last->text.size == 0)
        view->count--;
    add_span(maker, SQL_SPAN_UNSET, breaks == BREAK_LINE ? TEXT("\n") : TEXT("\n  "));
    view->line_count++;
}

static size_t quoted_end(struct text sql, size_t at)
{
    char quote = sql.data[at];

    for (at++; at < sql.size; at++) {
        if (sql.data[at] == '\\' && quote != '`')
            at++;
        else if (sql.data[at] == quote) {
            if (at + 1 < sql.size && sql.data[at + 1] == quote)
                at++;
            else
                return at + 1;
        }
    }
    return sql.size;
}

static size_t comment_end(struct text sql, size_t at)
{
    const char *end;

    if (sql.data[at] == '/') {
        end = memmem(sql.data + at + 2, sql.size - at - 2, "*/", 2);
        return end == NULL ? sql.size : (size_t)(end - sql.data) + 2;
    }
    end = memchr(sql.data + at, '\n', sql.size - at);
    return end == NULL ? sql.size : (size_t)(end - sql.data);
}

static void take_word(struct view_maker *maker, size_t start)
{
    struct text word;
    const struct keyword *keyword;

    while (maker->at < maker->sql.size && is_word_byte((unsigned char)maker->sql.data[maker->at]))
        maker->at++;
    word = (struct text){maker->sql.data + start, maker->at - start};
    if (is_digit((unsigned char)word.data[0])) {
        add_span(maker, SQL_SPAN_NUMBER, word);
        return;
    }
    keyword = find_keyword(word);
    /* left(…), replace(…): a function, unless it can only be a keyword there. */
    if (keyword != NULL && maker->at < maker->sql.size && maker->sql.data[maker->at] == '(' &&
        (text_equal_nocase(word, TEXT("LEFT")) || text_equal_nocase(word, TEXT("RIGHT")) ||
         text_equal_nocase(word, TEXT("REPLACE"))))
        keyword = NULL;
    if (keyword == NULL) {
        add_span(maker, SQL_SPAN_UNSET, word);
        return;
    }
    break_before(maker, keyword->breaks);
    maker->before = word;
    add_span(maker, SQL_SPAN_KEYWORD, word);
}

static void take_token(struct view_maker *maker)
{
    struct text sql = maker->sql;
    size_t start = maker->at;
    char byte = sql.data[start];
    char next = start + 1 < sql.size ? sql.data[start + 1] : '\0';
    enum sql_span_kind kind = SQL_SPAN_UNSET;

    if (is_word_byte((unsigned char)byte)) {
        take_word(maker, start);
        return;
    }
    maker->at++;
    if (byte == '\'') {
        kind = SQL_SPAN_STRING;
        maker->at = quoted_end(sql, start);
    } else if (byte == '"' || byte == '`') {
        maker->at = quoted_end(sql, start);
    } else if ((byte == '-' && next == '-') || (byte == '/' && next == '*')) {
        kind = SQL_SPAN_COMMENT;
        maker->at = comment_end(sql, start);
    } else if (byte == '?') {
        kind = SQL_SPAN_PLACEHOLDER;
    } else if (byte == '$' && is_digit((unsigned char)next)) {
        kind = SQL_SPAN_PLACEHOLDER;
        while (maker->at < sql.size && is_digit((unsigned char)sql.data[maker->at]))
            maker->at++;
    } else if (byte == '(') {
        maker->depth++;
    } else if (byte == ')' && maker->depth > 0) {
        maker->depth--;
    }
    for (size_t i = start; i < maker->at; i++)
        maker->view.line_count += sql.data[i] == '\n';
    add_span(maker, kind, (struct text){sql.data + start, maker->at - start});
}

struct sql_view sql_view_make(struct text sql, bool is_wrapped, struct arena *arena)
{
    struct view_maker maker = {.sql = sql, .arena = arena, .view = {.line_count = 1}};

    maker.is_wrapped = is_wrapped && sql.size > 60 && memchr(sql.data, '\n', sql.size) == NULL;
    while (maker.at < sql.size)
        take_token(&maker);
    return maker.view;
}
