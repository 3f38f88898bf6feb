/* The JSON writer; see json_write.h. */
#include "base/json_write.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

void json_writer_init(struct json_writer *writer, struct buffer *buffer)
{
    *writer = (struct json_writer){.buffer = buffer};
}

static void before_value(struct json_writer *writer)
{
    if (writer->is_member) {
        writer->is_member = false;
        return;
    }
    if (writer->has_items[writer->depth])
        buffer_append_byte(writer->buffer, ',');
    writer->has_items[writer->depth] = true;
}

static void open_level(struct json_writer *writer, char bracket)
{
    before_value(writer);
    assert(writer->depth < JSON_WRITE_DEPTH_MAX);
    buffer_append_byte(writer->buffer, bracket);
    writer->has_items[++writer->depth] = false;
}

static void close_level(struct json_writer *writer, char bracket)
{
    assert(writer->depth > 0 && !writer->is_member);
    writer->depth--;
    buffer_append_byte(writer->buffer, bracket);
}

void json_object_begin(struct json_writer *writer)
{
    open_level(writer, '{');
}

void json_object_end(struct json_writer *writer)
{
    close_level(writer, '}');
}

void json_array_begin(struct json_writer *writer)
{
    open_level(writer, '[');
}

void json_array_end(struct json_writer *writer)
{
    close_level(writer, ']');
}

void json_key(struct json_writer *writer, const char *key)
{
    before_value(writer);
    buffer_append_byte(writer->buffer, '"');
    buffer_append_string(writer->buffer, key);
    buffer_append(writer->buffer, "\":", 2);
    writer->is_member = true;
}

/* How to write a byte. 0: as it is; 'u': as \u00XX; 'x': part of a multibyte sequence,
 * which write_multibyte checks; else: a backslash and this letter. */
static char escape_of(unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '<':
    case '>':
    case '&':
        return 'u';
    default:
        return byte < 0x20 || byte == 0x7F ? 'u' : byte >= 0x80 ? 'x' : 0;
    }
}

/* Write the UTF-8 sequence at the start of `rest`, a byte >= 0x80; if it is not valid, U+FFFD for its first byte. */
static size_t write_multibyte(struct buffer *buffer, struct text rest)
{
    size_t size = 1;

    while (size < rest.size && size < 4 && ((unsigned char)rest.data[size] & 0xC0) == 0x80)
        size++;
    for (; size > 1; size--)
        if (text_valid_utf8((struct text){rest.data, size}) == size)
            break;
    if (size <= 1) {
        buffer_append(buffer, "\xEF\xBF\xBD", 3);
        return 1;
    }
    if (size == 3 && memcmp(rest.data, "\xE2\x80\xA8", 3) == 0)
        buffer_append(buffer, "\\u2028", 6);
    else if (size == 3 && memcmp(rest.data, "\xE2\x80\xA9", 3) == 0)
        buffer_append(buffer, "\\u2029", 6);
    else
        buffer_append(buffer, rest.data, size);
    return size;
}

void json_text(struct json_writer *writer, struct text text)
{
    struct buffer *buffer = writer->buffer;
    size_t start = 0, at = 0;

    if (text.data == NULL)
        text = TEXT("");
    before_value(writer);
    buffer_append_byte(buffer, '"');
    while (at < text.size) {
        char escape = escape_of((unsigned char)text.data[at]);

        if (escape == 0) {
            at++;
            continue;
        }
        buffer_append(buffer, text.data + start, at - start);
        if (escape == 'x') {
            at += write_multibyte(buffer, (struct text){text.data + at, text.size - at});
        } else {
            if (escape == 'u') {
                buffer_printf(buffer, "\\u%04x", (unsigned)(unsigned char)text.data[at]);
            } else {
                buffer_append_byte(buffer, '\\');
                buffer_append_byte(buffer, escape);
            }
            at++;
        }
        start = at;
    }
    buffer_append(buffer, text.data + start, at - start);
    buffer_append_byte(buffer, '"');
}

