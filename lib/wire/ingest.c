/* Reading the agent's batch; see ingest.h. One table holds the type and the bounds of each field. */
#include "wire/ingest.h"

#include <math.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/json_read.h"
#include "base/vector.h"

#define CAPTURED_AHEAD_MAX_US (3600 * CLOCK_SECOND_US)

enum { FIELD_NAME_BYTES_MAX = 64 };

enum field_kind { FIELD_UNSET, FIELD_TEXT, FIELD_DURATION, FIELD_ROWS, FIELD_TIME, FIELD_PLAN };

/* If is_required is false, null means the same as not sent, because many serializers write it. */
static const struct field {
    struct text name;
    enum field_kind kind;
    size_t max_bytes; /* for texts and plans */
    size_t offset;    /* in struct sample_fact */
    bool is_required;
} fields[] = {
    /* in the order in which agents send them, so that find_field mostly finds a name at once */
    {TEXT("fingerprint"), FIELD_TEXT, INGEST_SQL_BYTES_MAX, offsetof(struct sample_fact, statement.text), false},
    {TEXT("full_sql"), FIELD_TEXT, INGEST_SQL_BYTES_MAX, offsetof(struct sample_fact, full_sql), false},
    {TEXT("duration_ms"), FIELD_DURATION, 0, offsetof(struct sample_fact, duration_ms), true},
    {TEXT("rows_examined"), FIELD_ROWS, 0, offsetof(struct sample_fact, rows_examined), false},
    {TEXT("rows_returned"), FIELD_ROWS, 0, offsetof(struct sample_fact, rows_returned), false},
    {TEXT("captured_at"), FIELD_TIME, 0, offsetof(struct sample_fact, captured_at_us), true},
    {TEXT("user_host"), FIELD_TEXT, INGEST_USER_HOST_BYTES_MAX, offsetof(struct sample_fact, user_host), false},
    {TEXT("database"), FIELD_TEXT, INGEST_DATABASE_BYTES_MAX, offsetof(struct sample_fact, database_name), false},
    {TEXT("plan"), FIELD_PLAN, INGEST_PLAN_BYTES_MAX, offsetof(struct sample_fact, plan), false},
};
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

struct reading {
    struct json_reader json;
    struct arena *arena;
    struct ingest_message *message;
    struct ingest_item_error *errors;
    int64_t index; /* of the item being read */
    int64_t captured_max_us;
    bool is_item_refused; /* its first problem was noted; further problems of the item are not */
};

static void refuse(struct reading *reading, const char *field, const char *message)
{
    if (reading->is_item_refused)
        return;
    reading->is_item_refused = true;
    reading->message->rejected++;
    if (reading->message->error_count == INGEST_ERRORS_MAX)
        return;
    if (reading->errors == NULL)
        reading->errors = arena_alloc_array(reading->arena, INGEST_ERRORS_MAX, sizeof *reading->errors);
    reading->errors[reading->message->error_count++] = (struct ingest_item_error){reading->index, field, message};
}

/* ---- one field ---- */

static void read_text(struct reading *reading, const struct field *field, struct text *out_text)
{
    struct json_reader *json = &reading->json;
    struct text text = {0};

    json->has_nul = false;
    if (json_peek(json) != JSON_KIND_STRING) {
        json_skip(json, NULL);
        refuse(reading, field->name.data, "must be a string");
        return;
    }
    if (!json_read_text(json, &text))
        return;
    if (json->has_nul)
        refuse(reading, field->name.data, "must not hold a NUL character (\\u0000)");
    else if (text.size > field->max_bytes)
        refuse(reading, field->name.data,
               arena_printf(reading->arena, "is %zu bytes long; at most %zu are taken", text.size, field->max_bytes));
    else if (text.size > 0)
        *out_text = text;
}

static bool read_number(struct reading *reading, const struct field *field, struct json_number *out_number)
{
    if (json_peek(&reading->json) == JSON_KIND_NUMBER)
        return json_read_number(&reading->json, out_number);
    json_skip(&reading->json, NULL);
    refuse(reading, field->name.data, "must be a number");
    return false;
}

static void read_duration(struct reading *reading, const struct field *field, double *out_duration_ms)
{
    struct json_number number;

    if (!read_number(reading, field, &number))
        return;
    if (!(number.value >= 0))
        refuse(reading, field->name.data, "must not be negative");
    else if (!(number.value <= SAMPLE_DURATION_MS_MAX))
        refuse(reading, field->name.data, "must be at most 1e11 milliseconds");
    else
        *out_duration_ms = number.value + 0.0; /* minus zero becomes zero */
}

static void read_rows(struct reading *reading, const struct field *field, int64_t *out_rows)
{
    struct json_number number;

    if (!read_number(reading, field, &number))
        return;
    if (number.value < 0)
        refuse(reading, field->name.data, "must not be negative");
    else if (!(number.value <= (double)SAMPLE_ROWS_MAX) || (number.is_integer && number.integer > SAMPLE_ROWS_MAX))
        refuse(reading, field->name.data, "must be at most 1e15");
    else if (!number.is_integer)
        refuse(reading, field->name.data, "must be a whole number");
    else
        *out_rows = number.integer;
}

