/* Reading scopes; see scope_read.h. */
#include "store/scope/scope_read.h"

#include "store/scope/role.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum status store_user_scope_read(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                                  struct arena *arena, struct scope *out_scope, bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text email;
    PGresult *result;
    enum status status;

    params_int64(&params, organization_id);
    params_int64(&params, user_id);
    if (issued_at_us == INT64_MAX)
        params_null(&params);
    else
        params_time(&params, issued_at_us);
    status = store_run(store, SQL(auth_user_scope), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_found = PQntuples(result) == 1;
    if (!*out_is_found)
        return STATUS_OK;
    email = row_text(result, 0, AUTH_USER_SCOPE_EMAIL);
    *out_scope = (struct scope){.organization_id = organization_id,
                                .user_id = user_id,
                                .user_email = arena_string(arena, email.data, email.size),
                                .role = role_parse(row_text(result, 0, AUTH_USER_SCOPE_ROLE)),
                                .data_version = row_int64(result, 0, AUTH_USER_SCOPE_DATA_VERSION)};
    out_scope->connection_ids =
        row_int64_array(result, 0, AUTH_USER_SCOPE_CONNECTION_IDS, arena, &out_scope->connection_count);
    return STATUS_OK;
}

struct scope_spending scope_spending_read(const PGresult *result, int first)
{
    return (struct scope_spending){.bytes = row_double(result, 0, first),
                                   .rows = row_double(result, 0, first + 1),
                                   .statements = row_double(result, 0, first + 2),
                                   .age_s = row_double(result, 0, first + 3)};
}

enum status store_agent_scope_read(struct store *store, struct text token_hash, struct arena *arena,
                                   struct scope *out_scope, bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    int64_t *connection_id;
    enum status status;

    params_bytes(&params, token_hash);
    status = store_run(store, SQL(auth_agent_scope), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_found = PQntuples(result) == 1;
    if (!*out_is_found)
        return STATUS_OK;
    connection_id = arena_alloc(arena, sizeof *connection_id);
    *connection_id = row_int64(result, 0, AUTH_AGENT_SCOPE_CONNECTION_ID);
    *out_scope =
        (struct scope){.organization_id = row_int64(result, 0, AUTH_AGENT_SCOPE_ORGANIZATION_ID),
                       .connection_id = *connection_id,
                       .connection_ids = connection_id,
                       .connection_count = 1,
                       .data_version = row_int64(result, 0, AUTH_AGENT_SCOPE_DATA_VERSION),
                       .spending = scope_spending_read(result, AUTH_AGENT_SCOPE_SPENT_BYTES),
                       .organization_spending = scope_spending_read(result, AUTH_AGENT_SCOPE_ORGANIZATION_BYTES),
                       .is_store_full = row_bool(result, 0, AUTH_AGENT_SCOPE_IS_STORE_FULL)};
    return STATUS_OK;
}

enum status store_api_token_owner_find(struct store *store, struct text token_hash, struct arena *arena,
                                       struct api_token_owner *out_owner, bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_bytes(&params, token_hash);
    status = store_run(store, SQL(auth_api_token), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_found = PQntuples(result) == 1;
    if (*out_is_found)
        *out_owner = (struct api_token_owner){.organization_id = row_int64(result, 0, AUTH_API_TOKEN_ORGANIZATION_ID),
                                              .user_id = row_int64(result, 0, AUTH_API_TOKEN_USER_ID),
                                              .token_id = row_int64(result, 0, AUTH_API_TOKEN_TOKEN_ID),
                                              .token_scope = row_text(result, 0, AUTH_API_TOKEN_TOKEN_SCOPE)};
    return STATUS_OK;
}
