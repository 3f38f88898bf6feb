/* /api/v1/database-connections: monitored databases, and the tokens of their agents. */
#include "store/admin/connection_change.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "auth/connection_secrets.h"
#include "fcgi/api/connection_json.h"
#include "fcgi/handlers.h"
#include "fcgi/request/body.h"
#include "fcgi/request/cursor.h"
#include "store/admin/agent_token.h"
#include "store/admin/team.h"
#include "store/ingest/budget.h"
#include "store/read/overhead.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500 };

static const char LIST[] = "database-connections";

struct rotate_body {
    int64_t grace_s;
};

static const struct body_field rotate_fields[] = {
    {"grace_s", BODY_INTEGER, offsetof(struct rotate_body, grace_s), 0, STORE_TOKEN_GRACE_S_MAX, false, NULL},
};

static enum status read_new(const struct request *request, const struct scope *scope,
                            struct connection_input *out_input, struct error *error);
static bool wants_all(const struct request *request, struct error *error);
static enum status choose_team(const struct request *request, const struct scope *scope, int64_t *out_team_id,
                               struct error *error);

static void write_connection(struct response *response, const struct connection *connection)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    connection_json_members(json, connection);
    json_object_end(json);
}

enum status connection_list(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const allowed[] = {"limit", "cursor", "all", NULL};
    struct cursor cursor = {0};
    struct connection_list_page page;
    struct json_writer *json;
    int64_t limit = LIMIT_DEFAULT;
    bool has_cursor, is_all;
    enum status status = request_query_only(request, allowed, error);

    is_all = wants_all(request, error);
    if (!request_query_int64(request, "limit", 1, LIMIT_MAX, &limit, error) || error->field_count > 0)
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        status = cursor_read(request, LIST, 1, &cursor, &has_cursor, error);
    if (status == STATUS_OK && is_all)
        status = store_connection_list_all(request->store, scope, cursor.text, cursor.numbers[0], (int)limit,
                                           request->arena, &page, error);
    if (status == STATUS_OK && !is_all)
        status = store_connection_list(request->store, scope, cursor.text, cursor.numbers[0], (int)limit,
                                       request->arena, &page, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < page.count; i++) {
        json_object_begin(json);
        connection_json_members(json, &page.items[i]);
        json_object_end(json);
    }
    json_array_end(json);
    if (page.has_more) {
        const struct connection *last = &page.items[page.count - 1];

        cursor = (struct cursor){.number_count = 1, .numbers = {last->id}, .text = last->name};
        json_member_text(json, "next_cursor", cursor_write(LIST, &cursor, request->arena));
    } else {
        json_member_null(json, "next_cursor");
    }
    json_object_end(json);
    return STATUS_OK;
}

static void write_span(struct json_writer *json, const char *key, const struct overhead_span *span)
{
    const struct {
        const char *key;
        double cost_us;
    } members[] = {{"percent", overhead_cost_sum_us(&span->cost)},
                   {"cycles_percent", span->cost.cycles_us},
                   {"plans_percent", span->cost.plans_us},
                   {"sessions_percent", span->cost.sessions_us}};

    if (span->span_s <= 0) {
        json_member_null(json, key);
        return;
    }
    json_key(json, key);
    json_object_begin(json);
    json_member_double(json, "span_s", round(span->span_s));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        json_member_double(json, members[i].key, round(overhead_percent(span, members[i].cost_us) * 1e5) / 1e5);
    json_member_double(json, "look_distance_s",
                       span->looks > 0 ? round(span->watched_s / span->looks * 1e3) / 1e3 : NAN);
    json_object_end(json);
}

static void write_overhead(struct json_writer *json, const struct overhead_report *report)
{
    const struct overhead_stage *stage = overhead_stage_of(report->stage), *usual = overhead_stage_of(0);

    json_key(json, "overhead");
    json_object_begin(json);
    write_span(json, "recent", &report->recent);
    write_span(json, "day", &report->day);
    json_key(json, "held_back");
    json_array_begin(json);
    if (!stage->makes_plans)
        json_text(json, TEXT("plans"));
    if (stage->look_pause_ms > usual->look_pause_ms)
        json_text(json, TEXT("sessions"));
    if (stage->interval_factor > usual->interval_factor)
        json_text(json, TEXT("cycles"));
    json_array_end(json);
    json_member_time(json, "held_back_since", report->held_back_since_us);
    json_member_double(json, "look_pause_s", stage->look_pause_ms / 1000.0);
    json_member_int64(json, "interval_factor", stage->interval_factor);
    json_object_end(json);
}

