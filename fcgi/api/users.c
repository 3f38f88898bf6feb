/* /api/v1/users: the users of an organization, for its admins. */
#include "store/admin/user.h"

#include <inttypes.h>
#include <stddef.h>

#include "crypto/password.h"
#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/account_fields.h"
#include "fcgi/request/body.h"
#include "fcgi/request/cursor.h"

static const char LIST[] = "users";

struct user_body {
    struct text email, display_name, role, password;
    int64_t team_id;
    bool is_active;
};

#define AT(member) offsetof(struct user_body, member)

static const struct body_field create_fields[] = {
    {"email", BODY_LINE, AT(email), 3, 254, true, NULL},
    {"display_name", BODY_LINE, AT(display_name), 0, 200, false, NULL},
    {"role", BODY_CHOICE, AT(role), 0, 0, true, role_choices},
    {"password", BODY_TEXT, AT(password), NEW_PASSWORD_BYTES_MIN, PASSWORD_BYTES_MAX, false, NULL},
    {"team_id", BODY_INTEGER, AT(team_id), 1, 9007199254740991, false, NULL},
};

enum { FIELD_EMAIL, FIELD_DISPLAY_NAME, FIELD_ROLE, FIELD_IS_ACTIVE, FIELD_PASSWORD, CHANGE_FIELD_COUNT };

static const struct body_field change_fields[CHANGE_FIELD_COUNT] = {
    [FIELD_EMAIL] = {"email", BODY_LINE, AT(email), 3, 254, false, NULL},
    [FIELD_DISPLAY_NAME] = {"display_name", BODY_LINE, AT(display_name), 0, 200, false, NULL},
    [FIELD_ROLE] = {"role", BODY_CHOICE, AT(role), 0, 0, false, role_choices},
    [FIELD_IS_ACTIVE] = {"is_active", BODY_BOOL, AT(is_active), 0, 0, false, NULL},
    [FIELD_PASSWORD] = {"password", BODY_TEXT, AT(password), NEW_PASSWORD_BYTES_MIN, PASSWORD_BYTES_MAX, false, NULL},
};

static void write_members(struct json_writer *json, const struct user *user)
{
    json_member_int64(json, "id", user->id);
    json_member_text(json, "email", user->email);
    json_member_text(json, "display_name", user->display_name);
    json_member_text(json, "role", user->role);
    json_member_bool(json, "is_active", user->is_active);
    json_member_time(json, "last_login_at", user->last_login_at_us);
    json_member_time(json, "created_at", user->created_at_us);
    json_key(json, "teams");
    json_array_begin(json);
    for (size_t i = 0; i < user->team_count; i++) {
        json_object_begin(json);
        json_member_int64(json, "id", user->team_ids[i]);
        json_member_text(json, "name", user->team_names[i]);
        json_object_end(json);
    }
    json_array_end(json);
}

/* An API token must set no password and make no admin. With the password, whoever found the token could sign in and
 * make more tokens; the admin would remain after the token has ended. */
static enum status check_token(const struct scope *scope, const struct user_body *body, struct error *error)
{
    if (scope_api_token_id(scope) == 0)
        return STATUS_OK;
    if (body->password.data != NULL)
        return error_set(error, STATUS_FORBIDDEN, "An API token sets no password; sign in.");
    if (text_equal(body->role, TEXT("admin")))
        return error_set(error, STATUS_FORBIDDEN, "An API token makes nobody an admin; sign in.");
    return STATUS_OK;
}

/* Answer with the user as it is now, and with the generated password, which is shown only this once. */
static enum status answer(const struct request *request, const struct scope *scope, int64_t user_id, int code,
                          struct text generated, struct response *response, struct error *error)
{
    struct json_writer *json;
    struct user user;
    enum status status = store_user_get(request->store, scope, user_id, request->arena, &user, error);

    if (status != STATUS_OK)
        return status;
    if (code == 201)
        response_header(response, "Location", arena_printf(request->arena, "/api/v1/users/%" PRId64, user_id));
    json = response_json(response, code);
    json_object_begin(json);
    write_members(json, &user);
    if (generated.size > 0)
        json_member_text(json, "password", generated);
    json_object_end(json);
    return STATUS_OK;
}

