/* Any bytes as JSON: if the reader accepts them, the writer writes the same JSON, which the reader reads as equal. */
#include <math.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "tests/fuzz/fuzz.h"

/* The longest escape of one byte: \u001f. */
enum { WRITTEN_BYTES_A_BYTE = 6 };

static void copy_value(struct json_reader *reader, struct json_writer *writer);

static void copy_number(struct json_reader *reader, struct json_writer *writer)
{
    struct json_number number;

    if (!json_read_number(reader, &number))
        return;
    fuzz_check(number.text.size > 0 && number.text.size <= JSON_READ_NUMBER_BYTES_MAX, "a number has a bounded text");
    fuzz_check(!isnan(number.value), "no number is NaN");
    if (number.is_integer)
        json_int64(writer, number.integer);
    else if (isfinite(number.value))
        json_double(writer, number.value);
    else
        json_raw(writer, number.text);
    fuzz_check(!number.is_integer || (double)number.integer == number.value, "an integer has the number's value");
}

/* Names are written as values before their own values, because the writer takes only trusted names. */
static void copy_members(struct json_reader *reader, struct json_writer *writer)
{
    struct text name;

    json_array_begin(writer);
    json_enter_object(reader);
    while (json_next_member(reader, &name)) {
        fuzz_check(fuzz_is_utf8(name) || reader->has_nul, "a name is UTF-8");
        json_text(writer, name);
        copy_value(reader, writer);
    }
    json_array_end(writer);
}

static void copy_items(struct json_reader *reader, struct json_writer *writer)
{
    json_array_begin(writer);
    json_enter_array(reader);
    while (json_next_item(reader))
        copy_value(reader, writer);
    json_array_end(writer);
}

static void copy_value(struct json_reader *reader, struct json_writer *writer)
{
    struct text text;
    bool flag;

    switch (json_peek(reader)) {
    case JSON_KIND_OBJECT:
        if (writer->depth < JSON_WRITE_DEPTH_MAX)
            copy_members(reader, writer);
        else
            json_skip(reader, NULL);
        break;
    case JSON_KIND_ARRAY:
        if (writer->depth < JSON_WRITE_DEPTH_MAX)
            copy_items(reader, writer);
        else
            json_skip(reader, NULL);
        break;
    case JSON_KIND_STRING:
        if (!json_read_text(reader, &text))
            break;
        fuzz_check(fuzz_is_utf8(text) || reader->has_nul, "a text is UTF-8");
        json_text(writer, text);
        break;
    case JSON_KIND_NUMBER:
        copy_number(reader, writer);
        break;
    case JSON_KIND_BOOL:
        if (json_read_bool(reader, &flag))
            json_bool(writer, flag);
        break;
    case JSON_KIND_NULL:
        json_read_null(reader);
        json_null(writer);
        break;
    default:
        json_skip(reader, NULL); /* reports the problem */
    }
}

/* Read the JSON and write it again; false if it is not JSON. */
static bool copy(struct text json, struct arena *arena, struct buffer *out)
{
    struct json_reader reader;
    struct json_writer writer;

    buffer_init(out, (json.size + 16) * WRITTEN_BYTES_A_BYTE);
    json_reader_init(&reader, json, arena);
    json_writer_init(&writer, out);
    copy_value(&reader, &writer);
    return json_finish(&reader);
}

/* Is it JSON? Skipping and reading must agree, and the skipped text must be JSON by itself. */
static bool is_json(struct text json, struct arena *arena)
{
    struct json_reader reader;
    struct error error = {0};
    struct text raw;

    json_reader_init(&reader, json, arena);
    if (!json_skip(&reader, &raw) || !json_finish(&reader)) {
        fuzz_check(json_has_problem(&reader) && json_read_error(&reader, &error) == STATUS_MALFORMED &&
                       error.message[0] != '\0',
                   "a refusal has a message");
        return false;
    }
    json_reader_init(&reader, raw, arena);
    fuzz_check(json_skip(&reader, NULL) && json_finish(&reader), "a skipped value is JSON by itself");
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    struct text json = {(const char *)data, size};
    struct buffer first, second;
    bool is_good = copy(json, arena, &first);

    fuzz_check(is_json(json, arena) == is_good, "reading and skipping agree on what is JSON");
    fuzz_check(arena_used(arena) <= 16 * size + 1024, "memory stays in proportion to the input");
    if (is_good) {
        fuzz_check(!first.has_failed, "output stays in proportion to the input");
        fuzz_check(fuzz_is_utf8(buffer_text(&first)), "output is UTF-8");
        fuzz_check(copy(buffer_text(&first), arena, &second), "output is JSON");
        fuzz_check(text_equal(buffer_text(&first), buffer_text(&second)),
                   "output that is read and written again is the same");
        buffer_free(&second);
    }
    buffer_free(&first);
    arena_destroy(arena);
    return 0;
}
