/* Jobs; see job.h. */
#include "store/jobs/job.h"

#include "base/engine.h"
#include "store/scope/quota.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

static enum status create(struct store *store, const struct scope *scope, const struct db_sql *sql,
                          const struct db_params *params, struct arena *arena, int64_t *out_job_id, struct error *error)
{
    PGresult *result;
    enum status status = quota_begin(store, QUOTA_JOBS_OPEN, scope->organization_id, scope->user_id, arena, error);

    if (status == STATUS_OK)
        status = quota_hold(store, QUOTA_JOBS_KEPT, scope->organization_id, scope->user_id, arena, error);
    if (status == STATUS_OK)
        status = store_read(store, scope, sql, params, arena, &result, error);
    if (status == STATUS_OK && PQntuples(result) == 0)
        status = error_set(error, STATUS_ABSENT, "No such connection.");
    if (status == STATUS_OK)
        *out_job_id = row_int64(result, 0, ROW_ONLY_COLUMN);
    return store_end(store, status, error);
}

enum status store_job_create(struct store *store, const struct scope *scope, const char *kind, int64_t connection_id,
                             struct text payload, struct arena *arena, int64_t *out_job_id, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, scope->user_id);
    params_string(&params, kind);
    params_int64(&params, connection_id);
    params_json(&params, payload);
    return create(store, scope, SQL(job_create), &params, arena, out_job_id, error);
}

enum status store_job_create_collect(struct store *store, const struct scope *scope, struct text engine,
                                     double min_duration_ms, struct arena *arena, int64_t *out_job_id,
                                     struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text collected[ENGINE_KIND_COUNT];

    params_int64(&params, scope->user_id);
    params_text(&params, engine);
    if (min_duration_ms < 0)
        params_null(&params);
    else
        params_double(&params, min_duration_ms);
    params_text_array(&params, collected, engine_collected(collected));
    return create(store, scope, SQL(job_create_collect), &params, arena, out_job_id, error);
}

enum status store_job_get(struct store *store, const struct scope *scope, int64_t job_id, struct arena *arena,
                          struct job *out_job, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *row;
    enum status status;

    params_int64(&params, scope->user_id);
    params_int64(&params, job_id);
    status = store_read(store, scope, SQL(job_get), &params, arena, &row, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(row) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such job.");
    *out_job = (struct job){
        .id = row_int64(row, 0, JOB_GET_ID),
        .kind = row_text(row, 0, JOB_GET_KIND),
        .state = row_text(row, 0, JOB_GET_STATE),
        .progress = row_double(row, 0, JOB_GET_PROGRESS),
        .connection_id = row_int64(row, 0, JOB_GET_DATABASE_CONNECTION_ID),
        .result = row_is_null(row, 0, JOB_GET_RESULT) ? (struct text){NULL, 0} : row_json(row, 0, JOB_GET_RESULT),
        .problem = row_text(row, 0, JOB_GET_PROBLEM),
        .remedy = row_text(row, 0, JOB_GET_REMEDY),
        .created_at_us = row_time(row, 0, JOB_GET_CREATED_AT),
        .started_at_us = row_time(row, 0, JOB_GET_STARTED_AT),
        .finished_at_us = row_time(row, 0, JOB_GET_FINISHED_AT),
    };
    return STATUS_OK;
}

/* ---- potto-collector's ---- */

enum status store_job_take(struct store *store, const struct text *kinds, size_t kind_count, struct text owner,
                           int lease_s, int attempts_max, struct arena *arena, struct job_lease *out_job,
                           bool *out_is_taken, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *row;
    enum status status;

    params_text_array(&params, kinds, kind_count);
    params_text(&params, owner);
    params_int32(&params, lease_s);
    params_int32(&params, attempts_max);
    status = store_run(store, SQL(job_take), &params, arena, &row, error);
    if (status != STATUS_OK)
        return status;
    *out_is_taken = PQntuples(row) == 1;
    if (*out_is_taken)
        *out_job = (struct job_lease){.organization_id = row_int64(row, 0, JOB_TAKE_ORGANIZATION_ID),
                                      .job_id = row_int64(row, 0, JOB_TAKE_ID),
                                      .kind = row_text(row, 0, JOB_TAKE_KIND),
                                      .connection_id = row_int64(row, 0, JOB_TAKE_DATABASE_CONNECTION_ID),
                                      .payload = row_json(row, 0, JOB_TAKE_PAYLOAD),
                                      .owner = owner};
    return STATUS_OK;
}

static void bind_job(struct db_params *params, const struct job_lease *job)
{
    params_int64(params, job->organization_id);
    params_int64(params, job->job_id);
    params_text(params, job->owner);
}

static enum status run_owned(struct store *store, const struct db_sql *sql, const struct db_params *params,
                             struct arena *arena, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, sql, params, arena, &result, error);

    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_CONFLICT, "Another collector has taken the job over.");
    return status;
}

enum status store_job_progress(struct store *store, const struct job_lease *job, double progress, int lease_s,
                               struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    bind_job(&params, job);
    params_double(&params, progress);
    params_int32(&params, lease_s);
    return run_owned(store, SQL(job_progress), &params, arena, error);
}

enum status store_job_finish(struct store *store, const struct job_lease *job, const struct job_end *end,
                             struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    bind_job(&params, job);
    params_string(&params, end->is_failed ? "failed" : "done");
    if (end->result.data == NULL)
        params_null(&params);
    else
        params_json(&params, end->result);
    params_text(&params, end->problem);
    params_text(&params, end->remedy);
    return run_owned(store, SQL(job_finish), &params, arena, error);
}

enum status store_job_collect_advance(struct store *store, int late_s, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status = store_run(store, SQL(job_collect_begin), NULL, arena, NULL, error);

    params_int32(&params, late_s);
    return status == STATUS_OK ? store_run(store, SQL(job_collect_advance), &params, arena, NULL, error) : status;
}

enum status store_job_trim(struct store *store, int kept_s, int kept_count, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int32(&params, kept_s);
    params_int32(&params, kept_count);
    return store_run(store, SQL(job_trim), &params, arena, NULL, error);
}
