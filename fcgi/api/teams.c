/* /api/v1/teams and their members. A user sees the teams that they belong to; admins create, change and remove
 * teams. */
#include "store/admin/team.h"

#include <inttypes.h>
#include <stddef.h>

#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/body.h"
#include "fcgi/request/cursor.h"

static const char TEAMS[] = "teams", MEMBERS[] = "team-members";

struct team_body {
    struct text name;
};

static const struct body_field team_fields[] = {
    {"name", BODY_LINE, offsetof(struct team_body, name), 1, 200, true, NULL},
};

struct member_body {
    int64_t user_id;
};

static const struct body_field member_fields[] = {
    {"user_id", BODY_INTEGER, offsetof(struct member_body, user_id), 1, 9007199254740991, true, NULL},
};

static void write_next(const struct request *request, struct json_writer *json, const char *list, bool has_more,
                       int64_t last_id, struct text last_name)
{
    const struct cursor cursor = {.number_count = 1, .numbers = {last_id}, .text = last_name};

    if (has_more)
        json_member_text(json, "next_cursor", cursor_write(list, &cursor, request->arena));
    else
        json_member_null(json, "next_cursor");
}

static void write_team(struct json_writer *json, const struct team_summary *team)
{
    json_object_begin(json);
    json_member_int64(json, "id", team->id);
    json_member_text(json, "name", team->name);
    json_member_time(json, "created_at", team->created_at_us);
    json_member_int64(json, "member_count", team->member_count);
    json_member_int64(json, "connection_count", team->connection_count);
    json_member_bool(json, "is_member", team->is_member);
    json_object_end(json);
}

enum status team_list(const struct request *request, const struct scope *scope, struct response *response,
                      struct error *error)
{
    struct cursor cursor;
    struct team_page page;
    struct json_writer *json;
    int limit;
    enum status status = param_page(request, TEAMS, 1, &limit, &cursor, error);

    if (status == STATUS_OK)
        status =
            store_team_page(request->store, scope, cursor.text, cursor.numbers[0], limit, request->arena, &page, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < page.count; i++)
        write_team(json, &page.items[i]);
    json_array_end(json);
    write_next(request, json, TEAMS, page.has_more, page.count == 0 ? 0 : page.items[page.count - 1].id,
               page.count == 0 ? TEXT("") : page.items[page.count - 1].name);
    json_object_end(json);
    return STATUS_OK;
}

enum status team_create(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    struct team_summary team;
    struct team_body body;
    enum status status = body_read(request, team_fields, 1, &body, error);

    if (status == STATUS_OK)
        status =
            store_team_create(request->store, scope, body.name, request->remote_address, request->arena, &team, error);
    if (status != STATUS_OK)
        return status;
    response_header(response, "Location", arena_printf(request->arena, "/api/v1/teams/%" PRId64, team.id));
    write_team(response_json(response, 201), &team);
    return STATUS_OK;
}

enum status team_change(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    struct team_body body;
    struct json_writer *json;
    int64_t team_id;
    enum status status = request_path_id(request, "id", &team_id, error);

    if (status == STATUS_OK)
        status = body_read(request, team_fields, 1, &body, error);
    if (status == STATUS_OK)
        status = store_team_rename(request->store, scope, team_id, body.name, request->remote_address, request->arena,
                                   error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "id", team_id);
    json_member_text(json, "name", body.name);
    json_object_end(json);
    return STATUS_OK;
}

enum status team_remove(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    int64_t team_id;
    enum status status = request_path_id(request, "id", &team_id, error);

    if (status == STATUS_OK)
        status = store_team_delete(request->store, scope, team_id, request->remote_address, request->arena, error);
    if (status == STATUS_OK)
        response->code = 204;
    return status;
}

enum status team_member_list(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    struct team_member_list list;
    struct cursor cursor;
    struct json_writer *json;
    int64_t team_id;
    int limit;
    enum status status = request_path_id(request, "id", &team_id, error);

    if (status == STATUS_OK)
        status = param_page(request, MEMBERS, 1, &limit, &cursor, error);
    if (status == STATUS_OK)
        status = store_team_member_list(request->store, scope, team_id, cursor.text, cursor.numbers[0], limit,
                                        request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        const struct team_member *member = &list.items[i];

        json_object_begin(json);
        json_member_int64(json, "user_id", member->user_id);
        json_member_text(json, "email", member->email);
        json_member_text(json, "display_name", member->display_name);
        json_member_text(json, "role", member->role);
        json_member_bool(json, "is_active", member->is_active);
        json_member_time(json, "since", member->since_us);
        json_object_end(json);
    }
    json_array_end(json);
    write_next(request, json, MEMBERS, list.has_more, list.count == 0 ? 0 : list.items[list.count - 1].user_id,
               list.count == 0 ? TEXT("") : list.items[list.count - 1].email);
    json_object_end(json);
    return STATUS_OK;
}

enum status team_member_add(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    struct member_body body;
    struct json_writer *json;
    int64_t team_id;
    bool is_fresh;
    enum status status = request_path_id(request, "id", &team_id, error);

    if (status == STATUS_OK)
        status = body_read(request, member_fields, 1, &body, error);
    if (status == STATUS_OK)
        status = store_team_member_add(request->store, scope, team_id, body.user_id, request->remote_address,
                                       request->arena, &is_fresh, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, is_fresh ? 201 : 200);
    json_object_begin(json);
    json_member_int64(json, "team_id", team_id);
    json_member_int64(json, "user_id", body.user_id);
    json_object_end(json);
    return STATUS_OK;
}

enum status team_member_remove(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    int64_t team_id, user_id;
    enum status status = request_path_id(request, "id", &team_id, error);

    if (status == STATUS_OK)
        status = request_path_id(request, "user_id", &user_id, error);
    if (status == STATUS_OK)
        status = store_team_member_remove(request->store, scope, team_id, user_id, request->remote_address,
                                          request->arena, error);
    if (status == STATUS_OK)
        response->code = 204;
    return status;
}
