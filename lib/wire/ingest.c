/* Reading the agent's batch; see ingest.h. One table holds the type and the bounds of each field. */
#include "wire/ingest.h"

#include <math.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/vector.h"
#include "wire/items.h"

#define CAPTURED_AHEAD_MAX_US (3600 * CLOCK_SECOND_US)

enum field_kind { FIELD_UNSET, FIELD_TEXT, FIELD_DURATION, FIELD_ROWS, FIELD_LOCK, FIELD_TIME, FIELD_PLAN };

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
    {TEXT("lock_ms"), FIELD_LOCK, 0, offsetof(struct sample_fact, lock_us), false},
    {TEXT("plan"), FIELD_PLAN, INGEST_PLAN_BYTES_MAX, offsetof(struct sample_fact, plan), false},
};
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

struct reading {
    struct wire_items items;
    struct ingest_message *message;
};

/* ---- one field ---- */

static void read_duration(struct reading *reading, const struct field *field, double *out_duration_ms)
{
    struct json_number number;

    if (!wire_item_number(&reading->items, field->name.data, &number))
        return;
    if (!(number.value >= 0))
        wire_item_refuse(&reading->items, field->name.data, "must not be negative");
    else if (!(number.value <= SAMPLE_DURATION_MS_MAX))
        wire_item_refuse(&reading->items, field->name.data, "must be at most 1e11 milliseconds");
    else
        *out_duration_ms = number.value + 0.0; /* minus zero becomes zero */
}

static void read_lock(struct reading *reading, const struct field *field, int64_t *out_lock_us)
{
    double lock_ms = -1;

    read_duration(reading, field, &lock_ms);
    if (lock_ms >= 0)
        *out_lock_us = (int64_t)(lock_ms * 1000 + 0.5);
}

static void read_rows(struct reading *reading, const struct field *field, int64_t *out_rows)
{
    struct json_number number;

    if (!wire_item_number(&reading->items, field->name.data, &number))
        return;
    if (number.value < 0)
        wire_item_refuse(&reading->items, field->name.data, "must not be negative");
    else if (!(number.value <= (double)SAMPLE_ROWS_MAX) || (number.is_integer && number.integer > SAMPLE_ROWS_MAX))
        wire_item_refuse(&reading->items, field->name.data, "must be at most 1e15");
    else if (!number.is_integer)
        wire_item_refuse(&reading->items, field->name.data, "must be a whole number");
    else
        *out_rows = number.integer;
}

/* PostgreSQL's EXPLAIN (FORMAT JSON) is an array of one object, which is the plan. */
static struct text take_out_of_array(struct text plan)
{
    struct json_reader json;
    struct text inner = {0};

    json_reader_init_lenient(&json, plan, NULL);
    json_enter_array(&json);
    if (!json_next_item(&json) || json_peek(&json) != JSON_KIND_OBJECT || !json_skip(&json, &inner) ||
        json_next_item(&json))
        return (struct text){NULL, 0};
    return inner;
}

/* What is wrong with a plan as a batch has it; NULL: nothing. PostgreSQL's jsonb holds neither \u0000 nor numbers of
 * arbitrary size. */
static const char *plan_problem(const struct json_reader *json, enum json_kind kind, size_t size, size_t max_bytes,
                                struct arena *arena)
{
    if (kind != JSON_KIND_OBJECT && kind != JSON_KIND_ARRAY)
        return "must be an object";
    if (size > max_bytes)
        return arena_printf(arena, "is %zu bytes long; at most %zu are taken", size, max_bytes);
    if (json->flaw != NULL)
        return arena_printf(arena, "holds %s", json->flaw);
    if (json->has_nul)
        return "must not hold a NUL character (\\u0000)";
    if (json->has_no_character)
        return "holds what is no character (bytes that are not UTF-8, or half of a surrogate pair)";
    if (json->has_huge_number)
        return "holds a number out of range";
    return NULL;
}

/* A plan that cannot be taken is left out of its item. */
static void read_plan(struct reading *reading, const struct field *field, struct text *out_plan)
{
    struct json_reader *json = &reading->items.json;
    struct arena *arena = reading->items.arena;
    enum json_kind kind = json_peek(json);
    struct text plan = {0};
    const char *problem;

    json_forget_flaws(json);
    if (!json_skip(json, &plan))
        return;
    problem = plan_problem(json, kind, plan.size, field->max_bytes, arena);
    if (problem == NULL && kind == JSON_KIND_ARRAY) {
        plan = take_out_of_array(plan);
        problem = plan.data == NULL ? "must be an object, or an array of one object" : NULL;
    }
    if (problem != NULL)
        wire_item_warn(&reading->items, field->name.data, arena_printf(arena, "%s: the plan is left out", problem));
    else if (plan.size > 2) /* {} counts as not sent */
        *out_plan = plan;
}

