/* GET /api/v1/metrics/mongodb and GET /api/v1/mongodb/cluster-status: what MongoDB nodes reported. */
#include "fcgi/api/query_params.h"

#include <math.h>

#include "base/clock.h"
#include "fcgi/cluster_status.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "store/read/mongodb.h"

enum { NODES_DEFAULT = 10, NODES_MAX = 20, CLUSTERS_MAX = 50, DAY_S = 86400, RAW_SPAN_MAX_S = 2 * 3600 };

static const char *const series_params[] = {"from",       "to",    "nodeId", "connection_id",
                                            "resolution", "limit", "cursor", NULL};
static const char *const status_params[] = {"connection_id", "limit", "cursor", NULL};
static const char series_list[] = "metrics/mongodb", status_list[] = "mongodb/cluster-status";

/* From the narrowest on. */
static const struct resolution {
    struct text name;
    int32_t seconds; /* 0: single reports */
} resolutions[] = {{TEXT("raw"), 0}, {TEXT("5m"), 300}, {TEXT("1h"), 3600}, {TEXT("1d"), DAY_S}};
enum { RESOLUTIONS = sizeof resolutions / sizeof resolutions[0] };

/* Whether a node's points fit into an answer. How many single reports there are is not known before. A bucket belongs
 * to the period if a part of it does. */
static bool fits(const struct resolution *resolution, const struct period *period)
{
    int64_t step_us = resolution->seconds * CLOCK_SECOND_US;

    return step_us == 0 || period->to_us - clock_floor(period->from_us, step_us) <= MONGODB_POINTS_MAX * step_us;
}

/* The narrowest that fits and is kept since the start of the period. */
static const struct resolution *choose_resolution(const struct period *period, int64_t now_us)
{
    int64_t span_us = period->to_us - period->from_us;

    for (size_t i = 0; i + 1 < RESOLUTIONS; i++) {
        const struct resolution *resolution = &resolutions[i];
        bool is_short = resolution->seconds > 0 || span_us <= RAW_SPAN_MAX_S * CLOCK_SECOND_US;

        if (is_short && fits(resolution, period) && period->from_us >= period_kept_from(resolution->seconds, now_us))
            return resolution;
    }
    return &resolutions[RESOLUTIONS - 1];
}

static void param_resolution(const struct request *request, const struct period *period,
                             const struct resolution **out_resolution, struct error *error)
{
    struct text value = request_query(request, "resolution");
    const struct resolution *found = NULL;

    if (value.size == 0) {
        *out_resolution = choose_resolution(period, request->received_at_us);
        return;
    }
    for (size_t i = 0; i < RESOLUTIONS; i++)
        if (text_equal(value, resolutions[i].name))
            found = &resolutions[i];
    if (found == NULL)
        error_field(error, "resolution", "must be raw, 5m, 1h or 1d");
    else
        *out_resolution = found;
}

static void check_span(const struct resolution *resolution, const struct period *period, struct error *error)
{
    if (!fits(resolution, period))
        error_field(error, "resolution", "%.*s makes more than %d points of this period", (int)resolution->name.size,
                    resolution->name.data, MONGODB_POINTS_MAX);
}

static void param_node(const struct request *request, struct text *out_node, struct error *error)
{
    struct text value = request_query(request, "nodeId");

    if (value.size > MONGODB_NODE_BYTES_MAX)
        error_field(error, "nodeId", "must have at most %d bytes", MONGODB_NODE_BYTES_MAX);
    else if (value.size > 0)
        *out_node = value;
}

/* A page of clusters or nodes. */
static void param_page_limit(const struct request *request, int standard, int maximum, int *out_limit,
                             struct error *error)
{
    int64_t limit = standard;

    if (request_query_int64(request, "limit", 1, maximum, &limit, error))
        *out_limit = (int)limit;
}

/* ---- series ---- */

static enum status read_series_filter(const struct request *request, const struct scope *scope,
                                      struct mongodb_filter *out_filter, const struct resolution **out_resolution,
                                      const struct scope **out_scope, struct error *error)
{
    struct mongodb_filter filter = {.limit = NODES_DEFAULT, .after_node_id = TEXT("")};
    const struct resolution *resolution = &resolutions[RESOLUTIONS - 1];
    struct period period = {0};
    struct cursor cursor = {0};
    bool has_cursor = false;
    enum status status;

    request_query_only(request, series_params, error);
    param_period(request, &period, &filter.from_us, &filter.to_us, error);
    if (period.to_us > period.from_us) {
        struct period exact = {.from_us = filter.from_us, .to_us = filter.to_us};

        param_resolution(request, &exact, &resolution, error);
        check_span(resolution, &exact, error);
    }
    param_node(request, &filter.node_id, error);
    param_page_limit(request, NODES_DEFAULT, NODES_MAX, &filter.limit, error);
    status = param_connections(request, scope, (struct connection_filter){0}, out_scope, error);
    if (status == STATUS_OK)
        status = cursor_read(request, series_list, 1, &cursor, &has_cursor, error);
    if (status != STATUS_OK)
        return status;
    if (has_cursor) {
        filter.after_connection_id = cursor.numbers[0];
        filter.after_node_id = cursor.text.data == NULL ? TEXT("") : cursor.text;
    }
    filter.resolution_s = resolution->seconds;
    if (filter.resolution_s > 0)
        filter.from_us = clock_floor(filter.from_us, filter.resolution_s * CLOCK_SECOND_US);
    *out_filter = filter;
    *out_resolution = resolution;
    return STATUS_OK;
}

