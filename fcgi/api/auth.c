/* /api/v1/auth: signing in and out with JSON. Sets no cookies; pages sign in by pages/page_login.c. */
#include "auth/authenticate.h"

#include <stddef.h>

#include "fcgi/handlers.h"
#include "fcgi/request/account_fields.h"
#include "fcgi/request/body.h"
#include "store/admin/api_token.h"
#include "store/scope/account.h"
#include "store/scope/role.h"

struct login_body {
    struct text email, password;
};

static const struct body_field login_fields[] = {
    {"email", BODY_LINE, offsetof(struct login_body, email), 1, 254, true, NULL},
    /* Argon2id takes any bytes; the maximum is PASSWORD_BYTES_MAX of lib/crypto. */
    {"password", BODY_TEXT, offsetof(struct login_body, password), 1, 1024, true, NULL},
};

struct refresh_body {
    struct text refresh_token;
};

static const struct body_field refresh_fields[] = {
    {"refresh_token", BODY_LINE, offsetof(struct refresh_body, refresh_token), 1, 200, true, NULL},
};

struct password_body {
    struct text current_password, new_password;
    bool revoke_api_tokens;
};

static const struct body_field password_fields[] = {
    {"current_password", BODY_TEXT, offsetof(struct password_body, current_password), 1, 1024, true, NULL},
    {"new_password", BODY_TEXT, offsetof(struct password_body, new_password), NEW_PASSWORD_BYTES_MIN, 1024, true, NULL},
    {"revoke_api_tokens", BODY_BOOL, offsetof(struct password_body, revoke_api_tokens), 0, 0, false, NULL},
};

static void write_session(struct response *response, const struct auth_session *session);

enum status auth_login(const struct request *request, const struct scope *scope, struct response *response,
                       struct error *error)
{
    struct login_body body;
    struct auth_session session;
    enum status status = body_read(request, login_fields, sizeof login_fields / sizeof login_fields[0], &body, error);

    (void)scope; /* public */
    if (status == STATUS_OK)
        status = auth_sign_in(request->keys, request->store,
                              &(struct auth_attempt){.email = body.email,
                                                     .password = body.password,
                                                     .remote_address = request->remote_address,
                                                     .access_token_s = request->config->access_token_s,
                                                     .account_failures_max = request->config->sign_in_failures,
                                                     .network_failures_max = request->config->network_failures},
                              request->arena, &session, error);
    if (status == STATUS_OK)
        write_session(response, &session);
    return status;
}

enum status auth_refresh(const struct request *request, const struct scope *scope, struct response *response,
                         struct error *error)
{
    struct refresh_body body;
    struct auth_session session;
    enum status status = body_read(request, refresh_fields, 1, &body, error);

    (void)scope; /* public */
    if (status == STATUS_OK)
        status = auth_refresh_session(request->keys, request->store, body.refresh_token,
                                      request->config->access_token_s, request->arena, &session, error);
    if (status == STATUS_OK)
        write_session(response, &session);
    return status;
}

enum status auth_logout(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    struct refresh_body body;
    enum status status = body_read(request, refresh_fields, 1, &body, error);

    (void)scope; /* public: the holder of the token may end it */
    if (status == STATUS_OK)
        status = auth_sign_out(request->store, body.refresh_token, request->arena, error);
    if (status == STATUS_OK)
        response->code = 204;
    return status;
}

enum status auth_password(const struct request *request, const struct scope *scope, struct response *response,
                          struct error *error)
{
    struct password_body body = {0};
    struct auth_session session;
    int64_t revoked_count;
    enum status status =
        body_read(request, password_fields, sizeof password_fields / sizeof password_fields[0], &body, error);

    if (status == STATUS_OK && scope_api_token_id(scope) != 0)
        status = error_set(error, STATUS_FORBIDDEN, "An API token cannot do this; sign in.");
    if (status == STATUS_OK)
        status = auth_change_password(request->keys, request->store, scope,
                                      &(struct auth_attempt){.password = body.current_password,
                                                             .remote_address = request->remote_address,
                                                             .access_token_s = request->config->access_token_s,
                                                             .account_failures_max = request->config->sign_in_failures,
                                                             .network_failures_max = request->config->network_failures},
                                      body.new_password, request->arena, &session, error);
    if (status == STATUS_OK && body.revoke_api_tokens)
        status = store_api_token_revoke_all(request->store, scope, request->remote_address, request->arena,
                                            &revoked_count, error);
    if (status == STATUS_OK)
        write_session(response, &session);
    return status;
}

enum status auth_me(const struct request *request, const struct scope *scope, struct response *response,
                    struct error *error)
{
    static const char *const no_params[] = {NULL};
    struct account_profile account;
    struct json_writer *json;
    enum status status = request_query_only(request, no_params, error);

    if (status == STATUS_OK)
        status = store_account_profile_get(request->store, scope, request->arena, &account, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "id", scope_user_id(scope));
    json_member_text(json, "email", account.email);
    json_member_text(json, "display_name", account.display_name);
    json_member_string(json, "role", role_name(scope_role(scope)));
    json_member_int64(json, "organization_id", scope_organization_id(scope));
    json_member_text(json, "organization_name", account.organization_name);
    json_member_time(json, "last_login_at", account.last_login_at_us);
    json_key(json, "teams");
    json_array_begin(json);
    for (size_t i = 0; i < account.team_count; i++) {
        json_object_begin(json);
        json_member_int64(json, "id", account.team_ids[i]);
        json_member_text(json, "name", account.team_names[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}

static void write_session(struct response *response, const struct auth_session *session)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    json_member_text(json, "access_token", session->access_token);
    json_member_string(json, "token_type", "Bearer");
    json_member_int64(json, "expires_in", session->access_expires_in_s);
    json_member_text(json, "refresh_token", session->refresh_token);
    json_member_int64(json, "refresh_expires_in", session->refresh_expires_in_s);
    json_key(json, "user");
    json_object_begin(json);
    json_member_int64(json, "id", session->user_id);
    json_member_text(json, "email", session->email);
    json_member_text(json, "display_name", session->display_name);
    json_member_string(json, "role", role_name(session->role));
    json_member_int64(json, "organization_id", session->organization_id);
    json_object_end(json);
    json_object_end(json);
}
