/* /api/v1/organizations: the caller's own organization alone. The command line creates further ones. */
#include <stddef.h>

#include "fcgi/handlers.h"
#include "fcgi/request/body.h"
#include "store/admin/organization.h"

struct organization_body {
    struct text name;
};

static const struct body_field organization_fields[] = {
    {"name", BODY_LINE, offsetof(struct organization_body, name), 1, 200, true, NULL},
};

static void write_object(struct json_writer *json, const struct organization *organization)
{
    json_object_begin(json);
    json_member_int64(json, "id", organization->id);
    json_member_text(json, "name", organization->name);
    json_member_time(json, "created_at", organization->created_at_us);
    json_member_int64(json, "user_count", organization->user_count);
    json_member_int64(json, "team_count", organization->team_count);
    json_member_int64(json, "connection_count", organization->connection_count);
    json_object_end(json);
}

enum status organization_list(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const char *const no_params[] = {NULL};
    struct organization organization;
    struct json_writer *json;
    enum status status = request_query_only(request, no_params, error);

    if (status == STATUS_OK)
        status = store_organization_get(request->store, scope, request->arena, &organization, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    write_object(json, &organization);
    json_array_end(json);
    json_member_null(json, "next_cursor");
    json_object_end(json);
    return STATUS_OK;
}

enum status organization_change(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    struct organization organization;
    struct organization_body body;
    int64_t organization_id;
    enum status status = request_path_id(request, "id", &organization_id, error);

    if (status == STATUS_OK && organization_id != scope_organization_id(scope))
        status = error_set(error, STATUS_ABSENT, "No such organization.");
    if (status == STATUS_OK)
        status = body_read(request, organization_fields, 1, &body, error);
    if (status == STATUS_OK)
        status =
            store_organization_rename(request->store, scope, body.name, request->remote_address, request->arena, error);
    if (status == STATUS_OK)
        status = store_organization_get(request->store, scope, request->arena, &organization, error);
    if (status != STATUS_OK)
        return status;
    write_object(response_json(response, 200), &organization);
    return STATUS_OK;
}
