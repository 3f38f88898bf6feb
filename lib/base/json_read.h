/* A strict pull parser for JSON (RFC 8259): the caller asks for one value after the other; no tree is built.
 * Texts point into the input; only texts with escapes are decoded into the arena. UTF-8 is checked. Lone
 * surrogates, comments, trailing commas, NaN, leading zeros and anything after the value are refused.
 *
 * A lenient reader goes on after what is wrong within one string or number, and after what is nested too deep, since it
 * is known there where the value ends. Flaws tell it; the caller then refuses that value alone.
 *
 * After the first problem every call returns false, and json_read_error tells the problem and its position. So
 * a caller may read a whole value and check once. An object may repeat a name: the caller decides what it means. */
#ifndef POTTO_BASE_JSON_READ_H
#define POTTO_BASE_JSON_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    JSON_READ_DEPTH_MAX = 651,        /* the plan of a batch's item: 648 levels, as many as lib/plan reads */
    JSON_READ_NUMBER_BYTES_MAX = 400, /* longer numbers are refused */
    JSON_READ_NAME_BYTES = 128,       /* names with escapes up to this length need no arena memory */
};

enum json_kind {
    JSON_KIND_UNSET, /* no value here: the end, or a problem */
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_NUMBER,
    JSON_KIND_BOOL,
    JSON_KIND_NULL,
};

struct json_reader {
    const char *begin, *at, *end;
    struct arena *arena; /* for decoded texts */
    const char *problem; /* static; NULL: none */
    int depth;
    bool is_first; /* the object or array was just entered: no comma comes before its first member */
    bool is_lenient;
    /* What was found in values that were read or skipped. Each stays set until json_forget_flaws(). */
    bool has_nul; /* \u0000: valid JSON that PostgreSQL cannot store */
    /* A skipped number is too large for a double or has an exponent below -1000, more than PostgreSQL's numeric
     * holds. */
    bool has_huge_number;
    /* Only of a lenient reader: half of a surrogate pair, or bytes that are not UTF-8. json_read_text gives U+FFFD for
     * them; in what json_skip gives they stand as sent. */
    bool has_no_character;
    /* Only of a lenient reader: the first other flaw, as "a control character in a string". What was read means
     * nothing then. Static; NULL: none. */
    const char *flaw;
    char name[JSON_READ_NAME_BYTES]; /* the last name, if it had escapes */
};

struct json_number {
    struct text text; /* as written */
    double value;     /* correctly rounded; infinite beyond the range of double, and where there is a flaw */
    bool is_integer;  /* an exact 64-bit integer, in any spelling: 10, 10.0, 1e1 */
    int64_t integer;
};

void json_reader_init(struct json_reader *reader, struct text json, struct arena *arena);
void json_reader_init_lenient(struct json_reader *reader, struct text json, struct arena *arena);
void json_forget_flaws(struct json_reader *reader);

/* The kind of the next value, without reading it. */
enum json_kind json_peek(struct json_reader *reader);

/* for (json_enter_object(r); json_next_member(r, &name);) { read or skip the value } */
bool json_enter_object(struct json_reader *reader);
/* out_name is valid until the next call. False: the object ended, or a problem. */
bool json_next_member(struct json_reader *reader, struct text *out_name);
bool json_enter_array(struct json_reader *reader);
bool json_next_item(struct json_reader *reader); /* false: the array ended, or a problem */

bool json_read_text(struct json_reader *reader, struct text *out_text);
bool json_read_number(struct json_reader *reader, struct json_number *out_number);
bool json_read_bool(struct json_reader *reader, bool *out_value);
bool json_read_null(struct json_reader *reader);

/* Check and skip a value of any kind. *out_json (out_json may be NULL) is its text in the input. What a lenient reader
 * finds nested too deep is checked no further. */
bool json_skip(struct json_reader *reader, struct text *out_json);

/* True if only white space is left. */
bool json_finish(struct json_reader *reader);

bool json_has_problem(const struct json_reader *reader);
/* STATUS_MALFORMED with the problem and its byte position, counted from 1. */
enum status json_read_error(const struct json_reader *reader, struct error *error);

#endif
