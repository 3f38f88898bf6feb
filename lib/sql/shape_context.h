/* Questions of the pass in shape.c about its last token: what may come next, and what the next byte means. Private to
 * lib/sql. */
#ifndef POTTO_SQL_SHAPE_CONTEXT_H
#define POTTO_SQL_SHAPE_CONTEXT_H

#include "sql/fold.h"
#include "sql/keyword.h"
#include "sql/scan.h"

/* The kind of the last token. */
enum {
    AFTER_START,
    AFTER_WORD,
    AFTER_CONSTANT,
    AFTER_STRING, /* a constant; if a string follows, it belongs to the same constant */
    AFTER_OPERATOR,
    AFTER_COMMA,
    AFTER_DOT,
    AFTER_OPEN,
    AFTER_OPEN_BRACKET,
    AFTER_CLOSE,
    AFTER_CLOSE_BRACKET,
    AFTER_CAST,
    AFTER_SEMICOLON,
    AFTER_ROW,       /* the parenthesis that closes a row of VALUES */
    AFTER_ROW_COMMA, /* the comma after it */
    AFTER_ROW_WORD   /* the word ROW before the parenthesis that opens a row of VALUES */
};

struct cursor {
    char *text;          /* start of the text for people */
    ptrdiff_t canonical; /* distance in bytes from the text to the canonical bytes */
    char *word;          /* the last word, in the text; only if the last token is a word */
    unsigned word_size;  /* in bytes; 0: certainly a name, never a keyword */
};

static inline uint32_t load4(const void *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof value);
    return value;
}

#define FOUR(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* Flags of the last word; see keyword.h. Only if the last token is a word. */
unsigned word_flags(enum sql_dialect dialect, const struct cursor *cursor);

/* May an operator come next? Else a value does. */
bool is_after_operand(enum sql_dialect dialect, unsigned after, const struct cursor *cursor);

/* Is NULL, TRUE or FALSE a constant here? Not in IS [NOT] …, NOT NULL, SET NULL, AS …, nor as a column's property. */
bool is_constant_word(enum sql_dialect dialect, unsigned after, const struct cursor *cursor, const char *end,
                      bool is_null);

/* Does the name that ends at `end` follow INTO? Then the parenthesis after it lists columns and is no call. */
bool is_into(const struct cursor *cursor, const char *end);

/* Does the word FROM begin here? */
bool is_from(const uint8_t *at, const uint8_t *end);

/* Is the word of `size` bytes, directly before a quote, a prefix of a string literal? */
bool is_string_prefix(enum sql_dialect dialect, const uint8_t *word, unsigned size);

/* Does the word ROW, before a parenthesis, begin a row of VALUES in MySQL? `frame` is the list that it may belong to.
 */
bool is_next_row(const struct fold_frame *frame, const struct cursor *cursor);

/* The literal after the introducer at `at`: _utf8mb4 'text', _binary 0x41; NULL: the word is a name. */
const uint8_t *scan_introduced(const uint8_t *at, const uint8_t *end);

/* Does a quoted name mean the same without its quotes? It is `run` word bytes at `name`, before the closing quote. */
static inline bool is_plain_name(enum sql_dialect dialect, const uint8_t *name, unsigned run)
{
    unsigned flags;

    if (run == 0 || !(((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z') || name[0] == '_'))
        return false;
    for (unsigned i = 0; i < run; i += 16) {
        bytes16 bytes = bytes16_first(bytes16_load(name + i), run - i < 16 ? run - i : 16);
        bytes16 other = bytes16_equal(bytes, '.') | bytes; /* bytes past ASCII have their highest bit set */

        if (dialect != SQL_DIALECT_MYSQL)
            other |= bytes16_between(bytes, 'A', 'Z');
        if (bytes16_mask(other) != 0)
            return false;
    }
    flags = run <= KEYWORD_BYTES_MAX ? keyword_find(dialect, bytes16_lower(bytes16_first(bytes16_load(name), run)))
                                     : keyword_find_text(dialect, (struct text){(const char *)name, run});
    return flags == 0 || (flags & KEYWORD_IS_CASE) != 0;
}

/* MySQL ignores the case of a system variable (@@name) and of its scope (@@global.name): make the canonical bytes of
 * the word at `word`, up to a dot, lower case if @@ is before it. */
static inline void fold_system_variable(char *word, ptrdiff_t canonical, unsigned size)
{
    char *at = word + canonical;

    if (word[-1] != '@')
        return;
    for (unsigned i = 0; i < size && at[i] != '.'; i++)
        if (at[i] >= 'A' && at[i] <= 'Z')
            at[i] = (char)(at[i] | 0x20);
}

/* A quoted name that is also a keyword is written without quotes, so that its case does not count either. */
void fold_keyword(char *word, ptrdiff_t canonical, unsigned size);

/* MySQL ignores the case of function names: make the canonical name lower case. */
void fold_function_name(const struct cursor *cursor, char *end);

/* Both return the new end of the text. write_quoted_name writes a name that needs its quotes; its control characters
 * become blanks, and a missing quote is added. write_long_word writes a word that is longer than a window. */
char *write_quoted_name(const struct cursor *cursor, char *out, const uint8_t *at, const uint8_t *after,
                        bool is_terminated);
char *write_long_word(enum sql_dialect dialect, const struct cursor *cursor, char *out, const uint8_t *at,
                      const uint8_t *after);

const uint8_t *scan_dotted_word(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* Where a value may stand, a `-` before a number is part of the constant. Not before a cast: -1::int is -(1::int), and
 * pg_stat_statements keeps that minus. Returns the first byte after the number; NULL: `-` is an operator. */
const uint8_t *scan_negative(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

#endif
