/* Settling which connections a request is about; see filter.h. */
#include "store/read/filter.h"

#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

static const struct scope *narrowed(const struct scope *scope, const int64_t *connection_ids, size_t count,
                                    struct arena *arena)
{
    struct scope *narrow = arena_copy(arena, scope, sizeof *scope);

    narrow->connection_ids = connection_ids;
    narrow->connection_count = count;
    narrow->whole = scope_whole(scope);
    return narrow;
}

const struct scope *store_scope_narrow_to(const struct scope *scope, int64_t connection_id, struct arena *arena)
{
    if (connection_id == 0)
        return scope;
    return narrowed(scope, arena_copy(arena, &connection_id, sizeof connection_id),
                    scope_has_connection(scope, connection_id) ? 1 : 0, arena);
}

const struct scope *store_scope_narrow_to_several(const struct scope *scope, const int64_t *connection_ids,
                                                  size_t count, struct arena *arena)
{
    int64_t *visible = arena_alloc_array(arena, count, sizeof *visible);
    size_t visible_count = 0;

    for (size_t i = 0; i < count; i++)
        if (scope_has_connection(scope, connection_ids[i]))
            visible[visible_count++] = connection_ids[i];
    return narrowed(scope, visible, visible_count, arena);
}

enum status store_scope_narrow(struct store *store, const struct scope *scope, const struct connection_filter *filter,
                               struct arena *arena, const struct scope **out_scope, struct error *error)
{
    const struct scope *narrow = store_scope_narrow_to(scope, filter->connection_id, arena);
    struct db_params params = {.arena = arena};
    int64_t *connection_ids;
    size_t count;
    PGresult *result;
    enum status status;

    if (filter->engine.data == NULL && filter->team_id == 0) {
        *out_scope = narrow;
        return STATUS_OK;
    }
    params_text(&params, filter->engine);
    params_int64(&params, filter->team_id);
    status = store_read(store, narrow, SQL(connection_matching_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    count = (size_t)PQntuples(result);
    connection_ids = arena_alloc_array(arena, count, sizeof *connection_ids);
    for (size_t i = 0; i < count; i++)
        connection_ids[i] = row_int64(result, (int)i, CONNECTION_MATCHING_LIST_ID);
    *out_scope = narrowed(scope, connection_ids, count, arena);
    return STATUS_OK;
}
