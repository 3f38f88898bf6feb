/* The page of MongoDB clusters: which role has each node, do they keep up, and what do they do? */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "fcgi/cluster_status.h"
#include "fcgi/handlers.h"
#include "fcgi/pages/charts_view.h"
#include "fcgi/pages/page.h"
#include "store/read/mongodb.h"

enum { CLUSTERS_SHOWN = 50, STALE_NAMED_MAX = 5 };

static const struct page_about about = {.title = "MongoDB",
                                        .template_file = "mongodb.tpl",
                                        .section = PAGE_SECTION_MONGODB,
                                        .has_period = true,
                                        .has_database = true};

/* ---- charts ---- */

enum measure { MEASURE_OPERATIONS, MEASURE_LAG, MEASURE_CONNECTIONS, MEASURE_CACHE, MEASURE_OPLOG, MEASURES };

static char *format_hours(double value, char out[FORMAT_BYTES])
{
    return format_duration(value * 3600 * 1000, out);
}

static char *format_hours_mark(double value, double top, char out[FORMAT_BYTES])
{
    (void)top;
    snprintf(out, FORMAT_BYTES, "%.4g\xc2\xa0h", value);
    return out;
}

static const struct chart_measure measures[MEASURES] = {
    [MEASURE_OPERATIONS] = {"operations", "Operations", "per second", "1/s", format_rate, false, format_rate_mark, 0},
    [MEASURE_LAG] = {"lag", "Replication lag", "of the slowest node", "ms", format_duration, false, NULL, 0},
    [MEASURE_CONNECTIONS] = {"connections", "Connections", "open", "1", format_count, false, NULL, 0},
    [MEASURE_OPLOG] = {"oplog", "Oplog window", "of the shortest oplog", "h", format_hours, false, format_hours_mark,
                       0},
    [MEASURE_CACHE] = {"cache", "Cache used", "by the fullest node", "share", format_share, false, NULL, 1},
};

/* Of neighbouring buckets: rates and connections are means, lag and cache the largest, oplogs the shortest. */
static void make_row(const struct page *page, const struct mongodb_total *totals, size_t count,
                     double out_values[MEASURES])
{
    double operations = 0, seconds = 0, connections = 0;
    int told = 0;

    out_values[MEASURE_LAG] = out_values[MEASURE_CACHE] = out_values[MEASURE_OPLOG] = NAN;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(totals[i].operations)) {
            operations += totals[i].operations;
            seconds += charts_bucket_s(page, totals[i].bucket_us);
        }
        if (isfinite(totals[i].connections)) {
            connections += totals[i].connections;
            told++;
        }
        out_values[MEASURE_LAG] = fmax(out_values[MEASURE_LAG], totals[i].lag_s * 1000); /* a number wins over NAN */
        out_values[MEASURE_CACHE] = fmax(out_values[MEASURE_CACHE], totals[i].cache_share);
        out_values[MEASURE_OPLOG] = fmin(out_values[MEASURE_OPLOG], totals[i].oplog_hours);
    }
    out_values[MEASURE_OPERATIONS] = seconds > 0 ? operations / seconds : NAN;
    out_values[MEASURE_CONNECTIONS] = told > 0 ? connections / told : NAN;
}

/* One for each `group` buckets of the first `count`. */
static struct chart_values values_make(const struct page *page, const struct mongodb_total_list *totals, size_t count,
                                       size_t group)
{
    size_t made = group == 0 ? 0 : (count + group - 1) / group;
    int64_t *times_us = arena_alloc_array(page->arena, made, sizeof *times_us);
    double *values = arena_alloc_array(page->arena, made * MEASURES, sizeof *values);

    for (size_t i = 0; i < made; i++) {
        size_t first = i * group, rest = count - first;
        double row[MEASURES];

        make_row(page, &totals->items[first], rest < group ? rest : group, row);
        times_us[i] = totals->items[first].bucket_us;
        for (size_t m = 0; m < MEASURES; m++)
            values[m * made + i] = row[m];
    }
    return (struct chart_values){times_us, values, made};
}

static void fill_charts(struct page *page, const struct mongodb_total_list *totals)
{
    static const struct chart_measure *const shown[MEASURES] = {&measures[0], &measures[1], &measures[2], &measures[3],
                                                                &measures[4]};
    struct charts charts = {.measures = shown, .measure_count = MEASURES};
    size_t count = totals->count;

    if (count > 0)
        count = charts_drawn_count(page, count, totals->items[count - 1].bucket_us);
    charts.points = values_make(page, totals, count, 1);
    charts.rows = values_make(page, totals, count, charts_row_points(count));
    charts_view_fill(page, &charts);
}

