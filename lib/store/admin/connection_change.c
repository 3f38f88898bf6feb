/* Administration of connections; see connection_change.h. */
#include "store/admin/connection_change.h"

#include "base/engine.h"
#include "store/admin/audit.h"
#include "store/admin/connection_internal.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

static enum status list_all(struct store *store, const struct scope *scope, struct text after_name, int64_t after_id,
                            int limit, int64_t connection_id, struct arena *arena,
                            struct connection_list_page *out_page, struct error *error);
static enum status get_any(struct store *store, const struct scope *scope, int64_t connection_id, struct arena *arena,
                           struct connection *out_connection, struct error *error);

static enum status absent(struct error *error)
{
    return error_set(error, STATUS_ABSENT, "No such connection.");
}

static enum status need_admin(const struct scope *scope, struct error *error)
{
    if (scope->role == ROLE_ADMIN)
        return STATUS_OK;
    return error_set(error, STATUS_FORBIDDEN, "Only an admin sees all connections.");
}

enum status store_connection_list_all(struct store *store, const struct scope *scope, struct text after_name,
                                      int64_t after_id, int limit, struct arena *arena,
                                      struct connection_list_page *out_page, struct error *error)
{
    enum status status = need_admin(scope, error);

    return status == STATUS_OK ? list_all(store, scope, after_name, after_id, limit, 0, arena, out_page, error)
                               : status;
}

enum status store_connection_get_any(struct store *store, const struct scope *scope, int64_t connection_id,
                                     struct arena *arena, struct connection *out_connection, struct error *error)
{
    enum status status = need_admin(scope, error);

    return status == STATUS_OK ? get_any(store, scope, connection_id, arena, out_connection, error) : status;
}

static void put_ports(struct db_params *params)
{
    struct text names[ENGINE_KIND_COUNT - 1];
    int64_t ports[ENGINE_KIND_COUNT - 1];

    for (int i = 0; i < ENGINE_KIND_COUNT - 1; i++) {
        const struct engine *engine = engine_of_kind((enum engine_kind)(ENGINE_UNSET + 1 + i));

        names[i] = text_of(engine->name);
        ports[i] = engine->default_port;
    }
    params_text_array(params, names, ENGINE_KIND_COUNT - 1);
    params_int64_array(params, ports, ENGINE_KIND_COUNT - 1);
}

/* What the row of connection_update.sql says about the change. */
static enum status check_update_result(const PGresult *result, struct error *error)
{
    if (PQntuples(result) == 0)
        return absent(error);
    if (!row_bool(result, 0, CONNECTION_UPDATE_IS_ALLOWED))
        return error_set(error, STATUS_FORBIDDEN,
                         "Only members of the connection's team, its owner and admins may change it.");
    if (!row_bool(result, 0, CONNECTION_UPDATE_IS_TEAM_FINE))
        return error_field(error, "team_id", "must be one of your teams");
    if (!row_bool(result, 0, CONNECTION_UPDATE_IS_OWNER_FINE))
        return error_field(error, "owner_user_id", "is nobody of this organization");
    if (!row_bool(result, 0, CONNECTION_UPDATE_MAY_HIDE))
        return error_field(error, "visibility_scope", "may be made USER_ONLY by the owner or an admin alone");
    if (!row_bool(result, 0, CONNECTION_UPDATE_IS_ENGINE_FINE))
        return error_field(error, "engine", "cannot change: make another connection");
    if (!row_bool(result, 0, CONNECTION_UPDATE_MAY_MONITOR))
        return error_field(error, "monitoring_enabled",
                           "must be false: Potto's collector does not read this engine yet; an agent may feed it");
    if (row_bool(result, 0, CONNECTION_UPDATE_LACKS_TEAM))
        return error_field(error, "team_id", "must be given for TEAM_ONLY");
    if (row_bool(result, 0, CONNECTION_UPDATE_LACKS_OWNER))
        return error_field(error, "owner_user_id", "must be given for USER_ONLY: the connection has no owner");
    if (row_bool(result, 0, CONNECTION_UPDATE_LACKS_PASSWORD))
        return error_field(error, "password",
                           "must be given again for another host or port or a weaker tls_mode, or be null");
    return STATUS_OK;
}

static enum status run_on(struct store *store, const struct db_sql *sql, const struct scope *scope,
                          int64_t connection_id, const struct text *ciphertext, struct arena *arena,
                          struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, scope->organization_id);
    params_int64(&params, connection_id);
    if (ciphertext != NULL)
        params_bytes(&params, ciphertext->size == 0 ? (struct text){NULL, 0} : *ciphertext);
    return store_run(store, sql, &params, arena, NULL, error);
}

