/* /api/v1/database-connections: monitored databases, and the tokens of their agents. */
#include "store/admin/connection_change.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "fcgi/api/account_fields.h"
#include "fcgi/api/connection_json.h"
#include "fcgi/handlers.h"
#include "fcgi/request/body.h"
#include "fcgi/request/cursor.h"
#include "store/admin/agent_token.h"
#include "store/admin/team.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500 };

static const char LIST[] = "database-connections";

/* Optional texts may be empty: that is none. Bounds: a host name has at most 253 bytes, PostgreSQL's
 * identifiers 63, Oracle's and SQL Server's 128. */
struct connection_body {
    struct text name, engine, host, database, username, password, tls_mode, visibility_scope;
    int64_t port, team_id, owner_user_id, interval_s;
    double min_duration_ms;
    bool monitoring_enabled, keep_literals, is_active, ssl_enabled;
};

#define AT(member) offsetof(struct connection_body, member)

static const char *const tls_modes[] = {"disable", "prefer", "require", "verify-ca", "verify-full", NULL};
static const char *const visibility_scopes[] = {"TEAM_ONLY", "ORG_WIDE", "USER_ONLY", NULL};

static const struct body_field connection_fields[] = {
    {"name", BODY_LINE, AT(name), 1, 200, true, NULL},
    {"engine", BODY_ENGINE, AT(engine), 0, 0, true, NULL},
    {"host", BODY_LINE, AT(host), 0, 255, false, NULL},
    {"port", BODY_INTEGER, AT(port), 1, 65535, false, NULL},
    {"database", BODY_LINE, AT(database), 0, 128, false, NULL},
    {"username", BODY_LINE, AT(username), 0, 128, false, NULL},
    {"password", BODY_TEXT, AT(password), 0, 1024, false, NULL},
    {"tls_mode", BODY_CHOICE, AT(tls_mode), 0, 0, false, tls_modes},
    {"ssl_enabled", BODY_BOOL, AT(ssl_enabled), 0, 0, false, NULL}, /* older clients': true is tls_mode require */
    {"team_id", BODY_INTEGER, AT(team_id), 1, 9007199254740991, false, NULL},
    {"visibility_scope", BODY_CHOICE, AT(visibility_scope), 0, 0, false, visibility_scopes},
    {"monitoring_enabled", BODY_BOOL, AT(monitoring_enabled), 0, 0, false, NULL},
    {"interval_s", BODY_INTEGER, AT(interval_s), 5, 86400, false, NULL},
    {"min_duration_ms", BODY_NUMBER, AT(min_duration_ms), 0, 86400000, false, NULL},
    {"keep_literals", BODY_BOOL, AT(keep_literals), 0, 0, false, NULL},
};

/* The fields of a change. Of those that are nullable, null is none; so is "". */
enum {
    CHANGE_NAME,
    CHANGE_HOST,
    CHANGE_PORT,
    CHANGE_DATABASE,
    CHANGE_USERNAME,
    CHANGE_PASSWORD,
    CHANGE_TLS_MODE,
    CHANGE_SSL_ENABLED,
    CHANGE_TEAM_ID,
    CHANGE_OWNER_USER_ID,
    CHANGE_VISIBILITY_SCOPE,
    CHANGE_IS_ACTIVE,
    CHANGE_MONITORING_ENABLED,
    CHANGE_INTERVAL_S,
    CHANGE_MIN_DURATION_MS,
    CHANGE_KEEP_LITERALS,
    CHANGE_COUNT
};

static const struct body_field change_fields[CHANGE_COUNT] = {
    [CHANGE_NAME] = {"name", BODY_LINE, AT(name), 1, 200, false, NULL},
    [CHANGE_HOST] = {"host", BODY_LINE, AT(host), 0, 255, false, NULL},
    [CHANGE_PORT] = {"port", BODY_INTEGER, AT(port), 1, 65535, false, NULL},
    [CHANGE_DATABASE] = {"database", BODY_LINE, AT(database), 0, 128, false, NULL},
    [CHANGE_USERNAME] = {"username", BODY_LINE, AT(username), 0, 128, false, NULL},
    [CHANGE_PASSWORD] = {"password", BODY_TEXT, AT(password), 0, 1024, false, NULL},
    [CHANGE_TLS_MODE] = {"tls_mode", BODY_CHOICE, AT(tls_mode), 0, 0, false, tls_modes},
    [CHANGE_SSL_ENABLED] = {"ssl_enabled", BODY_BOOL, AT(ssl_enabled), 0, 0, false, NULL},
    [CHANGE_TEAM_ID] = {"team_id", BODY_INTEGER, AT(team_id), 1, 9007199254740991, false, NULL},
    [CHANGE_OWNER_USER_ID] = {"owner_user_id", BODY_INTEGER, AT(owner_user_id), 1, 9007199254740991, false, NULL},
    [CHANGE_VISIBILITY_SCOPE] = {"visibility_scope", BODY_CHOICE, AT(visibility_scope), 0, 0, false, visibility_scopes},
    [CHANGE_IS_ACTIVE] = {"is_active", BODY_BOOL, AT(is_active), 0, 0, false, NULL},
    [CHANGE_MONITORING_ENABLED] = {"monitoring_enabled", BODY_BOOL, AT(monitoring_enabled), 0, 0, false, NULL},
    [CHANGE_INTERVAL_S] = {"interval_s", BODY_INTEGER, AT(interval_s), 5, 86400, false, NULL},
    [CHANGE_MIN_DURATION_MS] = {"min_duration_ms", BODY_NUMBER, AT(min_duration_ms), 0, 86400000, false, NULL},
    [CHANGE_KEEP_LITERALS] = {"keep_literals", BODY_BOOL, AT(keep_literals), 0, 0, false, NULL},
};

