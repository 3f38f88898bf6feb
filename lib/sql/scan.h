/* Functions that find the end of a token: the part of lexing that the fingerprint and the token reader share. Every
 * function reads only [at, end), takes linear time and never fails: a token without its terminator ends at `end`.
 * Private to lib/sql. */
#ifndef POTTO_SQL_SCAN_H
#define POTTO_SQL_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "sql/statement.h"

enum sql_class {
    CLASS_SPACE, /* white space, control characters and NUL; 0, so that padding counts as white space */
    CLASS_WORD,
    CLASS_HIGH,       /* bytes from 0x80 on, whether valid UTF-8 or not */
    CLASS_UNDERSCORE, /* begins a word, or a charset introducer */
    CLASS_DIGIT,
    CLASS_QUOTE,
    CLASS_DOUBLE_QUOTE,
    CLASS_OPEN,
    CLASS_CLOSE,
    CLASS_OPEN_BRACKET,
    CLASS_CLOSE_BRACKET,
    CLASS_COMMA,
    CLASS_DOT,
    CLASS_SEMICOLON,
    CLASS_COLON,
    CLASS_DOLLAR,
    CLASS_QUESTION,
    CLASS_OTHER,    /* { } \ */
    CLASS_BACKTICK, /* this one and all below may be part of an operator */
    CLASS_MINUS,
    CLASS_SLASH,
    CLASS_HASH,
    CLASS_AT,
    CLASS_PERCENT,
    CLASS_OPERATOR /* + * < > = ~ ! ^ & | */
};

extern const uint8_t sql_class_of[256];

bool scan_is_word_byte(uint8_t byte); /* letters, digits, _ $ and bytes from 0x80 on */

const uint8_t *scan_word(const uint8_t *at, const uint8_t *end);

/* Returns the first byte after the closing quote; a doubled quote is part of the text. `at` is after the opening
 * quote. */
const uint8_t *scan_quoted(const uint8_t *at, const uint8_t *end, uint8_t quote, bool has_backslashes,
                           bool *out_is_terminated);

/* `at` is after the bytes that begin the comment. A line comment ends before the line break. */
const uint8_t *scan_line_comment(const uint8_t *at, const uint8_t *end);
const uint8_t *scan_block_comment(const uint8_t *at, const uint8_t *end, bool is_nested, bool *out_is_terminated);

/* `at` is at the first $. NULL: no dollar quote begins here. */
const uint8_t *scan_dollar_quoted(const uint8_t *at, const uint8_t *end, bool *out_is_terminated);

/* `at` is at a digit, or at a dot before a digit. NULL: a name that begins with a digit (MySQL only). */
const uint8_t *scan_number(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* `at` is at a byte of an operator, not at a comment. The operator has at least one byte. */
const uint8_t *scan_operator(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* The kind of comment that begins at `at`; *out_body is then where its body begins. */
enum scan_comment { SCAN_COMMENT_NONE, SCAN_COMMENT_LINE, SCAN_COMMENT_BLOCK, SCAN_COMMENT_EXECUTABLE };
enum scan_comment scan_comment_begins(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end,
                                      const uint8_t **out_body);

/* Skip white space and comments, but not executable comments. */
const uint8_t *scan_blank(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, bool *out_is_terminated);

#endif