/* A mean has as many digits as a double can; no report has more than six decimals. */
static double rounded(double value)
{
    return fabs(value) < 1e9 ? round(value * MONGODB_MILLIONTHS) / MONGODB_MILLIONTHS : round(value);
}

static void write_values(struct json_writer *json, const struct mongodb_point *point)
{
    for (int value = 0; value < MONGODB_VALUES; value++)
        json_member_double(json, mongodb_value_kinds[value].field, rounded(point->values[value]));
}

static void write_point(struct json_writer *json, const struct mongodb_point *point, bool is_report)
{
    json_object_begin(json);
    json_member_time(json, "timestamp", point->time_us);
    if (is_report)
        json_member_text_or_null(json, "role", point->role);
    else
        json_member_int64(json, "reports", point->reports);
    write_values(json, point);
    json_object_end(json);
}

static void write_node(struct json_writer *json, const struct mongodb_node *node, bool is_raw)
{
    json_object_begin(json);
    json_member_int64(json, "connection_id", node->connection_id);
    json_member_text(json, "nodeId", node->node_id);
    json_member_time(json, "nextFrom", node->has_more ? node->next_us : INT64_MIN);
    json_key(json, "points");
    json_array_begin(json);
    for (size_t i = 0; i < node->count; i++)
        write_point(json, &node->points[i], is_raw);
    json_array_end(json);
    json_object_end(json);
}

static void write_cursor(const struct request *request, const char *list, int64_t connection_id, struct text node_id,
                         bool has_more, struct json_writer *json)
{
    struct cursor cursor = {.number_count = 1, .numbers = {connection_id}, .text = node_id};

    json_member_next_cursor(json, has_more ? cursor_write(list, &cursor, request->arena) : (struct text){NULL, 0});
}

enum status mongodb_metrics(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    const struct mongodb_node *last = NULL;
    const struct resolution *resolution;
    struct mongodb_node_list list;
    struct mongodb_filter filter;
    const struct scope *chosen;
    struct json_writer *json;
    enum status status = read_series_filter(request, scope, &filter, &resolution, &chosen, error);

    if (status == STATUS_OK)
        status = store_mongodb_series(request->store, chosen, &filter, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_text(json, "resolution", resolution->name);
    json_member_time(json, "from", filter.from_us);
    json_member_time(json, "to", filter.to_us);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list.count; i++) {
        last = &list.items[i];
        write_node(json, last, resolution->seconds == 0);
    }
    json_array_end(json);
    write_cursor(request, series_list, last == NULL ? 0 : last->connection_id, last == NULL ? TEXT("") : last->node_id,
                 list.has_more, json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- cluster status ---- */

static void write_status_node(struct json_writer *json, const struct cluster_node *node)
{
    json_object_begin(json);
    json_member_text(json, "nodeId", node->node->node_id);
    json_member_string(json, "state", cluster_node_state_name(node->state));
    json_member_text_or_null(json, "role", node->newest->role);
    json_member_time(json, "timestamp", node->newest->time_us);
    json_member_ms(json, "ageSeconds", node->age_s);
    json_member_ms(json, "intervalSeconds", node->interval_s);
    json_member_ms(json, "opsPerSecond", node->operations_per_s);
    json_member_bool(json, "looksCumulative", node->looks_cumulative);
    write_values(json, node->newest);
    json_object_end(json);
}

static void write_cluster(struct json_writer *json, const struct cluster_status *status)
{
    json_object_begin(json);
    json_member_int64(json, "connection_id", status->cluster->connection_id);
    json_member_text(json, "connection_name", status->cluster->name);
    json_member_string(json, "state", cluster_state_name(status->state));
    json_key(json, "nodes");
    json_array_begin(json);
    for (size_t i = 0; i < status->cluster->count; i++)
        write_status_node(json, &status->nodes[i]);
    json_array_end(json);
    json_object_end(json);
}

enum status mongodb_cluster_status(const struct request *request, const struct scope *scope, struct response *response,
                                   struct error *error)
{
    struct mongodb_cluster_list list;
    const struct scope *chosen;
    struct json_writer *json;
    struct cursor cursor = {0};
    bool has_cursor;
    int limit = CLUSTERS_MAX;
    enum status status;

    request_query_only(request, status_params, error);
    param_page_limit(request, CLUSTERS_MAX, CLUSTERS_MAX, &limit, error);
    status = param_connections(request, scope, (struct connection_filter){0}, &chosen, error);
    if (status == STATUS_OK)
        status = cursor_read(request, status_list, 1, &cursor, &has_cursor, error);
    if (status == STATUS_OK)
        status =
            store_mongodb_cluster_list(request->store, chosen, cursor.numbers[0], limit, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        const struct cluster_status judged =
            cluster_status_make(&list.items[i], request->received_at_us, request->arena);

        write_cluster(json, &judged);
    }
    json_array_end(json);
    write_cursor(request, status_list, list.count == 0 ? 0 : list.items[list.count - 1].connection_id,
                 (struct text){NULL, 0}, list.has_more, json);
    json_object_end(json);
    return STATUS_OK;
}
