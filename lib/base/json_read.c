/* The JSON reader; see json_read.h. Strings are scanned 16 bytes at a time, because SQL text is nearly all
 * of an ingest body. */
#include "base/json_read.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool fail(struct json_reader *reader, const char *at, const char *problem)
{
    if (reader->problem == NULL) {
        reader->problem = problem;
        reader->at = at;
    }
    return false;
}

/* For a fault whose end is known: a lenient reader notes it and goes on. */
static bool note_flaw(struct json_reader *reader, const char *at, const char *problem)
{
    if (!reader->is_lenient)
        return fail(reader, at, problem);
    if (reader->flaw == NULL)
        reader->flaw = problem;
    return true;
}

void json_reader_init(struct json_reader *reader, struct text json, struct arena *arena)
{
    const char *begin = json.data == NULL ? "" : json.data;

    memset(reader, 0, offsetof(struct json_reader, name));
    reader->begin = reader->at = begin;
    reader->end = begin + json.size;
    reader->arena = arena;
}

void json_reader_init_lenient(struct json_reader *reader, struct text json, struct arena *arena)
{
    json_reader_init(reader, json, arena);
    reader->is_lenient = true;
}

void json_forget_flaws(struct json_reader *reader)
{
    reader->has_nul = reader->has_huge_number = reader->has_no_character = false;
    reader->flaw = NULL;
}

bool json_has_problem(const struct json_reader *reader)
{
    return reader->problem != NULL;
}

enum status json_read_error(const struct json_reader *reader, struct error *error)
{
    return error_set(error, STATUS_MALFORMED, "The JSON is broken at byte %zu: %s.",
                     (size_t)(reader->at - reader->begin) + 1,
                     reader->problem == NULL ? "an unexpected value" : reader->problem);
}

static inline void skip_space(struct json_reader *reader)
{
    const char *at = reader->at;

    while (at != reader->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    reader->at = at;
}

enum json_kind json_peek(struct json_reader *reader)
{
    if (reader->problem != NULL)
        return JSON_KIND_UNSET;
    skip_space(reader);
    if (reader->at == reader->end)
        return JSON_KIND_UNSET;
    switch (*reader->at) {
    case '{':
        return JSON_KIND_OBJECT;
    case '[':
        return JSON_KIND_ARRAY;
    case '"':
        return JSON_KIND_STRING;
    case 't':
    case 'f':
        return JSON_KIND_BOOL;
    case 'n':
        return JSON_KIND_NULL;
    case 'N':
    case 'I':
        return reader->is_lenient ? JSON_KIND_NUMBER : JSON_KIND_UNSET;
    default:
        return *reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9') ? JSON_KIND_NUMBER : JSON_KIND_UNSET;
    }
}

/* ---- strings ---- */

/* Find the first quote, backslash or control character from `at` on. Sets *has_high if a byte before it is
 * not ASCII. */
static const char *find_string_stop(const char *at, const char *end, bool *has_high)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    int high = 0;

    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        /* min(x, 0x1F) == x holds only for 0 to 0x1F; bytes count as unsigned. */
        __m128i stops = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        unsigned mask = (unsigned)_mm_movemask_epi8(stops);
        int signs = _mm_movemask_epi8(bytes);

        if (mask != 0) {
            unsigned before = (unsigned)__builtin_ctz(mask);

            high |= signs & ((1 << before) - 1);
            *has_high |= high != 0;
            return at + before;
        }
        high |= signs;
        at += 16;
    }
    *has_high |= high != 0;
#endif
    for (; at != end; at++) {
        unsigned char byte = (unsigned char)*at;

        if (byte == '"' || byte == '\\' || byte < 0x20)
            break;
        *has_high |= byte >= 0x80;
    }
    return at;
}

