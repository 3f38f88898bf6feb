/* Decisions that depend on the last token; see shape_context.h. */
#include "sql/shape_context.h"

unsigned word_flags(enum sql_dialect dialect, const struct cursor *cursor)
{
    const char *word = cursor->word + cursor->canonical;
    unsigned flags;

    if (cursor->word_size == 0)
        return 0;
    if (cursor->word_size <= KEYWORD_BYTES_MAX)
        flags = keyword_find(bytes16_first(bytes16_lower(bytes16_load(word)), cursor->word_size));
    else
        flags = keyword_find_text((struct text){word, cursor->word_size});
    return dialect == SQL_DIALECT_POSTGRESQL && (flags & KEYWORD_IS_MYSQL) != 0 ? 0 : flags;
}

bool is_after_operand(enum sql_dialect dialect, unsigned after, const struct cursor *cursor)
{
    switch (after) {
    case AFTER_WORD:
        return (word_flags(dialect, cursor) & KEYWORD_IS_SYNTAX) == 0;
    case AFTER_CONSTANT:
    case AFTER_STRING:
    case AFTER_CLOSE:
    case AFTER_CLOSE_BRACKET:
    case AFTER_ROW:
        return true;
    default:
        return false;
    }
}

static bool ends_with(const char *text, const char *end, const char *what)
{
    size_t size = strlen(what);

    return (size_t)(end - text) >= size && memcmp(end - size, what, size) == 0;
}

bool is_constant_word(enum sql_dialect dialect, unsigned after, const struct cursor *cursor, const char *end,
                      bool is_null)
{
    const char *canonical = cursor->text + cursor->canonical;
    unsigned flags;

    if (after == AFTER_DOT)
        return false;
    if (after == AFTER_CLOSE || after == AFTER_CLOSE_BRACKET)
        return !is_null;
    if (after != AFTER_WORD)
        return true;
    flags = word_flags(dialect, cursor);
    if (is_null)
        return (flags & KEYWORD_IS_SYNTAX) != 0 && (flags & KEYWORD_IS_KEPT_NULL) == 0;
    if ((flags & KEYWORD_IS_NOT) != 0)
        return !ends_with(canonical, end + cursor->canonical, "is not");
    return (flags & KEYWORD_IS_KEPT_NULL) == 0 || ends_with(canonical, end + cursor->canonical, "set");
}

bool is_into(const struct cursor *cursor, const char *end)
{
    const char *canonical = cursor->text + cursor->canonical;

    end += cursor->canonical;
    while (end > canonical && end[-1] != ' ')
        end--;
    return ends_with(canonical, end, "into ");
}

void fold_function_name(const struct cursor *cursor, char *end)
{
    char *canonical = cursor->text + cursor->canonical;
    const char *start = cursor->text;

    if ((size_t)(end - start) >= 7 && (memcmp(canonical, "create ", 7) == 0 || memcmp(canonical, "alter ", 6) == 0))
        return;
    for (end += cursor->canonical; end > canonical && end[-1] != '.' && scan_is_word_byte((uint8_t)end[-1]); end--)
        if (end[-1] >= 'A' && end[-1] <= 'Z')
            end[-1] = (char)(end[-1] | 0x20);
}

bool is_string_prefix(enum sql_dialect dialect, const uint8_t *word, unsigned size)
{
    uint8_t letter = word[0] | 0x20;

    if (dialect == SQL_DIALECT_MYSQL && word[0] == '_')
        return true;
    return size == 1 &&
           (letter == 'n' || letter == 'b' || letter == 'x' || (letter == 'e' && dialect != SQL_DIALECT_MYSQL));
}

char *write_quoted_name(const struct cursor *cursor, char *out, const uint8_t *at, const uint8_t *after,
                        bool is_terminated)
{
    uint8_t quote = *at == 'U' || *at == 'u' ? '"' : *at;

    if (*at == 'u') { /* u&"…" */
        out[0] = out[cursor->canonical] = 'U';
        out++;
        at++;
    }
    for (; at < after; at++) {
        char byte = (char)(*at < 0x20 || *at == 0x7F ? ' ' : *at);

        out[0] = out[cursor->canonical] = byte;
        out++;
    }
    if (!is_terminated) {
        out[0] = out[cursor->canonical] = (char)quote;
        out++;
    }
    return out;
}

char *write_long_word(enum sql_dialect dialect, const struct cursor *cursor, char *out, const uint8_t *at,
                      const uint8_t *after)
{
    for (; at < after; at++, out++) {
        out[0] = (char)*at;
        out[cursor->canonical] = (char)(dialect != SQL_DIALECT_MYSQL && *at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at);
    }
    return out;
}

const uint8_t *scan_dotted_word(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (scan_is_word_byte(*at) || *at == '.'))
        at++;
    return at;
}

const uint8_t *scan_negative(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    bool is_terminated;
    const uint8_t *after;

    at = scan_blank(dialect, at + 1, end, &is_terminated);
    if (at == end ||
        !(sql_class_of[*at] == CLASS_DIGIT || (*at == '.' && end - at > 1 && sql_class_of[at[1]] == CLASS_DIGIT)))
        return NULL;
    at = scan_number(dialect, at, end);
    if (at == NULL || dialect == SQL_DIALECT_MYSQL)
        return at;
    after = scan_blank(dialect, at, end, &is_terminated);
    return end - after > 1 && after[0] == ':' && after[1] == ':' ? NULL : at;
}

bool is_from(const uint8_t *at, const uint8_t *end)
{
    return end - at >= 5 && (load4(at) | 0x20202020) == FOUR('f', 'r', 'o', 'm') && !scan_is_word_byte(at[4]);
}
