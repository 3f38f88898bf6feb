/* GET /health for load balancers and people, GET /metrics for Prometheus. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "fcgi/handlers.h"
#include "fcgi/request/metrics.h"
#include "fcgi/request/schema_watch.h"
#include "store/upkeep/health.h"
#include "store/upkeep/size.h"

enum {
    STORE_FRESH_MS = 1000,
    COLLECTORS_FRESH_US = 5 * 1000 * 1000,
    SCHEMA_FRESH_MS = 5000,
    ROLLUPS_LATE_S = 10,
    WORKERS_BUSY_US = 5 * 1000 * 1000, /* a worker that is this long at one request waits for something */
};

/* What this worker last learned, and when (monotonic time). */
static struct {
    int64_t store_asked_at_us, collectors_asked_at_us;
    bool is_store_away, has_collectors;
    struct store_health health;
    struct store_limit limit;
} known;

/* Asks the store at most once a second, also while it is away, because then each question can take seconds. */
static bool store_is_there(const struct request *request)
{
    int64_t now_us = clock_monotonic_us();

    if (known.is_store_away && now_us - known.store_asked_at_us < (int64_t)STORE_FRESH_MS * 1000)
        return false;
    known.is_store_away = !store_is_healthy(request->store, STORE_FRESH_MS);
    known.store_asked_at_us = clock_monotonic_us();
    return !known.is_store_away;
}

static bool collectors_are_known(const struct request *request)
{
    int64_t now_us = clock_monotonic_us();

    if (known.has_collectors && now_us - known.collectors_asked_at_us < COLLECTORS_FRESH_US)
        return true;
    known.has_collectors = store_health_read(request->store, request->arena, &known.health, NULL) == STATUS_OK &&
                           store_size_limit(request->store, request->arena, &known.limit, NULL) == STATUS_OK;
    known.collectors_asked_at_us = now_us;
    return known.has_collectors;
}

static const char *collectors_status(void)
{
    if (known.health.daemons_online > 0)
        return "healthy";
    return known.health.daemons > 0 ? "late" : "not running";
}

static void write_workers(struct json_writer *json, const struct metrics_workers *workers)
{
    json_key(json, "workers");
    json_object_begin(json);
    json_member_string(json, "status", workers->busy < workers->count ? "healthy" : "busy");
    json_member_int64(json, "count", (int64_t)workers->count);
    json_member_int64(json, "busy", (int64_t)workers->busy);
    json_object_end(json);
}

static bool rollups_are_overdue(void)
{
    return known.health.rollup_lag_s > STORE_ROLLUPS_OVERDUE_S;
}

/* Everybody may read this: it says how many databases, and not which. NULL: nothing is wrong. */
static const char *rollups_problem(struct arena *arena)
{
    long long aside = (long long)known.health.rollups_set_aside;

    if (aside == 1)
        return "The numbers of one database cannot be added up and are set aside.";
    if (aside > 1)
        return arena_printf(arena, "The numbers of %lld databases cannot be added up and are set aside.", aside);
    return rollups_are_overdue() ? "Numbers have waited for more than five minutes to be added up." : NULL;
}

static void write_rollups(struct json_writer *json, bool has_collectors, struct arena *arena)
{
    const char *problem = has_collectors ? rollups_problem(arena) : NULL;

    json_key(json, "rollups");
    json_object_begin(json);
    json_member_string(json, "status",
                       !has_collectors                              ? "unknown"
                       : problem != NULL                            ? "degraded"
                       : known.health.rollup_lag_s > ROLLUPS_LATE_S ? "late"
                                                                    : "healthy");
    json_member_double(json, "lag_s", has_collectors ? round(known.health.rollup_lag_s * 10) / 10 : NAN);
    json_member_string(json, "problem", problem);
    json_object_end(json);
}