struct rotate_body {
    int64_t grace_s;
};

static const struct body_field rotate_fields[] = {
    {"grace_s", BODY_INTEGER, offsetof(struct rotate_body, grace_s), 0, STORE_TOKEN_GRACE_S_MAX, false, NULL},
};

static enum status read_new(const struct request *request, const struct scope *scope, struct connection_new *out_fresh,
                            struct error *error);
static enum status read_change(const struct request *request, struct connection_change *out_change,
                               struct error *error);
static bool wants_all(const struct request *request, struct error *error);
static enum status choose_team(const struct request *request, const struct scope *scope, int64_t *out_team_id,
                               struct error *error);
static enum status make_token(const struct request *request, struct auth_agent_token *out_token,
                              struct text *out_ciphertext, struct error *error);

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

enum status connection_show(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const allowed[] = {"all", NULL};
    struct connection connection;
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
    if (status == STATUS_OK)
        write_connection(response, &connection);
    return status;
}

enum status connection_change(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct connection_change change;
    struct connection connection;
    int64_t connection_id;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = read_change(request, &change, error);
    if (status == STATUS_OK)
        status = store_connection_update(request->store, scope, connection_id, &change, request->remote_address,
                                         request->arena, &connection, error);
    if (status == STATUS_OK)
        write_connection(response, &connection);
    return status;
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
    struct connection_new fresh;
    struct connection connection;
    struct auth_agent_token token;
    struct json_writer *json;
    int64_t connection_id;
    char location[64];
    enum status status = read_new(request, scope, &fresh, error);

    if (status == STATUS_OK)
        status = make_token(request, &token, &fresh.agent_token_ciphertext, error);
    if (status != STATUS_OK)
        return status;
    fresh.agent_token_hash = token.hash;
    fresh.agent_token_hint = token.hint;
    status = store_connection_create(request->store, scope, &fresh, request->remote_address, request->arena,
                                     &connection_id, error);
    if (status == STATUS_OK)
        status = store_connection_get_created(request->store, scope, connection_id, request->arena, &connection, error);
    if (status != STATUS_OK)
        return status;
    snprintf(location, sizeof location, "/api/v1/database-connections/%" PRId64, connection_id);
    response_header(response, "Location", location);
    json = response_json(response, 201);
    json_object_begin(json);
    connection_json_members(json, &connection);
    json_member_text(json, "agent_token", token.token);
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
        status = make_token(request, &token, &fresh.ciphertext, error);
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
        status = auth_agent_token_open(request->keys, ciphertext, request->arena, &token, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "id", connection_id);
    json_member_text(json, "agent_token", token);
    json_object_end(json);
    return STATUS_OK;
}

static struct text none_if_empty(struct text text)
{
    return text.size == 0 ? (struct text){NULL, 0} : text;
}

static enum status read_new(const struct request *request, const struct scope *scope, struct connection_new *out_fresh,
                            struct error *error)
{
    struct connection_body body = {.min_duration_ms = -1, .monitoring_enabled = true, .keep_literals = true};
    struct text password_ciphertext = {NULL, 0};
    bool is_team_only;
    enum status status =
        body_read(request, connection_fields, sizeof connection_fields / sizeof connection_fields[0], &body, error);

