/* One run: turns rows of lib/store into the input of lib/collect, and its result back into rows. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "collect/collect.h"
#include "collector/daemon.h"

enum { CONNECT_TIMEOUT_MS = 3000, STATEMENT_TIMEOUT_MS = 5000, LOCK_TIMEOUT_MS = 1000 };

static const char *string_of(struct text text, struct arena *arena)
{
    return text.data == NULL ? NULL : arena_string(arena, text.data, text.size);
}

/* ---- input ---- */

static enum status read_password(struct daemon *daemon, const struct lease *lease, struct arena *arena,
                                 struct text *out_password, struct error *error)
{
    *out_password = (struct text){NULL, 0};
    if (lease->password_ciphertext.data == NULL)
        return STATUS_OK;
    return auth_decrypt(daemon->keys, lease->password_ciphertext, arena, out_password, error);
}

static enum status read_known(struct store *store, const struct lease *lease, struct arena *arena,
                              struct collect_input *input, struct error *error)
{
    struct counter_row *rows = NULL;
    struct sql_hash *planned = NULL;
    struct collect_baseline *baselines;
    size_t count = 0;
    enum status status = store_counter_list(store, lease, arena, &rows, &count, error);

    if (status == STATUS_OK)
        status =
            store_plan_recent_list(store, lease, COLLECT_PLAN_PAUSE_S, arena, &planned, &input->planned_count, error);
    if (status != STATUS_OK)
        return status;
    baselines = arena_alloc_array(arena, count, sizeof *baselines);
    for (size_t i = 0; i < count; i++)
        baselines[i] = (struct collect_baseline){
            rows[i].key,
            rows[i].hash,
            {rows[i].calls, rows[i].total_ms, rows[i].rows, rows[i].blocks_hit, rows[i].blocks_read}};
    input->baselines = baselines;
    input->baseline_count = count;
    input->planned = planned;
    return STATUS_OK;
}

/* ---- result ---- */

static struct counter_row counter_row_of(const struct collect_baseline *baseline)
{
    const struct counter_totals *totals = &baseline->totals;

    return (struct counter_row){baseline->key, baseline->hash,     totals->calls,      totals->total_ms,
                                totals->rows,  totals->blocks_hit, totals->blocks_read};
}

static bool is_same(const struct collect_baseline *left, const struct collect_baseline *right)
{
    return left->totals.calls == right->totals.calls && left->totals.rows == right->totals.rows &&
           left->totals.blocks_hit == right->totals.blocks_hit &&
           left->totals.blocks_read == right->totals.blocks_read &&
           memcmp(&left->totals.total_ms, &right->totals.total_ms, sizeof(double)) == 0 &&
           memcmp(&left->hash, &right->hash, sizeof left->hash) == 0;
}

