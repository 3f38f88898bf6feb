/* Tokens one by one; see lexer.h. */
#include "sql/lexer.h"

void sql_lexer_init(struct sql_lexer *lexer, enum sql_dialect dialect, struct text sql)
{
    *lexer = (struct sql_lexer){.dialect = dialect};
    lexer->at = (const uint8_t *)(sql.size == 0 ? "" : sql.data);
    lexer->end = lexer->at + sql.size;
}

static bool lexer_sees(const struct sql_lexer *lexer, size_t ahead, uint8_t byte)
{
    return (size_t)(lexer->end - lexer->at) > ahead && lexer->at[ahead] == byte;
}

static struct sql_token token_until(struct sql_lexer *lexer, enum sql_token_kind kind, const uint8_t *after)
{
    struct sql_token token = {kind, {(const char *)lexer->at, (size_t)(after - lexer->at)}};

    lexer->at = after;
    return token;
}

/* Skip white space and comments. The text of an executable comment is read as part of the statement. */
static void lexer_skip_blank(struct sql_lexer *lexer)
{
    for (;;) {
        bool is_terminated = true;
        const uint8_t *body;

        lexer->at = scan_blank(lexer->dialect, lexer->at, lexer->end, &is_terminated);
        if (!is_terminated)
            lexer->has_unterminated = true;
        if (scan_comment_begins(lexer->dialect, lexer->at, lexer->end, &body) == SCAN_COMMENT_EXECUTABLE) {
            lexer->has_executable = true;
            lexer->is_in_executable = true;
            lexer->at = body;
        } else if (lexer->is_in_executable && lexer_sees(lexer, 0, '*') && lexer_sees(lexer, 1, '/')) {
            lexer->is_in_executable = false;
            lexer->at += 2;
        } else {
            return;
        }
    }
}

static struct sql_token quoted(struct sql_lexer *lexer, enum sql_token_kind kind, size_t prefix_bytes,
                               bool has_backslashes)
{
    uint8_t quote = lexer->at[prefix_bytes];
    bool is_escape_string = prefix_bytes == 1 && (lexer->at[0] | 0x20) == 'e';
    bool is_terminated;
    const uint8_t *after =
        scan_quoted(lexer->at + prefix_bytes + 1, lexer->end, quote, has_backslashes, &is_terminated);

    if (!is_terminated)
        lexer->has_unterminated = true;
    if (kind == TOKEN_CONSTANT && !is_escape_string)
        for (const uint8_t *at = lexer->at + prefix_bytes + 1; at + 1 < after; at++)
            if (at[0] == '\\' && at[1] == quote)
                lexer->has_ambiguous = true;
    return token_until(lexer, kind, after);
}

static struct sql_token word_or_prefixed(struct sql_lexer *lexer)
{
    bool is_mysql = lexer->dialect == SQL_DIALECT_MYSQL;
    const uint8_t *after = scan_word(lexer->at, lexer->end);
    size_t size = (size_t)(after - lexer->at);
    uint8_t letter = *lexer->at | 0x20;
    bool is_quote = lexer_sees(lexer, size, '\'') || (is_mysql && lexer_sees(lexer, size, '"'));

    if (is_quote && is_mysql && (*lexer->at == '_' || (size == 1 && (letter == 'n' || letter == 'b' || letter == 'x'))))
        return quoted(lexer, TOKEN_CONSTANT, size, true);
    if (is_quote && !is_mysql && size == 1 && (letter == 'n' || letter == 'b' || letter == 'x' || letter == 'e'))
        return quoted(lexer, TOKEN_CONSTANT, 1, letter == 'e');
    if (!is_mysql && size == 1 && letter == 'u' && lexer_sees(lexer, 1, '&')) {
        if (lexer_sees(lexer, 2, '\''))
            return quoted(lexer, TOKEN_CONSTANT, 2, false);
        if (lexer_sees(lexer, 2, '"'))
            return quoted(lexer, TOKEN_NAME, 2, false);
    }
    return token_until(lexer, TOKEN_WORD, after);
}

static struct sql_token dollar(struct sql_lexer *lexer)
{
    bool is_terminated = true;
    const uint8_t *after = NULL;

    if (lexer->dialect != SQL_DIALECT_MYSQL)
        after = scan_dollar_quoted(lexer->at, lexer->end, &is_terminated);
    if (!is_terminated)
        lexer->has_unterminated = true;
    if (after != NULL)
        return token_until(lexer, TOKEN_CONSTANT, after);
    after = scan_word(lexer->at + 1, lexer->end);
    if (lexer->at + 1 < lexer->end && sql_class_of[lexer->at[1]] == CLASS_DIGIT)
        return token_until(lexer, TOKEN_CONSTANT, after);
    return token_until(lexer, TOKEN_WORD, after);
}

