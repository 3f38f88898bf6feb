/* What the fingerprint has to know about a few hundred words. Private to lib/sql. */
#ifndef POTTO_SQL_KEYWORD_H
#define POTTO_SQL_KEYWORD_H

#include <stdbool.h>

#include "base/text.h"
#include "sql/bytes16.h"

enum { KEYWORD_BYTES_MAX = 16 }; /* longer words are looked up by keyword_is_long */

enum keyword_flags {
    KEYWORD_IS_SYNTAX = 1,   /* a value follows, never an operator: SELECT, AND, BY; both dialects */
    KEYWORD_IS_OPERAND = 2,  /* a value by itself, an operator may follow: END, CURRENT_DATE */
    KEYWORD_IS_CALL = 4,     /* attaches its parenthesis, as a function does: ANY(…), VARCHAR(…) */
    KEYWORD_IS_RESERVED = 8, /* cannot be a name without quotes in PostgreSQL */
    KEYWORD_IS_IN = 16,
    KEYWORD_IS_VALUES = 32,
    KEYWORD_IS_VALUE = 64, /* MySQL's other spelling of VALUES */
    KEYWORD_IS_ARRAY = 128,
    KEYWORD_IS_IS = 256,
    KEYWORD_IS_NOT = 512,
    KEYWORD_IS_KEPT_NULL = 1024, /* NULL after it is no constant: IS, NOT, SET, AS */
    KEYWORD_IS_EXTRACT = 4096,
    KEYWORD_IS_MYSQL = 2048, /* known for its case only; PostgreSQL's fingerprint does not ask */
};

/* Flags of the word whose lower-case bytes, padded with zeros, are `lower`; 0 if it is no keyword. */
unsigned keyword_find(bytes16 lower);
unsigned keyword_find_text(struct text word); /* any case, any length */

#endif
