/* /api/v1/collectors/status and /api/v1/collectors/scheduler/…: whether collection runs by itself, and how it goes. */
#include "store/jobs/scheduler.h"

#include <inttypes.h>

#include "fcgi/api/job_json.h"
#include "fcgi/handlers.h"

static const char *const no_params[] = {NULL};

/* The names of the engines for clients. */
static const struct {
    enum engine_kind engine;
    const char *job_id, *job_name, *last_run, *total;
} known_jobs[] = {
    {ENGINE_MYSQL, "mysql_collector", "MySQL Slow Query Collector", "mysql_last_run", "mysql_total_collected"},
    {ENGINE_POSTGRESQL, "postgres_collector", "PostgreSQL Slow Query Collector", "postgres_last_run",
     "postgres_total_collected"},
};
enum { KNOWN_JOBS = sizeof known_jobs / sizeof known_jobs[0] };

static void write_interval(struct json_writer *json, int interval_minutes)
{
    if (interval_minutes > 0)
        json_member_int64(json, "interval_minutes", interval_minutes);
    else
        json_member_null(json, "interval_minutes");
}

enum status scheduler_status(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    struct scheduler_status state;
    struct json_writer *json;
    int64_t paused = 0, waiting = 0;
    enum status status = request_query_only(request, no_params, error);

    if (status == STATUS_OK)
        status = store_scheduler_status(request->store, scope, request->arena, &state, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_bool(json, "is_running", state.is_running);
    write_interval(json, state.interval_minutes);
    json_member_int64(json, "collectors_online", state.collectors_online);
    for (int kind = 0; kind < ENGINE_KIND_COUNT; kind++) {
        paused += state.engines[kind].paused_count;
        waiting += state.engines[kind].waiting_count;
    }
    json_member_int64(json, "paused_connections", paused);
    json_member_int64(json, "waiting_connections", state.is_running ? waiting : 0);
    json_key(json, "jobs");
    json_array_begin(json);
    for (int i = 0; state.is_running && i < KNOWN_JOBS; i++) {
        json_object_begin(json);
        json_member_string(json, "id", known_jobs[i].job_id);
        json_member_string(json, "name", known_jobs[i].job_name);
        json_member_time(json, "next_run", state.engines[known_jobs[i].engine].next_run_at_us);
        json_object_end(json);
    }
    json_array_end(json);
    for (int i = 0; i < KNOWN_JOBS; i++)
        json_member_time(json, known_jobs[i].last_run, state.engines[known_jobs[i].engine].last_run_at_us);
    for (int i = 0; i < KNOWN_JOBS; i++)
        json_member_int64(json, known_jobs[i].total, state.engines[known_jobs[i].engine].total_found);
    json_object_end(json);
    return STATUS_OK;
}

static enum status answer(struct response *response, bool is_running, int interval_minutes, const char *message)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    json_member_string(json, "status", is_running ? "started" : "stopped");
    json_member_string(json, "message", message);
    json_member_bool(json, "is_running", is_running);
    write_interval(json, interval_minutes);
    json_object_end(json);
    return STATUS_OK;
}

enum status scheduler_start(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const allowed[] = {"interval_minutes", NULL};
    int64_t interval_minutes = 0;
    const char *message;
    enum status status;
    bool is_usual;

    request_query_only(request, allowed, error);
    request_query_int64(request, "interval_minutes", 1, SCHEDULER_INTERVAL_MINUTES_MAX, &interval_minutes, error);
    status = error->field_count > 0 ? error->status : body_check_empty(request, error);
    if (status == STATUS_OK)
        status = store_scheduler_start(request->store, scope, (int)interval_minutes, request->remote_address,
                                       request->arena, error);
    if (status != STATUS_OK)
        return status;
    is_usual = interval_minutes == 0;
    interval_minutes = is_usual ? SCHEDULER_INTERVAL_MINUTES_USUAL : interval_minutes;
    message = arena_printf(
        request->arena, "The scheduler runs: each database is due now, and then every %" PRId64 " minutes%s.",
        interval_minutes, is_usual ? ", or at the interval that a connection has of its own" : " at the most");
    return answer(response, true, (int)interval_minutes, message);
}

enum status scheduler_stop(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    enum status status = request_query_only(request, no_params, error);

    if (status == STATUS_OK)
        status = body_check_empty(request, error);
    if (status == STATUS_OK)
        status = store_scheduler_stop(request->store, scope, request->remote_address, request->arena, error);
    if (status != STATUS_OK)
        return status;
    return answer(response, false, 0, "The scheduler has stopped. What runs ends; what somebody asks for still runs.");
}
