/* See redacted.h. */
#include "sql/redacted.h"

#include <string.h>

#include "sql/lexer.h"

static bool is_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '$' || byte == '#' || (unsigned char)byte >= 0x80;
}

/* The statement up to the first literal such as Oracle's q'[it's one literal]': any byte may be its bracket, and quotes
 * inside do not end it. */
static struct text before_alternative_quotes(struct text sql)
{
    for (size_t i = 0; i + 1 < sql.size; i++) {
        size_t start = i;

        if ((sql.data[i] != 'q' && sql.data[i] != 'Q') || sql.data[i + 1] != '\'')
            continue;
        if (start > 0 && (sql.data[start - 1] == 'n' || sql.data[start - 1] == 'N'))
            start--;
        if (start == 0 || !is_word(sql.data[start - 1]))
            return (struct text){sql.data, start};
    }
    return sql;
}

/* Are backslashes escapes, by the server's default, in the literal whose opening quote is at `opened`? */
static bool has_escapes(enum sql_dialect dialect, struct text sql, size_t opened)
{
    if (dialect == SQL_DIALECT_MYSQL)
        return true;
    return opened > 0 && (sql.data[opened - 1] == 'e' || sql.data[opened - 1] == 'E') &&
           (opened == 1 || !is_word(sql.data[opened - 2]));
}

/* Whether \' ends a literal depends on the server's settings. If the default reading leaves a literal open at the end
 * of the statement, the other reading may be right. Then this returns the statement up to the first literal with \'. */
static struct text before_doubtful_quotes(enum sql_dialect dialect, struct text sql)
{
    bool is_inside = false, is_doubtful = false;
    size_t opened = 0, doubtful = 0;

    for (size_t i = 0; i < sql.size; i++) {
        if (sql.data[i] == '\\' && is_inside && i + 1 < sql.size) {
            if (sql.data[i + 1] == '\'' && !is_doubtful) {
                doubtful = opened;
                is_doubtful = true;
            }
            i += has_escapes(dialect, sql, opened);
        } else if (sql.data[i] == '\'') {
            if (!is_inside)
                opened = i;
            is_inside = !is_inside;
        }
    }
    return is_doubtful && is_inside ? (struct text){sql.data, doubtful} : sql;
}

/* The statement up to the first $$literal$$ or $tag$literal$tag$, which MySQL has since version 9. */
static struct text before_dollar_quotes(struct text sql)
{
    for (size_t i = 0; i < sql.size; i++) {
        size_t end = i + 1;

        if (sql.data[i] != '$' || (i > 0 && is_word(sql.data[i - 1])))
            continue;
        while (end < sql.size && is_word(sql.data[end]) && sql.data[end] != '$')
            end++;
        if (end < sql.size && sql.data[end] == '$')
            return (struct text){sql.data, i};
    }
    return sql;
}

struct sql_fingerprint sql_fingerprint_redacted(struct text engine, struct text sql, struct arena *arena)
{
    const struct engine *known = engine_of(engine);
    enum engine_kind kind = known == NULL ? ENGINE_UNSET : known->kind;
    enum sql_dialect dialect = known == NULL ? SQL_DIALECT_UNSET : known->dialect;

    /* In MongoDB's commands a text in double quotes is more often a value than a name; MySQL reads it as a value. */
    if (kind == ENGINE_MONGODB)
        dialect = SQL_DIALECT_MYSQL;
    if (kind == ENGINE_ORACLE)
        sql = before_alternative_quotes(sql);
    if (dialect == SQL_DIALECT_MYSQL)
        sql = before_dollar_quotes(sql);
    return sql_fingerprint(dialect, before_doubtful_quotes(dialect, sql), arena);
}

bool sql_has_literals(enum sql_dialect dialect, struct text sql)
{
    struct sql_lexer lexer;
    struct sql_token token;

    sql_lexer_init(&lexer, dialect, sql);
    while ((token = sql_lexer_next(&lexer)).kind != TOKEN_END) {
        bool is_placeholder =
            token.text.size > 1 && token.text.data[0] == '$' && token.text.data[1] >= '0' && token.text.data[1] <= '9';

        if (token.kind == TOKEN_CONSTANT && !is_placeholder)
            return true;
    }
    return lexer.has_executable || lexer.has_unterminated || lexer.has_ambiguous;
}
