/* Reading reports of MongoDB nodes; see metrics.h. */
#include "wire/metrics.h"

#include <math.h>

#include "base/clock.h"
#include "base/vector.h"
#include "facts/sample.h"

#define TIME_AHEAD_MAX_US (3600 * CLOCK_SECOND_US)

/* The fields of a report: these, then the numbers of facts/mongodb.h. */
enum field { FIELD_NODE_ID, FIELD_TIMESTAMP, FIELD_ROLE, FIELD_VALUES, FIELD_COUNT = FIELD_VALUES + MONGODB_VALUES };
static const char *const field_names[FIELD_VALUES] = {"nodeId", "timestamp", "role"};

/* Names that senders have used for these fields, with what to send instead. Names of columns are found in
 * mongodb_value_kinds. */
static const struct {
    struct text name;
    const char *message;
} wrong_names[] = {
    {TEXT("node_id"), "is not a field of a report: send nodeId"},
    {TEXT("time"), "is not a field of a report: send timestamp"},
    {TEXT("connections"), "is not a field of a report: send connectionsCurrent, and connectionsAvailable"},
    {TEXT("op_insert"), "is not a field of a report: send opsInsert"},
    {TEXT("op_query"), "is not a field of a report: send opsQuery"},
    {TEXT("op_update"), "is not a field of a report: send opsUpdate"},
    {TEXT("op_delete"), "is not a field of a report: send opsDelete"},
    {TEXT("op_command"), "is not a field of a report: send opsCommand"},
    {TEXT("op_getmore"), "is not a field of a report, and not kept: leave it out"},
    {TEXT("opCounters"),
     "is not a field of a report: send opsInsert, opsQuery, opsUpdate, opsDelete and opsCommand, not nested"},
    {TEXT("opcounters"),
     "is not a field of a report: send opsInsert, opsQuery, opsUpdate, opsDelete and opsCommand, not nested"},
    {TEXT("replication_lag"), "is not a field of a report: send replLagSeconds"},
    {TEXT("replicationLag"), "is not a field of a report: send replLagSeconds"},
    {TEXT("replica_set_status"), "is not a field of a report: send role"},
    {TEXT("replicaSetStatus"), "is not a field of a report: send role"},
};

struct reading {
    struct wire_items items;
    struct metrics_message *message;
    int64_t now_us;
};

static const char *name_of(size_t field)
{
    return field < FIELD_VALUES ? field_names[field] : mongodb_value_kinds[field - FIELD_VALUES].field;
}

/* ---- one field ---- */

static void read_line(struct reading *reading, size_t field, size_t max_bytes, struct text *out_text)
{
    wire_item_text(&reading->items, name_of(field), max_bytes, out_text);
    for (size_t i = 0; i < out_text->size; i++)
        if ((unsigned char)out_text->data[i] < ' ' || out_text->data[i] == 0x7f)
            wire_item_refuse(&reading->items, name_of(field), "must not hold control characters");
}

static void read_value(struct reading *reading, size_t field, struct mongodb_report *report)
{
    const struct mongodb_value_kind *kind = &mongodb_value_kinds[field - FIELD_VALUES];
    int64_t *value = &report->values[field - FIELD_VALUES];
    int64_t maximum = kind->is_fraction ? kind->maximum / MONGODB_MILLIONTHS : kind->maximum;
    struct json_number number;

    if (!wire_item_number(&reading->items, kind->field, &number))
        return;
    if (number.value < 0)
        wire_item_refuse(&reading->items, kind->field, "must not be negative");
    else if (!(number.value <= (double)maximum) || (number.is_integer && number.integer > maximum))
        wire_item_refuse(&reading->items, kind->field,
                         arena_printf(reading->items.arena, "must be at most %lld", (long long)maximum));
    else if (kind->is_fraction)
        *value = llround(number.value * MONGODB_MILLIONTHS);
    else if (!number.is_integer)
        wire_item_refuse(&reading->items, kind->field, "must be a whole number");
    else
        *value = number.integer;
}

static void read_field(struct reading *reading, size_t field, struct mongodb_report *report)
{
    /* null means the same as not sent, because many serializers write it. */
    if (field != FIELD_NODE_ID && json_peek(&reading->items.json) == JSON_KIND_NULL)
        json_read_null(&reading->items.json);
    else if (field == FIELD_NODE_ID)
        read_line(reading, field, MONGODB_NODE_BYTES_MAX, &report->node_id);
    else if (field == FIELD_ROLE)
        read_line(reading, field, MONGODB_ROLE_BYTES_MAX, &report->role);
    else if (field == FIELD_TIMESTAMP)
        wire_item_time(&reading->items, field_names[field], &report->time_us);
    else
        read_value(reading, field, report);
}