/* The value of the four hexadecimal digits at `at`; -1 if they are not digits. */
static int32_t read_hex4(const char *at, const char *end)
{
    int32_t unit = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = text_hex_digit(at[i]);

        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* A backslash that begins no escape counts as itself for a lenient reader. */
static const char *no_escape(struct json_reader *reader, const char *at, const char *problem, uint32_t *out_code)
{
    *out_code = '\\';
    return note_flaw(reader, at, problem) ? at + 1 : NULL;
}

/* The first half of a surrogate pair must be followed by the second. */
static const char *check_surrogates(struct json_reader *reader, const char *at, uint32_t first, uint32_t *out_code)
{
    int32_t second =
        first < 0xDC00 && reader->end - at >= 12 && at[6] == '\\' && at[7] == 'u' ? read_hex4(at + 8, reader->end) : -1;

    if (second >= 0xDC00 && second <= 0xDFFF) {
        *out_code = 0x10000 + ((first - 0xD800) << 10) + ((uint32_t)second - 0xDC00);
        return at + 12;
    }
    if (!reader->is_lenient) {
        fail(reader, at, "half of a surrogate pair");
        return NULL;
    }
    reader->has_no_character = true;
    *out_code = 0xFFFD;
    return at + 6;
}

/* Check the escape whose backslash is at `at`. Returns the first byte after it; NULL: not an escape. */
static const char *check_escape(struct json_reader *reader, const char *at, uint32_t *out_code)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter;
    int32_t unit;

    if (reader->end - at < 2) {
        fail(reader, at, "a string is not closed");
        return NULL;
    }
    if (at[1] != 'u') {
        letter = at[1] == '\0' ? NULL : strchr(letters, at[1]);
        if (letter == NULL)
            return no_escape(reader, at, "an unknown escape", out_code);
        *out_code = (unsigned char)meanings[letter - letters];
        return at + 2;
    }
    unit = read_hex4(at + 2, reader->end);
    if (unit < 0)
        return no_escape(reader, at, "four hexadecimal digits must follow \\u", out_code);
    if (unit >= 0xD800 && unit <= 0xDFFF)
        return check_surrogates(reader, at, (uint32_t)unit, out_code);
    reader->has_nul |= unit == 0;
    *out_code = (uint32_t)unit;
    return at + 6;
}

static char *put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *to++ = (char)(0xE0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    } else {
        *to++ = (char)(0xF0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    }
    return to;
}

/* Move past the string whose opening quote is at reader->at. *out_raw is the text between its quotes. */
static bool scan_string(struct json_reader *reader, struct text *out_raw, bool *out_has_escapes)
{
    const char *begin = reader->at + 1, *at = begin;
    bool has_high = false, has_escapes = false;
    struct text raw;

    for (;;) {
        uint32_t code;

        at = find_string_stop(at, reader->end, &has_high);
        if (at == reader->end)
            return fail(reader, reader->at, "a string is not closed");
        if (*at == '"')
            break;
        if (*at != '\\') {
            if (!note_flaw(reader, at, *at == '\0' ? "a NUL byte in a string" : "a control character in a string"))
                return false;
            at++;
            continue;
        }
        has_escapes = true;
        at = check_escape(reader, at, &code);
        if (at == NULL)
            return false;
    }
    raw = (struct text){begin, (size_t)(at - begin)};
    if (has_high) {
        size_t valid = text_valid_utf8(raw);

        if (valid != raw.size && !reader->is_lenient)
            return fail(reader, begin + valid, "a string is not UTF-8");
        reader->has_no_character |= valid != raw.size;
    }
    reader->at = at + 1;
    *out_raw = raw;
    *out_has_escapes = has_escapes;
    return true;
}

/* Undo the escapes of a string that scan_string has checked. An escape is at least as long as its character in
 * UTF-8, so `decoded` needs raw.size bytes. */
static struct text decode(struct json_reader *reader, struct text raw, char *decoded)
{
    const char *at = raw.data, *end = raw.data + raw.size;
    char *to = decoded;

    while (at != end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash == NULL ? end : backslash) - at);
        uint32_t code = 0;

        memcpy(to, at, plain);
        to += plain;
        if (backslash == NULL)
            break;
        at = check_escape(reader, backslash, &code);
        to = put_utf8(to, code);
    }
    return (struct text){decoded, (size_t)(to - decoded)};
}