enum status connection_show(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const allowed[] = {"all", NULL};
    const struct budget budget = BUDGET_OF(*request->config, connection);
    struct connection connection;
    struct overhead_report overhead;
    struct json_writer *json;
    double used = 0;
    int64_t connection_id;
    bool is_all;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = request_query_only(request, allowed, error);
    if (status != STATUS_OK)
        return status;
    is_all = wants_all(request, error);
    if (error->field_count > 0)
        return error->status;
    if (is_all)
        status = store_connection_get_any(request->store, scope, connection_id, request->arena, &connection, error);
    else
        status = store_connection_get(request->store, scope, connection_id, request->arena, &connection, error);
    if (status == STATUS_OK && connection.is_visible)
        status = budget_used(request->store, scope, connection_id, &budget, request->arena, &used, error);
    if (status == STATUS_OK && connection.is_visible)
        status = store_overhead_get(request->store, scope, connection_id, request->arena, &overhead, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    connection_json_members(json, &connection);
    if (connection.is_visible) {
        json_member_double(json, "budget_used", round(used * 1000) / 1000);
        write_overhead(json, &overhead);
    }
    json_object_end(json);
    return STATUS_OK;
}

typedef enum status input_reader(const struct request *request, struct connection_input *out_input,
                                 struct error *error);

static enum status change(const struct request *request, const struct scope *scope, input_reader *read_input,
                          struct response *response, struct error *error)
{
    struct connection_input input;
    struct connection connection;
    int64_t connection_id;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = read_input(request, &input, error);
    if (status == STATUS_OK) {
        input.values.id = connection_id;
        status =
            auth_connection_seal_password(request->keys, scope_organization_id(scope), &input, request->arena, error);
    }
    if (status == STATUS_OK)
        status = store_connection_update(request->store, scope, connection_id, &input, request->remote_address,
                                         request->arena, &connection, error);
    if (status == STATUS_OK)
        write_connection(response, &connection);
    return status;
}

enum status connection_change(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    return change(request, scope, connection_json_read_change, response, error);
}

enum status connection_replace(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    return change(request, scope, connection_json_read_whole, response, error);
}

enum status connection_remove(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    int64_t connection_id;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = store_connection_delete(request->store, scope, connection_id, request->remote_address, request->arena,
                                         error);
    if (status == STATUS_OK)
        response->code = 204;
    return status;
}

enum status connection_create(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct connection_input input;
    struct connection connection;
    struct text agent_token;
    struct json_writer *json;
    char location[64];
    enum status status = read_new(request, scope, &input, error);

    if (status == STATUS_OK)
        status = auth_connection_seal(request->keys, request->store, scope_organization_id(scope), &input,
                                      request->arena, &agent_token, error);
    if (status == STATUS_OK)
        status = store_connection_create(request->store, scope, &input, request->remote_address, request->arena, error);
    if (status == STATUS_OK)
        status =
            store_connection_get_created(request->store, scope, input.values.id, request->arena, &connection, error);
    if (status != STATUS_OK)
        return status;
    snprintf(location, sizeof location, "/api/v1/database-connections/%" PRId64, input.values.id);
    response_header(response, "Location", location);
    json = response_json(response, 201);
    json_object_begin(json);
    connection_json_members(json, &connection);
    json_member_text(json, "agent_token", agent_token);
    connection_json_note(json, &connection, request->arena);
    json_object_end(json);
    return STATUS_OK;
}

enum status connection_rotate_token(const struct request *request, const struct scope *scope, struct response *response,
                                    struct error *error)
{
    struct rotate_body body = {.grace_s = STORE_TOKEN_GRACE_S};
    struct connection_token fresh = {0};
    struct auth_agent_token token;
    struct json_writer *json;
    int64_t connection_id;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = body_read_optional(request, rotate_fields, 1, &body, error);
    if (status == STATUS_OK)
        status = auth_connection_token_new(request->keys, scope_organization_id(scope), connection_id, request->arena,
                                           &token, &fresh.ciphertext, error);
    if (status != STATUS_OK)
        return status;
    fresh.hash = token.hash;
    fresh.hint = token.hint;
    fresh.grace_s = body.grace_s;
    status = store_connection_rotate_token(request->store, scope, connection_id, &fresh, request->remote_address,
                                           request->arena, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "id", connection_id);
    json_member_text(json, "agent_token", token.token);
    json_member_text(json, "agent_token_hint", token.hint);
    json_member_int64(json, "previous_token_valid_s", body.grace_s);
    json_object_end(json);
    return STATUS_OK;
}

enum status connection_agent_token(const struct request *request, const struct scope *scope, struct response *response,
                                   struct error *error)
{
    static const char *const no_params[] = {NULL};
    struct text ciphertext, token;
    struct json_writer *json;
    int64_t connection_id;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = request_query_only(request, no_params, error);
    if (status == STATUS_OK)
        status = store_connection_reveal_token(request->store, scope, connection_id, request->remote_address,
                                               request->arena, &ciphertext, error);
    if (status == STATUS_OK)
        status = auth_agent_token_open(request->keys, scope_organization_id(scope), connection_id, ciphertext,
                                       request->arena, &token, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "id", connection_id);
    json_member_text(json, "agent_token", token);
    json_object_end(json);
    return STATUS_OK;
}

static enum status read_new(const struct request *request, const struct scope *scope,
                            struct connection_input *out_input, struct error *error)
{
    struct connection_input input;
    enum status status = connection_json_read_new(request, &input, error);

    if (status == STATUS_OK && text_equal(input.values.visibility_scope, TEXT("TEAM_ONLY")) &&
        input.values.team_id == 0)
        status = choose_team(request, scope, &input.values.team_id, error);
    if (status == STATUS_OK)
        *out_input = input;
    return status;
}

/* all=true asks for all connections of the organization, for admins. */
static bool wants_all(const struct request *request, struct error *error)
{
    struct text value = request_query(request, "all");

    if (value.data == NULL || text_equal(value, TEXT("false")))
        return false;
    if (!text_equal(value, TEXT("true")))
        error_field(error, "all", "must be true or false");
    return true;
}

/* The team of a connection without a team_id: the caller's only team or, for an admin who is in none, the
 * organization's only team. */
static enum status choose_team(const struct request *request, const struct scope *scope, int64_t *out_team_id,
                               struct error *error)
{
    const struct team *teams;
    size_t count, own_count = 0;
    int64_t team_id = 0;
    enum status status = store_team_list(request->store, scope, request->arena, &teams, &count, error);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (teams[i].is_own) {
            team_id = teams[i].id;
            own_count++;
        }
    if (own_count == 0 && count == 1) {
        team_id = teams[0].id;
        own_count = 1;
    }
    if (own_count != 1)
        return error_field(error, "team_id", "must be given for TEAM_ONLY: you are in %zu teams", own_count);
    *out_team_id = team_id;
    return STATUS_OK;
}
