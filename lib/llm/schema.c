/* Schemas as trees, and the check of a text against one; see schema.h. */
#include "llm/schema.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "base/vector.h"

/* The types that a value may have, as bits. */
enum type {
    TYPE_UNSET,
    TYPE_OBJECT = 1,
    TYPE_ARRAY = 2,
    TYPE_STRING = 4,
    TYPE_NUMBER = 8,
    TYPE_INTEGER = 16,
    TYPE_BOOLEAN = 32,
    TYPE_NULL = 64
};

struct member {
    struct text name;
    const struct llm_schema *schema;
};

struct llm_schema {
    unsigned types;            /* TYPE_UNSET: any */
    VECTOR(struct text) words; /* of enum */
    VECTOR(struct member) members;
    uint64_t required; /* bits by the member's index */
    bool is_closed;    /* additionalProperties: false */
    const struct llm_schema *items;
    int64_t items_min, items_max, length_min, length_max;
    double minimum, maximum;
};

/* ---- reading a schema ---- */

struct reading {
    struct json_reader json;
    struct arena *arena;
    const char *problem; /* static; NULL: none */
    int depth;
};

static const struct llm_schema *read_schema(struct reading *reading);

static void refuse(struct reading *reading, const char *problem)
{
    if (reading->problem == NULL)
        reading->problem = problem;
}

