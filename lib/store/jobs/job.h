/* Jobs: work that takes longer than a request may. The API creates a job and shows it to the user who created it;
 * potto-collector runs it. Everything returned lives in `arena`. Errors of every function: STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_JOBS_JOB_H
#define POTTO_STORE_JOBS_JOB_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

/* ---- for callers, under a scope ---- */

struct job {
    int64_t id;
    struct text kind, state;                              /* state: queued, running, done, failed */
    double progress;                                      /* 0..1 */
    int64_t connection_id;                                /* 0: none or several */
    struct text result;                                   /* JSON object; data NULL: none */
    struct text problem, remedy;                          /* of a failed job, for people; data NULL: none */
    int64_t created_at_us, started_at_us, finished_at_us; /* INT64_MIN: not yet */
};

/* Create a job. connection_id 0: none. `payload` is a JSON object. STATUS_THROTTLED: QUOTA_JOBS_OPEN,
 * QUOTA_JOBS_KEPT. STATUS_ABSENT: no such connection. SQL: sql/job_create.sql */
enum status store_job_create(struct store *store, const struct scope *scope, const char *kind, int64_t connection_id,
                             struct text payload, struct arena *arena, int64_t *out_job_id, struct error *error);
/* One that collects at once from the visible connections of `engine` (data NULL: of all engines). min_duration_ms < 0:
 * each connection's own. Errors as above. SQL: sql/job_create_collect.sql */
enum status store_job_create_collect(struct store *store, const struct scope *scope, struct text engine,
                                     double min_duration_ms, struct arena *arena, int64_t *out_job_id,
                                     struct error *error);
/* STATUS_ABSENT unless the caller created the job and still sees its connection. SQL: sql/job_get.sql */
enum status store_job_get(struct store *store, const struct scope *scope, int64_t job_id, struct arena *arena,
                          struct job *out_job, struct error *error);

/* ---- for potto-collector, as the owner of the tables ---- */

/* A job that this process may run until the lease ends; `owner` names this run, as in struct lease. */
struct job_lease {
    int64_t organization_id, job_id, connection_id; /* connection_id 0: none */
    struct text owner, kind, payload;
};

/* Take the oldest job of these kinds that waits or whose lease has ended because its collector died. A job that was
 * started `attempts_max` times and never ended has failed. *out_is_taken false: there is no job.
 * SQL: sql/job_take.sql */
enum status store_job_take(struct store *store, const struct text *kinds, size_t kind_count, struct text owner,
                           int lease_s, int attempts_max, struct arena *arena, struct job_lease *out_job,
                           bool *out_is_taken, struct error *error);
/* STATUS_CONFLICT: another collector has the job now. SQL: sql/job_progress.sql, sql/job_finish.sql */
enum status store_job_progress(struct store *store, const struct job_lease *job, double progress, int lease_s,
                               struct arena *arena, struct error *error);
struct job_end {
    bool is_failed;
    struct text result;          /* JSON object; data NULL: none */
    struct text problem, remedy; /* data NULL: none */
};
enum status store_job_finish(struct store *store, const struct job_lease *job, const struct job_end *end,
                             struct arena *arena, struct error *error);

/* Advance the collect jobs. No thread runs them: a collect job makes its connections due and ends when the workers have
 * collected from all of them, or late_s seconds after it began. Any collector may call this at any time.
 * SQL: sql/job_collect_begin.sql, sql/job_collect_advance.sql */
enum status store_job_collect_advance(struct store *store, int late_s, struct arena *arena, struct error *error);
/* Delete the jobs that ended more than kept_s seconds ago, and of each user's all but the last kept_count that ended.
 * SQL: sql/job_trim.sql */
enum status store_job_trim(struct store *store, int kept_s, int kept_count, struct arena *arena, struct error *error);

#endif
