/* One run of a connection: what the store knows goes to a child (lib/child), and the facts that it finds go to the
 * store. This process never talks with a monitored server. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "child/child.h"
#include "collect/possible.h"
#include "collector/daemon.h"
#include "facts/overhead.h"

enum {
    CYCLE_MAX_MS = 30000, /* then the child that collects is killed */
    /* Of a connection no run of which has ended. One that works needs a second; who needs more has 30 s the next time,
     * in the slow lane. So a newcomer does not wait long for those before it. */
    FIRST_CYCLE_MAX_MS = 10000,
    FIRST_CYCLE_LONG_MS = 8000, /* a failed first run that took this long may have lacked time */
};
enum { CONNECT_TIMEOUT_MS = 3000, STATEMENT_TIMEOUT_MS = 5000, LOCK_TIMEOUT_MS = 1000 };

static const char *string_of(struct text text, struct arena *arena)
{
    return text.data == NULL ? NULL : arena_string(arena, text.data, text.size);
}

/* ---- input ---- */

static enum status read_password(struct daemon *daemon, const struct lease *lease, struct arena *arena,
                                 struct text *out_password, struct error *error)
{
    const struct seal_place place = {lease->organization_id, lease->connection_id, SEAL_PASSWORD};

    *out_password = (struct text){NULL, 0};
    if (lease->password_ciphertext.data == NULL)
        return STATUS_OK;
    return auth_decrypt(daemon->keys, place, lease->password_ciphertext, arena, out_password, error);
}

static enum status read_known(struct store *store, const struct lease *lease, struct arena *arena,
                              struct collect_input *input, struct error *error)
{
    struct sql_hash *planned = NULL;
    enum status status = store_baseline_list(store, lease, arena, &input->baselines, error);

    if (status == STATUS_OK)
        status =
            store_plan_recent_list(store, lease, COLLECT_PLAN_PAUSE_S, arena, &planned, &input->planned_count, error);
    input->planned = planned;
    return status;
}

/* ---- result ---- */

struct text cycle_sentence(const char *text, struct arena *arena)
{
    size_t size = strlen(text);

    if (size == 0)
        return (struct text){NULL, 0};
    return text_to_utf8((struct text){arena_string(arena, text, size), size}, arena);
}

/* The store refuses this connection's data, and would refuse it again. If the run were only given back, it would be due
 * again at once, before those of others. So this is shown on the connection, which waits for its next interval. */
static enum status give_up(struct store *store, const struct lease *lease, enum cycle_end end, double duration_ms,
                           struct arena *arena, struct error *error)
{
    struct cycle_write write = {.end = end,
                                .state = "failed",
                                .problem = TEXT("What was found could not be stored."),
                                .remedy = TEXT("This is a fault of Potto's; its collector's log has the cause."),
                                .duration_ms = duration_ms};

    log_error("result_refused", "a cycle", error);
    store_rollback(store);
    return store_cycle_write(store, lease, &write, arena, error);
}

/* Of this connection, and not that the store is away or that the lease was lost. */
static bool is_refusal(enum status status)
{
    return status != STATUS_OK && status != STATUS_UNAVAILABLE && status != STATUS_CONFLICT;
}

#define FIRST_CYCLE_REMEDY "This was the first look, which may take 10 s; later ones may take 30 s."

static void explain_first(const struct lease *lease, const struct collect_result *result, struct arena *arena,
                          struct cycle_write *write)
{
    if (lease->lane != LEASE_LANE_NEW || result->state != COLLECT_STATE_FAILED ||
        write->duration_ms < FIRST_CYCLE_LONG_MS)
        return;
    write->remedy =
        write->remedy.data == NULL
            ? TEXT(FIRST_CYCLE_REMEDY)
            : text_of(arena_printf(arena, FIRST_CYCLE_REMEDY " %.*s", (int)write->remedy.size, write->remedy.data));
}

static enum status write_result(struct store *store, const struct lease *lease, const struct collect_result *result,
                                enum child_end end, int64_t started_us, struct arena *arena, struct error *error)
{
    static const char *const states[] = {[COLLECT_STATE_UNSET] = "failed",
                                         [COLLECT_STATE_OK] = "ok",
                                         [COLLECT_STATE_WARNING] = "warning",
                                         [COLLECT_STATE_FAILED] = "failed"};
    struct cycle_write write = {.end = end == CHILD_ANSWERED ? CYCLE_END_ANSWERED : CYCLE_END_KILLED,
                                .state = states[result->state],
                                .problem = cycle_sentence(result->problem, arena),
                                .remedy = cycle_sentence(result->remedy, arena),
                                .server_version = result->server_version,
                                .cursor = result->cursor,
                                .has_more = result->has_more,
                                .duration_ms = (double)(clock_monotonic_us() - started_us) / 1000,
                                .cost_us = result->cost_us,
                                .plan_cost_us = result->plan_cost_us,
                                .facts = result->facts};
    enum status status;

    explain_first(lease, result, arena, &write);
    status = store_cycle_write(store, lease, &write, arena, error);
    return is_refusal(status) ? give_up(store, lease, write.end, write.duration_ms, arena, error) : status;
}

