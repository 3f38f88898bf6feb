/* Connections as a caller sees them; see connection.h. Making them: store_connection_admin.c; changing
 * them: store_connection_change.c; tokens: store_token.c. */
#include "store/admin/connection.h"

#include "store/admin/connection_internal.h"
#include "store/scope/scope_internal.h"

static enum status get(struct store *store, const struct scope *scope, int64_t connection_id, int64_t owner_user_id,
                       struct arena *arena, struct connection *out_connection, struct error *error);

enum status store_connection_list(struct store *store, const struct scope *scope, struct text after_name,
                                  int64_t after_id, int limit, struct arena *arena,
                                  struct connection_list_page *out_page, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct connection_list_page page = {0};
    PGresult *result;
    enum status status;

    params_text(&params, after_id == 0 ? (struct text){NULL, 0} : after_name);
    params_int64(&params, after_id);
    params_int32(&params, limit + 1); /* one more tells whether there is a next page */
    status = store_read(store, scope, SQL(connection_list), &params, CONNECTION_COLUMNS, arena, &result, error);
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

enum status store_team_list(struct store *store, const struct scope *scope, struct arena *arena,
                            const struct team **out_teams, size_t *out_count, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct team *teams;
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    params_bool(&params, scope->role == ROLE_ADMIN);
    status = store_run(store, SQL(team_list), &params, 3, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_count = (size_t)PQntuples(result);
    teams = arena_alloc_array(arena, *out_count, sizeof *teams);
    for (size_t i = 0; i < *out_count; i++)
        teams[i] = (struct team){.id = row_int64(result, (int)i, 0),
                                 .name = row_text(result, (int)i, 1),
                                 .is_own = row_bool(result, (int)i, 2)};
    *out_teams = teams;
    return STATUS_OK;
}

static enum status get(struct store *store, const struct scope *scope, int64_t connection_id, int64_t owner_user_id,
                       struct arena *arena, struct connection *out_connection, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    params_int64(&params, owner_user_id);
    status = store_read(store, scope, SQL(connection_get), &params, CONNECTION_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such connection.");
    connection_read(result, 0, out_connection);
    return STATUS_OK;
}

void connection_read(const PGresult *result, int row, struct connection *out)
{
    *out = (struct connection){
        .id = row_int64(result, row, 0),
        .team_id = row_int64(result, row, 1),
        .owner_user_id = row_int64(result, row, 2),
        .name = row_text(result, row, 3),
        .engine = row_text(result, row, 4),
        .host = row_text(result, row, 5),
        .database_name = row_text(result, row, 6),
        .username = row_text(result, row, 7),
        .tls_mode = row_text(result, row, 8),
        .visibility_scope = row_text(result, row, 9),
        .team_name = row_text(result, row, 10),
        .agent_token_hint = row_text(result, row, 11),
        .port = (int32_t)row_int64(result, row, 12),
        .has_password = row_bool(result, row, 13),
        .is_active = row_bool(result, row, 14),
        .is_legacy = row_bool(result, row, 15),
        .monitoring_enabled = row_bool(result, row, 16),
        .keep_literals = row_bool(result, row, 17),
        .interval_s = (int32_t)row_int64(result, row, 18),
        .min_duration_ms = row_double(result, row, 19),
        .created_at_us = row_time(result, row, 20),
        .updated_at_us = row_time(result, row, 21),
        .state = row_text(result, row, 22),
        .problem = row_text(result, row, 23),
        .remedy = row_text(result, row, 24),
        .server_version = row_text(result, row, 25),
        .last_run_at_us = row_time(result, row, 26),
        .last_success_at_us = row_time(result, row, 27),
        .next_run_at_us = row_time(result, row, 28),
        .last_duration_ms = row_double(result, row, 29),
        .last_found = row_int64(result, row, 30),
        .total_found = row_int64(result, row, 31),
        .last_data_at_us = row_time(result, row, 32),
        .is_visible = true,
    };
}
