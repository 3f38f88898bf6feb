/* Jobs: what a request asked for and may not wait for. One thread moves along the collect jobs, which the store and the
 * workers carry out between them; the others run jobs that somebody has to sit through. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "collect/probe.h"
#include "collector/daemon.h"
#include "store/jobs/job.h"

enum {
    JOB_LEASE_S = 30, /* a killed collector's job goes to another after this */
    JOB_ATTEMPTS_MAX = 3,
    JOB_KEPT_S = 7 * 86400,
    COLLECT_LATE_S = 300, /* a collect job whose databases were not collected from by then has failed */
    TEST_MAX_MS = 15000,  /* shorter than the lease */
    TEST_WAIT_MS = 60000, /* for a run of the same connection to end: a database gets one connection of ours */
    TRIM_MS = 3600 * 1000,
    RESULT_BYTES_MAX = 64 * 1024,
};

struct job_run {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena;
    const struct job_lease *job;
};

/* ---- connection_test ---- */

static void member_or_null(struct json_writer *json, const char *key, const char *string)
{
    json_member_string(json, key, string == NULL || string[0] == '\0' ? NULL : string);
}

static bool is_fit(const struct probe_result *probe)
{
    for (int i = 0; i < probe->check_count; i++)
        if (probe->checks[i].is_required && !probe->checks[i].is_ok)
            return false;
    return probe->is_reachable;
}

/* success and message are what clients of old look at. */
static void write_probe(struct json_writer *json, const struct probe_result *probe)
{
    json_object_begin(json);
    json_member_bool(json, "success", probe->is_reachable);
    json_member_string(json, "message",
                       !probe->is_reachable ? "The database cannot be reached."
                       : is_fit(probe)      ? "Potto can collect from this database."
                                            : "The database can be reached, and something is missing.");
    if (probe->is_reachable)
        json_member_double(json, "latency_ms", probe->latency_ms);
    else
        json_member_null(json, "latency_ms");
    json_member_bool(json, "is_fit", is_fit(probe));
    member_or_null(json, "problem", probe->problem);
    member_or_null(json, "remedy", probe->remedy);
    json_member_text_or_null(json, "server_version", probe->server_version);
    json_member_text_or_null(json, "user", probe->user);
    json_member_text_or_null(json, "database", probe->database);
    json_key(json, "checks");
    json_array_begin(json);
    for (int i = 0; i < probe->check_count; i++) {
        json_object_begin(json);
        json_member_string(json, "name", probe->checks[i].name);
        json_member_bool(json, "is_ok", probe->checks[i].is_ok);
        json_member_bool(json, "is_required", probe->checks[i].is_required);
        member_or_null(json, "problem", probe->checks[i].problem);
        member_or_null(json, "remedy", probe->checks[i].remedy);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static struct text probe_to_json(const struct probe_result *probe, struct arena *arena)
{
    struct buffer buffer;
    struct json_writer json;
    struct text text;

    buffer_init(&buffer, RESULT_BYTES_MAX);
    json_writer_init(&json, &buffer);
    write_probe(&json, probe);
    text = buffer.has_failed ? TEXT("{}") : buffer_text(&buffer);
    text = (struct text){arena_string(arena, text.data, text.size), text.size};
    buffer_free(&buffer);
    return text;
}

/* Until no other run holds the connection. *out_is_taken false: it did not come to that, or the connection is gone. */
static enum status wait_for_connection(const struct job_run *run, struct lease *out_lease, bool *out_is_taken,
                                       struct error *error)
{
    int64_t until_us = clock_monotonic_us() + TEST_WAIT_MS * INT64_C(1000);
    enum status status;

    do {
        status = store_lease_take_one(run->store, run->job->organization_id, run->job->connection_id, run->job->owner,
                                      JOB_LEASE_S, run->arena, out_lease, out_is_taken, error);
        if (status == STATUS_OK && !*out_is_taken)
            status = store_job_progress(run->store, run->job, 0, JOB_LEASE_S, run->arena, error);
    } while (status == STATUS_OK && !*out_is_taken && clock_monotonic_us() < until_us &&
             daemon_sleep(run->daemon, POLL_MS));
    return status;
}

static enum status test_connection(const struct job_run *run, struct job_end *out_end, struct error *error)
{
    struct probe_result probe;
    struct lease lease;
    bool is_taken = false;
    enum status status = wait_for_connection(run, &lease, &is_taken, error);

    if (status != STATUS_OK)
        return status;
    if (!is_taken) {
        *out_end = (struct job_end){.is_failed = true,
                                    .problem = TEXT("The connection was being collected from all the time, or it was "
                                                    "switched off or deleted meanwhile."),
                                    .remedy = TEXT("Look at the connection, and start the test again.")};
        return STATUS_OK;
    }
    status = store_job_progress(run->store, run->job, 0.5, JOB_LEASE_S, run->arena, error);
    if (status == STATUS_OK)
        cycle_probe(run->daemon, &lease, TEST_MAX_MS, run->arena, &probe);
    store_lease_release(run->store, &lease, run->arena, NULL);
    if (status == STATUS_OK && !probe.is_reachable && atomic_load(&run->daemon->should_stop))
        return error_set(error, STATUS_UNAVAILABLE, "The collector was told to stop.");
    if (status == STATUS_OK)
        *out_end = (struct job_end){.result = probe_to_json(&probe, run->arena)};
    return status;
}

/* ---- threads ---- */

static const struct {
    const char *kind;
    /* STATUS_OK: *out_end says how it ended. Anything else is the store's failure: another run tries again. */
    enum status (*run)(const struct job_run *run, struct job_end *out_end, struct error *error);
} kind_table[] = {
    {"connection_test", test_connection},
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
    return store_job_trim(store, JOB_KEPT_S, arena, error);
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
