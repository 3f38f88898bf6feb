/* /api/v1/monitoring/…: the state of collection and what it found, with the field names of older clients (trigger is in
 * jobs.c). */
#include "fcgi/api/stats_report.h"
#include "fcgi/handlers.h"
#include "store/jobs/scheduler.h"
#include "store/read/activity.h"
#include "store/read/stats_connections.h"

static int64_t later(int64_t left_us, int64_t right_us) /* INT64_MIN: never */
{
    return left_us > right_us ? left_us : right_us;
}

static int64_t sooner(int64_t left_us, int64_t right_us)
{
    return left_us == INT64_MIN || (right_us != INT64_MIN && right_us < left_us) ? right_us : left_us;
}

enum status monitoring_status(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const char *const no_params[] = {NULL};
    int64_t last_run_at_us = INT64_MIN, next_run_at_us = INT64_MIN, failing_count = 0;
    struct scheduler_status state;
    struct dashboard_counts counts;
    struct json_writer *json;
    enum status status = request_query_only(request, no_params, error);

    if (status == STATUS_OK)
        status = store_scheduler_status(request->store, scope, request->arena, &state, error);
    if (status == STATUS_OK)
        status = store_dashboard_counts(request->store, scope, request->arena, &counts, error);
    if (status != STATUS_OK)
        return status;
    for (int kind = 0; kind < ENGINE_KIND_COUNT; kind++) {
        last_run_at_us = later(last_run_at_us, state.engines[kind].last_run_at_us);
        next_run_at_us = sooner(next_run_at_us, state.engines[kind].next_run_at_us);
        failing_count += state.engines[kind].failing_count;
    }
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_bool(json, "is_running",
                     state.is_running && state.collectors_online > 0 && request->config->monitoring_enabled != 0);
    json_member_time(json, "last_poll_time", last_run_at_us);
    json_member_time(json, "next_poll_time", state.is_running ? next_run_at_us : INT64_MIN);
    if (state.interval_minutes > 0)
        json_member_int64(json, "interval_minutes", state.interval_minutes);
    else
        json_member_null(json, "interval_minutes");
    json_member_int64(json, "queries_discovered", counts.fingerprint_count);
    json_member_int64(json, "total_connections", counts.connection_count);
    json_member_int64(json, "active_connections", counts.monitored_count);
    json_member_int64(json, "failing_connections", failing_count);
    json_object_end(json);
    return STATUS_OK;
}

static enum status read_queries(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                                struct error *error)
{
    return store_stats_connection_queries(request->store, asked->scope, &asked->period, &asked->page, request->arena,
                                          out_list, error);
}

enum status monitoring_queries(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    static const struct stats_report report = {.name = "monitoring/queries",
                                               .key = STATS_KEY_HASH_CONNECTION,
                                               .read = read_queries,
                                               .write_json = stats_discovered_write};

    return stats_report_answer(&report, request, scope, response, error);
}
