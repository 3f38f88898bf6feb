/* /api/v1/api-tokens: the caller's own API tokens. Creating and ending one requires a session; an API token cannot do
 * it. */
#include "store/admin/api_token.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/clock.h"
#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/body.h"
#include "fcgi/request/cursor.h"
#include "store/scope/role.h"

static const char LIST[] = "api-tokens";
static const char *const scope_choices[] = {"read", "write", "admin", NULL};

struct token_body {
    struct text name, scope, expires_at;
};

static const struct body_field token_fields[] = {
    {"name", BODY_LINE, offsetof(struct token_body, name), 1, 200, true, NULL},
    {"scope", BODY_CHOICE, offsetof(struct token_body, scope), 0, 0, true, scope_choices},
    {"expires_at", BODY_LINE, offsetof(struct token_body, expires_at), 1, 40, true, NULL},
};

static enum status refuse_token(const struct scope *scope, struct error *error)
{
    if (scope_api_token_id(scope) == 0)
        return STATUS_OK;
    return error_set(error, STATUS_FORBIDDEN, "An API token cannot do this; sign in.");
}

static void write_members(const struct request *request, struct json_writer *json, const struct api_token *token)
{
    bool is_alive = token->revoked_at_us == INT64_MIN && token->expires_at_us > request->received_at_us;

    json_member_int64(json, "id", token->id);
    json_member_text(json, "name", token->name);
    json_member_text(json, "scope", token->scope);
    json_member_text(json, "hint", token->hint);
    json_member_bool(json, "is_active", is_alive);
    json_member_time(json, "created_at", token->created_at_us);
    json_member_time(json, "expires_at", token->expires_at_us);
    json_member_time(json, "last_used_at", token->last_used_at_us);
    json_member_time(json, "revoked_at", token->revoked_at_us);
}

enum status api_token_list(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    int limit;
    struct api_token_list list;
    struct cursor cursor;
    struct json_writer *json;
    enum status status = param_page(request, LIST, 1, &limit, &cursor, error);

    if (status == STATUS_OK)
        status = store_api_token_list(request->store, scope, cursor.numbers[0], limit, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        write_members(request, json, &list.items[i]);
        json_object_end(json);
    }
    json_array_end(json);
    if (list.has_more) {
        cursor = (struct cursor){.number_count = 1, .numbers = {list.items[list.count - 1].id}};
        json_member_text(json, "next_cursor", cursor_write(LIST, &cursor, request->arena));
    } else {
        json_member_null(json, "next_cursor");
    }
    json_object_end(json);
    return STATUS_OK;
}

static enum status read_new(const struct request *request, const struct scope *scope, struct api_token_new *out_fresh,
                            struct error *error)
{
    const int64_t longest_us = API_TOKEN_LIFE_DAYS_MAX * INT64_C(86400) * CLOCK_SECOND_US;
    struct token_body body;
    int64_t expires_at_us = 0;
    enum status status = body_read(request, token_fields, sizeof token_fields / sizeof token_fields[0], &body, error);

    if (status != STATUS_OK)
        return status;
    if (!clock_parse(body.expires_at, true, &expires_at_us))
        status = error_field(error, "expires_at", "must be a time like 2026-11-02T10:30:00Z");
    else if (expires_at_us <= request->received_at_us || expires_at_us - request->received_at_us > longest_us)
        status = error_field(error, "expires_at", "must lie within the next %d days", API_TOKEN_LIFE_DAYS_MAX);
    /* This check is not needed for protection, because each request reads the role again. It reports a mistake: a token
     * that promises more than its user may do. */
    if (api_token_kind(body.scope)->role_max > scope_role(scope) && !api_token_kind(body.scope)->is_read_only)
        status = error_field(error, "scope", "is more than the role %s may", role_name(scope_role(scope)));
    if (status == STATUS_OK)
        *out_fresh = (struct api_token_new){.name = body.name, .scope = body.scope, .expires_at_us = expires_at_us};
    return status;
}

enum status api_token_create(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    struct auth_agent_token secret;
    struct api_token_new fresh;
    struct api_token token;
    struct json_writer *json;
    enum status status = refuse_token(scope, error);

    if (status == STATUS_OK)
        status = read_new(request, scope, &fresh, error);
    if (status == STATUS_OK)
        status = auth_token_new("pot", request->arena, &secret, error);
    if (status != STATUS_OK)
        return status;
    fresh.hash = secret.hash;
    fresh.hint = secret.hint;
    status =
        store_api_token_create(request->store, scope, &fresh, request->remote_address, request->arena, &token, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 201);
    json_object_begin(json);
    write_members(request, json, &token);
    json_member_text(json, "token", secret.token);
    json_object_end(json);
    return STATUS_OK;
}

enum status api_token_revoke(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    int64_t token_id;
    enum status status = refuse_token(scope, error);

    if (status == STATUS_OK)
        status = request_path_id(request, "id", &token_id, error);
    if (status == STATUS_OK)
        status =
            store_api_token_revoke(request->store, scope, token_id, request->remote_address, request->arena, error);
    if (status == STATUS_OK)
        response->code = 204;
    return status;
}