static void read_time(struct reading *reading, const struct field *field, int64_t *out_time_us)
{
    struct text text = TEXT("");
    int64_t time_us;

    read_text(reading, &(struct field){.name = field->name, .max_bytes = 64}, &text);
    if (reading->is_item_refused || json_has_problem(&reading->json))
        return;
    if (!clock_parse(text, false, &time_us))
        refuse(reading, field->name.data, "must be a time as in RFC 3339 with its offset: 2025-11-02T10:30:00Z");
    else if (time_us < SAMPLE_CAPTURED_US_MIN)
        refuse(reading, field->name.data, "must not be before 2000-01-01");
    else if (time_us > reading->captured_max_us)
        refuse(reading, field->name.data, "is more than an hour in the future: is the clock right?");
    else
        *out_time_us = time_us;
}

/* PostgreSQL's jsonb holds neither \u0000 nor numbers of arbitrary size. */
static void read_plan(struct reading *reading, const struct field *field, struct text *out_plan)
{
    struct json_reader *json = &reading->json;
    enum json_kind kind = json_peek(json);
    struct text plan = {0};

    json->has_nul = false;
    json->has_huge_number = false;
    if (!json_skip(json, &plan))
        return;
    if (kind != JSON_KIND_OBJECT)
        refuse(reading, field->name.data, "must be an object");
    else if (plan.size > field->max_bytes)
        refuse(reading, field->name.data,
               arena_printf(reading->arena, "is %zu bytes long; at most %zu are taken", plan.size, field->max_bytes));
    else if (json->has_nul)
        refuse(reading, field->name.data, "must not hold a NUL character (\\u0000)");
    else if (json->has_huge_number)
        refuse(reading, field->name.data, "holds a number out of range");
    else if (plan.size > 2) /* {} counts as not sent */
        *out_plan = plan;
}

static void read_field(struct reading *reading, const struct field *field, struct sample_fact *sample)
{
    void *value = (char *)sample + field->offset;

    if (!field->is_required && json_peek(&reading->json) == JSON_KIND_NULL) {
        json_read_null(&reading->json);
        return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        read_text(reading, field, value);
        return;
    case FIELD_DURATION:
        read_duration(reading, field, value);
        return;
    case FIELD_ROWS:
        read_rows(reading, field, value);
        return;
    case FIELD_TIME:
        read_time(reading, field, value);
        return;
    case FIELD_PLAN:
        read_plan(reading, field, value);
        return;
    case FIELD_UNSET:
        return;
    }
}

/* ---- one item ---- */

/* The index of the field of that name, or FIELD_COUNT if there is none. `hint` is the expected index. */
static size_t find_field(struct text name, size_t hint)
{
    if (hint < FIELD_COUNT && text_equal(fields[hint].name, name))
        return hint;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (text_equal(fields[i].name, name))
            return i;
    return FIELD_COUNT;
}

/* Shorten a name that the sender chose, for an error message. */
static const char *name_for_error(struct reading *reading, struct text name)
{
    name = text_cut_utf8(name, FIELD_NAME_BYTES_MAX);
    return arena_string(reading->arena, name.data, name.size);
}

static void check_complete(struct reading *reading, unsigned seen, const struct sample_fact *sample)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (fields[i].is_required && (seen & 1u << i) == 0)
            refuse(reading, fields[i].name.data, "is missing");
    if (sample->full_sql.data == NULL && sample->statement.text.data == NULL)
        refuse(reading, "full_sql", "is missing: either full_sql or fingerprint must hold text");
}

/* Returns false if the JSON is broken. A refused item is still read to its end. */
static bool read_item(struct reading *reading, struct sample_fact *sample)
{
    struct json_reader *json = &reading->json;
    struct text name;
    unsigned seen = 0;
    size_t position = 0;

    *sample = (struct sample_fact){.rows_examined = -1, .rows_returned = -1};
    reading->is_item_refused = false;
    if (json_peek(json) != JSON_KIND_OBJECT) {
        if (json_skip(json, NULL))
            refuse(reading, "", "must be an object");
        return !json_has_problem(json);
    }
    json_enter_object(json);
    while (json_next_member(json, &name)) {
        position = find_field(name, position);
        if (position == FIELD_COUNT) {
            if (!reading->is_item_refused)
                refuse(reading, name_for_error(reading, name), "is not a field of a query");
            json_skip(json, NULL);
        } else if (reading->is_item_refused) {
            json_skip(json, NULL);
        } else if ((seen & 1u << position) != 0) {
            refuse(reading, fields[position].name.data, "is given twice");
            json_skip(json, NULL);
        } else {
            seen |= 1u << position;
            read_field(reading, &fields[position], sample);
        }
        position++;
    }
    if (!json_has_problem(json))
        check_complete(reading, seen, sample);
    return !json_has_problem(json);
}