static int compare_keys(struct text left, struct text right)
{
    int order = memcmp(left.data, right.data, left.size < right.size ? left.size : right.size);

    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

/* Compare the old and the new snapshot, both ascending by key: find new or changed rows, and keys that are gone. */
static void diff_baselines(const struct collect_input *input, const struct collect_result *result, struct arena *arena,
                           struct cycle_write *write)
{
    struct counter_row *changed = arena_alloc_array(arena, result->baseline_count, sizeof *changed);
    struct text *gone = arena_alloc_array(arena, input->baseline_count, sizeof *gone);
    size_t old = 0, now = 0;

    write->baselines = changed;
    write->gone_keys = gone;
    if (!result->has_baselines)
        return;
    while (old < input->baseline_count || now < result->baseline_count) {
        int order = old == input->baseline_count ? 1
                    : now == result->baseline_count
                        ? -1
                        : compare_keys(input->baselines[old].key, result->baselines[now].key);

        if (order < 0)
            gone[write->gone_count++] = input->baselines[old].key;
        else if (order > 0 || !is_same(&input->baselines[old], &result->baselines[now]))
            changed[write->baseline_count++] = counter_row_of(&result->baselines[now]);
        old += order <= 0;
        now += order >= 0;
    }
}

static void convert_counters(const struct collect_result *result, struct arena *arena, struct cycle_write *write)
{
    struct cycle_fingerprint *fingerprints = arena_alloc_array(arena, result->fingerprint_count, sizeof *fingerprints);
    struct cycle_growth *growth = arena_alloc_array(arena, result->growth_count, sizeof *growth);
    struct cycle_plan *plans = arena_alloc_array(arena, result->plan_count, sizeof *plans);

    for (size_t i = 0; i < result->fingerprint_count; i++) {
        const struct collect_fingerprint *from = &result->fingerprints[i];

        fingerprints[i] =
            (struct cycle_fingerprint){from->statement.hash, from->statement.text, sql_kind_name(from->statement.kind),
                                       from->tables, from->table_count};
    }
    for (size_t i = 0; i < result->growth_count; i++) {
        const struct collect_growth *from = &result->growth[i];
        struct collect_baseline totals = {.totals = from->totals};

        growth[i] = (struct cycle_growth){from->hash, from->at_us, counter_row_of(&totals), from->slow_calls};
    }
    for (size_t i = 0; i < result->plan_count; i++) {
        const struct collect_plan *from = &result->plans[i];

        plans[i] = (struct cycle_plan){from->hash, from->plan_hash, from->plan, from->provenance, from->total_cost};
    }
    write->fingerprints = fingerprints;
    write->fingerprint_count = result->fingerprint_count;
    write->growth = growth;
    write->growth_count = result->growth_count;
    write->plans = plans;
    write->plan_count = result->plan_count;
}

/* If this cycle read a plan for the sample's fingerprint, it counts as the sample's plan. */
static void link_plan(const struct collect_result *result, struct ingest_sample *sample)
{
    for (size_t i = 0; i < result->plan_count; i++)
        if (memcmp(&result->plans[i].hash, &sample->statement.hash, sizeof sample->statement.hash) == 0) {
            sample->has_plan_hash = true;
            sample->plan_hash = result->plans[i].plan_hash;
        }
}

static struct sample_batch *convert_samples(const struct lease *lease, const struct collect_result *result,
                                            struct arena *arena)
{
    static const enum sample_provenance provenances[] = {
        [COLLECT_SLOW_LOG] = SAMPLE_PROVENANCE_SLOW_LOG, [COLLECT_ACTIVE_SESSION] = SAMPLE_PROVENANCE_ACTIVE_SESSION};
    struct sample_batch *batches = arena_alloc_array(arena, 2, sizeof *batches);

    for (int b = 0; b < 2; b++) {
        enum collect_provenance provenance = b == 0 ? COLLECT_SLOW_LOG : COLLECT_ACTIVE_SESSION;
        struct ingest_sample *samples = arena_alloc_array(arena, result->sample_count, sizeof *samples);

        batches[b] = (struct sample_batch){.target = {.organization_id = lease->organization_id,
                                                      .connection_id = lease->connection_id,
                                                      .dialect = sql_dialect_of(lease->engine),
                                                      .keeps_literals = lease->keeps_literals},
                                           .provenance = provenances[provenance],
                                           .samples = samples,
                                           .expects_duplicates = true};
        for (size_t i = 0; i < result->sample_count; i++) {
            const struct collect_sample *from = &result->samples[i];
            struct ingest_sample *to = &samples[batches[b].sample_count];

            if (from->provenance != provenance)
                continue;
            *to = (struct ingest_sample){.captured_at_us = from->captured_at_us,
                                         .full_sql = from->full_sql,
                                         .statement = from->statement,
                                         .duration_ms = from->duration_ms < 0 ? 0 : from->duration_ms,
                                         .rows_examined = from->rows_examined,
                                         .rows_returned = from->rows_returned,
                                         .user_host = from->user_host,
                                         .database_name = from->database_name};
            link_plan(result, to);
            batches[b].sample_count++;
        }
    }
    return batches;
}

static struct text sentence(const char *text, struct arena *arena)
{
    size_t size = strlen(text);

    if (size == 0)
        return (struct text){NULL, 0};
    return text_to_utf8((struct text){arena_string(arena, text, size), size}, arena);
}

static enum status write_result(struct store *store, const struct lease *lease, const struct collect_input *input,
                                const struct collect_result *result, int64_t started_us, struct arena *arena,
                                struct error *error)
{
    static const char *const states[] = {[COLLECT_STATE_UNSET] = "failed",
                                         [COLLECT_STATE_OK] = "ok",
                                         [COLLECT_STATE_WARNING] = "warning",
                                         [COLLECT_STATE_FAILED] = "failed"};
    struct cycle_write write = {.state = states[result->state],
                                .problem = sentence(result->problem, arena),
                                .remedy = sentence(result->remedy, arena),
                                .server_version = result->server_version,
                                .found = (int64_t)result->growth_count,
                                .cursor = result->cursor,
                                .has_more = result->has_more,
                                .duration_ms = (double)(clock_monotonic_us() - started_us) / 1000};
    enum status status;

    diff_baselines(input, result, arena, &write);
    convert_counters(result, arena, &write);
    write.batches = convert_samples(lease, result, arena);
    write.batch_count = 2;
    status = store_cycle_write(store, lease, &write, arena, error);
    if (status != STATUS_INVALID && status != STATUS_INTERNAL)
        return status;
    /* The store refuses the result and would refuse it again: show this on the connection, and wait for the next
     * interval. */
    log_error("result_refused", "writing a cycle", error);
    write = (struct cycle_write){.state = "failed",
                                 .problem = TEXT("What was found could not be stored."),
                                 .remedy = TEXT("This is a fault of Potto's; its collector's log has the cause."),
                                 .duration_ms = write.duration_ms};
    return store_cycle_write(store, lease, &write, arena, error);
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
                  (long long)lease->connection_id, result->growth_count, result->sample_count, result->plan_count,
                  result->statement_count, (double)result->spent_us / 1000);
}

