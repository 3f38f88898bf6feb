/* Reading what MongoDB nodes reported; see mongodb.h. */
#include "store/read/mongodb.h"

#include <math.h>

#include "base/clock.h"
#include "store/scope/statement.h"

/* last_seen_at of a node may be an hour late, and a report an hour ahead. */
#define SEEN_SLACK_US (2 * 3600 * CLOCK_SECOND_US)

/* The statement lists a report's numbers in the order of enum mongodb_value. */
_Static_assert(MONGODB_POINTS_WT_CACHE_MAX_BYTES - MONGODB_POINTS_CONNECTIONS_CURRENT + 1 == MONGODB_VALUES, "values");

static double number_or_nan(const PGresult *result, int row, int column)
{
    return row_is_null(result, row, column) ? NAN : row_double(result, row, column);
}

/* ---- series ---- */

static enum status list_nodes(struct store *store, const struct scope *scope, const struct mongodb_filter *filter,
                              struct arena *arena, struct mongodb_node_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct mongodb_node_list list = {0};
    PGresult *result;
    enum status status;

    params_text(&params, filter->node_id);
    params_time(&params, filter->from_us - SEEN_SLACK_US);
    params_int64(&params, filter->after_connection_id);
    params_text(&params, filter->after_node_id);
    params_int32(&params, filter->limit + 1);
    status = store_read(store, scope, SQL(mongodb_node_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = row_page_count(result, filter->limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] =
            (struct mongodb_node){.connection_id = row_int64(result, (int)i, MONGODB_NODE_LIST_DATABASE_CONNECTION_ID),
                                  .node_id = row_text(result, (int)i, MONGODB_NODE_LIST_NODE_ID)};
    *out_list = list;
    return STATUS_OK;
}

/* The rows of one node are neighbours. The one behind the last point tells where the series goes on. */
static void read_points(const PGresult *result, struct arena *arena, struct mongodb_node_list *list)
{
    int rows = PQntuples(result);

    for (int row = 0, first; row < rows;) {
        int64_t place = row_int64(result, row, MONGODB_POINTS_PLACE);
        struct mongodb_node *node = &list->items[place - 1];

        for (first = row; row < rows && row_int64(result, row, MONGODB_POINTS_PLACE) == place;)
            row++;
        node->count = (size_t)(row - first);
        node->has_more = node->count > MONGODB_POINTS_MAX;
        if (node->has_more) {
            node->count = MONGODB_POINTS_MAX;
            node->next_us = row_time(result, row - 1, MONGODB_POINTS_TIME);
        }
        node->points = arena_alloc_array(arena, node->count, sizeof *node->points);
        for (size_t i = 0; i < node->count; i++) {
            int at = first + (int)i;

            node->points[i] = (struct mongodb_point){.time_us = row_time(result, at, MONGODB_POINTS_TIME),
                                                     .reports = row_int64(result, at, MONGODB_POINTS_REPORTS),
                                                     .role = row_text(result, at, MONGODB_POINTS_ROLE)};
            for (int value = 0; value < MONGODB_VALUES; value++)
                node->points[i].values[value] = number_or_nan(result, at, MONGODB_POINTS_CONNECTIONS_CURRENT + value);
        }
    }
}

enum status store_mongodb_series(struct store *store, const struct scope *scope, const struct mongodb_filter *filter,
                                 struct arena *arena, struct mongodb_node_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct mongodb_node_list list;
    int64_t *connection_ids;
    struct text *node_ids;
    PGresult *result;
    enum status status = list_nodes(store, scope, filter, arena, &list, error);

    if (status != STATUS_OK)
        return status;
    connection_ids = arena_alloc_array(arena, list.count, sizeof *connection_ids);
    node_ids = arena_alloc_array(arena, list.count, sizeof *node_ids);
    for (size_t i = 0; i < list.count; i++) {
        connection_ids[i] = list.items[i].connection_id;
        node_ids[i] = list.items[i].node_id;
    }
    params_int64_array(&params, connection_ids, list.count);
    params_text_array(&params, node_ids, list.count);
    params_time(&params, filter->from_us);
    params_time(&params, filter->to_us);
    params_int32(&params, MONGODB_POINTS_MAX + 1);
    if (filter->resolution_s != 0)
        params_int32(&params, filter->resolution_s);
    if (list.count > 0)
        status = store_read(store, scope, filter->resolution_s == 0 ? SQL(mongodb_points) : SQL(mongodb_stat_points),
                            &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (list.count > 0)
        read_points(result, arena, &list);
    *out_list = list;
    return STATUS_OK;
}

/* ---- clusters ---- */

static struct mongodb_cluster *cluster_of(const struct mongodb_cluster_list *list, int64_t connection_id)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].connection_id == connection_id)
            return &list->items[i];
    return NULL;
}

