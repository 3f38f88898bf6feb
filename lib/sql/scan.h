/* Where a token that begins here ends: the part of lexing that the fingerprint and the token reader share. Every
 * function reads [at, end) only, takes linear time and never fails: what is not terminated ends at `end`.
 * Private to lib/sql. */
#ifndef POTTO_SQL_SCAN_H
#define POTTO_SQL_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "sql/statement.h"

enum sql_class {
    CLASS_SPACE, /* and control characters, and NUL: 0, so that padding is white space */
    CLASS_WORD,
    CLASS_HIGH,       /* bytes of UTF-8, or of no encoding at all */
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
    CLASS_BACKTICK, /* from here on: bytes of operators */
    CLASS_MINUS,
    CLASS_SLASH,
    CLASS_HASH,
    CLASS_AT,
    CLASS_PERCENT,
    CLASS_OPERATOR /* + * < > = ~ ! ^ & | */
};

extern const uint8_t sql_class_of[256];

bool scan_is_word_byte(uint8_t byte); /* letters, digits, _ $ and everything past ASCII */

const uint8_t *scan_word(const uint8_t *at, const uint8_t *end);

/* After the closing quote; a doubled quote is part of the text. `at` is after the opening one. */
const uint8_t *scan_quoted(const uint8_t *at, const uint8_t *end, uint8_t quote, bool has_backslashes,
                           bool *out_is_terminated);

/* `at` is after the two bytes that begin it. The line's end is left to be read as white space. */
const uint8_t *scan_line_comment(const uint8_t *at, const uint8_t *end);
const uint8_t *scan_block_comment(const uint8_t *at, const uint8_t *end, bool is_nested, bool *out_is_terminated);

/* `at` is at the first $; NULL if no dollar quote begins there. */
const uint8_t *scan_dollar_quoted(const uint8_t *at, const uint8_t *end, bool *out_is_terminated);

/* `at` is at a digit or at a dot before one. NULL: it is a name that begins with a digit (MySQL only). */
const uint8_t *scan_number(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* `at` is at an operator's byte and not at a comment. At least one byte. */
const uint8_t *scan_operator(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end);

/* Does a comment begin here, and after how many bytes its body? 0: no. */
enum scan_comment { SCAN_COMMENT_NONE, SCAN_COMMENT_LINE, SCAN_COMMENT_BLOCK, SCAN_COMMENT_EXECUTABLE };
enum scan_comment scan_comment_begins(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end,
                                      const uint8_t **out_body);

/* White space and comments, executable ones not. */
const uint8_t *scan_blank(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, bool *out_is_terminated);

#endif
