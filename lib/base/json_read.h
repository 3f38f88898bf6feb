/* A strict JSON reader (RFC 8259) that is pulled: the caller asks for what it expects, value by value,
 * and no tree is made. Nothing is copied: texts point into the input, and only those with escapes are
 * decoded, into the arena. Strict: UTF-8 is checked, lone surrogates, comments, trailing commas, NaN,
 * leading zeros and anything after the value are refused.
 *
 * The first problem sticks: every later call returns false, and json_read_error says what and where. A caller
 * may therefore read a whole value and check once. Names of members may repeat: who reads them decides. */
#ifndef POTTO_BASE_JSON_READ_H
#define POTTO_BASE_JSON_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    JSON_READ_DEPTH_MAX = 64,
    JSON_READ_NUMBER_BYTES_MAX = 400, /* of one number; longer ones are refused */
    JSON_READ_NAME_BYTES = 128,       /* names with escapes up to this length take nothing of the arena */
};

enum json_kind {
    JSON_KIND_UNSET, /* no value stands here: end, or a problem */
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_NUMBER,
    JSON_KIND_BOOL,
    JSON_KIND_NULL,
};

struct json_reader {
    const char *begin, *at, *end;
    struct arena *arena; /* of decoded texts */
    const char *problem; /* static; NULL: none */
    int depth;
    bool is_first; /* the object or array was just entered: no comma comes before its first member */
    /* A \u0000 was read or skipped: valid JSON that PostgreSQL can't hold. Sticks until the caller clears it. */
    bool has_nul;
    /* A number beyond double's range, or with more digits than any, was skipped. Sticks as has_nul does. */
    bool has_huge_number;
    char name[JSON_READ_NAME_BYTES]; /* the last name, if it had escapes */
};

struct json_number {
    struct text text; /* as written */
    double value;     /* correctly rounded; infinite when beyond double's range */
    bool is_integer;  /* an exact integer of 64 bits, however written: 10, 10.0, 1e1 */
    int64_t integer;
};

void json_reader_init(struct json_reader *reader, struct text json, struct arena *arena);

/* What kind of value comes next; takes nothing. */
enum json_kind json_peek(struct json_reader *reader);

/* for (json_enter_object(r); json_next_member(r, &name);) { read or skip the value } */
bool json_enter_object(struct json_reader *reader);
/* out_name is good until the next call. False: closed, or a problem. */
bool json_next_member(struct json_reader *reader, struct text *out_name);
bool json_enter_array(struct json_reader *reader);
bool json_next_item(struct json_reader *reader); /* false: closed, or a problem */

bool json_read_text(struct json_reader *reader, struct text *out_text);
bool json_read_number(struct json_reader *reader, struct json_number *out_number);
bool json_read_bool(struct json_reader *reader, bool *out_value);
bool json_read_null(struct json_reader *reader);

/* Any value, checked; out_json (may be NULL) is the text it was written in. */
bool json_skip(struct json_reader *reader, struct text *out_json);

/* Nothing but white space is left. */
bool json_finish(struct json_reader *reader);

bool json_has_problem(const struct json_reader *reader);
/* STATUS_MALFORMED with what is wrong and at which byte (from 1). */
enum status json_read_error(const struct json_reader *reader, struct error *error);

#endif