void connection_params_change(struct db_params *params, const struct scope *scope, int64_t connection_id)
{
    params_int64(params, connection_id);
    params_int64(params, scope->user_id);
    params_bool(params, scope->role == ROLE_ADMIN);
}

static enum status update(struct store *store, const struct scope *scope, int64_t connection_id,
                          const struct connection_input *input, struct text remote_address, struct arena *arena,
                          struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text collected[ENGINE_KIND_COUNT];
    PGresult *result;
    enum status status;

    connection_params_change(&params, scope, connection_id);
    connection_params_fields(&params, input, CONNECTION_CHANGE);
    params_text(&params, audit_address(remote_address, arena));
    put_ports(&params);
    params_text_array(&params, collected, engine_collected(collected));
    params_text(&params, input->is_given[CONNECTION_FIELD_ENGINE] ? input->values.engine : (struct text){NULL, 0});
    status = store_read(store, scope, SQL(connection_update), &params, arena, &result, error);
    if (status == STATUS_CONFLICT)
        return error_set(error, STATUS_CONFLICT, "A connection of this name exists already.");
    if (status == STATUS_OK)
        status = check_update_result(result, error);
    if (status == STATUS_OK && input->is_given[CONNECTION_FIELD_PASSWORD])
        status = run_on(store, SQL(connection_set_password), scope, connection_id, &input->password_ciphertext, arena,
                        error);
    if (status == STATUS_OK && row_bool(result, 0, CONNECTION_UPDATE_HAS_MOVED))
        status = run_on(store, SQL(connection_counters_forget), scope, connection_id, NULL, arena, error);
    return status;
}

enum status store_connection_update(struct store *store, const struct scope *scope, int64_t connection_id,
                                    const struct connection_input *input, struct text remote_address,
                                    struct arena *arena, struct connection *out_connection, struct error *error)
{
    enum status status;

    if (input->is_given[CONNECTION_FIELD_OWNER_USER_ID] && scope->role != ROLE_ADMIN)
        return error_field(error, "owner_user_id", "is changed by admins alone");
    store_administer(store);
    status = store_begin(store, error);
    if (status != STATUS_OK)
        return status;
    status = update(store, scope, connection_id, input, remote_address, arena, error);
    if (status == STATUS_OK)
        status = get_any(store, scope, connection_id, arena, out_connection, error);
    return store_end(store, status, error);
}

enum status store_connection_delete(struct store *store, const struct scope *scope, int64_t connection_id,
                                    struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    connection_params_change(&params, scope, connection_id);
    params_text(&params, audit_address(remote_address, arena));
    store_administer(store);
    status = store_read(store, scope, SQL(connection_delete), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return absent(error);
    if (!row_bool(result, 0, CONNECTION_DELETE_IS_ALLOWED))
        return error_set(error, STATUS_FORBIDDEN,
                         "Only members of the connection's team, its owner and admins may delete it.");
    return STATUS_OK;
}

enum status store_connection_purge(struct store *store, int max_rows, struct arena *arena, int64_t *out_count,
                                   struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int32(&params, max_rows);
    status = store_run(store, SQL(connection_purge), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_count = row_int64(result, 0, CONNECTION_PURGE_PURGE_DELETED_CONNECTIONS);
    return status;
}

static enum status list_all(struct store *store, const struct scope *scope, struct text after_name, int64_t after_id,
                            int limit, int64_t connection_id, struct arena *arena,
                            struct connection_list_page *out_page, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    connection_params_page(&params, after_name, after_id, limit);
    params_int64(&params, connection_id);
    store_administer(store);
    status = store_read(store, scope, SQL(connection_list_all), &params, arena, &result, error);
    if (status == STATUS_OK)
        connection_page_read(result, limit, arena, out_page);
    return status;
}

static enum status get_any(struct store *store, const struct scope *scope, int64_t connection_id, struct arena *arena,
                           struct connection *out_connection, struct error *error)
{
    struct connection_list_page page;
    enum status status = list_all(store, scope, (struct text){NULL, 0}, 0, 1, connection_id, arena, &page, error);

    if (status != STATUS_OK)
        return status;
    if (page.count == 0)
        return absent(error);
    *out_connection = page.items[0];
    return STATUS_OK;
}
