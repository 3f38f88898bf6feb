/* GET /api/v1/dashboard/stats and …/activity, with the field names of older clients. */
#include "base/clock.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "store/read/activity.h"
#include "store/read/stats_connections.h"

enum { BOTTLENECKS = 10 };

enum status dashboard_stats(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const allowed[] = {"connection_id", "from", "to", NULL};
    struct stats_page page = {.limit = BOTTLENECKS};
    const struct scope *chosen;
    struct period period;
    struct stats_overview overview;
    struct dashboard_counts counts;
    struct stats_list list;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    status = param_stats(request, scope, &period, &chosen, error);
    if (status == STATUS_OK)
        status = store_dashboard_counts(request->store, chosen, request->arena, &counts, error);
    if (status == STATUS_OK)
        status = store_stats_overview(request->store, chosen, &period, request->arena, &overview, error);
    if (status == STATUS_OK)
        status = store_stats_connection_queries(request->store, chosen, &period, &page, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "total_connections", counts.connection_count);
    json_member_int64(json, "active_connections", counts.monitored_count);
    json_member_int64(json, "total_queries_discovered", counts.fingerprint_count);
    json_member_period(json, &period);
    sums_brief_write(json, &overview.now);
    json_key(json, "top_bottlenecks");
    json_array_begin(json);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        stats_discovered_write(json, &list.rows[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- activity ---- */

static const char ACTIVITY_LIST[] = "dashboard/activity";

/* Four numbers: the time; the connection and the kind in one; the hash in two. There are fewer than four kinds, and ids
 * are below 2^61, so id * 4 + kind fits. */
static struct text activity_cursor(const struct activity_list *list, struct arena *arena)
{
    struct cursor cursor = {.number_count = 4};
    const struct activity *last;

    if (!list->has_more || list->count == 0)
        return (struct text){NULL, 0};
    last = &list->items[list->count - 1];
    cursor.numbers[0] = last->at_us;
    cursor.numbers[1] = last->connection_id * 4 + (int64_t)last->kind;
    cursor_put_hash(&cursor.numbers[2], last->hash);
    return cursor_write(ACTIVITY_LIST, &cursor, arena);
}

static enum status read_activity_cursor(const struct request *request, struct activity *out_after, bool *out_is_given,
                                        struct error *error)
{
    struct cursor cursor;
    enum status status = cursor_read(request, ACTIVITY_LIST, 4, &cursor, out_is_given, error);

    if (status != STATUS_OK || !*out_is_given)
        return status;
    if (!cursor_is_time(cursor.numbers[0]) || cursor.numbers[1] < 0)
        return error_set(error, STATUS_MALFORMED, "The cursor is not one of this list.");
    *out_after = (struct activity){.at_us = cursor.numbers[0],
                                   .kind = (enum activity_kind)(cursor.numbers[1] % 4),
                                   .connection_id = cursor.numbers[1] / 4,
                                   .hash = cursor_take_hash(&cursor.numbers[2])};
    return STATUS_OK;
}

enum status dashboard_activity(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    static const char *const allowed[] = {"connection_id", "from", "to", "limit", "cursor", "include_catalog", NULL};
    static const char *const kinds[] = {[ACTIVITY_UNSET] = "unknown",
                                        [ACTIVITY_QUERY_DISCOVERED] = "query_discovered",
                                        [ACTIVITY_PLAN_CHANGED] = "plan_changed"};
    struct activity after;
    struct activity_list list;
    struct period period;
    struct json_writer *json;
    const struct scope *chosen;
    int64_t from_us, to_us;
    int limit = LIST_LIMIT_DEFAULT;
    bool has_cursor = false, with_catalog = false;
    enum status status;

    request_query_only(request, allowed, error);
    param_period(request, &period, &from_us, &to_us, error);
    param_limit(request, &limit, error);
    param_catalog(request, &with_catalog, error);
    status = param_connections(request, scope, (struct connection_filter){0}, &chosen, error);
    if (status == STATUS_OK)
        status = read_activity_cursor(request, &after, &has_cursor, error);
    if (status == STATUS_OK)
        status = store_activity_list(request->store, chosen, from_us, to_us, with_catalog, has_cursor ? &after : NULL,
                                     limit, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        const struct activity *item = &list.items[i];

        json_object_begin(json);
        json_member_string(json, "kind", kinds[item->kind]);
        json_member_time(json, "at", item->at_us);
        json_member_int64(json, "connection_id", item->connection_id);
        json_member_text(json, "connection_name", item->connection_name);
        json_member_text(json, "engine", item->engine);
        json_member_hash(json, "query_hash", item->hash);
        json_member_text(json, "sql_text", item->fingerprint);
        json_member_text(json, "statement_kind", item->statement_kind);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_next_cursor(json, activity_cursor(&list, request->arena));
    json_object_end(json);
    return STATUS_OK;
}