/* ---- one report ---- */

/* The field of that name, or FIELD_COUNT. `hint` is the expected one: senders keep an order. */
static size_t find_field(struct text name, size_t hint)
{
    if (hint < FIELD_COUNT && text_equal(text_of(name_of(hint)), name))
        return hint;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (text_equal(text_of(name_of(i)), name))
            return i;
    return FIELD_COUNT;
}

static void refuse_name(struct reading *reading, struct text name)
{
    const char *message = "is not a field of a report";

    if (reading->items.is_refused)
        return;
    for (size_t i = 0; i < sizeof wrong_names / sizeof wrong_names[0]; i++)
        if (text_equal(name, wrong_names[i].name))
            message = wrong_names[i].message;
    for (size_t i = 0; i < MONGODB_VALUES; i++)
        if (text_equal(name, text_of(mongodb_value_kinds[i].column)))
            message =
                arena_printf(reading->items.arena, "is not a field of a report: send %s", mongodb_value_kinds[i].field);
    wire_item_refuse(&reading->items, wire_name(&reading->items, name), message);
}

/* Returns false if the JSON is broken. A refused report is still read to its end. */
static bool read_report(struct reading *reading, struct mongodb_report *report)
{
    struct json_reader *json = &reading->items.json;
    struct text name;
    unsigned seen = 0;
    size_t field = 0;

    *report = (struct mongodb_report){.time_us = reading->now_us};
    for (size_t i = 0; i < MONGODB_VALUES; i++)
        report->values[i] = -1;
    if (!wire_item_enter(&reading->items))
        return !json_has_problem(json);
    while (json_next_member(json, &name)) {
        field = find_field(name, field);
        if (field < FIELD_COUNT && (seen & 1u << field) == 0 && !reading->items.is_refused) {
            seen |= 1u << field;
            read_field(reading, field, report);
        } else {
            if (field == FIELD_COUNT)
                refuse_name(reading, name);
            else
                wire_item_refuse(&reading->items, name_of(field), "is given twice");
            json_skip(json, NULL);
        }
        field++;
    }
    if (!json_has_problem(json) && report->node_id.data == NULL)
        wire_item_refuse(&reading->items, field_names[FIELD_NODE_ID],
                         (seen & 1u << FIELD_NODE_ID) == 0 ? "is missing" : "must not be empty");
    return !json_has_problem(json);
}

static enum status add_report(struct reading *reading, struct error *error)
{
    struct mongodb_reports *reports = &reading->message->reports;
    struct mongodb_report *report;

    if (reading->items.index == METRICS_REPORTS_MAX)
        return error_set(error, STATUS_TOO_LARGE, "A batch holds at most %d reports; send several.",
                         METRICS_REPORTS_MAX);
    report = vector_add(reports, METRICS_REPORTS_MAX, reading->items.arena);
    if (report == NULL || !read_report(reading, report))
        return json_read_error(&reading->items.json, error);
    reports->count -= reading->items.is_refused;
    reading->items.index++;
    return STATUS_OK;
}

/* ---- the envelope ---- */

enum envelope { ENVELOPE_TYPE, ENVELOPE_DATA, ENVELOPE_TOKEN, ENVELOPE_BATCH, ENVELOPE_CONNECTION, ENVELOPE_COUNT };
static const char *const envelope_names[ENVELOPE_COUNT] = {"type", "data", "agent_token", "batch_id", "connection_id"};

static enum status read_data(struct reading *reading, struct error *error)
{
    struct json_reader *json = &reading->items.json;
    enum json_kind kind = json_peek(json); /* skips white space */
    const char *begin = json->at;
    enum status status = STATUS_OK;

    if (kind == JSON_KIND_OBJECT) {
        status = add_report(reading, error);
    } else if (kind == JSON_KIND_ARRAY) {
        json_enter_array(json);
        while (status == STATUS_OK && json_next_item(json))
            status = add_report(reading, error);
    } else if (json_skip(json, NULL)) {
        return error_field(error, "data", "must be a report or an array of reports");
    }
    if (status == STATUS_OK && json_has_problem(json))
        status = json_read_error(json, error);
    if (status == STATUS_OK)
        reading->message->data_json = (struct text){begin, (size_t)(json->at - begin)};
    return status;
}

