/* A connection as JSON, both ways; see connection_json.h. */
#include "fcgi/api/connection_json.h"

#include "base/engine.h"
#include "base/host.h"
#include "fcgi/request/account_fields.h"
#include "fcgi/request/body.h"

static void write_member(struct json_writer *json, const struct connection_field *field, const void *value)
{
    switch (field->kind) {
    case CONNECTION_KIND_LINE:
    case CONNECTION_KIND_CHOICE:
    case CONNECTION_KIND_ENGINE:
        json_member_text_or_null(json, field->name, *(const struct text *)value);
        break;
    case CONNECTION_KIND_INTEGER:
        json_member_id_or_null(json, field->name, *(const int64_t *)value);
        break;
    case CONNECTION_KIND_COUNT:
        json_member_int64(json, field->name, *(const int64_t *)value);
        break;
    case CONNECTION_KIND_NUMBER:
        json_member_double(json, field->name, *(const double *)value);
        break;
    case CONNECTION_KIND_BOOL:
        json_member_bool(json, field->name, *(const bool *)value);
        break;
    case CONNECTION_KIND_TIME:
        json_member_time(json, field->name, *(const int64_t *)value);
        break;
    case CONNECTION_KIND_SECRET:
    case CONNECTION_KIND_UNSET:
        break;
    }
}

static void write_members(struct json_writer *json, const struct connection *connection, int first, int end)
{
    for (int id = first; id < end; id++)
        write_member(json, &connection_fields[id], (const char *)connection + connection_fields[id].offset);
}

/* May the connection go without encryption? */
static bool is_plain_allowed(struct text tls_mode)
{
    return text_equal(tls_mode, TEXT("disable")) || text_equal(tls_mode, TEXT("prefer"));
}

void connection_json_note(struct json_writer *json, const struct connection *connection, struct arena *arena)
{
    const struct engine *engine = engine_of(connection->engine);

    if (engine != NULL && !engine->is_collected)
        json_member_string(json, "note",
                           arena_printf(arena,
                                        "Potto's collector does not read %s yet, so monitoring is off: an agent with "
                                        "this token may send what it sees.",
                                        engine->label));
}

void connection_json_members(struct json_writer *json, const struct connection *connection)
{
    write_members(json, connection, 0, CONNECTION_FIELD_STATE);
    json_member_bool(json, "ssl_enabled", !is_plain_allowed(connection->tls_mode));
    json_key(json, "collection");
    json_object_begin(json);
    write_members(json, connection, CONNECTION_FIELD_STATE, CONNECTION_COLUMN_COUNT);
    json_object_end(json);
}

/* The fields of a body. */
struct connection_body {
    struct connection_input input; /* first: offsets are those of connection_fields */
    bool ssl_enabled;              /* from older clients: true means tls_mode require */
};
enum { BODY_FIELDS_MAX = CONNECTION_FIELD_COUNT + 1 };

static const enum body_kind body_kinds[] = {
    [CONNECTION_KIND_LINE] = BODY_LINE,       [CONNECTION_KIND_CHOICE] = BODY_CHOICE,
    [CONNECTION_KIND_ENGINE] = BODY_ENGINE,   [CONNECTION_KIND_SECRET] = BODY_TEXT,
    [CONNECTION_KIND_INTEGER] = BODY_INTEGER, [CONNECTION_KIND_COUNT] = BODY_INTEGER,
    [CONNECTION_KIND_NUMBER] = BODY_NUMBER,   [CONNECTION_KIND_BOOL] = BODY_BOOL,
};

/* List the fields that a body of this use may have. The last one is ssl_enabled; out_ids has the ids of the others.
 * Returns their number. */
static size_t list_fields(enum connection_use use, struct body_field *out_fields, enum connection_field_id *out_ids)
{
    size_t count = 0;

    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++) {
        const struct connection_field *field = &connection_fields[id];

        if ((field->use & (unsigned)use) == 0)
            continue;
        out_ids[count] = (enum connection_field_id)id;
        out_fields[count++] =
            (struct body_field){.name = field->name,
                                .kind = body_kinds[field->kind],
                                .offset = field->offset,
                                .minimum = field->minimum,
                                .maximum = field->maximum,
                                .is_required = use == CONNECTION_CREATE && (field->use & CONNECTION_REQUIRED),
                                .choices = field->choices};
    }
    out_fields[count++] = (struct body_field){
        .name = "ssl_enabled", .kind = BODY_BOOL, .offset = offsetof(struct connection_body, ssl_enabled)};
    return count;
}