static struct sql_token number_or_name(struct sql_lexer *lexer)
{
    const uint8_t *after = scan_number(lexer->dialect, lexer->at, lexer->end);

    if (after == NULL)
        return token_until(lexer, TOKEN_WORD, scan_word(lexer->at, lexer->end));
    return token_until(lexer, TOKEN_CONSTANT, after);
}

static struct sql_token colon(struct sql_lexer *lexer)
{
    if (lexer_sees(lexer, 1, '=') || lexer_sees(lexer, 1, ':'))
        return token_until(lexer, TOKEN_OPERATOR, lexer->at + 2);
    return token_until(lexer, TOKEN_OTHER, lexer->at + 1);
}

struct sql_token sql_lexer_next(struct sql_lexer *lexer)
{
    bool is_mysql = lexer->dialect == SQL_DIALECT_MYSQL;

    lexer_skip_blank(lexer);
    if (lexer->at == lexer->end)
        return (struct sql_token){TOKEN_END, {(const char *)lexer->at, 0}};
    switch (sql_class_of[*lexer->at]) {
    case CLASS_WORD:
    case CLASS_HIGH:
    case CLASS_UNDERSCORE:
        return word_or_prefixed(lexer);
    case CLASS_DIGIT:
        return number_or_name(lexer);
    case CLASS_QUOTE:
        return quoted(lexer, TOKEN_CONSTANT, 0, is_mysql);
    case CLASS_DOUBLE_QUOTE:
        return quoted(lexer, is_mysql ? TOKEN_CONSTANT : TOKEN_NAME, 0, is_mysql);
    case CLASS_BACKTICK:
        if (is_mysql)
            return quoted(lexer, TOKEN_NAME, 0, false);
        return token_until(lexer, TOKEN_OPERATOR, scan_operator(lexer->dialect, lexer->at, lexer->end));
    case CLASS_OPEN:
        return token_until(lexer, TOKEN_OPEN, lexer->at + 1);
    case CLASS_CLOSE:
        return token_until(lexer, TOKEN_CLOSE, lexer->at + 1);
    case CLASS_COMMA:
        return token_until(lexer, TOKEN_COMMA, lexer->at + 1);
    case CLASS_DOT:
        return token_until(lexer, TOKEN_DOT, lexer->at + 1);
    case CLASS_SEMICOLON:
        return token_until(lexer, TOKEN_SEMICOLON, lexer->at + 1);
    case CLASS_DOLLAR:
        return dollar(lexer);
    case CLASS_QUESTION:
        return token_until(lexer, TOKEN_CONSTANT, lexer->at + 1);
    case CLASS_COLON:
        return colon(lexer);
    case CLASS_OPEN_BRACKET:
    case CLASS_CLOSE_BRACKET:
    case CLASS_OTHER:
        return token_until(lexer, TOKEN_OTHER, lexer->at + 1);
    default:
        return token_until(lexer, TOKEN_OPERATOR, scan_operator(lexer->dialect, lexer->at, lexer->end));
    }
}

bool sql_token_is(struct sql_token token, struct text lower_case_word)
{
    return token.kind == TOKEN_WORD && text_equal_nocase(token.text, lower_case_word);
}

bool sql_token_is_one_of(struct sql_token token, const char *const *lower_case_words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sql_token_is(token, text_of(lower_case_words[i])))
            return true;
    return false;
}

struct text sql_token_name(struct sql_token token, struct arena *arena)
{
    struct text name = text_to_utf8(token.text, arena);
    char *copy = arena_alloc(arena, name.size + 1);
    size_t size = 0, at = 0;
    char quote = '\0';

    if (token.kind == TOKEN_NAME) {
        at = name.data[0] == 'U' || name.data[0] == 'u' ? 3 : 1;
        quote = name.data[at - 1];
    }
    for (; at < name.size; at++) {
        unsigned char byte = (unsigned char)name.data[at];

        if (quote != '\0' && byte == (unsigned char)quote && ++at == name.size)
            break; /* the closing quote; of a doubled quote the second one is kept */
        copy[size++] = (char)(byte < 0x20 || byte == 0x7F ? ' ' : byte);
    }
    return (struct text){copy, size};
}