static enum status read_connection_id(struct reading *reading, struct error *error)
{
    struct json_reader *json = &reading->items.json;
    enum json_kind kind = json_peek(json);
    struct json_number number = {0};

    if (kind == JSON_KIND_NULL) {
        json_read_null(json);
        return STATUS_OK;
    }
    /* Broken JSON is reported before invalid members. */
    if (!(kind == JSON_KIND_NUMBER ? json_read_number(json, &number) : json_skip(json, NULL)))
        return STATUS_OK;
    if (!number.is_integer || number.integer <= 0)
        return error_field(error, "connection_id", "must be the id of a connection");
    reading->message->connection_id = number.integer;
    return STATUS_OK;
}

static enum status read_member(struct reading *reading, size_t member, struct text *out_type, struct error *error)
{
    switch ((enum envelope)member) {
    case ENVELOPE_TYPE:
        return wire_envelope_text(&reading->items, "type", out_type, error);
    case ENVELOPE_DATA:
        return read_data(reading, error);
    case ENVELOPE_TOKEN:
        return wire_envelope_text(&reading->items, "agent_token", &reading->message->agent_token, error);
    case ENVELOPE_BATCH:
        return wire_envelope_text(&reading->items, "batch_id", &reading->message->batch_id, error);
    case ENVELOPE_CONNECTION:
        return read_connection_id(reading, error);
    case ENVELOPE_COUNT:
        break;
    }
    return STATUS_OK;
}

static enum status check_envelope(const struct reading *reading, struct text type, unsigned seen, enum status status,
                                  struct error *error)
{
    if (wire_batch_id_check(reading->message->batch_id, error) != STATUS_OK)
        status = STATUS_INVALID;
    if (!text_equal(type, TEXT("mongodb")))
        status = error_field(error, "type", (seen & 1u << ENVELOPE_TYPE) == 0 ? "is missing" : "must be \"mongodb\"");
    if ((seen & 1u << ENVELOPE_DATA) == 0)
        status = error_field(error, "data", "is missing");
    else if (reading->items.index == 0)
        status = error_field(error, "data", "must hold at least one report");
    return status;
}

static enum status read_envelope(struct reading *reading, struct error *error)
{
    struct json_reader *json = &reading->items.json;
    struct text name, type = TEXT("");
    unsigned seen = 0;
    enum status status = STATUS_OK;

    json_enter_object(json);
    /* Every member that is wrong is told. */
    while ((status == STATUS_OK || status == STATUS_INVALID) && json_next_member(json, &name)) {
        enum status outcome = STATUS_OK;
        size_t member = 0;

        while (member < ENVELOPE_COUNT && !text_equal(text_of(envelope_names[member]), name))
            member++;
        if (member < ENVELOPE_COUNT && (seen & 1u << member) == 0) {
            seen |= 1u << member;
            outcome = read_member(reading, member, &type, error);
        } else if (json_skip(json, NULL)) {
            outcome = error_field(error, wire_name(&reading->items, name),
                                  member < ENVELOPE_COUNT ? "is given twice" : "is not a member of this message");
        }
        if (outcome != STATUS_OK)
            status = outcome;
    }
    if (status != STATUS_OK && status != STATUS_INVALID)
        return status;
    if (json_has_problem(json) || !json_finish(json))
        return json_read_error(json, error);
    return check_envelope(reading, type, seen, status, error);
}

enum status metrics_message_read(struct text body, const struct metrics_times *times, struct arena *arena,
                                 struct metrics_message *out_message, struct error *error)
{
    struct metrics_message message = {0};
    struct reading reading = {.message = &message, .now_us = times->now_us};
    enum status status;

    wire_items_init(&reading.items, body, arena);
    reading.items.time_min_us = SAMPLE_CAPTURED_US_MIN;
    reading.items.time_min_message = "must not be before 2000-01-01";
    if (times->kept_from_us > SAMPLE_CAPTURED_US_MIN) {
        reading.items.time_min_us = times->kept_from_us;
        reading.items.time_min_message = "is older than what is kept of reports (POTTO_RETENTION_SAMPLES_DAYS)";
    }
    reading.items.time_max_us = times->now_us + TIME_AHEAD_MAX_US;
    status = read_envelope(&reading, error);
    if (status != STATUS_OK)
        return status;
    *out_message = message;
    out_message->rejected = reading.items.rejected;
    out_message->zoneless = reading.items.zoneless;
    out_message->errors = reading.items.errors;
    out_message->warnings = reading.items.warnings;
    return STATUS_OK;
}