static enum status refuse_nulls(const struct body_field *fields, size_t count, const struct body_seen *seen,
                                struct error *error)
{
    const char *nullable[CONNECTION_FIELD_COUNT + 1];
    size_t nullable_count = 0;

    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++)
        if (connection_fields[id].use & CONNECTION_NULLABLE)
            nullable[nullable_count++] = connection_fields[id].name;
    nullable[nullable_count] = NULL;
    return body_refuse_nulls(fields, count, seen, nullable, error);
}

static enum status take_ssl_enabled(struct connection_body *body, struct error *error)
{
    struct text *tls_mode = &body->input.values.tls_mode;

    if (!body->input.is_given[CONNECTION_FIELD_TLS_MODE])
        *tls_mode = body->ssl_enabled ? TEXT("require") : TEXT("prefer");
    else if (body->ssl_enabled && is_plain_allowed(*tls_mode))
        return error_field(error, "ssl_enabled", "contradicts tls_mode");
    body->input.is_given[CONNECTION_FIELD_TLS_MODE] = true;
    return STATUS_OK;
}

static enum status check_host(const struct request *request, const struct connection_input *input, struct error *error)
{
    const char *wrong = input->is_given[CONNECTION_FIELD_HOST]
                            ? host_check(input->values.host, request->config->socket_hosts == 1)
                            : NULL;

    return wrong == NULL ? STATUS_OK : error_field(error, "host", "%s", wrong);
}

static enum status read_body(const struct request *request, enum connection_use use, struct connection_input *input,
                             struct error *error)
{
    struct connection_body body = {.input = *input};
    struct body_field fields[BODY_FIELDS_MAX];
    struct body_seen seen[BODY_FIELDS_MAX] = {0};
    enum connection_field_id ids[BODY_FIELDS_MAX];
    size_t count = list_fields(use, fields, ids);
    enum status status = body_read_seen(request, fields, count, &body, seen, error);

    if (status == STATUS_OK && use == CONNECTION_CHANGE)
        status = refuse_nulls(fields, count, seen, error);
    if (status != STATUS_OK)
        return status;
    /* null leaves the default of a new connection, and removes the value of an existing one. */
    for (size_t i = 0; i + 1 < count; i++)
        body.input.is_given[ids[i]] = seen[i].is_given && (use == CONNECTION_CHANGE || !seen[i].is_null);
    status = check_host(request, &body.input, error);
    if (status == STATUS_OK && seen[count - 1].is_given)
        status = take_ssl_enabled(&body, error);
    if (status == STATUS_OK)
        *input = body.input;
    return status;
}

enum status connection_json_read_new(const struct request *request, struct connection_input *out_input,
                                     struct error *error)
{
    struct connection_input input = connection_input_new();
    enum status status;

    input.values.interval_s = request->config->monitoring_interval_minutes * 60;
    status = read_body(request, CONNECTION_CREATE, &input, error);
    if (status == STATUS_OK)
        *out_input = input;
    return status;
}

enum status connection_json_read_change(const struct request *request, struct connection_input *out_input,
                                        struct error *error)
{
    struct connection_input input = {0};
    enum status status = read_body(request, CONNECTION_CHANGE, &input, error);

    if (status == STATUS_OK)
        *out_input = input;
    return status;
}

/* What a PUT replaces although its body may lack it. What is kept then: who sees the connection and its literals, and
 * the password. */
static const enum connection_field_id replaced[] = {CONNECTION_FIELD_NAME,          CONNECTION_FIELD_ENGINE,
                                                    CONNECTION_FIELD_HOST,          CONNECTION_FIELD_PORT,
                                                    CONNECTION_FIELD_DATABASE_NAME, CONNECTION_FIELD_USERNAME,
                                                    CONNECTION_FIELD_TLS_MODE,      CONNECTION_FIELD_MONITORING_ENABLED,
                                                    CONNECTION_FIELD_INTERVAL_S,    CONNECTION_FIELD_MIN_DURATION_MS};

enum status connection_json_read_whole(const struct request *request, struct connection_input *out_input,
                                       struct error *error)
{
    struct connection_input input;
    enum status status = connection_json_read_new(request, &input, error);

    if (status != STATUS_OK)
        return status;
    if (!input.is_given[CONNECTION_FIELD_MONITORING_ENABLED])
        input.values.monitoring_enabled = engine_of(input.values.engine)->is_collected;
    for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++)
        input.is_given[replaced[i]] = true;
    *out_input = input;
    return STATUS_OK;
}