#define NO_PASSWORD_PROBLEM "The stored password cannot be read: it was encrypted with another ENCRYPTION_KEY."
#define NO_PASSWORD_REMEDY  "Give the collector the key it was encrypted with, or enter the password again."

/* Fill the options to connect, with the password: call forget_password when done. */
static enum status make_options(struct daemon *daemon, const struct lease *lease, int max_ms, struct arena *arena,
                                struct target_options *out_options)
{
    struct text password = {NULL, 0};
    struct error error = {0};
    enum status status = read_password(daemon, lease, arena, &password, &error);

    if (status != STATUS_OK)
        return status;
    *out_options = (struct target_options){.engine = string_of(lease->engine, arena),
                                           .host = string_of(lease->host, arena),
                                           .port = lease->port,
                                           .database = string_of(lease->database_name, arena),
                                           .username = string_of(lease->username, arena),
                                           .password = string_of(password, arena),
                                           .tls_mode = string_of(lease->tls_mode, arena),
                                           .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                           .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
                                           .lock_timeout_ms = LOCK_TIMEOUT_MS,
                                           .deadline_us = clock_monotonic_us() + max_ms * INT64_C(1000),
                                           .should_stop = &daemon->should_stop};
    if (password.data != NULL)
        explicit_bzero((char *)password.data, password.size);
    return STATUS_OK;
}

static void forget_password(struct target_options *options)
{
    if (options->password != NULL)
        explicit_bzero((char *)options->password, strlen(options->password));
    options->password = NULL;
}

static void collect(struct daemon *daemon, const struct lease *lease, struct collect_input *input, struct arena *arena,
                    struct collect_result *result)
{
    struct target_options options;

    if (make_options(daemon, lease, CYCLE_MAX_MS, arena, &options) != STATUS_OK) {
        *result = (struct collect_result){
            .state = COLLECT_STATE_FAILED, .problem = NO_PASSWORD_PROBLEM, .remedy = NO_PASSWORD_REMEDY};
        return;
    }
    input->target = &options;
    collect_cycle(input, arena, result);
    forget_password(&options);
    input->target = NULL;
}

void cycle_probe(struct daemon *daemon, const struct lease *lease, int max_ms, struct arena *arena,
                 struct probe_result *out_result)
{
    struct target_options options;

    if (make_options(daemon, lease, max_ms, arena, &options) != STATUS_OK) {
        *out_result = (struct probe_result){.problem = NO_PASSWORD_PROBLEM, .remedy = NO_PASSWORD_REMEDY};
        return;
    }
    collect_probe(&options, lease->min_duration_ms, arena, out_result);
    forget_password(&options);
}

enum status cycle_perform(struct daemon *daemon, struct store *store, const struct lease *lease, struct arena *arena,
                          struct error *error)
{
    int64_t started_us = clock_monotonic_us();
    struct collect_input input = {.min_duration_ms = lease->min_duration_ms,
                                  .log_min_duration_ms = lease->least_duration_ms,
                                  .keeps_literals = lease->keeps_literals,
                                  .cursor = lease->cursor,
                                  .now_us = clock_now_us()};
    struct collect_result result;
    enum status status = read_known(store, lease, arena, &input, error);

    if (status != STATUS_OK)
        return status;
    collect(daemon, lease, &input, arena, &result);
    if (result.state == COLLECT_STATE_FAILED && atomic_load(&daemon->should_stop))
        return error_set(error, STATUS_UNAVAILABLE, "The collector was told to stop.");
    log_cycle(lease, &result);
    atomic_fetch_add(result.state == COLLECT_STATE_FAILED ? &daemon->failures : &daemon->cycles, 1);
    status = write_result(store, lease, &input, &result, started_us, arena, error);
    if (status != STATUS_CONFLICT)
        return status;
    log_write(LOG_WARN, "lease_lost", "connection %lld was taken over; nothing was written",
              (long long)lease->connection_id);
    return STATUS_OK;
}