enum status user_list(const struct request *request, const struct scope *scope, struct response *response,
                      struct error *error)
{
    int limit;
    struct cursor cursor;
    struct user_list list;
    struct json_writer *json;
    enum status status = param_page(request, LIST, 1, &limit, &cursor, error);

    if (status == STATUS_OK)
        status =
            store_user_list(request->store, scope, cursor.text, cursor.numbers[0], limit, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        write_members(json, &list.items[i]);
        json_object_end(json);
    }
    json_array_end(json);
    if (list.has_more) {
        const struct user *last = &list.items[list.count - 1];

        cursor = (struct cursor){.number_count = 1, .numbers = {last->id}, .text = last->email};
        json_member_text(json, "next_cursor", cursor_write(LIST, &cursor, request->arena));
    } else {
        json_member_null(json, "next_cursor");
    }
    json_object_end(json);
    return STATUS_OK;
}

enum status user_show(const struct request *request, const struct scope *scope, struct response *response,
                      struct error *error)
{
    static const char *const no_params[] = {NULL};
    int64_t user_id;
    enum status status = request_path_id(request, "id", &user_id, error);

    if (status == STATUS_OK)
        status = request_query_only(request, no_params, error);
    if (status != STATUS_OK)
        return status;
    return answer(request, scope, user_id, 200, (struct text){NULL, 0}, response, error);
}

enum status user_create(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    struct user_body body = {0};
    struct text generated = {NULL, 0};
    struct user_new fresh;
    int64_t user_id;
    enum status status =
        body_read(request, create_fields, sizeof create_fields / sizeof create_fields[0], &body, error);

    if (status == STATUS_OK && !email_is_plausible(body.email))
        status = error_field(error, "email", "must be an address");
    if (status == STATUS_OK)
        status = check_token(scope, &body, error);
    if (status == STATUS_OK && body.password.data == NULL) {
        status = password_generate(request->arena, &generated, error);
        body.password = generated;
    }
    fresh = (struct user_new){
        .email = body.email, .display_name = body.display_name, .role = body.role, .team_id = body.team_id};
    if (status == STATUS_OK)
        status = password_hash(body.password, request->arena, &fresh.password_hash, error);
    if (status == STATUS_OK)
        status =
            store_user_create(request->store, scope, &fresh, request->remote_address, request->arena, &user_id, error);
    if (status != STATUS_OK)
        return status;
    /* An API token does not see the password; an admin who is signed in sets another one. */
    if (scope_api_token_id(scope) != 0)
        generated = (struct text){NULL, 0};
    return answer(request, scope, user_id, 201, generated, response, error);
}

enum status user_change(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    static const char *const nullable[] = {NULL};
    struct body_seen seen[CHANGE_FIELD_COUNT] = {0};
    struct user_body body = {0};
    struct user_change change;
    int64_t user_id;
    enum status status = request_path_id(request, "id", &user_id, error);

    if (status == STATUS_OK)
        status = body_read_seen(request, change_fields, CHANGE_FIELD_COUNT, &body, seen, error);
    if (status == STATUS_OK)
        status = body_refuse_nulls(change_fields, CHANGE_FIELD_COUNT, seen, nullable, error);
    if (status == STATUS_OK && body.email.data != NULL && !email_is_plausible(body.email))
        status = error_field(error, "email", "must be an address");
    change = (struct user_change){.email = body.email,
                                  .display_name = body.display_name,
                                  .role = body.role,
                                  .has_is_active = seen[FIELD_IS_ACTIVE].is_given,
                                  .is_active = body.is_active};
    if (status == STATUS_OK)
        status = check_token(scope, &body, error);
    if (status == STATUS_OK && body.password.data != NULL)
        status = password_hash(body.password, request->arena, &change.password_hash, error);
    if (status == STATUS_OK)
        status =
            store_user_update(request->store, scope, user_id, &change, request->remote_address, request->arena, error);
    if (status != STATUS_OK)
        return status;
    return answer(request, scope, user_id, 200, (struct text){NULL, 0}, response, error);
}

enum status user_remove(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    int64_t user_id;
    enum status status = request_path_id(request, "id", &user_id, error);

    if (status == STATUS_OK)
        status = store_user_delete(request->store, scope, user_id, request->remote_address, request->arena, error);
    if (status == STATUS_OK)
        response->code = 204;
    return status;
}
