/* Declared JSON bodies; see body.h. */
#include "fcgi/request/body.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/engine.h"
#include "base/json_read.h"

enum { FIELDS_MAX = 64 };

static void read_member(struct json_reader *reader, const struct body_field *field, void *member, struct error *error);
static void read_text(struct json_reader *reader, const struct body_field *field, struct text *out,
                      struct error *error);
static void read_number(struct json_reader *reader, const struct body_field *field, void *member, struct error *error);
static void read_json(struct json_reader *reader, const struct body_field *field, struct text *out,
                      struct error *error);
static void refuse_kind(struct json_reader *reader, const struct body_field *field, const char *wanted,
                        struct error *error);

enum status body_read(const struct request *request, const struct body_field *fields, size_t field_count, void *out,
                      struct error *error)
{
    struct body_seen seen[FIELDS_MAX];

    return body_read_seen(request, fields, field_count, out, seen, error);
}

enum status body_read_seen(const struct request *request, const struct body_field *fields, size_t field_count,
                           void *out, struct body_seen *out_seen, struct error *error)
{
    struct error problems = {0};
    struct json_reader reader;
    struct text name;

    assert(field_count <= FIELDS_MAX);
    memset(out_seen, 0, field_count * sizeof *out_seen);
    if (text_trim(request->body).size == 0)
        return error_set(error, STATUS_MALFORMED, "The body must be a JSON object; it is empty.");
    json_reader_init(&reader, request->body, request->arena);
    if (json_peek(&reader) != JSON_KIND_OBJECT) {
        if (json_skip(&reader, NULL) && json_finish(&reader))
            return error_set(error, STATUS_INVALID, "The body must be a JSON object.");
        return json_read_error(&reader, error);
    }
    json_enter_object(&reader);
    while (json_next_member(&reader, &name)) {
        size_t i = 0;

        while (i < field_count && !text_equal(name, text_of(fields[i].name)))
            i++;
        if (i == field_count) {
            error_field(&problems, arena_string(request->arena, name.data, name.size), "is not a field here");
            json_skip(&reader, NULL);
        } else if (out_seen[i].is_given) {
            error_field(&problems, fields[i].name, "is given twice");
            json_skip(&reader, NULL);
        } else {
            out_seen[i].is_given = true;
            if (json_peek(&reader) == JSON_KIND_NULL && json_read_null(&reader))
                out_seen[i].is_null = true;
            else
                read_member(&reader, &fields[i], (char *)out + fields[i].offset, &problems);
        }
    }
    /* If the text is not JSON, report only that: the fields read from it mean nothing. */
    if (json_has_problem(&reader) || !json_finish(&reader))
        return json_read_error(&reader, error);
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].is_required && (!out_seen[i].is_given || out_seen[i].is_null))
            error_field(&problems, fields[i].name, "is missing");
    if (problems.status != STATUS_OK && error != NULL)
        *error = problems;
    return problems.status;
}

enum status body_read_optional(const struct request *request, const struct body_field *fields, size_t field_count,
                               void *out, struct error *error)
{
    if (text_trim(request->body).size == 0)
        return STATUS_OK;
    return body_read(request, fields, field_count, out, error);
}

static void read_member(struct json_reader *reader, const struct body_field *field, void *member, struct error *error)
{
    switch (field->kind) {
    case BODY_TEXT:
    case BODY_LINE:
    case BODY_CHOICE:
    case BODY_ENGINE:
        if (json_peek(reader) == JSON_KIND_STRING)
            read_text(reader, field, member, error);
        else
            refuse_kind(reader, field, "a string", error);
        return;
    case BODY_INTEGER:
    case BODY_NUMBER:
        if (json_peek(reader) == JSON_KIND_NUMBER)
            read_number(reader, field, member, error);
        else
            refuse_kind(reader, field, "a number", error);
        return;
    case BODY_BOOL:
        if (json_peek(reader) == JSON_KIND_BOOL)
            json_read_bool(reader, member);
        else
            refuse_kind(reader, field, "true or false", error);
        return;
    case BODY_PASTED:
        if (json_peek(reader) == JSON_KIND_STRING)
            read_text(reader, field, member, error);
        else if (json_peek(reader) == JSON_KIND_OBJECT || json_peek(reader) == JSON_KIND_ARRAY)
            read_json(reader, field, member, error);
        else
            refuse_kind(reader, field, "a string, an object or an array", error);
        return;
    case BODY_UNSET:
        break;
    }
    assert(!"a field without a kind");
}