static void write_schema(struct json_writer *json, const struct store_schema *schema)
{
    static const char *const names[] = {"unknown", "healthy", "older", "newer"}; /* by its state */

    json_key(json, "schema");
    json_object_begin(json);
    json_member_string(json, "status", names[schema->state]);
    if (schema->state == STORE_SCHEMA_UNSET) {
        json_member_null(json, "version");
        json_member_null(json, "expected");
    } else {
        json_member_int64(json, "version", schema->version);
        json_member_int64(json, "expected", schema->expected);
    }
    json_member_string(json, "problem", schema->problem);
    json_object_end(json);
}

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* The language model, as collectors last found it: nothing is asked of it here. Everybody may read this, so the
 * server's address is not told. */
static void write_llm(struct json_writer *json, const struct store_llm_told *llm)
{
    json_key(json, "llm");
    json_object_begin(json);
    json_member_string(json, "status", llm->status[0] != '\0' ? llm->status : "unknown");
    json_member_string(json, "kind", or_null(llm->kind));
    json_member_string(json, "model", or_null(llm->model));
    json_member_time(json, "checked_at", llm->checked_at_us);
    json_member_string(json, "problem", or_null(llm->problem));
    json_object_end(json);
}

/* The same in the words of the system before Potto, which knew Ollama alone. */
static void write_ollama(struct json_writer *json, const struct store_llm_told *llm)
{
    static const struct {
        const char *status, *name;
    } names[] = {{"reachable", "healthy"}, {"not reachable", "unhealthy"}, {"misconfigured", "misconfigured"}};
    bool is_set = strcmp(llm->kind, "ollama") == 0;
    const char *status = llm->status[0] == '\0' ? "unknown" : "not configured";

    for (size_t i = 0; is_set && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].status, llm->status) == 0)
            status = names[i].name;
    json_key(json, "ollama");
    json_object_begin(json);
    json_member_string(json, "status", status);
    json_member_null(json, "url");
    json_member_string(json, "model", is_set ? or_null(llm->model) : NULL);
    json_member_bool(json, "model_available", is_set && llm->has_model);
    json_member_string(json, "problem", is_set ? or_null(llm->problem) : NULL);
    json_object_end(json);
}

enum status health_show(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    static const struct store_schema unknown;
    static const struct store_llm_told untold = {.checked_at_us = INT64_MIN};
    bool has_store = store_is_there(request);
    const struct store_schema *schema =
        has_store ? schema_watch(request->store, request->arena, SCHEMA_FRESH_MS) : &unknown;
    bool has_collectors = has_store && collectors_are_known(request);
    bool is_collecting = has_collectors && known.health.daemons_online > 0;
    struct metrics_workers workers = metrics_workers(WORKERS_BUSY_US);
    bool is_full = has_collectors && known.limit.is_full;
    bool is_well = is_collecting && !is_full && schema->problem == NULL && rollups_problem(request->arena) == NULL &&
                   workers.busy < workers.count;
    struct json_writer *json = response_json(response, has_store ? 200 : 503);

    (void)scope;
    (void)error;
    json_object_begin(json);
    json_member_string(json, "status", !has_store ? "unhealthy" : is_well ? "healthy" : "degraded");
    json_member_string(json, "version", POTTO_VERSION);
    json_key(json, "store");
    json_object_begin(json);
    json_member_string(json, "status", !has_store ? "unhealthy" : is_full ? "full" : "healthy");
    json_object_end(json);
    write_schema(json, schema);
    write_workers(json, &workers);
    json_key(json, "collectors");
    json_object_begin(json);
    json_member_string(json, "status", has_collectors ? collectors_status() : "unknown");
    json_member_time(json, "last_seen_at", has_collectors ? known.health.daemon_seen_at_us : INT64_MIN);
    json_object_end(json);
    write_rollups(json, has_collectors, request->arena);
    write_llm(json, has_collectors ? &known.health.llm : &untold);
    write_ollama(json, has_collectors ? &known.health.llm : &untold);
    json_member_bool(json, "monitoring_agent", is_collecting && request->config->monitoring_enabled != 0);
    json_object_end(json);
    return STATUS_OK;
}