void json_int64(struct json_writer *writer, int64_t value)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    before_value(writer);
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0)
        *--at = '-';
    buffer_append(writer->buffer, at, (size_t)(digits + sizeof digits - at));
}

/* Appends a value that is a whole number of the 10^`places`th part: exactly that many digits or less, without printf.
 * False: it is not, or it is too large. */
static bool append_fixed(struct buffer *buffer, double value, int places, int64_t scale)
{
    static const double parts_max = 1e15; /* both the parts and the scale are exact, so their quotient is the nearest */
    char digits[40];
    char *at = digits + sizeof digits;
    int64_t parts;
    uint64_t rest, fraction;

    if (fabs(value) * (double)scale >= parts_max)
        return false;
    parts = (int64_t)llround(value * (double)scale);
    if ((double)parts / (double)scale != value)
        return false;
    rest = parts < 0 ? 0 - (uint64_t)parts : (uint64_t)parts;
    fraction = rest % (uint64_t)scale;
    if (fraction != 0) {
        for (; fraction % 10 == 0; fraction /= 10)
            places--;
        for (; places > 0; places--, fraction /= 10)
            *--at = (char)('0' + fraction % 10);
        *--at = '.';
    }
    rest /= (uint64_t)scale;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (parts < 0)
        *--at = '-';
    buffer_append(buffer, at, (size_t)(digits + sizeof digits - at));
    return true;
}

void json_double(struct json_writer *writer, double value)
{
    char digits[40];

    if (!isfinite(value)) {
        json_null(writer);
        return;
    }
    before_value(writer);
    /* Most values are milliseconds or seconds, and have no more decimals than their clock. */
    if (append_fixed(writer->buffer, value, 3, 1000) || append_fixed(writer->buffer, value, 6, 1000000))
        return;
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    buffer_append_string(writer->buffer, digits);
}

void json_bool(struct json_writer *writer, bool value)
{
    before_value(writer);
    buffer_append_string(writer->buffer, value ? "true" : "false");
}

void json_null(struct json_writer *writer)
{
    before_value(writer);
    buffer_append(writer->buffer, "null", 4);
}

void json_time(struct json_writer *writer, int64_t time_us)
{
    char text[CLOCK_RFC3339_BYTES];

    if (time_us == INT64_MIN)
        json_null(writer);
    else
        json_text(writer, text_of(clock_format(time_us, text)));
}

void json_raw(struct json_writer *writer, struct text json)
{
    before_value(writer);
    buffer_append_text(writer->buffer, json);
}

void json_member_text(struct json_writer *writer, const char *key, struct text text)
{
    json_key(writer, key);
    json_text(writer, text);
}

void json_member_text_or_null(struct json_writer *writer, const char *key, struct text text)
{
    json_key(writer, key);
    if (text.data == NULL)
        json_null(writer);
    else
        json_text(writer, text);
}

void json_member_string(struct json_writer *writer, const char *key, const char *string)
{
    json_key(writer, key);
    if (string == NULL)
        json_null(writer);
    else
        json_text(writer, text_of(string));
}

void json_member_int64(struct json_writer *writer, const char *key, int64_t value)
{
    json_key(writer, key);
    json_int64(writer, value);
}

void json_member_id_or_null(struct json_writer *writer, const char *key, int64_t id)
{
    json_key(writer, key);
    if (id == 0)
        json_null(writer);
    else
        json_int64(writer, id);
}

void json_member_double(struct json_writer *writer, const char *key, double value)
{
    json_key(writer, key);
    json_double(writer, value);
}

void json_member_known(struct json_writer *writer, const char *key, double value)
{
    json_member_double(writer, key, value < 0 ? NAN : value);
}

void json_member_bool(struct json_writer *writer, const char *key, bool value)
{
    json_key(writer, key);
    json_bool(writer, value);
}

void json_member_null(struct json_writer *writer, const char *key)
{
    json_key(writer, key);
    json_null(writer);
}

void json_member_time(struct json_writer *writer, const char *key, int64_t time_us)
{
    json_key(writer, key);
    json_time(writer, time_us);
}
