/* The job connection_test: connects to a database, checks what is missing there, and reports as JSON. */
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "collect/probe.h"
#include "collector/jobs/jobs.h"

enum {
    TEST_MAX_MS = 15000,  /* shorter than the lease */
    TEST_WAIT_MS = 60000, /* wait for a running collection to end: a database gets only one connection of Potto's */
    RESULT_BYTES_MAX = 64 * 1024,
};

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

/* Old clients read `success` and `message`. */
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

/* Take the connection's lease, waiting until no other run has it. *out_is_taken false: the time ended, or the
 * connection is gone. */
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

enum status job_connection_test(const struct job_run *run, struct job_end *out_end, struct error *error)
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