/* Write the last measurement of the collector: sizes of groups of tables, and the rows and times in them. */
static void write_sizes(const struct request *request, struct buffer *out)
{
    static const struct {
        const char *name, *help;
    } gauges[] = {
        {"potto_store_bytes", "Size of the store's tables with their indexes."},
        {"potto_store_rows", "Rows of the store's tables, estimated."},
        {"potto_store_growth_bytes_per_day", "Growth of the store's tables over the last week."},
        {"potto_store_oldest_timestamp_seconds", "Time of the oldest sample or rollup."},
        {"potto_store_newest_timestamp_seconds", "Time of the newest sample or rollup."},
    };
    struct store_size_list list;

    if (store_size_report(request->store, request->arena, &list, NULL) != STATUS_OK || list.count == 0)
        return;
    for (size_t g = 0; g < sizeof gauges / sizeof gauges[0]; g++) {
        buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", gauges[g].name, gauges[g].help, gauges[g].name);
        for (size_t i = 0; i < list.count; i++) {
            const struct store_size *size = &list.items[i];
            const double values[] = {(double)size->bytes, (double)size->row_count,
                                     size->has_growth ? size->growth_bytes : NAN,
                                     size->oldest_us == INT64_MIN ? NAN : (double)size->oldest_us / CLOCK_SECOND_US,
                                     size->newest_us == INT64_MIN ? NAN : (double)size->newest_us / CLOCK_SECOND_US};

            if (isfinite(values[g]))
                metrics_write_sample(
                    out, gauges[g].name,
                    arena_printf(request->arena, "group=\"%.*s\"", (int)size->table_group.size, size->table_group.data),
                    values[g]);
        }
    }
}

static void gauge(struct buffer *out, const char *name, const char *help, double value)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    metrics_write_sample(out, name, "", value);
}

enum status metrics_show(const struct request *request, const struct scope *scope, struct response *response,
                         struct error *error)
{
    struct buffer *out = &response->body;
    bool has_store = store_is_there(request);

    (void)scope;
    (void)error;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_write(out);
    gauge(out, "potto_store_up", "1 if the store answers.", has_store);
    if (!has_store || !collectors_are_known(request))
        return STATUS_OK;
    gauge(out, "potto_daemons_online", "Collector daemons heard of in the last 3 minutes.",
          (double)known.health.daemons_online);
    gauge(out, "potto_agents_online", "Agents heard of in the last 3 minutes.", (double)known.health.agents_online);
    gauge(out, "potto_agents", "Agents registered.", (double)known.health.agents);
    gauge(out, "potto_connections_monitored", "Databases collected by a daemon.",
          (double)known.health.connections_monitored);
    gauge(out, "potto_connections_failed", "Of them, those whose last run failed.",
          (double)known.health.connections_failed);
    gauge(out, "potto_connections_held_back",
          "Of them, those that Potto collects less from to keep their overhead budget.",
          (double)known.health.connections_held_back);
    gauge(out, "potto_collection_lag_seconds", "How overdue the most overdue database is.",
          known.health.collection_lag_s);
    gauge(out, "potto_rollup_backlog", "Facts not rolled up yet, counted to 100000.",
          (double)known.health.rollup_backlog);
    gauge(out, "potto_rollup_lag_seconds", "Age of the oldest fact that is not rolled up yet.",
          known.health.rollup_lag_s);
    gauge(out, "potto_rollup_set_aside", "Databases whose facts could not be rolled up and are set aside.",
          (double)known.health.rollups_set_aside);
    gauge(out, "potto_store_full", "1 if the store is larger than POTTO_STORE_BYTES_MAX: nothing more is stored.",
          known.limit.is_full);
    write_sizes(request, out);
    return STATUS_OK;
}
