/* Statements of a text; see split.h. */
#include "syntax/split.h"

#include "sql/lexer.h"

static void take_bytes(struct text *text, size_t count)
{
    text->data += count;
    text->size -= count;
}

static void blanks_skip(struct text *rest)
{
    while (rest->size > 0 && memchr(" \t\r\n\f\v", rest->data[0], 6) != NULL)
        take_bytes(rest, 1);
}

static void lines_skip(struct text *rest)
{
    blanks_skip(rest);
    while (rest->size > 0 && rest->data[0] == '\\') {
        const char *end = memchr(rest->data, '\n', rest->size);

        take_bytes(rest, end == NULL ? rest->size : (size_t)(end - rest->data));
        blanks_skip(rest);
    }
}

static void copy_data_skip(struct text *rest)
{
    const char *end = rest->size == 0 ? NULL : memmem(rest->data, rest->size, "\n\\.", 3);

    take_bytes(rest, end == NULL ? rest->size : (size_t)(end - rest->data) + 3);
}

bool syntax_split(enum sql_dialect dialect, struct text *io_rest, struct text *out_statement)
{
    struct sql_token first = {0}, last = {0}, token;
    struct sql_lexer lexer;

    do {
        lines_skip(io_rest);
        if (io_rest->size == 0)
            return false;
        first.kind = last.kind = TOKEN_END;
        sql_lexer_init(&lexer, dialect, *io_rest);
        while ((token = sql_lexer_next(&lexer)).kind != TOKEN_END && token.kind != TOKEN_SEMICOLON) {
            if (first.kind == TOKEN_END)
                first = token;
            last = token;
        }
        /* It begins at its first word: a comment before it belongs to nobody. */
        if (first.kind != TOKEN_END)
            *out_statement = (struct text){first.text.data, (size_t)(token.text.data - first.text.data)};
        take_bytes(io_rest, (size_t)((const char *)lexer.at - io_rest->data));
        if (first.kind != TOKEN_END && sql_token_is(first, TEXT("copy")) && sql_token_is(last, TEXT("stdin")))
            copy_data_skip(io_rest);
    } while (first.kind == TOKEN_END);
    return true;
}