/* ---- run ---- */

static void log_cycle(const struct lease *lease, const struct collect_result *result)
{
    if (result->state == COLLECT_STATE_FAILED)
        log_write(LOG_WARN, "collection_failed", "connection %lld: %s (%s)", (long long)lease->connection_id,
                  result->problem, result->detail);
    else
        log_write(LOG_DEBUG, "collected",
                  "connection %lld: %zu grown, %zu samples, %zu plans; %d statements, %.1f ms of the database's time",
                  (long long)lease->connection_id, result->facts.growth.count, result->facts.samples.count,
                  result->facts.plans.count, result->statement_count, (double)result->spent_us / 1000);
}

enum status cycle_options(struct daemon *daemon, const struct lease *lease, struct arena *arena,
                          struct target_options *out_options)
{
    struct text password = {NULL, 0};
    struct error error = {0};
    enum status status = read_password(daemon, lease, arena, &password, &error);

    if (status != STATUS_OK)
        return status;
    *out_options = (struct target_options){.engine = string_of(lease->engine, arena),
                                           .host = string_of(lease->host, arena),
                                           .allows_sockets = daemon->config.socket_hosts == 1,
                                           .port = lease->port,
                                           .database = string_of(lease->database_name, arena),
                                           .username = string_of(lease->username, arena),
                                           .password = string_of(password, arena),
                                           .tls_mode = string_of(lease->tls_mode, arena),
                                           .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                           .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
                                           .lock_timeout_ms = LOCK_TIMEOUT_MS,
                                           .should_stop = &daemon->should_stop};
    if (password.data != NULL)
        explicit_bzero((char *)password.data, password.size);
    return STATUS_OK;
}

void cycle_forget_password(struct target_options *options)
{
    if (options->password != NULL)
        explicit_bzero((char *)options->password, strlen(options->password));
    options->password = NULL;
}

static enum child_end collect(struct daemon *daemon, const struct lease *lease, struct collect_input *input,
                              struct arena *arena, struct collect_result *result)
{
    struct target_options options;
    enum child_end end;

    if (cycle_options(daemon, lease, arena, &options) != STATUS_OK) {
        *result = (struct collect_result){
            .state = COLLECT_STATE_FAILED, .problem = NO_PASSWORD_PROBLEM, .remedy = NO_PASSWORD_REMEDY};
        return CHILD_ANSWERED;
    }
    input->target = &options;
    end = child_collect(daemon->spawner, input, lease->lane == LEASE_LANE_NEW ? FIRST_CYCLE_MAX_MS : CYCLE_MAX_MS,
                        lease->lane != LEASE_LANE_TRUSTED, arena, result);
    cycle_forget_password(&options);
    input->target = NULL;
    return end;
}

void cycle_probe(struct daemon *daemon, const struct lease *lease, int max_ms, struct arena *arena,
                 struct probe_result *out_result)
{
    struct target_options options;

    if (cycle_options(daemon, lease, arena, &options) != STATUS_OK) {
        *out_result = (struct probe_result){.problem = NO_PASSWORD_PROBLEM, .remedy = NO_PASSWORD_REMEDY};
        return;
    }
    child_probe(daemon->spawner, &options, lease->min_duration_ms, max_ms, arena, out_result);
    cycle_forget_password(&options);
}

enum status cycle_perform(struct daemon *daemon, struct store *store, const struct lease *lease, struct arena *arena,
                          struct error *error)
{
    int64_t started_us = clock_monotonic_us();
    struct collect_input input = {.min_duration_ms = lease->min_duration_ms,
                                  .log_min_duration_ms = lease->least_duration_ms,
                                  .keeps_literals = lease->keeps_literals,
                                  .cursor = lease->cursor,
                                  .makes_plans = overhead_stage_of(lease->overhead_stage)->makes_plans,
                                  .now_us = clock_now_us()};
    struct collect_result result;
    enum child_end end;
    enum status status = read_known(store, lease, arena, &input, error);

    if (is_refusal(status))
        return give_up(store, lease, CYCLE_END_ANSWERED, 0, arena, error);
    if (status != STATUS_OK)
        return status;
    end = collect(daemon, lease, &input, arena, &result);
    if (result.state == COLLECT_STATE_FAILED && atomic_load(&daemon->should_stop))
        return error_set(error, STATUS_UNAVAILABLE, "The collector was told to stop.");
    /* Nothing is known of the database then: it stays due, and the worker waits. */
    if (end == CHILD_ABSENT)
        return error_set(error, STATUS_UNAVAILABLE, "%s (%s)", result.problem, result.detail);
    collect_leave_out_impossible(&input, &result);
    log_cycle(lease, &result);
    atomic_fetch_add(result.state == COLLECT_STATE_FAILED ? &daemon->failures : &daemon->cycles, 1);
    status = write_result(store, lease, &result, end, started_us, arena, error);
    if (status != STATUS_CONFLICT)
        return status;
    log_write(LOG_WARN, "lease_lost", "connection %lld was taken over; nothing was written",
              (long long)lease->connection_id);
    return STATUS_OK;
}