static enum status read_queries(struct reading *reading, int64_t batch_max, struct error *error)
{
    struct ingest_message *message = reading->message;
    struct sample_fact *sample;
    const char *begin;

    json_peek(&reading->json); /* skips white space */
    begin = reading->json.at;
    json_enter_array(&reading->json);
    for (; json_next_item(&reading->json); reading->index++) {
        if (reading->index == batch_max)
            return error_set(error, STATUS_TOO_LARGE, "A batch holds at most %lld queries; send several.",
                             (long long)batch_max);
        sample = vector_add(&message->samples, (size_t)batch_max, reading->arena);
        if (sample == NULL || !read_item(reading, sample))
            break;
        message->samples.count -= reading->is_item_refused;
    }
    if (json_has_problem(&reading->json))
        return json_read_error(&reading->json, error);
    message->queries_json = (struct text){begin, (size_t)(reading->json.at - begin)};
    return STATUS_OK;
}

/* ---- the envelope ---- */

static bool is_batch_id(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return text.size >= 1 && text.size <= INGEST_BATCH_ID_BYTES_MAX;
}

enum envelope_member { ENVELOPE_AGENT_TOKEN, ENVELOPE_BATCH_ID, ENVELOPE_QUERIES, ENVELOPE_COUNT };
static const struct text envelope_names[ENVELOPE_COUNT] = {TEXT("agent_token"), TEXT("batch_id"), TEXT("queries")};

static enum status read_envelope_text(struct reading *reading, enum envelope_member member, struct text *out_text,
                                      struct error *error)
{
    if (json_peek(&reading->json) == JSON_KIND_NULL) {
        json_read_null(&reading->json);
        return STATUS_OK;
    }
    if (json_peek(&reading->json) == JSON_KIND_STRING) {
        json_read_text(&reading->json, out_text);
        return STATUS_OK;
    }
    /* Broken JSON is reported before invalid members. */
    if (json_skip(&reading->json, NULL))
        return error_field(error, envelope_names[member].data, "must be a string");
    return STATUS_OK;
}

static enum status read_member(struct reading *reading, enum envelope_member member, int64_t batch_max,
                               struct error *error)
{
    struct ingest_message *message = reading->message;

    switch (member) {
    case ENVELOPE_AGENT_TOKEN:
        return read_envelope_text(reading, member, &message->agent_token, error);
    case ENVELOPE_BATCH_ID:
        return read_envelope_text(reading, member, &message->batch_id, error);
    case ENVELOPE_QUERIES:
        if (json_peek(&reading->json) == JSON_KIND_ARRAY)
            return read_queries(reading, batch_max, error);
        if (json_skip(&reading->json, NULL))
            return error_field(error, "queries", "must be an array");
        return STATUS_OK;
    case ENVELOPE_COUNT:
        break;
    }
    return STATUS_OK;
}

static enum status check_envelope(const struct ingest_message *message, unsigned seen, struct error *error)
{
    enum status status = STATUS_OK;

    if (message->batch_id.data != NULL && !is_batch_id(message->batch_id))
        status = error_field(error, "batch_id", "must be 1 to %d printable characters", INGEST_BATCH_ID_BYTES_MAX);
    if ((seen & 1u << ENVELOPE_QUERIES) == 0)
        status = error_field(error, "queries", "is missing");
    else if (message->samples.count == 0 && message->rejected == 0)
        status = error_field(error, "queries", "must hold at least one query");
    return status;
}

enum status ingest_message_read(struct text body, int64_t now_us, int64_t batch_max, struct arena *arena,
                                struct ingest_message *out_message, struct error *error)
{
    struct ingest_message message = {.samples.provenance = SAMPLE_PROVENANCE_AGENT};
    struct reading reading = {.arena = arena, .message = &message, .captured_max_us = now_us + CAPTURED_AHEAD_MAX_US};
    struct text name;
    unsigned seen = 0;
    enum status status = STATUS_OK;

    json_reader_init(&reading.json, body, arena);
    json_enter_object(&reading.json);
    while (status == STATUS_OK && json_next_member(&reading.json, &name)) {
        size_t member = 0;

        while (member < ENVELOPE_COUNT && !text_equal(envelope_names[member], name))
            member++;
        if (member == ENVELOPE_COUNT) {
            if (json_skip(&reading.json, NULL))
                status = error_field(error, name_for_error(&reading, name), "is not a member of this message");
        } else if ((seen & 1u << member) != 0) {
            if (json_skip(&reading.json, NULL))
                status = error_field(error, envelope_names[member].data, "is given twice");
        } else {
            seen |= 1u << member;
            status = read_member(&reading, (enum envelope_member)member, batch_max, error);
        }
    }
    if (status == STATUS_OK && !json_finish(&reading.json))
        status = json_read_error(&reading.json, error);
    if (status == STATUS_OK)
        status = check_envelope(&message, seen, error);
    if (status != STATUS_OK)
        return status;
    message.errors = reading.errors;
    *out_message = message;
    return STATUS_OK;
}