static void read_type_name(struct reading *reading, struct llm_schema *schema)
{
    static const struct {
        struct text name;
        enum type type;
    } types[] = {{TEXT("object"), TYPE_OBJECT}, {TEXT("array"), TYPE_ARRAY},     {TEXT("string"), TYPE_STRING},
                 {TEXT("number"), TYPE_NUMBER}, {TEXT("integer"), TYPE_INTEGER}, {TEXT("boolean"), TYPE_BOOLEAN},
                 {TEXT("null"), TYPE_NULL}};
    struct text name = {0};

    json_read_text(&reading->json, &name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (text_equal(name, types[i].name)) {
            schema->types |= types[i].type;
            return;
        }
    refuse(reading, "a type that is not known");
}

static void read_type(struct reading *reading, struct llm_schema *schema)
{
    if (json_peek(&reading->json) == JSON_KIND_STRING)
        read_type_name(reading, schema);
    else
        for (json_enter_array(&reading->json); json_next_item(&reading->json);)
            read_type_name(reading, schema);
}

static void read_enum(struct reading *reading, struct llm_schema *schema)
{
    for (json_enter_array(&reading->json); json_next_item(&reading->json);) {
        struct text word = {0};
        struct text *place = vector_add(&schema->words, LLM_SCHEMA_WORDS_MAX, reading->arena);

        if (!json_read_text(&reading->json, &word) || place == NULL)
            return refuse(reading, "an enum is a list of texts, not too many");
        *place = word;
    }
}

/* Where a member stands, which it does after this; -1: there are too many. */
static int member_index(struct reading *reading, struct llm_schema *schema, struct text name)
{
    struct member *member;

    for (size_t i = 0; i < schema->members.count; i++)
        if (text_equal(schema->members.items[i].name, name))
            return (int)i;
    member = vector_add(&schema->members, LLM_SCHEMA_MEMBERS_MAX, reading->arena);
    if (member == NULL) {
        refuse(reading, "too many properties");
        return -1;
    }
    *member = (struct member){.name = {arena_copy(reading->arena, name.data, name.size), name.size}};
    return (int)schema->members.count - 1;
}

static void read_properties(struct reading *reading, struct llm_schema *schema)
{
    struct text name;

    for (json_enter_object(&reading->json); json_next_member(&reading->json, &name);) {
        int index = member_index(reading, schema, name);

        if (index < 0)
            return;
        schema->members.items[index].schema = read_schema(reading);
    }
}

static void read_required(struct reading *reading, struct llm_schema *schema)
{
    for (json_enter_array(&reading->json); json_next_item(&reading->json);) {
        struct text name = {0};
        int index;

        if (!json_read_text(&reading->json, &name))
            return;
        index = member_index(reading, schema, name);
        if (index < 0)
            return;
        schema->required |= UINT64_C(1) << index;
    }
}

static void read_closed(struct reading *reading, struct llm_schema *schema)
{
    bool is_open = true;

    if (!json_read_bool(&reading->json, &is_open))
        refuse(reading, "additionalProperties is false or true");
    schema->is_closed = !is_open;
}

static void read_items(struct reading *reading, struct llm_schema *schema)
{
    schema->items = read_schema(reading);
}

static void read_description(struct reading *reading, struct llm_schema *schema)
{
    struct text text;

    (void)schema;
    json_read_text(&reading->json, &text);
}

static double read_limit(struct reading *reading)
{
    struct json_number number = {0};

    json_read_number(&reading->json, &number);
    return number.value;
}

static int64_t read_count(struct reading *reading)
{
    struct json_number number = {0};

    if (!json_read_number(&reading->json, &number) || !number.is_integer || number.integer < 0)
        refuse(reading, "a bound of a count is a whole number");
    return number.integer;
}

static void read_items_min(struct reading *reading, struct llm_schema *schema)
{
    schema->items_min = read_count(reading);
}

static void read_items_max(struct reading *reading, struct llm_schema *schema)
{
    schema->items_max = read_count(reading);
}

static void read_length_min(struct reading *reading, struct llm_schema *schema)
{
    schema->length_min = read_count(reading);
}

static void read_length_max(struct reading *reading, struct llm_schema *schema)
{
    schema->length_max = read_count(reading);
}

static void read_minimum(struct reading *reading, struct llm_schema *schema)
{
    schema->minimum = read_limit(reading);
}

static void read_maximum(struct reading *reading, struct llm_schema *schema)
{
    schema->maximum = read_limit(reading);
}

static const struct {
    struct text name;
    void (*read)(struct reading *reading, struct llm_schema *schema);
} keywords[] = {
    {TEXT("type"), read_type},
    {TEXT("enum"), read_enum},
    {TEXT("properties"), read_properties},
    {TEXT("required"), read_required},
    {TEXT("additionalProperties"), read_closed},
    {TEXT("items"), read_items},
    {TEXT("minItems"), read_items_min},
    {TEXT("maxItems"), read_items_max},
    {TEXT("minLength"), read_length_min},
    {TEXT("maxLength"), read_length_max},
    {TEXT("minimum"), read_minimum},
    {TEXT("maximum"), read_maximum},
    {TEXT("description"), read_description},
};

enum { KEYWORD_COUNT = sizeof keywords / sizeof keywords[0] };

static const struct llm_schema *read_schema(struct reading *reading)
{
    struct llm_schema *schema = arena_zalloc(reading->arena, sizeof *schema);
    struct text name;

    schema->items_max = schema->length_max = INT64_MAX;
    schema->minimum = -DBL_MAX;
    schema->maximum = DBL_MAX;
    if (++reading->depth > LLM_SCHEMA_DEPTH_MAX)
        refuse(reading, "it is nested too deep");
    for (json_enter_object(&reading->json); reading->problem == NULL && json_next_member(&reading->json, &name);) {
        size_t i = 0;

        while (i < KEYWORD_COUNT && !text_equal(keywords[i].name, name))
            i++;
        if (i == KEYWORD_COUNT)
            refuse(reading, "a keyword that is not known");
        else
            keywords[i].read(reading, schema);
    }
    reading->depth--;
    return schema;
}

enum status llm_schema_read(struct text json, struct arena *arena, const struct llm_schema **out_schema,
                            struct error *error)
{
    struct reading reading = {.arena = arena};
    const struct llm_schema *schema;

    if (json.size > LLM_SCHEMA_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "The schema is too large.");
    json_reader_init(&reading.json, json, arena);
    schema = read_schema(&reading);
    if (reading.problem == NULL && !json_finish(&reading.json))
        reading.problem = "it is no JSON of the right form";
    if (reading.problem != NULL)
        return error_set(error, STATUS_INVALID, "This is no schema that Potto knows: %s.", reading.problem);
    *out_schema = schema;
    return STATUS_OK;
}

/* ---- the check ---- */

/* The way from the root to the value that is looked at: a member's name (of the schema) or an index each. */
struct step {
    struct text name; /* data NULL: an index */
    size_t index;
};

struct check {
    struct json_reader json;
    struct step steps[LLM_SCHEMA_DEPTH_MAX];
    int depth;
    char *problem;
};

static bool fail(struct check *check, const char *what)
{
    size_t used = 1;

    check->problem[0] = '$';
    check->problem[1] = '\0';
    for (int i = 0; i < check->depth && used < LLM_SCHEMA_PROBLEM_BYTES; i++) {
        const struct step *step = &check->steps[i];
        size_t left = LLM_SCHEMA_PROBLEM_BYTES - used;
        int size = step->name.data == NULL
                       ? snprintf(check->problem + used, left, "[%zu]", step->index)
                       : snprintf(check->problem + used, left, ".%.*s", (int)step->name.size, step->name.data);

        used += size > 0 ? (size_t)size : 0;
    }
    if (used < LLM_SCHEMA_PROBLEM_BYTES)
        snprintf(check->problem + used, LLM_SCHEMA_PROBLEM_BYTES - used, ": %s", what);
    return false;
}

static bool check_value(struct check *check, const struct llm_schema *schema);

static const struct member *find_member(const struct llm_schema *schema, struct text name, size_t *out_index)
{
    for (size_t i = 0; i < schema->members.count; i++)
        if (text_equal(schema->members.items[i].name, name)) {
            *out_index = i;
            return &schema->members.items[i];
        }
    return NULL;
}

static bool check_object(struct check *check, const struct llm_schema *schema)
{
    uint64_t seen = 0;
    struct text name;

    for (json_enter_object(&check->json); json_next_member(&check->json, &name);) {
        size_t index = 0;
        const struct member *member = find_member(schema, name, &index);
        bool holds;

        if (member == NULL || member->schema == NULL) {
            if (schema->is_closed)
                return fail(check, "has a member that the schema does not know");
            if (!json_skip(&check->json, NULL))
                return false;
            seen |= member == NULL ? 0 : UINT64_C(1) << index;
            continue;
        }
        if ((seen >> index & 1) != 0)
            return fail(check, "has a member twice");
        seen |= UINT64_C(1) << index;
        check->steps[check->depth++] = (struct step){.name = member->name};
        holds = check_value(check, member->schema);
        if (!holds)
            return false;
        check->depth--;
    }
    if (json_has_problem(&check->json))
        return false;
    for (size_t i = 0; i < schema->members.count; i++)
        if ((schema->required & ~seen) >> i & 1) {
            check->steps[check->depth++] = (struct step){.name = schema->members.items[i].name};
            return fail(check, "is missing");
        }
    return true;
}

static bool check_array(struct check *check, const struct llm_schema *schema)
{
    int64_t count = 0;

    for (json_enter_array(&check->json); json_next_item(&check->json); count++) {
        if (count >= schema->items_max)
            return fail(check, "has too many items");
        if (schema->items == NULL) {
            json_skip(&check->json, NULL);
            continue;
        }
        check->steps[check->depth++] = (struct step){.index = (size_t)count};
        if (!check_value(check, schema->items))
            return false;
        check->depth--;
    }
    if (json_has_problem(&check->json))
        return false;
    return count >= schema->items_min || fail(check, "has too few items");
}

static int64_t characters_of(struct text text)
{
    int64_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

static bool check_string(struct check *check, const struct llm_schema *schema)
{
    struct text text;
    int64_t length;

    if (!json_read_text(&check->json, &text))
        return false;
    length = characters_of(text);
    if (length > schema->length_max)
        return fail(check, "is too long");
    if (length < schema->length_min)
        return fail(check, "is too short");
    for (size_t i = 0; i < schema->words.count; i++)
        if (text_equal(schema->words.items[i], text))
            return true;
    return schema->words.count == 0 || fail(check, "must be one of the schema's words");
}

static bool check_number(struct check *check, const struct llm_schema *schema)
{
    struct json_number number;

    if (!json_read_number(&check->json, &number))
        return false;
    if (schema->types != TYPE_UNSET && (schema->types & TYPE_NUMBER) == 0 && !number.is_integer)
        return fail(check, "must be a whole number");
    return (number.value >= schema->minimum && number.value <= schema->maximum) || fail(check, "is out of range");
}

static bool check_value(struct check *check, const struct llm_schema *schema)
{
    static const unsigned types[] = {
        [JSON_KIND_OBJECT] = TYPE_OBJECT, [JSON_KIND_ARRAY] = TYPE_ARRAY,
        [JSON_KIND_STRING] = TYPE_STRING, [JSON_KIND_NUMBER] = TYPE_NUMBER | TYPE_INTEGER,
        [JSON_KIND_BOOL] = TYPE_BOOLEAN,  [JSON_KIND_NULL] = TYPE_NULL,
    };
    enum json_kind kind = json_peek(&check->json);
    bool has_words = schema->words.count > 0;

    if (kind == JSON_KIND_UNSET)
        return json_skip(&check->json, NULL) && fail(check, "is missing");
    if ((schema->types != TYPE_UNSET && (schema->types & types[kind]) == 0) || (has_words && kind != JSON_KIND_STRING))
        return fail(check, "is of another type");
    switch (kind) {
    case JSON_KIND_OBJECT:
        return check_object(check, schema);
    case JSON_KIND_ARRAY:
        return check_array(check, schema);
    case JSON_KIND_STRING:
        return check_string(check, schema);
    case JSON_KIND_NUMBER:
        return check_number(check, schema);
    default:
        return json_skip(&check->json, NULL);
    }
}

bool llm_schema_holds(const struct llm_schema *schema, struct text json, struct arena *arena,
                      char out_problem[LLM_SCHEMA_PROBLEM_BYTES])
{
    struct check check = {.problem = out_problem};
    struct error error = {0};

    out_problem[0] = '\0';
    json_reader_init(&check.json, json, arena);
    if (check_value(&check, schema) && json_finish(&check.json))
        return true;
    if (out_problem[0] == '\0') {
        json_read_error(&check.json, &error);
        snprintf(out_problem, LLM_SCHEMA_PROBLEM_BYTES, "%.200s", error.message);
    }
    return false;
}