/* ---- clusters ---- */

static const char *node_class(enum node_state state)
{
    return state == NODE_STALE ? "warn" : state == NODE_UNKNOWN || state == NODE_OTHER ? "" : "good";
}

static const struct {
    const char *label, *class, *problem; /* NULL: nothing is wrong */
} cluster_words[] = {
    [CLUSTER_STATE_UNSET] = {"unknown", "", NULL},
    [CLUSTER_OK] = {"ok", "good", NULL},
    [CLUSTER_NO_PRIMARY] = {"no primary", "bad", "No node is primary: nothing can be written."},
    [CLUSTER_TWO_PRIMARIES] = {"two primaries", "bad",
                               "More than one node says that it is primary. If this stays, the set is split. (Each "
                               "shard of a sharded cluster needs a connection of its own.)"},
    [CLUSTER_NODE_STALE] = {"node stale", "warn", NULL}, /* fill_stale names them */
    [CLUSTER_STALE] = {"stale", "warn", "No node reports any more. Does whatever sends still run?"},
    [CLUSTER_UNKNOWN] = {"unknown", "", NULL},
};

static void fill_cache(struct page_data *row, const struct mongodb_point *point)
{
    double used = point->values[MONGODB_CACHE_USED], max = point->values[MONGODB_CACHE_MAX];
    char text[FORMAT_BYTES];

    page_set_string(row, "CACHE", format_share(max > 0 ? used / max : NAN, text));
    if (max > 0)
        page_set_string(page_section(row, "HAS_CACHE"), "CACHE_MAX", format_bytes(max, text));
}

static void fill_connections(struct page_data *row, const struct mongodb_point *point)
{
    double available = point->values[MONGODB_CONNECTIONS_AVAILABLE];
    char text[FORMAT_BYTES];

    page_set_count(row, "CONNECTIONS", point->values[MONGODB_CONNECTIONS_CURRENT]);
    if (isfinite(available))
        page_set_string(page_section(row, "HAS_AVAILABLE"), "AVAILABLE", format_count(available, text));
}

static struct text node_link(const struct page *page, const struct mongodb_member *node, bool is_chosen)
{
    struct link_state state = page->common;

    link_state_set(&state, "connection_id", text_of(arena_printf(page->arena, "%lld", (long long)node->connection_id)));
    link_state_set(&state, "node", is_chosen ? TEXT("") : node->node_id);
    return link_make(page->arena, "/mongodb", &state);
}

static void fill_node(const struct page *page, struct page_data *row, const struct cluster_node *node,
                      struct text chosen)
{
    const struct mongodb_point *newest = node->newest;
    bool is_chosen = text_equal(chosen, node->node->node_id);
    char text[FORMAT_BYTES];

    page_set(row, "NODE", node->node->node_id);
    page_set(row, "LINK", node_link(page, node->node, is_chosen));
    page_show(row, "IS_CHOSEN", is_chosen);
    page_set_string(row, "STATE", cluster_node_state_name(node->state));
    page_set_string(row, "STATE_CLASS", node_class(node->state));
    if ((node->state == NODE_STALE || node->state == NODE_OTHER) && newest->role.size > 0)
        page_set(page_section(row, "HAS_ROLE"), "ROLE", newest->role);
    page_set_duration(row, "LAG", newest->values[MONGODB_REPL_LAG] * 1000);
    page_set_duration(row, "OPLOG", newest->values[MONGODB_OPLOG_WINDOW] * 3600 * 1000);
    page_set_string(row, "OPERATIONS", format_rate(node->operations_per_s, text));
    page_set_string(row, "DATA", format_bytes(newest->values[MONGODB_DATA_SIZE], text));
    fill_connections(row, newest);
    fill_cache(row, newest);
    page_set_ago(page, row, "NEWEST", newest->time_us);
}

