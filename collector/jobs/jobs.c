/* The threads that run jobs; see jobs.h. The first one advances collect jobs, whose work the workers do; each of the
 * others takes a job and runs it to its end. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/jobs/jobs.h"

enum {
    JOB_ATTEMPTS_MAX = 3,
    JOB_KEPT_S = 7 * 86400,
    JOB_KEPT_COUNT = 200, /* of one user */
    COLLECT_LATE_S = 300, /* a collect job fails if it has not collected from all its databases by then */
    TRIM_MS = 3600 * 1000,
};

static const struct {
    const char *kind;
    job_kind_run *run;
} kind_table[] = {
    {"connection_test", job_connection_test},
};

enum { KIND_COUNT = sizeof kind_table / sizeof kind_table[0] };

static enum status run_job(const struct job_run *run, struct error *error)
{
    struct job_end end = {.is_failed = true, .problem = TEXT("This collector does not know such jobs.")};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < KIND_COUNT; i++)
        if (text_equal(run->job->kind, text_of(kind_table[i].kind)))
            status = kind_table[i].run(run, &end, error);
    if (status == STATUS_OK)
        status = store_job_finish(run->store, run->job, &end, run->arena, error);
    if (status == STATUS_CONFLICT) {
        log_write(LOG_WARN, "job_lost", "job %lld was taken over; nothing was written", (long long)run->job->job_id);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        log_write(LOG_DEBUG, "job_ended", "job %lld, %.*s", (long long)run->job->job_id, (int)run->job->kind.size,
                  run->job->kind.data);
    return status;
}

static enum status work_once(struct worker *worker, struct store *store, struct arena *arena, bool *out_is_idle,
                             struct error *error)
{
    struct text kinds[KIND_COUNT];
    struct job_lease job;
    struct job_run run = {.daemon = worker->daemon, .store = store, .arena = arena, .job = &job};
    char *owner =
        arena_printf(arena, "%s/job%d/%lld", worker->daemon->process, worker->index, (long long)++worker->run_count);
    bool is_taken = false;
    enum status status;

    for (size_t i = 0; i < KIND_COUNT; i++)
        kinds[i] = text_of(kind_table[i].kind);
    status = store_job_take(store, kinds, KIND_COUNT, text_of(owner), JOB_LEASE_S, JOB_ATTEMPTS_MAX, arena, &job,
                            &is_taken, error);
    *out_is_idle = !is_taken;
    return status == STATUS_OK && is_taken ? run_job(&run, error) : status;
}

static enum status advance(struct worker *worker, struct store *store, struct arena *arena, struct error *error)
{
    enum status status = store_job_collect_advance(store, COLLECT_LATE_S, arena, error);

    if (status != STATUS_OK || clock_monotonic_us() < worker->trim_at_us)
        return status;
    worker->trim_at_us = clock_monotonic_us() + TRIM_MS * INT64_C(1000);
    return store_job_trim(store, JOB_KEPT_S, JOB_KEPT_COUNT, arena, error);
}

void *jobs_main(void *shared)
{
    struct worker *worker = shared;
    struct daemon *daemon = worker->daemon;
    struct store *store = store_new(daemon->config.store_owner_url, "potto-collector jobs");
    struct arena *arena = arena_new(0);
    int failures = 0;
    int64_t wait_ms = 0;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        bool is_idle = true;
        enum status status = worker->index == 0 ? advance(worker, store, arena, &error)
                                                : work_once(worker, store, arena, &is_idle, &error);

        if (status != STATUS_OK && failures == 0 && !atomic_load(&daemon->should_stop))
            log_error("job_not_written", "jobs", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : is_idle ? POLL_MS : 0;
        arena_reset(arena);
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