bool json_read_text(struct json_reader *reader, struct text *out_text)
{
    struct text raw;
    bool has_escapes;

    if (json_peek(reader) != JSON_KIND_STRING)
        return fail(reader, reader->at, "a string is expected");
    if (!scan_string(reader, &raw, &has_escapes))
        return false;
    if (has_escapes)
        raw = decode(reader, raw, arena_alloc(reader->arena, raw.size));
    *out_text = reader->has_no_character ? text_to_utf8(raw, reader->arena) : raw;
    return true;
}

/* ---- numbers ---- */

struct digits {
    uint64_t mantissa; /* of the first 19 digits */
    int count;         /* of digits after leading zeros */
    int exponent;      /* of ten, for the mantissa as an integer */
};

static inline const char *take_digits(const char *at, const char *end, struct digits *digits, int exponent_step)
{
    for (; at != end && *at >= '0' && *at <= '9'; at++) {
        if (digits->count > 0 || *at != '0')
            digits->count++;
        if (digits->count <= 19) {
            digits->mantissa = digits->mantissa * 10 + (uint64_t)(*at - '0');
            digits->exponent += exponent_step;
        } else {
            digits->exponent += exponent_step + 1;
        }
    }
    return at;
}

/* Check the number at reader->at and move past it. */
static bool scan_number(struct json_reader *reader, struct text *out_text, struct digits *out_digits,
                        bool *out_is_plain)
{
    const char *begin = reader->at, *at = begin, *end = reader->end, *part;
    struct digits digits = {0};
    bool is_plain = true;

    if (at != end && *at == '-')
        at++;
    part = at;
    at = take_digits(at, end, &digits, 0);
    if (at == part)
        return fail(reader, at, "a digit is expected");
    if (*part == '0' && at - part > 1)
        return fail(reader, part, "a number has a leading zero");
    if (at != end && *at == '.') {
        is_plain = false;
        part = ++at;
        at = take_digits(at, end, &digits, -1);
        if (at == part)
            return fail(reader, at, "a digit is expected");
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        bool is_negative;
        int exponent = 0;

        is_plain = false;
        at++;
        is_negative = at != end && *at == '-';
        if (at != end && (*at == '-' || *at == '+'))
            at++;
        part = at;
        for (; at != end && *at >= '0' && *at <= '9'; at++)
            if (exponent < 100000)
                exponent = exponent * 10 + (*at - '0');
        if (at == part)
            return fail(reader, at, "a digit is expected");
        digits.exponent += is_negative ? -exponent : exponent;
    }
    if (at - begin > JSON_READ_NUMBER_BYTES_MAX && !note_flaw(reader, begin, "a number that is too long"))
        return false;
    reader->at = at;
    *out_text = (struct text){begin, (size_t)(at - begin)};
    *out_digits = digits;
    *out_is_plain = is_plain;
    return true;
}

/* Powers of ten that a double holds exactly. A mantissa below 2^53, multiplied or divided by one of them, is
 * rounded only once and thus correctly (Clinger 1990). */