/* Name those that are stale. One that was removed cannot be told from one that died, so say how long it is listed. */
static void fill_stale(const struct page *page, struct page_data *data, const struct cluster_status *status)
{
    int64_t kept_days = page->request->config->retention_samples_days;
    struct page_data *notice, *row;
    char text[FORMAT_BYTES];
    int count = 0;

    if (status->state != CLUSTER_NODE_STALE)
        return;
    notice = page_section(data, "STALE");
    for (size_t i = 0; i < status->cluster->count; i++) {
        if (status->nodes[i].state != NODE_STALE || ++count > STALE_NAMED_MAX)
            continue;
        row = page_section(notice, "WHICH");
        page_set(row, "NODE", status->nodes[i].node->node_id);
        page_show(row, "IS_NEXT", count > 1);
    }
    if (count > STALE_NAMED_MAX)
        page_set_string(page_section(notice, "MORE"), "COUNT", format_count(count - STALE_NAMED_MAX, text));
    page_set_string(notice, "DO", count > 1 ? "do" : "does");
    if (kept_days > 0)
        page_set_string(page_section(notice, "IS_LISTED"), "DAYS", format_count((double)kept_days, text));
}

static void fill_cluster(const struct page *page, const struct cluster_status *status, struct text chosen)
{
    struct page_data *data = page_section(page->body, "CLUSTER");
    const struct mongodb_cluster *cluster = status->cluster;

    page_set_int64(data, "ID", cluster->connection_id);
    page_set(data, "NAME", cluster->name);
    page_set(data, "LINK", page_link_connection(page, cluster->connection_id));
    page_set_string(data, "STATE", cluster_words[status->state].label);
    page_set_string(data, "STATE_CLASS", cluster_words[status->state].class);
    if (cluster_words[status->state].problem != NULL)
        page_set_string(page_section(data, "HAS_PROBLEM"), "PROBLEM", cluster_words[status->state].problem);
    fill_stale(page, data, status);
    page_show(data, "HAS_NODES", cluster->count > 0);
    page_show(data, "NO_NODES", cluster->count == 0);
    for (size_t i = 0; i < cluster->count; i++) {
        fill_node(page, page_section(data, "ROW"), &status->nodes[i], chosen);
        if (status->nodes[i].looks_cumulative)
            page_set(page_section(data, "CUMULATIVE"), "NODE", cluster->nodes[i].node_id);
    }
}

/* What to send, as long as nobody sends. */
static void fill_empty(const struct page *page, size_t cluster_count, size_t node_count)
{
    bool is_narrowed = page->connection_id != 0;

    page_show(page->body, "NO_CLUSTERS", cluster_count == 0 && !is_narrowed);
    if (cluster_count == 0 && is_narrowed)
        page_set(page_section(page->body, "NOT_MONGODB"), "ALL_LINK",
                 page_link_change(page, "connection_id", (struct text){NULL, 0}));
    page_show(page->body, "MAY_ADD", scope_role(page->scope) >= ROLE_MEMBER);
    if (node_count == 0)
        page_set_string(page_section(page->body, "HOW_TO_SEND"), "PUBLIC_URL", page->request->config->public_url);
}

static void fill_chosen(struct page *page, struct text chosen)
{
    struct page_data *section;

    if (chosen.size == 0)
        return;
    section = page_section(page->body, "CHOSEN");
    page_set(section, "NODE", chosen);
    page_set(section, "ALL_LINK", page_link_change(page, "node", (struct text){NULL, 0}));
}

enum status page_mongodb(const struct request *request, const struct scope *scope, struct response *response,
                         struct error *error)
{
    struct text chosen = request_query(request, "node");
    struct mongodb_cluster_list list = {0};
    struct mongodb_total_list totals = {0};
    size_t node_count = 0;
    struct page page;
    enum status status = page_open(request, scope, &about, &page, error);

    if (chosen.size > MONGODB_NODE_BYTES_MAX)
        chosen = (struct text){NULL, 0};
    if (status == STATUS_OK)
        status =
            store_mongodb_cluster_list(request->store, page.chosen, 0, CLUSTERS_SHOWN, request->arena, &list, error);
    if (status == STATUS_OK)
        status =
            store_mongodb_totals(request->store, page.chosen, &page.period,
                                 chosen.size > 0 ? chosen : (struct text){NULL, 0}, request->arena, &totals, error);
    if (status != STATUS_OK)
        return status;
    link_state_set(&page.state, "node", chosen);
    for (size_t i = 0; i < list.count; i++) {
        const struct cluster_status judged = cluster_status_make(&list.items[i], page.now_us, request->arena);

        fill_cluster(&page, &judged, chosen);
        node_count += list.items[i].count;
    }
    fill_empty(&page, list.count, node_count);
    fill_chosen(&page, chosen);
    page_show(page.body, "HAS_MORE", list.has_more);
    if (node_count > 0)
        fill_charts(&page, &totals);
    return page_close(&page, response, error);
}