static struct mongodb_member read_member(const PGresult *result, int row, struct arena *arena)
{
    struct mongodb_member member = {
        .connection_id = row_int64(result, row, MONGODB_NEWEST_DATABASE_CONNECTION_ID),
        .node_id = row_text(result, row, MONGODB_NEWEST_NODE_ID),
        .newest = {.reports = 1, .role = row_text(result, row, MONGODB_NEWEST_ROLE)},
    };
    size_t number_count;
    const int64_t *numbers = row_int64_array(result, row, MONGODB_NEWEST_NUMBERS, arena, &number_count);

    member.times_us = row_time_array(result, row, MONGODB_NEWEST_TIMES, arena, &member.count);
    member.operations = row_int64_array(result, row, MONGODB_NEWEST_OPERATIONS, arena, &member.count);
    member.newest.time_us = member.times_us[0];
    for (size_t value = 0; value < MONGODB_VALUES; value++)
        member.newest.values[value] =
            mongodb_number((enum mongodb_value)value, value < number_count ? numbers[value] : -1);
    return member;
}

/* The nodes of a cluster are neighbours. */
static void read_members(const PGresult *result, struct arena *arena, const struct mongodb_cluster_list *list)
{
    int rows = PQntuples(result);
    struct mongodb_member *members = arena_alloc_array(arena, (size_t)rows, sizeof *members);

    for (int row = 0; row < rows; row++) {
        struct mongodb_cluster *cluster;

        members[row] = read_member(result, row, arena);
        cluster = cluster_of(list, members[row].connection_id);
        if (cluster != NULL && cluster->count++ == 0)
            cluster->nodes = &members[row];
    }
}

enum status store_mongodb_cluster_list(struct store *store, const struct scope *scope, int64_t after_id, int limit,
                                       struct arena *arena, struct mongodb_cluster_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena}, of_nodes = {.arena = arena};
    struct mongodb_cluster_list list = {0};
    int64_t *connection_ids;
    PGresult *result;
    enum status status;

    params_int64(&params, after_id);
    params_int32(&params, limit + 1);
    status = store_read(store, scope, SQL(mongodb_cluster_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = row_page_count(result, limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    connection_ids = arena_alloc_array(arena, list.count, sizeof *connection_ids);
    for (size_t i = 0; i < list.count; i++) {
        connection_ids[i] = row_int64(result, (int)i, MONGODB_CLUSTER_LIST_ID);
        list.items[i] =
            (struct mongodb_cluster){.connection_id = connection_ids[i],
                                     .name = row_text(result, (int)i, MONGODB_CLUSTER_LIST_NAME),
                                     .interval_s = (int32_t)row_int64(result, (int)i, MONGODB_CLUSTER_LIST_INTERVAL_S)};
    }
    params_int64_array(&of_nodes, connection_ids, list.count);
    if (list.count > 0)
        status = store_read(store, scope, SQL(mongodb_newest), &of_nodes, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (list.count > 0)
        read_members(result, arena, &list);
    *out_list = list;
    return STATUS_OK;
}

/* ---- charts ---- */

enum status store_mongodb_totals(struct store *store, const struct scope *scope, const struct period *period,
                                 struct text node_id, struct arena *arena, struct mongodb_total_list *out_list,
                                 struct error *error)
{
    struct db_params params = {.arena = arena};
    struct mongodb_total_list list = {0};
    PGresult *result;
    enum status status;

    params_int32(&params, period->resolution_s);
    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    params_text(&params, node_id);
    status = store_read(store, scope, SQL(mongodb_totals), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = (size_t)PQntuples(result);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct mongodb_total){
            .bucket_us = row_time(result, (int)i, MONGODB_TOTALS_BUCKET_AT),
            .operations = number_or_nan(result, (int)i, MONGODB_TOTALS_OPS),
            .lag_s = number_or_nan(result, (int)i, MONGODB_TOTALS_LAG_S),
            .connections = number_or_nan(result, (int)i, MONGODB_TOTALS_CONNECTIONS),
            .cache_share = number_or_nan(result, (int)i, MONGODB_TOTALS_CACHE_SHARE),
            .oplog_hours = number_or_nan(result, (int)i, MONGODB_TOTALS_OPLOG_HOURS),
        };
    *out_list = list;
    return STATUS_OK;
}