static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static double to_double(struct text text, const struct digits *digits)
{
    char copy[JSON_READ_NUMBER_BYTES_MAX + 1];

    if (digits->count <= 19 && digits->mantissa < UINT64_C(1) << 53 && digits->exponent >= -22 &&
        digits->exponent <= 22) {
        double value = (double)digits->mantissa;

        value = digits->exponent < 0 ? value / exact_powers[-digits->exponent] : value * exact_powers[digits->exponent];
        return text.data[0] == '-' ? -value : value;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return strtod(copy, NULL);
}

/* Integers below 2^63 have at most 19 digits, so the mantissa holds all of them. */
static bool to_integer(struct text text, const struct digits *digits, bool is_plain, double value, int64_t *out_integer)
{
    bool is_negative = text.data[0] == '-';

    if (is_plain) {
        if (digits->count > 19 || digits->mantissa > (uint64_t)INT64_MAX + is_negative)
            return false;
        *out_integer = is_negative ? (int64_t)(0 - digits->mantissa) : (int64_t)digits->mantissa;
        return true;
    }
    if (!(fabs(value) <= 9007199254740992.0) || value != floor(value))
        return false;
    *out_integer = (int64_t)value;
    return true;
}

/* What many serializers write for a double that is no number. False: no such word stands there. */
static bool skip_no_number(struct json_reader *reader)
{
    static const struct text words[] = {TEXT("NaN"), TEXT("Infinity"), TEXT("-Infinity")};
    struct text rest = {reader->at, (size_t)(reader->end - reader->at)};

    for (size_t i = 0; reader->is_lenient && i < sizeof words / sizeof words[0]; i++)
        if (text_starts(rest, words[i])) {
            reader->at += words[i].size;
            return note_flaw(reader, rest.data, "NaN or Infinity");
        }
    return false;
}

bool json_read_number(struct json_reader *reader, struct json_number *out_number)
{
    struct json_number number = {.value = INFINITY};
    const char *begin;
    struct digits digits;
    bool is_plain;

    if (json_peek(reader) != JSON_KIND_NUMBER)
        return fail(reader, reader->at, "a number is expected");
    begin = reader->at;
    if (skip_no_number(reader)) {
        number.text = (struct text){begin, (size_t)(reader->at - begin)};
    } else if (!scan_number(reader, &number.text, &digits, &is_plain)) {
        return false;
    } else if (number.text.size <= JSON_READ_NUMBER_BYTES_MAX) {
        number.value = to_double(number.text, &digits);
        number.is_integer = to_integer(number.text, &digits, is_plain, number.value, &number.integer);
    }
    *out_number = number;
    return true;
}

/* ---- words ---- */

static bool take_word(struct json_reader *reader, const char *word, size_t size)
{
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
        return fail(reader, reader->at, "an unknown word");
    reader->at += size;
    return true;
}

bool json_read_bool(struct json_reader *reader, bool *out_value)
{
    if (json_peek(reader) != JSON_KIND_BOOL)
        return fail(reader, reader->at, "true or false is expected");
    *out_value = *reader->at == 't';
    return *out_value ? take_word(reader, "true", 4) : take_word(reader, "false", 5);
}

bool json_read_null(struct json_reader *reader)
{
    if (json_peek(reader) != JSON_KIND_NULL)
        return fail(reader, reader->at, "null is expected");
    return take_word(reader, "null", 4);
}

/* ---- objects and arrays ---- */

static bool enter(struct json_reader *reader, enum json_kind kind, const char *problem)
{
    if (json_peek(reader) != kind)
        return fail(reader, reader->at, problem);
    if (reader->depth == JSON_READ_DEPTH_MAX)
        return fail(reader, reader->at, "nested too deep");
    reader->depth++;
    reader->at++;
    reader->is_first = true;
    return true;
}

bool json_enter_object(struct json_reader *reader)
{
    return enter(reader, JSON_KIND_OBJECT, "an object is expected");
}

bool json_enter_array(struct json_reader *reader)
{
    return enter(reader, JSON_KIND_ARRAY, "an array is expected");
}

/* Move to the next member or item. False: there is none; `close` was read. */
static bool next(struct json_reader *reader, char close, const char *problem)
{
    bool is_first = reader->is_first;

    if (reader->problem != NULL)
        return false;
    reader->is_first = false;
    skip_space(reader);
    if (reader->at == reader->end)
        return fail(reader, reader->at, "it ends too early");
    if (*reader->at == close) {
        reader->at++;
        reader->depth--;
        return false;
    }
    if (is_first)
        return true;
    if (*reader->at != ',')
        return fail(reader, reader->at, problem);
    reader->at++;
    skip_space(reader);
    if (reader->at != reader->end && *reader->at == close)
        return fail(reader, reader->at, "a value must follow the comma");
    return true;
}

bool json_next_item(struct json_reader *reader)
{
    return next(reader, ']', "a comma or ] is expected");
}

/* Move to the value of the next member. *out_raw is the member's name, escapes not undone. */
static bool next_name(struct json_reader *reader, struct text *out_raw, bool *out_has_escapes)
{
    if (!next(reader, '}', "a comma or } is expected"))
        return false;
    if (json_peek(reader) != JSON_KIND_STRING)
        return fail(reader, reader->at, "a name in quotes is expected");
    if (!scan_string(reader, out_raw, out_has_escapes))
        return false;
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != ':')
        return fail(reader, reader->at, "a colon is expected");
    reader->at++;
    return true;
}

