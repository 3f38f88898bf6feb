/* Decisions that depend on the last token; see shape_context.h. */
#include "sql/shape_context.h"

unsigned word_flags(enum sql_dialect dialect, const struct cursor *cursor)
{
    const char *word = cursor->word + cursor->canonical;
    unsigned flags;

    if (cursor->word_size == 0)
        return 0;
    if (cursor->word_size <= KEYWORD_BYTES_MAX)
        flags = keyword_find(dialect, bytes16_first(bytes16_lower(bytes16_load(word)), cursor->word_size));
    else
        flags = keyword_find_text(dialect, (struct text){word, cursor->word_size});
    return (flags & KEYWORD_IS_CASE) != 0 ? 0 : flags;
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
    if (is_null && flags == 0 && dialect != SQL_DIALECT_MYSQL) /* two words that may be names elsewhere */
        return ends_with(canonical, end + cursor->canonical, "xmlserialize(document") ||
               ends_with(canonical, end + cursor->canonical, "xmlserialize(content");
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

bool is_next_row(const struct fold_frame *frame, const struct cursor *cursor)
{
    const char *canonical = cursor->text + cursor->canonical;
    const char *word = cursor->word + cursor->canonical;

    if (ends_with(canonical, word, "values "))
        return true;
    return ends_with(canonical, word, "), ") && frame->kind == FOLD_ROW &&
           frame->item_at + 2 == (size_t)(cursor->word - cursor->text);
}

const uint8_t *scan_introduced(const uint8_t *at, const uint8_t *end)
{
    bool is_terminated;
    uint8_t letter;

    at = scan_blank(SQL_DIALECT_MYSQL, scan_word(at, end), end, &is_terminated);
    if (at == end)
        return NULL;
    if (*at == '\'' || *at == '"')
        return at;
    if (end - at < 3)
        return NULL;
    letter = at[0] | 0x20;
    if ((letter == 'x' || letter == 'b' || letter == 'n') && at[1] == '\'')
        return at;
    letter = at[1] | 0x20;
    return at[0] == '0' && (letter == 'x' || letter == 'b') && scan_number(SQL_DIALECT_MYSQL, at, end) != NULL ? at
                                                                                                               : NULL;
}

void fold_keyword(char *word, ptrdiff_t canonical, unsigned size)
{
    if (keyword_find_text(SQL_DIALECT_MYSQL, (struct text){word, size}) == 0)
        return;
    for (unsigned i = 0; i < size; i++)
        if (word[i] >= 'A' && word[i] <= 'Z')
            word[i + canonical] = (char)(word[i] | 0x20);
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

const uint8_t *scan_dotted_word(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *begin = at;

    while (at < end && (scan_is_word_byte(*at) || *at == '.'))
        at++;
    if (dialect != SQL_DIALECT_MYSQL && end - at > 1 && at[0] == '&' && at[1] == '"' && at - begin > 1 &&
        (at[-1] | 0x20) == 'u' && at[-2] == '.')
        at--; /* a.U&"name" */
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
