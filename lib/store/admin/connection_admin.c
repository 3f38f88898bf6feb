/* Connections for the command line; see connection_admin.h. */
#include "store/admin/connection_admin.h"

#include "store/admin/connection_internal.h"
#include "store/scope/statement.h"

enum status store_admin_connection_create(struct store *store, int64_t organization_id,
                                          const struct connection_input *input, struct arena *arena,
                                          struct error *error)
{
    const struct connection_maker maker = {.organization_id = organization_id, .may_any_team = true};

    return connection_insert(store, &maker, input, arena, error);
}

enum status store_admin_connection_find(struct store *store, int64_t organization_id, struct text name,
                                        struct arena *arena, int64_t *out_connection_id,
                                        struct text *out_token_ciphertext, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, organization_id);
    params_text(&params, name);
    status = store_run(store, SQL(admin_connection_find), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_connection_id = 0;
    *out_token_ciphertext = (struct text){NULL, 0};
    if (PQntuples(result) > 0) {
        *out_connection_id = row_int64(result, 0, ADMIN_CONNECTION_FIND_ID);
        *out_token_ciphertext = row_text(result, 0, ADMIN_CONNECTION_FIND_AGENT_TOKEN_CIPHERTEXT);
    }
    return STATUS_OK;
}

enum status store_admin_connection_list(struct store *store, int64_t organization_id, struct arena *arena,
                                        const struct admin_connection **out_items, size_t *out_count,
                                        struct error *error)
{
    struct db_params params = {.arena = arena};
    struct admin_connection *items;
    PGresult *result;
    enum status status;

    params_int64(&params, organization_id);
    status = store_run(store, SQL(admin_connection_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_count = (size_t)PQntuples(result);
    items = arena_alloc_array(arena, *out_count, sizeof *items);
    for (int row = 0; row < PQntuples(result); row++)
        items[row] =
            (struct admin_connection){.id = row_int64(result, row, ADMIN_CONNECTION_LIST_ID),
                                      .name = row_text(result, row, ADMIN_CONNECTION_LIST_NAME),
                                      .engine = row_text(result, row, ADMIN_CONNECTION_LIST_ENGINE),
                                      .host = row_text(result, row, ADMIN_CONNECTION_LIST_HOST),
                                      .port = (int32_t)row_int64(result, row, ADMIN_CONNECTION_LIST_PORT),
                                      .visibility_scope = row_text(result, row, ADMIN_CONNECTION_LIST_VISIBILITY_SCOPE),
                                      .team_name = row_text(result, row, ADMIN_CONNECTION_LIST_TEAM_NAME),
                                      .agent_token_hint = row_text(result, row, ADMIN_CONNECTION_LIST_AGENT_TOKEN_HINT),
                                      .is_active = row_bool(result, row, ADMIN_CONNECTION_LIST_IS_ACTIVE),
                                      .state = row_text(result, row, ADMIN_CONNECTION_LIST_STATE)};
    *out_items = items;
    return STATUS_OK;
}

enum status store_admin_connection_set_active(struct store *store, int64_t organization_id, int64_t connection_id,
                                              bool is_active, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, organization_id);
    params_int64(&params, connection_id);
    params_bool(&params, is_active);
    status = store_run(store, SQL(admin_connection_set_active), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such connection.");
    return STATUS_OK;
}
