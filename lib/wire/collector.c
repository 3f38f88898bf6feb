/* Reading messages of agents about themselves; see collector.h. */
#include "wire/collector.h"

#include "base/buffer.h"
#include "base/json_read.h"

enum { MEMBERS_MAX = 64, NAME_SHOWN_BYTES = 64 };

struct reading {
    struct json_reader json;
    struct arena *arena;
    struct collector_message *message;
    struct buffer detail; /* the members so far, with commas between them */
    bool is_heartbeat;
    struct text names[MEMBERS_MAX]; /* member names so far */
    size_t name_count;
};

static bool is_plain_name(struct text name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((name.data[i] < 'a' || name.data[i] > 'z') && (name.data[i] < '0' || name.data[i] > '9') &&
            name.data[i] != '_')
            return false;
    return name.size >= 1 && name.size <= COLLECTOR_MEMBER_BYTES_MAX;
}

static bool is_printable(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7F)
            return false;
    return true;
}

static enum status read_text(struct reading *reading, const char *field, size_t max_bytes, struct text *out_text,
                             struct error *error)
{
    struct text text = {0};

    if (json_peek(&reading->json) != JSON_KIND_STRING)
        return json_skip(&reading->json, NULL) ? error_field(error, field, "must be a string") : STATUS_OK;
    if (!json_read_text(&reading->json, &text))
        return STATUS_OK; /* the reader keeps the problem; the caller reports it */
    if (text.size < 1 || text.size > max_bytes || !is_printable(text))
        return error_field(error, field, "must be 1 to %zu printable bytes", max_bytes);
    *out_text = text;
    return STATUS_OK;
}

static enum status keep_detail(struct reading *reading, struct text name, struct error *error)
{
    struct json_reader *json = &reading->json;
    struct text value = {0};

    json->has_nul = json->has_huge_number = false;
    if (!json_skip(json, &value))
        return STATUS_OK;
    if (!is_plain_name(name))
        return error_field(error, arena_printf(reading->arena, "%.*s", (int)name.size, name.data),
                           "names are 1 to %d of a-z, 0-9 and _", COLLECTOR_MEMBER_BYTES_MAX);
    if (json->has_nul || json->has_huge_number)
        return error_field(error, arena_printf(reading->arena, "%.*s", (int)name.size, name.data),
                           "holds \\u0000 or a number out of range");
    if (reading->detail.size_bytes > 1)
        buffer_append_byte(&reading->detail, ',');
    buffer_append_byte(&reading->detail, '"');
    buffer_append_text(&reading->detail, name);
    buffer_append_string(&reading->detail, "\":");
    buffer_append_text(&reading->detail, value);
    return STATUS_OK;
}

static bool was_seen(struct reading *reading, struct text name)
{
    for (size_t i = 0; i < reading->name_count; i++)
        if (text_equal(reading->names[i], name))
            return true;
    reading->names[reading->name_count++] = name;
    return false;
}

static enum status read_member(struct reading *reading, struct text name, struct error *error)
{
    struct text token;

    if (text_equal(name, TEXT("agent_token")))
        return read_text(reading, "agent_token", 256, &token, error);
    if (text_equal(name, TEXT("hostname")))
        return read_text(reading, "hostname", COLLECTOR_HOSTNAME_BYTES_MAX, &reading->message->hostname, error);
    if (text_equal(name, TEXT("version")))
        return read_text(reading, "version", COLLECTOR_VERSION_BYTES_MAX, &reading->message->version, error);
    if (reading->is_heartbeat)
        return keep_detail(reading, name, error);
    if (!json_skip(&reading->json, NULL))
        return STATUS_OK;
    return error_field(error, arena_printf(reading->arena, "%.*s", (int)name.size, name.data),
                       "is not a member of this message");
}

static enum status read_members(struct reading *reading, struct error *error)
{
    enum status status = STATUS_OK;
    struct text name;

    json_enter_object(&reading->json);
    while (status == STATUS_OK && json_next_member(&reading->json, &name)) {
        struct text shown = text_cut_utf8(name, NAME_SHOWN_BYTES + 1);

        name = (struct text){arena_string(reading->arena, shown.data, shown.size), shown.size};
        if (reading->name_count == MEMBERS_MAX)
            return error_set(error, STATUS_INVALID, "More than %d members.", MEMBERS_MAX);
        if (was_seen(reading, name))
            return error_field(error, name.data, "is given twice");
        status = read_member(reading, name, error);
    }
    if (status == STATUS_OK && !json_finish(&reading->json))
        status = json_read_error(&reading->json, error);
    return status;
}

static enum status read_message(struct text body, bool is_heartbeat, struct arena *arena,
                                struct collector_message *out_message, struct error *error)
{
    struct collector_message message = {0};
    struct reading reading = {.arena = arena, .message = &message, .is_heartbeat = is_heartbeat};
    enum status status;

    json_reader_init(&reading.json, body, arena);
    buffer_init(&reading.detail, COLLECTOR_DETAIL_BYTES_MAX);
    buffer_append_byte(&reading.detail, '{');
    status = read_members(&reading, error);
    buffer_append_byte(&reading.detail, '}');
    if (status == STATUS_OK && reading.detail.has_failed)
        status = error_set(error, STATUS_INVALID, "A heartbeat holds at most %d bytes.", COLLECTOR_DETAIL_BYTES_MAX);
    if (status == STATUS_OK) {
        message.detail.size = reading.detail.size_bytes;
        message.detail.data = arena_copy(arena, reading.detail.data, reading.detail.size_bytes);
        *out_message = message;
    }
    buffer_free(&reading.detail);
    return status;
}

enum status collector_registration_read(struct text body, struct arena *arena, struct collector_message *out_message,
                                        struct error *error)
{
    struct collector_message message;
    enum status status = read_message(body, false, arena, &message, error);

    if (status != STATUS_OK)
        return status;
    if (message.hostname.data == NULL)
        return error_field(error, "hostname", "is missing");
    *out_message = message;
    return STATUS_OK;
}

enum status collector_heartbeat_read(struct text body, struct arena *arena, struct collector_message *out_message,
                                     struct error *error)
{
    /* An empty body is a heartbeat too: the token may come in the header. */
    if (text_trim(body).size == 0)
        body = TEXT("{}");
    return read_message(body, true, arena, out_message, error);
}
