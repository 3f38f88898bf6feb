/* The caller's organization; see organization.h. */
#include "store/admin/organization.h"

#include "store/admin/audit.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum status store_organization_get(struct store *store, const struct scope *scope, struct arena *arena,
                                   struct organization *out_organization, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    store_administer(store);
    status = store_run(store, SQL(organization_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such organization.");
    *out_organization =
        (struct organization){.id = row_int64(result, 0, ORGANIZATION_GET_ID),
                              .name = row_text(result, 0, ORGANIZATION_GET_NAME),
                              .created_at_us = row_time(result, 0, ORGANIZATION_GET_CREATED_AT),
                              .user_count = row_int64(result, 0, ORGANIZATION_GET_USER_COUNT),
                              .team_count = row_int64(result, 0, ORGANIZATION_GET_TEAM_COUNT),
                              .connection_count = row_int64(result, 0, ORGANIZATION_GET_CONNECTION_COUNT)};
    return STATUS_OK;
}

enum status store_organization_rename(struct store *store, const struct scope *scope, struct text name,
                                      struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status;

    params_int64(&params, scope->organization_id);
    params_text(&params, name);
    audit_params(&params, scope, remote_address);
    status = store_run(store, SQL(organization_rename), &params, arena, NULL, error);
    if (status == STATUS_CONFLICT)
        return error_set(error, STATUS_CONFLICT, "This name is taken.");
    return status;
}