static void read_field(struct reading *reading, const struct field *field, struct sample_fact *sample)
{
    void *value = (char *)sample + field->offset;

    if (!field->is_required && json_peek(&reading->items.json) == JSON_KIND_NULL) {
        json_read_null(&reading->items.json);
        return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        wire_item_text(&reading->items, field->name.data, field->max_bytes, value);
        return;
    case FIELD_DURATION:
        read_duration(reading, field, value);
        return;
    case FIELD_ROWS:
        read_rows(reading, field, value);
        return;
    case FIELD_LOCK:
        read_lock(reading, field, value);
        return;
    case FIELD_TIME:
        wire_item_time(&reading->items, field->name.data, value);
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

static void check_complete(struct reading *reading, unsigned seen, const struct sample_fact *sample)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (fields[i].is_required && (seen & 1u << i) == 0)
            wire_item_refuse(&reading->items, fields[i].name.data, "is missing");
    if (sample->full_sql.data == NULL && sample->statement.text.data == NULL)
        wire_item_refuse(&reading->items, "full_sql", "is missing: either full_sql or fingerprint must hold text");
}

/* Returns false if the JSON is broken. A refused item is still read to its end. */
static bool read_item(struct reading *reading, struct sample_fact *sample)
{
    struct json_reader *json = &reading->items.json;
    struct text name;
    unsigned seen = 0;
    size_t position = 0;

    *sample = (struct sample_fact){.rows_examined = -1, .rows_returned = -1, .lock_us = -1};
    if (!wire_item_enter(&reading->items))
        return !json_has_problem(json);
    while (json_next_member(json, &name)) {
        position = find_field(name, position);
        if (position == FIELD_COUNT) {
            if (!reading->items.is_refused)
                wire_item_refuse(&reading->items, wire_name(&reading->items, name), "is not a field of a query");
            json_skip(json, NULL);
        } else if (reading->items.is_refused) {
            json_skip(json, NULL);
        } else if ((seen & 1u << position) != 0) {
            wire_item_refuse(&reading->items, fields[position].name.data, "is given twice");
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

    json_peek(&reading->items.json); /* skips white space */
    begin = reading->items.json.at;
    json_enter_array(&reading->items.json);
    for (; json_next_item(&reading->items.json); reading->items.index++) {
        if (reading->items.index == batch_max)
            return error_set(error, STATUS_TOO_LARGE, "A batch holds at most %lld queries; send several.",
                             (long long)batch_max);
        sample = vector_add(&message->samples, (size_t)batch_max, reading->items.arena);
        if (sample == NULL || !read_item(reading, sample))
            break;
        message->samples.count -= reading->items.is_refused;
    }
    if (json_has_problem(&reading->items.json))
        return json_read_error(&reading->items.json, error);
    message->queries_json = (struct text){begin, (size_t)(reading->items.json.at - begin)};
    return STATUS_OK;
}

/* ---- the envelope ---- */

enum envelope_member { ENVELOPE_AGENT_TOKEN, ENVELOPE_BATCH_ID, ENVELOPE_QUERIES, ENVELOPE_COUNT };
static const struct text envelope_names[ENVELOPE_COUNT] = {TEXT("agent_token"), TEXT("batch_id"), TEXT("queries")};

static enum status read_member(struct reading *reading, enum envelope_member member, int64_t batch_max,
                               struct error *error)
{
    struct ingest_message *message = reading->message;

    switch (member) {
    case ENVELOPE_AGENT_TOKEN:
        return wire_envelope_text(&reading->items, "agent_token", &message->agent_token, error);
    case ENVELOPE_BATCH_ID:
        return wire_envelope_text(&reading->items, "batch_id", &message->batch_id, error);
    case ENVELOPE_QUERIES:
        if (json_peek(&reading->items.json) == JSON_KIND_ARRAY)
            return read_queries(reading, batch_max, error);
        if (json_skip(&reading->items.json, NULL))
            return error_field(error, "queries", "must be an array");
        return STATUS_OK;
    case ENVELOPE_COUNT:
        break;
    }
    return STATUS_OK;
}

static enum status check_envelope(const struct ingest_message *message, const struct wire_items *items, unsigned seen,
                                  struct error *error)
{
    enum status status = wire_batch_id_check(message->batch_id, error);

    if ((seen & 1u << ENVELOPE_QUERIES) == 0)
        status = error_field(error, "queries", "is missing");
    else if (message->samples.count == 0 && items->rejected == 0)
        status = error_field(error, "queries", "must hold at least one query");
    return status;
}

enum status ingest_message_read(struct text body, int64_t now_us, int64_t batch_max, struct arena *arena,
                                struct ingest_message *out_message, struct error *error)
{
    struct ingest_message message = {.samples.provenance = SAMPLE_PROVENANCE_AGENT};
    struct reading reading = {.message = &message};
    struct text name;
    unsigned seen = 0;
    enum status status = STATUS_OK;

    wire_items_init(&reading.items, body, arena);
    reading.items.time_min_us = SAMPLE_CAPTURED_US_MIN;
    reading.items.time_min_message = "must not be before 2000-01-01";
    reading.items.time_max_us = now_us + CAPTURED_AHEAD_MAX_US;
    json_enter_object(&reading.items.json);
    while (status == STATUS_OK && json_next_member(&reading.items.json, &name)) {
        size_t member = 0;

        while (member < ENVELOPE_COUNT && !text_equal(envelope_names[member], name))
            member++;
        if (member == ENVELOPE_COUNT) {
            if (json_skip(&reading.items.json, NULL))
                status = error_field(error, wire_name(&reading.items, name), "is not a member of this message");
        } else if ((seen & 1u << member) != 0) {
            if (json_skip(&reading.items.json, NULL))
                status = error_field(error, envelope_names[member].data, "is given twice");
        } else {
            seen |= 1u << member;
            status = read_member(&reading, (enum envelope_member)member, batch_max, error);
        }
    }
    if (status == STATUS_OK && !json_finish(&reading.items.json))
        status = json_read_error(&reading.items.json, error);
    if (status == STATUS_OK)
        status = check_envelope(&message, &reading.items, seen, error);
    if (status != STATUS_OK)
        return status;
    message.rejected = reading.items.rejected;
    message.zoneless = reading.items.zoneless;
    message.errors = reading.items.errors;
    message.warnings = reading.items.warnings;
    *out_message = message;
    return STATUS_OK;
}
