/* What the pass over a statement asks about what it has just written: what may come next, and what a byte means there.
 * Private to lib/sql. */
#ifndef POTTO_SQL_SHAPE_CONTEXT_H
#define POTTO_SQL_SHAPE_CONTEXT_H

#include "sql/keyword.h"
#include "sql/scan.h"

/* What was written last. */
enum {
    AFTER_START,
    AFTER_WORD,
    AFTER_CONSTANT,
    AFTER_STRING, /* a constant, and a string that follows is part of it */
    AFTER_OPERATOR,
    AFTER_COMMA,
    AFTER_DOT,
    AFTER_OPEN,
    AFTER_OPEN_BRACKET,
    AFTER_CLOSE,
    AFTER_CLOSE_BRACKET,
    AFTER_CAST,
    AFTER_SEMICOLON,
    AFTER_ROW,      /* the parenthesis that closes a row of VALUES */
    AFTER_ROW_COMMA /* the comma after it */
};

struct cursor {
    char *text;          /* where both begin */
    ptrdiff_t canonical; /* canonical - text */
    char *word;          /* the last word, if that was written last */
    unsigned word_size;  /* 0: it is a name whatever its letters are */
};

static inline uint32_t load4(const void *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof value);
    return value;
}

#define FOUR(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* Flags of the last word, when it was written last; see keyword.h. */
unsigned word_flags(enum sql_dialect dialect, const struct cursor *cursor);

/* Would an operator, rather than a value, come next? */
bool is_after_operand(enum sql_dialect dialect, unsigned after, const struct cursor *cursor);

/* NULL, TRUE and FALSE are constants, but not in IS [NOT] …, NOT NULL, SET NULL, AS …, nor as a column's property. */
bool is_constant_word(enum sql_dialect dialect, unsigned after, const struct cursor *cursor, const char *end,
                      bool is_null);

/* Does the name that ends at `end` come after INTO? Then its columns follow, and it is not called. */
bool is_into(const struct cursor *cursor, const char *end);

/* Does the word FROM begin here? */
bool is_from(const uint8_t *at, const uint8_t *end);

/* A prefix of string literals? `size` bytes at `word`, directly before a quote. */
bool is_string_prefix(enum sql_dialect dialect, const uint8_t *word, unsigned size);

/* Does a name read the same without its quotes? `run` word bytes at `name`, and the quote follows. */
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
    flags = run <= KEYWORD_BYTES_MAX ? keyword_find(bytes16_lower(bytes16_first(bytes16_load(name), run)))
                                     : keyword_find_text((struct text){(const char *)name, run});
    return flags == 0 || (dialect != SQL_DIALECT_MYSQL && (flags & KEYWORD_IS_MYSQL) != 0);
}

/* MySQL: the name of a function is the same in either case. */
void fold_function_name(const struct cursor *cursor, char *end);

/* These write and return where the text ends then. A name in quotes that needs them: control characters in it become
 * blanks, a missing quote is added. A word that does not end within a window. */
char *write_quoted_name(const struct cursor *cursor, char *out, const uint8_t *at, const uint8_t *after,
                        bool is_terminated);
char *write_long_word(enum sql_dialect dialect, const struct cursor *cursor, char *out, const uint8_t *at,
                      const uint8_t *after);

const uint8_t *scan_dotted_word(const uint8_t *at, const uint8_t *end);

/* `-` before a number in the place of a value is part of the constant, unless a cast binds tighter: -1::int is
 * -(1::int), and pg_stat_statements leaves its minus. Returns after the number, NULL if it is an operator. */
const uint8_t *scan_negative(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

#endif
