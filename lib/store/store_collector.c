/* Agents and daemons; see collector.h. */
#include "store/collector.h"

#include "store/scope_internal.h"

enum { LIST_COLUMNS = 9 };

static struct collector read_collector(const PGresult *result, int row, struct arena *arena)
{
    struct collector collector = {
        .id = row_int64(result, row, 0),
        .kind = row_text(result, row, 1),
        .hostname = row_text(result, row, 2),
        .version = row_text(result, row, 3),
        .status = row_text(result, row, 4),
        .detail = row_json(result, row, 5),
        .registered_at_us = row_time(result, row, 6),
        .last_seen_at_us = row_time(result, row, 7),
    };

    collector.connection_ids = row_int64_array(result, row, 8, arena, &collector.connection_count);
    return collector;
}

enum status store_collector_list_after(struct store *store, const struct scope *scope, int64_t last_seen_at_us,
                                       int64_t collector_id, int limit, struct arena *arena,
                                       struct collector_list *out_list, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct collector_list list;
    PGresult *result;
    enum status status;

    params_time(&params, last_seen_at_us);
    params_int64(&params, collector_id);
    params_int32(&params, limit);
    status = store_read(store, scope, SQL(collector_list), &params, LIST_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = (size_t)PQntuples(result);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = read_collector(result, (int)i, arena);
    *out_list = list;
    return STATUS_OK;
}

enum status store_collector_list(struct store *store, const struct scope *scope, int limit, struct arena *arena,
                                 struct collector_list *out_list, struct error *error)
{
    return store_collector_list_after(store, scope, INT64_MIN, 0, limit, arena, out_list, error);
}

/* ---- registration ---- */

static enum status find_collector(struct store *store, const struct scope *scope, struct text hostname,
                                  struct arena *arena, int64_t *out_collector_id, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_text(&params, hostname);
    status = store_run(store, SQL(collector_lock), &params, 1, arena, NULL, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(collector_find), &params, 1, arena, &result, error);
    if (status == STATUS_OK)
        *out_collector_id = PQntuples(result) == 0 ? 0 : row_int64(result, 0, 0);
    return status;
}

static enum status add_collector(struct store *store, const struct scope *scope, struct text hostname,
                                 struct text version, struct arena *arena, int64_t *out_collector_id,
                                 struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_text(&params, hostname);
    params_text(&params, version);
    status = store_run(store, SQL(collector_add), &params, 1, arena, &result, error);
    if (status == STATUS_OK)
        *out_collector_id = row_int64(result, 0, 0);
    return status;
}

static enum status refresh_collector(struct store *store, const struct scope *scope, int64_t collector_id,
                                     struct text version, struct arena *arena, struct error *error)
{
    struct store_params params = {.arena = arena};

    params_int64(&params, scope->organization_id);
    params_int64(&params, collector_id);
    params_text(&params, version);
    return store_run(store, SQL(collector_refresh), &params, 0, arena, NULL, error);
}

static enum status link_collector(struct store *store, const struct scope *scope, int64_t collector_id,
                                  struct arena *arena, struct error *error)
{
    struct store_params params = {.arena = arena};

    params_int64(&params, scope->organization_id);
    params_int64(&params, collector_id);
    params_int64(&params, scope->connection_id);
    return store_run(store, SQL(collector_link), &params, 0, arena, NULL, error);
}

enum status store_collector_register(struct store *store, const struct scope *scope, struct text hostname,
                                     struct text version, struct arena *arena, int64_t *out_collector_id,
                                     bool *out_is_new, struct error *error)
{
    struct text known_version = version.data == NULL ? TEXT("") : version;
    int64_t collector_id = 0;
    bool is_new;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = find_collector(store, scope, hostname, arena, &collector_id, error);
    is_new = collector_id == 0;
    if (status == STATUS_OK && is_new)
        status = add_collector(store, scope, hostname, known_version, arena, &collector_id, error);
    else if (status == STATUS_OK)
        status = refresh_collector(store, scope, collector_id, known_version, arena, error);
    if (status == STATUS_OK)
        status = link_collector(store, scope, collector_id, arena, error);
    if (status == STATUS_OK)
        status = store_commit(store, error);
    if (status != STATUS_OK) {
        store_rollback(store);
        return status;
    }
    *out_collector_id = collector_id;
    *out_is_new = is_new;
    return STATUS_OK;
}

enum status store_collector_heartbeat(struct store *store, const struct scope *scope, int64_t collector_id,
                                      struct text version, struct text detail_json, struct arena *arena,
                                      struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, collector_id);
    params_int64(&params, scope->connection_id);
    params_text(&params, version);
    params_json(&params, detail_json);
    status = store_run(store, SQL(collector_heartbeat), &params, 1, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    return PQntuples(result) == 1 ? STATUS_OK : error_set(error, STATUS_ABSENT, "No such collector.");
}
