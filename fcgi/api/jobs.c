/* /api/v1/jobs/{id}, and requests that start a job: collect now, test a connection. */
#include "store/jobs/job.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/engine.h"
#include "fcgi/api/job_json.h"
#include "fcgi/handlers.h"
#include "fcgi/request/body.h"
#include "store/admin/connection.h"

static const char *const no_params[] = {NULL};

/* Start an answer of 202 with Location and {"status": "started", "message", "job_id", "job_url". The caller adds
 * members and ends the object. */
static struct json_writer *job_accepted(const struct request *request, struct response *response, int64_t job_id,
                                        const char *message)
{
    struct json_writer *json = response_json(response, 202);
    const char *url = arena_printf(request->arena, "/api/v1/jobs/%" PRId64, job_id);

    response_header(response, "Location", url);
    json_object_begin(json);
    json_member_string(json, "status", "started");
    json_member_string(json, "message", message);
    json_member_int64(json, "job_id", job_id);
    json_member_string(json, "job_url", url);
    return json;
}

enum status body_check_empty(const struct request *request, struct error *error)
{
    char nothing;

    return body_read_optional(request, NULL, 0, &nothing, error);
}

enum status job_show(const struct request *request, const struct scope *scope, struct response *response,
                     struct error *error)
{
    struct json_writer *json;
    struct job job;
    int64_t job_id;
    enum status status = request_path_id(request, "id", &job_id, error);

    if (status == STATUS_OK)
        status = request_query_only(request, no_params, error);
    if (status == STATUS_OK)
        status = store_job_get(request->store, scope, job_id, request->arena, &job, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "id", job.id);
    json_member_text(json, "kind", job.kind);
    json_member_text(json, "state", job.state);
    json_member_double(json, "progress", job.progress);
    json_member_id_or_null(json, "database_connection_id", job.connection_id);
    json_key(json, "result");
    if (job.result.data == NULL)
        json_null(json);
    else
        json_raw(json, job.result);
    json_member_text_or_null(json, "problem", job.problem);
    json_member_text_or_null(json, "remedy", job.remedy);
    json_member_time(json, "created_at", job.created_at_us);
    json_member_time(json, "started_at", job.started_at_us);
    json_member_time(json, "finished_at", job.finished_at_us);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- collect now ---- */

static enum status collect(const struct request *request, const struct scope *scope, const char *const *allowed,
                           enum engine_kind engine, const char *collector, const char *message,
                           struct response *response, struct error *error)
{
    double min_duration_ms = -1;
    struct json_writer *json;
    struct text name = text_of(engine_of_kind(engine)->name);
    int64_t job_id;
    enum status status;

    request_query_only(request, allowed, error);
    if (allowed[0] != NULL)
        request_query_double(request, "min_duration_ms", 0, 86400000, &min_duration_ms, error);
    status = error->field_count > 0 ? error->status : body_check_empty(request, error);
    if (status == STATUS_OK)
        status = store_job_create_collect(request->store, scope, name, min_duration_ms, request->arena, &job_id, error);
    if (status != STATUS_OK)
        return status;
    json = job_accepted(request, response, job_id, message);
    json_member_string(json, "collector", collector);
    json_object_end(json);
    return STATUS_OK;
}

enum status collect_now_mysql(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    return collect(request, scope, no_params, ENGINE_MYSQL, "mysql", "MySQL collection started in background", response,
                   error);
}

enum status collect_now_postgres(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    static const char *const allowed[] = {"min_duration_ms", NULL};

    return collect(request, scope, allowed, ENGINE_POSTGRESQL, "postgres",
                   "PostgreSQL collection started in background", response, error);
}

enum status monitoring_trigger(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    struct json_writer *json;
    int64_t job_id;
    enum status status = request_query_only(request, no_params, error);

    if (status == STATUS_OK)
        status = body_check_empty(request, error);
    if (status == STATUS_OK)
        status =
            store_job_create_collect(request->store, scope, (struct text){NULL, 0}, -1, request->arena, &job_id, error);
    if (status != STATUS_OK)
        return status;
    json = job_accepted(request, response, job_id, "Monitoring cycle started in background");
    json_member_bool(json, "success", true);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- test ---- */

enum status connection_test(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    struct connection connection;
    int64_t connection_id, job_id;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = request_query_only(request, no_params, error);
    if (status == STATUS_OK)
        status = body_check_empty(request, error);
    if (status == STATUS_OK)
        status = store_connection_get(request->store, scope, connection_id, request->arena, &connection, error);
    if (status != STATUS_OK)
        return status;
    if (connection.host.data == NULL)
        return error_set(
            error, STATUS_CONFLICT,
            "This connection has no host: an agent feeds it, and there is nothing to be reached from here.");
    status = store_job_create(request->store, scope, "connection_test", connection_id, TEXT("{}"), request->arena,
                              &job_id, error);
    if (status != STATUS_OK)
        return status;
    json_object_end(job_accepted(request, response, job_id, "Connection test started in background"));
    return STATUS_OK;
}
