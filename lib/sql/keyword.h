/* The few hundred words that the fingerprint treats specially, and how. Private to lib/sql. */
#ifndef POTTO_SQL_KEYWORD_H
#define POTTO_SQL_KEYWORD_H

#include <stdbool.h>

#include "base/engine.h"
#include "base/text.h"
#include "sql/bytes16.h"

enum {
    KEYWORD_BYTES_MAX = 16,     /* keyword_find takes words up to this; for longer ones use keyword_find_text */
    KEYWORD_LONG_BYTES_MAX = 38 /* no keyword is longer */
};

enum keyword_flags {
    KEYWORD_IS_SYNTAX = 1,   /* a value follows, never an operator: SELECT, AND, BY; in both dialects */
    KEYWORD_IS_OPERAND = 2,  /* is a value, so that an operator may follow: END, CURRENT_DATE */
    KEYWORD_IS_CALL = 4,     /* has no blank before its parenthesis, like a function: ANY(…), VARCHAR(…) */
    KEYWORD_IS_RESERVED = 8, /* cannot be a name without quotes in PostgreSQL */
    KEYWORD_IS_IN = 16,
    KEYWORD_IS_VALUES = 32,
    KEYWORD_IS_VALUE = 64, /* MySQL's other spelling of VALUES */
    KEYWORD_IS_ARRAY = 128,
    KEYWORD_IS_IS = 256,
    KEYWORD_IS_NOT = 512,
    KEYWORD_IS_KEPT_NULL = 1024, /* NULL after it is not a constant: IS, NOT, SET, AS */
    KEYWORD_IS_EXTRACT = 4096,
    KEYWORD_IS_MYSQL = 2048, /* a keyword of MySQL, listed so that its case is ignored; means nothing to PostgreSQL's */
    KEYWORD_IS_CASE = 8192, /* one that differs from a name in nothing but its case, and may be a name without quotes */
    KEYWORD_IS_ROW = 16384,
};

/* Flags of a word, given in lower case and padded with zeros; 0: not a keyword. */
unsigned keyword_find(enum sql_dialect dialect, bytes16 lower);
unsigned keyword_find_text(enum sql_dialect dialect, struct text word); /* any case, any length */

#endif