    if (status != STATUS_OK)
        return status;
    if (body.ssl_enabled && (text_equal(body.tls_mode, TEXT("disable")) || text_equal(body.tls_mode, TEXT("prefer"))))
        return error_field(error, "ssl_enabled", "contradicts tls_mode");
    if (body.ssl_enabled && body.tls_mode.data == NULL)
        body.tls_mode = TEXT("require");
    is_team_only = body.visibility_scope.data == NULL || text_equal(body.visibility_scope, TEXT("TEAM_ONLY"));
    if (is_team_only && body.team_id == 0)
        status = choose_team(request, scope, &body.team_id, error);
    if (status == STATUS_OK && body.password.size > 0)
        status = auth_encrypt(request->keys, body.password, request->arena, &password_ciphertext, error);
    if (status != STATUS_OK)
        return status;
    *out_fresh = (struct connection_new){.name = body.name,
                                         .engine = body.engine,
                                         .host = none_if_empty(body.host),
                                         .database_name = none_if_empty(body.database),
                                         .username = none_if_empty(body.username),
                                         .tls_mode = body.tls_mode,
                                         .visibility_scope = body.visibility_scope,
                                         .password_ciphertext = password_ciphertext,
                                         .port = (int32_t)body.port,
                                         .interval_s = (int32_t)body.interval_s,
                                         .team_id = body.team_id,
                                         .min_duration_ms = body.min_duration_ms,
                                         .monitoring_enabled = body.monitoring_enabled,
                                         .keep_literals = body.keep_literals};
    return STATUS_OK;
}

/* all=true: what an admin administers, not only what the caller may read. */
static bool wants_all(const struct request *request, struct error *error)
{
    struct text value = request_query(request, "all");

    if (value.data == NULL || text_equal(value, TEXT("false")))
        return false;
    if (!text_equal(value, TEXT("true")))
        error_field(error, "all", "must be true or false");
    return true;
}

static struct text empty_if(bool is_null, struct text text)
{
    return is_null ? TEXT("") : text;
}

static enum status read_change(const struct request *request, struct connection_change *out_change, struct error *error)
{
    static const char *const nullable[] = {"host",     "port",    "database",      "username",
                                           "password", "team_id", "owner_user_id", NULL};
    struct connection_body body = {.min_duration_ms = -1};
    struct text password_ciphertext = {NULL, 0};
    struct body_seen seen[CHANGE_COUNT] = {0};
    enum status status = body_read_seen(request, change_fields, CHANGE_COUNT, &body, seen, error);

    if (status == STATUS_OK)
        status = body_refuse_nulls(change_fields, CHANGE_COUNT, seen, nullable, error);
    if (status == STATUS_OK && body.ssl_enabled &&
        (text_equal(body.tls_mode, TEXT("disable")) || text_equal(body.tls_mode, TEXT("prefer"))))
        status = error_field(error, "ssl_enabled", "contradicts tls_mode");
    if (status == STATUS_OK && seen[CHANGE_SSL_ENABLED].is_given && body.tls_mode.data == NULL)
        body.tls_mode = body.ssl_enabled ? TEXT("require") : TEXT("prefer");
    if (seen[CHANGE_PASSWORD].is_null || (body.password.data != NULL && body.password.size == 0))
        password_ciphertext = TEXT("");
    else if (status == STATUS_OK && body.password.size > 0)
        status = auth_encrypt(request->keys, body.password, request->arena, &password_ciphertext, error);
    if (status != STATUS_OK)
        return status;
    *out_change = (struct connection_change){.name = body.name,
                                             .host = empty_if(seen[CHANGE_HOST].is_null, body.host),
                                             .database_name = empty_if(seen[CHANGE_DATABASE].is_null, body.database),
                                             .username = empty_if(seen[CHANGE_USERNAME].is_null, body.username),
                                             .tls_mode = body.tls_mode,
                                             .visibility_scope = body.visibility_scope,
                                             .password_ciphertext = password_ciphertext,
                                             .has_port = seen[CHANGE_PORT].is_given,
                                             .port = (int32_t)body.port,
                                             .has_team_id = seen[CHANGE_TEAM_ID].is_given,
                                             .team_id = body.team_id,
                                             .has_owner_user_id = seen[CHANGE_OWNER_USER_ID].is_given,
                                             .owner_user_id = body.owner_user_id,
                                             .has_is_active = seen[CHANGE_IS_ACTIVE].is_given,
                                             .is_active = body.is_active,
                                             .has_monitoring_enabled = seen[CHANGE_MONITORING_ENABLED].is_given,
                                             .monitoring_enabled = body.monitoring_enabled,
                                             .has_keep_literals = seen[CHANGE_KEEP_LITERALS].is_given,
                                             .keep_literals = body.keep_literals,
                                             .interval_s = (int32_t)body.interval_s,
                                             .min_duration_ms = body.min_duration_ms};
    return STATUS_OK;
}

/* Who is in one team means that one; so does an admin of an organization with one team. */
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

static enum status make_token(const struct request *request, struct auth_agent_token *out_token,
                              struct text *out_ciphertext, struct error *error)
{
    enum status status = auth_agent_token_new(request->arena, out_token, error);

    if (status == STATUS_OK)
        status = auth_encrypt(request->keys, out_token->token, request->arena, out_ciphertext, error);
    return status;
}
