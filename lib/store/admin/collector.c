/* Agents and daemons; see collector.h. */
#include "store/admin/collector.h"

#include <math.h>

#include "store/scope/quota.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

enum { RETRY_S_MAX = 3600 };

static struct collector read_collector(const PGresult *result, int row, struct arena *arena)
{
    struct collector collector = {
        .id = row_int64(result, row, COLLECTOR_LIST_ID),
        .kind = row_text(result, row, COLLECTOR_LIST_KIND),
        .hostname = row_text(result, row, COLLECTOR_LIST_HOSTNAME),
        .version = row_text(result, row, COLLECTOR_LIST_VERSION),
        .status = row_text(result, row, COLLECTOR_LIST_STATUS),
        .detail = row_json(result, row, COLLECTOR_LIST_DETAIL),
        .registered_at_us = row_time(result, row, COLLECTOR_LIST_REGISTERED_AT),
        .last_seen_at_us = row_time(result, row, COLLECTOR_LIST_LAST_SEEN_AT),
    };

    collector.connection_ids =
        row_int64_array(result, row, COLLECTOR_LIST_CONNECTION_IDS, arena, &collector.connection_count);
    return collector;
}

enum status store_collector_list_after(struct store *store, const struct scope *scope, int64_t last_seen_at_us,
                                       int64_t collector_id, int limit, struct arena *arena,
                                       struct collector_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct collector_list list;
    PGresult *result;
    enum status status;

    params_time(&params, last_seen_at_us);
    params_int64(&params, collector_id);
    params_int32(&params, limit);
    status = store_read(store, scope, SQL(collector_list), &params, arena, &result, error);
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

static enum status refuse_haste(double wait_s, struct error *error)
{
    error_set(error, STATUS_THROTTLED, "An agent is written down once in 10 seconds; wait before you say more.");
    if (error != NULL)
        error->retry_after_s = (int)fmin(ceil(wait_s), RETRY_S_MAX);
    return STATUS_THROTTLED;
}

enum status store_collector_register(struct store *store, const struct scope *scope, struct text hostname,
                                     struct text version, struct arena *arena, int64_t *out_collector_id,
                                     bool *out_is_new, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    (void)scope; /* collector_register() reads organization and connection from the settings that row policies read */
    params_text(&params, hostname);
    params_text(&params, version.data == NULL ? TEXT("") : version);
    params_int64(&params, quota_maximum(store, QUOTA_AGENTS));
    status = store_run(store, SQL(collector_register), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (row_double(result, 0, COLLECTOR_REGISTER_WAIT_S) > 0)
        return refuse_haste(row_double(result, 0, COLLECTOR_REGISTER_WAIT_S), error);
    if (row_is_null(result, 0, COLLECTOR_REGISTER_COLLECTOR_ID))
        return quota_error(store, QUOTA_AGENTS, error);
    *out_collector_id = row_int64(result, 0, COLLECTOR_REGISTER_COLLECTOR_ID);
    *out_is_new = row_bool(result, 0, COLLECTOR_REGISTER_IS_NEW);
    return STATUS_OK;
}

enum status store_collector_heartbeat(struct store *store, const struct scope *scope, int64_t collector_id,
                                      struct text version, struct text detail_json, struct arena *arena,
                                      struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, collector_id);
    params_int64(&params, scope->connection_id);
    params_text(&params, version);
    params_json(&params, detail_json);
    status = store_run(store, SQL(collector_heartbeat), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such collector.");
    if (row_double(result, 0, COLLECTOR_HEARTBEAT_WAIT_S) > 0)
        return refuse_haste(row_double(result, 0, COLLECTOR_HEARTBEAT_WAIT_S), error);
    return STATUS_OK;
}