bool json_next_member(struct json_reader *reader, struct text *out_name)
{
    struct text raw;
    bool has_escapes;

    if (!next_name(reader, &raw, &has_escapes))
        return false;
    if (has_escapes)
        raw =
            decode(reader, raw, raw.size <= sizeof reader->name ? reader->name : arena_alloc(reader->arena, raw.size));
    *out_name = reader->has_no_character ? text_to_utf8(raw, reader->arena) : raw;
    return true;
}

/* ---- whole values ---- */

/* Is the exponent below -1000? Doubles end at 1e-324, and PostgreSQL's numeric has at most 16383 digits after the
 * point. */
static bool is_tiny(struct text number)
{
    int exponent = 0;

    while (number.size > 0 && (number.data[0] | 0x20) != 'e') {
        number.data++;
        number.size--;
    }
    if (number.size < 2 || number.data[1] != '-')
        return false;
    for (size_t i = 2; i < number.size && exponent <= 1000; i++)
        exponent = exponent * 10 + (number.data[i] - '0');
    return exponent > 1000;
}

static bool skip_scalar(struct json_reader *reader, enum json_kind kind)
{
    const char *begin = reader->at;
    struct json_number number;
    struct text raw;
    bool flag;

    switch (kind) {
    case JSON_KIND_STRING:
        return scan_string(reader, &raw, &flag);
    case JSON_KIND_NUMBER:
        if (!json_read_number(reader, &number))
            return false;
        reader->has_huge_number |=
            !isfinite(number.value) || is_tiny((struct text){begin, (size_t)(reader->at - begin)});
        return true;
    case JSON_KIND_BOOL:
        return json_read_bool(reader, &flag);
    case JSON_KIND_NULL:
        return json_read_null(reader);
    default:
        return fail(reader, reader->at, reader->at == reader->end ? "it ends too early" : "a value is expected");
    }
}

/* Move past an object or array that may be nested to any depth. Only its strings and the number of its brackets are
 * looked at. */
static bool skip_deep(struct json_reader *reader)
{
    const char *begin = reader->at;
    size_t open = 0;
    struct text raw;
    bool has_escapes;

    do {
        if (reader->at == reader->end)
            return fail(reader, begin, "nested too deep, and not closed");
        if (*reader->at == '"') {
            if (!scan_string(reader, &raw, &has_escapes))
                return false;
            continue;
        }
        open += *reader->at == '{' || *reader->at == '[';
        open -= *reader->at == '}' || *reader->at == ']';
        reader->at++;
    } while (open > 0);
    return note_flaw(reader, begin, "what is nested too deep");
}

bool json_skip(struct json_reader *reader, struct text *out_json)
{
    bool is_object[JSON_READ_DEPTH_MAX + 1] = {false};
    int floor_depth = reader->depth;
    enum json_kind kind = json_peek(reader);
    const char *begin = reader->at;
    struct text raw;
    bool has_escapes;

    /* No recursion: the reader counts the depth, at most JSON_READ_DEPTH_MAX. */
    for (;;) {
        bool is_nested = kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY;

        if (is_nested && reader->is_lenient && reader->depth == JSON_READ_DEPTH_MAX) {
            if (!skip_deep(reader))
                return false;
        } else if (is_nested) {
            if (!enter(reader, kind, "a value is expected"))
                return false;
            is_object[reader->depth] = kind == JSON_KIND_OBJECT;
        } else if (!skip_scalar(reader, kind)) {
            return false;
        }
        while (reader->depth > floor_depth) {
            bool has_next = is_object[reader->depth] ? next_name(reader, &raw, &has_escapes) : json_next_item(reader);

            if (reader->problem != NULL)
                return false;
            if (has_next)
                break;
        }
        if (reader->depth == floor_depth)
            break;
        kind = json_peek(reader);
    }
    reader->is_first = false;
    if (out_json != NULL)
        *out_json = (struct text){begin, (size_t)(reader->at - begin)};
    return true;
}

bool json_finish(struct json_reader *reader)
{
    if (reader->problem != NULL)
        return false;
    skip_space(reader);
    return reader->at == reader->end || fail(reader, reader->at, "something follows the value");
}