static bool has_control_character(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return true;
    return false;
}

static void refuse_choice(const struct body_field *field, struct error *error)
{
    char names[120] = "";
    size_t used = 0;

    for (size_t i = 0; field->choices[i] != NULL && used + strlen(field->choices[i]) + 3 < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i == 0 ? "" : ", ", field->choices[i]);
    }
    error_field(error, field->name, "must be one of %s", names);
}

static void read_engine(const struct body_field *field, struct text name, struct text *out, struct error *error)
{
    const struct engine *engine = engine_find(name);
    char names[ENGINE_NAMES_BYTES];

    if (engine == NULL)
        error_field(error, field->name, "must be one of %s", engine_names(", ", names));
    else
        *out = text_of(engine->name);
}

static void read_text(struct json_reader *reader, const struct body_field *field, struct text *out, struct error *error)
{
    struct text text;

    if (!json_read_text(reader, &text))
        return;
    if (memchr(text.size == 0 ? "" : text.data, '\0', text.size) != NULL) {
        error_field(error, field->name, "must not hold NUL");
        return;
    }
    if (field->kind == BODY_ENGINE) {
        read_engine(field, text, out, error);
        return;
    }
    if (field->kind == BODY_CHOICE) {
        for (size_t i = 0; field->choices[i] != NULL; i++)
            if (text_equal(text, text_of(field->choices[i]))) {
                *out = text_of(field->choices[i]);
                return;
            }
        refuse_choice(field, error);
        return;
    }
    if (field->kind == BODY_LINE)
        text = text_trim(text);
    if ((double)text.size < field->minimum || (double)text.size > field->maximum)
        error_field(error, field->name, "must have %.0f to %.0f bytes", field->minimum, field->maximum);
    else if (field->kind == BODY_LINE && has_control_character(text))
        error_field(error, field->name, "must not hold control characters");
    else
        *out = text.data == NULL ? TEXT("") : text;
}

static void read_number(struct json_reader *reader, const struct body_field *field, void *member, struct error *error)
{
    struct json_number number;

    if (!json_read_number(reader, &number))
        return;
    if (field->kind == BODY_INTEGER && !number.is_integer) {
        error_field(error, field->name, "must be a whole number");
        return;
    }
    if (!(number.value >= field->minimum && number.value <= field->maximum)) {
        error_field(error, field->name, "must be %.15g to %.15g", field->minimum, field->maximum);
        return;
    }
    if (field->kind == BODY_INTEGER)
        memcpy(member, &number.integer, sizeof number.integer);
    else
        memcpy(member, &number.value, sizeof number.value);
}

static void read_json(struct json_reader *reader, const struct body_field *field, struct text *out, struct error *error)
{
    struct text json;

    if (!json_skip(reader, &json))
        return;
    if ((double)json.size < field->minimum || (double)json.size > field->maximum)
        error_field(error, field->name, "must have %.0f to %.0f bytes", field->minimum, field->maximum);
    else
        *out = json;
}

static void refuse_kind(struct json_reader *reader, const struct body_field *field, const char *wanted,
                        struct error *error)
{
    static const char *const kinds[] = {
        [JSON_KIND_UNSET] = "nothing",   [JSON_KIND_OBJECT] = "an object", [JSON_KIND_ARRAY] = "an array",
        [JSON_KIND_STRING] = "a string", [JSON_KIND_NUMBER] = "a number",  [JSON_KIND_BOOL] = "true or false",
        [JSON_KIND_NULL] = "null"};
    enum json_kind kind = json_peek(reader);

    if (json_skip(reader, NULL))
        error_field(error, field->name, "must be %s, not %s", wanted, kinds[kind]);
}
