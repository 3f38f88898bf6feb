/* A reader of tokens, one by one, for questions about a single statement: which tables does it use, may it be
 * explained? The fingerprint, which must be fast, has a loop of its own (shape.c). Private to lib/sql and
 * lib/syntax. */
#ifndef POTTO_SQL_LEXER_H
#define POTTO_SQL_LEXER_H

#include "sql/scan.h"

enum sql_token_kind {
    TOKEN_END, /* also before the first token is read */
    TOKEN_WORD,
    TOKEN_NAME,     /* a quoted name; its text includes the quotes */
    TOKEN_CONSTANT, /* number, string, placeholder */
    TOKEN_OPERATOR,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_SEMICOLON,
    TOKEN_OTHER /* brackets, braces, backslash, colons */
};

struct sql_token {
    enum sql_token_kind kind;
    struct text text; /* points into the statement */
};

struct sql_lexer {
    enum sql_dialect dialect;
    const uint8_t *at, *end;
    bool is_in_executable;
    /* Whether the statement, as far as it was read, has: */
    bool has_executable;   /* a comment that MySQL runs */
    bool has_unterminated; /* a string, name or comment that does not end */
    bool has_ambiguous;    /* a string whose end depends on the session's setting for backslashes */
};

void sql_lexer_init(struct sql_lexer *lexer, enum sql_dialect dialect, struct text sql);
struct sql_token sql_lexer_next(struct sql_lexer *lexer); /* after the last token always TOKEN_END */

bool sql_token_is(struct sql_token token, struct text lower_case_word); /* is it this word, unquoted, in any case? */
bool sql_token_is_one_of(struct sql_token token, const char *const *lower_case_words, size_t count);

/* The name without its quotes, with doubled quotes undone; valid UTF-8 without control characters. In `arena`. */
struct text sql_token_name(struct sql_token token, struct arena *arena);

#endif
