/* Connections as a caller sees them; see connection.h and connection_internal.h. */
#include "store/admin/connection.h"

#include "base/engine.h"
#include "store/admin/audit.h"
#include "store/admin/connection_internal.h"
#include "store/scope/quota.h"
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
    PGresult *result;
    enum status status;

    connection_params_page(&params, after_name, after_id, limit);
    status = store_read(store, scope, SQL(connection_list), &params, arena, &result, error);
    if (status == STATUS_OK)
        connection_page_read(result, limit, arena, out_page);
    return status;
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

enum status store_connection_reserve(struct store *store, struct arena *arena, int64_t *out_connection_id,
                                     struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(connection_reserve), NULL, arena, &result, error);

    if (status == STATUS_OK)
        *out_connection_id = row_int64(result, 0, CONNECTION_RESERVE_ID);
    return status;
}

enum status store_connection_create(struct store *store, const struct scope *scope,
                                    const struct connection_input *input, struct text remote_address,
                                    struct arena *arena, struct error *error)
{
    const struct connection_maker maker = {.organization_id = scope->organization_id,
                                           .owner_user_id = scope->user_id,
                                           .may_any_team = scope->role == ROLE_ADMIN,
                                           .remote_address = remote_address};
    enum status status = connection_insert(store, &maker, input, arena, error);

    if (status == STATUS_OK)
        store_enter_made(store, input->values.id);
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

enum status connection_insert(struct store *store, const struct connection_maker *maker,
                              const struct connection_input *input, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct connection_input whole = *input;
    PGresult *result;
    enum status status;

    whole.values.monitoring_enabled &= engine_of(whole.values.engine)->is_collected;
    /* A connection without a host is fed by an agent and needs no port. */
    if (whole.values.host.size > 0 && whole.values.port == 0)
        whole.values.port = engine_of(whole.values.engine)->default_port;
    params_int64(&params, maker->organization_id);
    params_int64(&params, maker->owner_user_id);
    params_bool(&params, maker->may_any_team);
    connection_params_fields(&params, &whole, CONNECTION_CREATE);
    params_bytes(&params, whole.agent_token_hash);
    params_bytes(&params, whole.agent_token_ciphertext);
    params_text(&params, whole.values.agent_token_hint);
    params_text(&params, audit_address(maker->remote_address, arena));
    params_int64(&params, whole.values.id);
    status = quota_begin(store, QUOTA_CONNECTIONS, maker->organization_id, 0, arena, error);
    if (status == STATUS_OK) {
        status = store_run(store, SQL(connection_create), &params, arena, &result, error);
        if (status == STATUS_CONFLICT)
            status = error_set(error, STATUS_CONFLICT, "A connection of this name exists already.");
    }
    if (status == STATUS_OK && PQntuples(result) == 0)
        status = error_field(error, "team_id", "must be one of your teams");
    return store_end(store, status, error);
}
