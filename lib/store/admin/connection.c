/* Connections as a caller sees them; see connection.h and connection_internal.h. */
#include "store/admin/connection.h"

#include "base/engine.h"
#include "store/admin/audit.h"
#include "store/admin/connection_internal.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

static enum status get(struct store *store, const struct scope *scope, int64_t connection_id, int64_t owner_user_id,
                       struct arena *arena, struct connection *out_connection, struct error *error);

void connection_params_page(struct db_params *params, struct text after_name, int64_t after_id, int limit)
{
    params_text(params, after_id == 0 ? (struct text){NULL, 0} : after_name);
    params_int64(params, after_id);
    params_int32(params, limit + 1);
}

enum status store_connection_list(struct store *store, const struct scope *scope, struct text after_name,
                                  int64_t after_id, int limit, struct arena *arena,
                                  struct connection_list_page *out_page, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct connection_list_page page = {0};
    PGresult *result;
    enum status status;

    connection_params_page(&params, after_name, after_id, limit);
    status = store_read(store, scope, SQL(connection_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    page.count = row_page_count(result, limit, &page.has_more);
    page.items = arena_alloc_array(arena, page.count, sizeof *page.items);
    for (size_t i = 0; i < page.count; i++)
        connection_read(result, (int)i, &page.items[i]);
    *out_page = page;
    return STATUS_OK;
}

enum status store_connection_get(struct store *store, const struct scope *scope, int64_t connection_id,
                                 struct arena *arena, struct connection *out_connection, struct error *error)
{
    return get(store, scope, connection_id, 0, arena, out_connection, error);
}

enum status store_connection_get_created(struct store *store, const struct scope *scope, int64_t connection_id,
                                         struct arena *arena, struct connection *out_connection, struct error *error)
{
    return get(store, scope, connection_id, scope->user_id, arena, out_connection, error);
}

enum status store_connection_create(struct store *store, const struct scope *scope, const struct connection_new *fresh,
                                    struct text remote_address, struct arena *arena, int64_t *out_connection_id,
                                    struct error *error)
{
    const struct connection_maker maker = {.organization_id = scope->organization_id,
                                           .owner_user_id = scope->user_id,
                                           .may_any_team = scope->role == ROLE_ADMIN,
                                           .remote_address = remote_address};

    enum status status = connection_insert(store, &maker, fresh, arena, out_connection_id, error);

    if (status == STATUS_OK)
        store_enter_made(store, *out_connection_id);
    return status;
}

static enum status get(struct store *store, const struct scope *scope, int64_t connection_id, int64_t owner_user_id,
                       struct arena *arena, struct connection *out_connection, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    params_int64(&params, owner_user_id);
    status = store_read(store, scope, SQL(connection_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such connection.");
    connection_read(result, 0, out_connection);
    return STATUS_OK;
}

/* Only a connection that Potto itself reaches needs a port. */
static int32_t port_of(const struct connection_new *fresh)
{
    const struct engine *engine = engine_of(fresh->engine);

    return fresh->host.data == NULL || fresh->port != 0 || engine == NULL ? fresh->port : engine->default_port;
}

enum status connection_insert(struct store *store, const struct connection_maker *maker,
                              const struct connection_new *fresh, struct arena *arena, int64_t *out_connection_id,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, maker->organization_id);
    params_int64(&params, maker->owner_user_id);
    params_bool(&params, maker->may_any_team);
    params_text(&params, fresh->name);
    params_text(&params, fresh->engine);
    params_text(&params, fresh->host);
    params_int32(&params, port_of(fresh));
    params_text(&params, fresh->database_name);
    params_text(&params, fresh->username);
    params_bytes(&params, fresh->password_ciphertext);
    params_text(&params, fresh->tls_mode);
    params_int64(&params, fresh->team_id);
    params_text(&params, fresh->visibility_scope);
    params_bool(&params, fresh->monitoring_enabled);
    params_int32(&params, fresh->interval_s);
    params_double(&params, fresh->min_duration_ms);
    params_bool(&params, fresh->keep_literals);
    params_bytes(&params, fresh->agent_token_hash);
    params_bytes(&params, fresh->agent_token_ciphertext);
    params_text(&params, fresh->agent_token_hint);
    params_text(&params, audit_address(maker->remote_address, arena));
    status = store_run(store, SQL(connection_create), &params, arena, &result, error);
    if (status == STATUS_CONFLICT)
        return error_set(error, STATUS_CONFLICT, "A connection of this name exists already.");
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_field(error, "team_id", "must be one of your teams");
    *out_connection_id = row_int64(result, 0, CONNECTION_CREATE_ID);
    return STATUS_OK;
}

void connection_read(const PGresult *result, int row, struct connection *out)
{
    *out = (struct connection){
        .id = row_int64(result, row, CONNECTION_GET_ID),
        .team_id = row_int64(result, row, CONNECTION_GET_TEAM_ID),
        .owner_user_id = row_int64(result, row, CONNECTION_GET_OWNER_USER_ID),
        .name = row_text(result, row, CONNECTION_GET_NAME),
        .engine = row_text(result, row, CONNECTION_GET_ENGINE),
        .host = row_text(result, row, CONNECTION_GET_HOST),
        .database_name = row_text(result, row, CONNECTION_GET_DATABASE_NAME),
        .username = row_text(result, row, CONNECTION_GET_USERNAME),
        .tls_mode = row_text(result, row, CONNECTION_GET_TLS_MODE),
        .visibility_scope = row_text(result, row, CONNECTION_GET_VISIBILITY_SCOPE),
        .team_name = row_text(result, row, CONNECTION_GET_TEAM_NAME),
        .agent_token_hint = row_text(result, row, CONNECTION_GET_AGENT_TOKEN_HINT),
        .port = (int32_t)row_int64(result, row, CONNECTION_GET_PORT),
        .has_password = row_bool(result, row, CONNECTION_GET_HAS_PASSWORD),
        .is_active = row_bool(result, row, CONNECTION_GET_IS_ACTIVE),
        .is_legacy = row_bool(result, row, CONNECTION_GET_IS_LEGACY),
        .monitoring_enabled = row_bool(result, row, CONNECTION_GET_MONITORING_ENABLED),
        .keep_literals = row_bool(result, row, CONNECTION_GET_KEEP_LITERALS),
        .interval_s = (int32_t)row_int64(result, row, CONNECTION_GET_INTERVAL_S),
        .min_duration_ms = row_double(result, row, CONNECTION_GET_MIN_DURATION_MS),
        .created_at_us = row_time(result, row, CONNECTION_GET_CREATED_AT),
        .updated_at_us = row_time(result, row, CONNECTION_GET_UPDATED_AT),
        .state = row_text(result, row, CONNECTION_GET_STATE),
        .problem = row_text(result, row, CONNECTION_GET_PROBLEM),
        .remedy = row_text(result, row, CONNECTION_GET_REMEDY),
        .server_version = row_text(result, row, CONNECTION_GET_SERVER_VERSION),
        .last_run_at_us = row_time(result, row, CONNECTION_GET_LAST_RUN_AT),
        .last_success_at_us = row_time(result, row, CONNECTION_GET_LAST_SUCCESS_AT),
        .next_run_at_us = row_time(result, row, CONNECTION_GET_NEXT_RUN_AT),
        .last_duration_ms = row_double(result, row, CONNECTION_GET_LAST_DURATION_MS),
        .last_found = row_int64(result, row, CONNECTION_GET_LAST_FOUND),
        .total_found = row_int64(result, row, CONNECTION_GET_TOTAL_FOUND),
        .last_data_at_us = row_time(result, row, CONNECTION_GET_LAST_DATA_AT),
        .is_visible = true,
    };
}
