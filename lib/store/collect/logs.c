/* Log files in the store; see logs.h. */
#include "store/collect/logs.h"

#include <stdlib.h>
#include <xxhash.h>

#include "store/collect/collect_internal.h"
#include "store/ingest/fingerprints.h"
#include "store/ingest/ingest.h"
#include "store/scope/statement.h"

enum {
    DEADLOCK_BYTES = 300, /* a row with its indexes */
    REPLACED_PLANS_MAX = 64,
};

enum status store_log_target(struct store *store, int64_t connection_id, const struct budgets *budgets,
                             struct arena *arena, struct log_target *out_target, bool *out_is_there,
                             struct error *error)
{
    const struct budget *const both[] = {&budgets->connection, &budgets->organization};
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        params_double(&params, both[i]->bytes);
        params_double(&params, both[i]->rows);
        params_double(&params, both[i]->statements);
    }
    status = store_run(store, SQL(log_target), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_there = PQntuples(result) == 1;
    if (!*out_is_there)
        return STATUS_OK;
    *out_target = (struct log_target){.may_store = row_bool(result, 0, LOG_TARGET_MAY_STORE)};
    out_target->lease = (struct lease){.organization_id = row_int64(result, 0, LOG_TARGET_ORGANIZATION_ID),
                                       .connection_id = connection_id,
                                       .name = row_text(result, 0, LOG_TARGET_NAME),
                                       .engine = row_text(result, 0, LOG_TARGET_ENGINE),
                                       .host = row_text(result, 0, LOG_TARGET_HOST),
                                       .database_name = row_text(result, 0, LOG_TARGET_DATABASE_NAME),
                                       .min_duration_ms = row_double(result, 0, LOG_TARGET_MIN_DURATION_MS),
                                       .keeps_literals = row_bool(result, 0, LOG_TARGET_KEEP_LITERALS),
                                       .budgets = *budgets};
    return STATUS_OK;
}

static struct db_params path_params(const struct lease *lease, struct text path, struct arena *arena)
{
    struct db_params params = {.arena = arena};

    lease_bind_connection(&params, lease);
    params_text(&params, path);
    return params;
}

enum status store_log_places(struct store *store, const struct lease *lease, struct text path, struct arena *arena,
                             struct log_place **out_places, size_t *out_count, int64_t *out_followed_us,
                             struct error *error)
{
    struct db_params params = path_params(lease, path, arena);
    struct log_place *places;
    PGresult *result;
    enum status status = store_run(store, SQL(log_places_list), &params, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    *out_followed_us = PQntuples(result) > 0 ? row_time(result, 0, LOG_PLACES_LIST_FOLLOWED_AT) : INT64_MIN;
    *out_count =
        PQntuples(result) > 0 && !row_is_null(result, 0, LOG_PLACES_LIST_INODE) ? (size_t)PQntuples(result) : 0;
    places = arena_alloc_array(arena, *out_count, sizeof *places);
    for (int row = 0; row < (int)*out_count; row++)
        places[row] = (struct log_place){.inode = row_int64(result, row, LOG_PLACES_LIST_INODE),
                                         .name = row_text(result, row, LOG_PLACES_LIST_NAME),
                                         .head_size = (int32_t)row_int64(result, row, LOG_PLACES_LIST_HEAD_SIZE),
                                         .head_digest = row_int64(result, row, LOG_PLACES_LIST_HEAD_DIGEST),
                                         .read_from = row_int64(result, row, LOG_PLACES_LIST_READ_FROM),
                                         .told = row_int64(result, row, LOG_PLACES_LIST_TOLD),
                                         .mode = (int32_t)row_int64(result, row, LOG_PLACES_LIST_MODE)};
    *out_places = places;
    return STATUS_OK;
}

/* ---- what was read ---- */

static enum status move_place(struct store *store, const struct lease *lease, struct text path,
                              const struct log_write *write, struct arena *arena, struct error *error)
{
    struct db_params params = path_params(lease, path, arena);

    params_int64(&params, write->after.inode);
    params_int64(&params, write->before.head_digest);
    params_int64(&params, write->before.read_from);
    params_int64(&params, write->before.told);
    params_text(&params, write->after.name);
    params_int32(&params, write->after.head_size);
    params_int64(&params, write->after.head_digest);
    params_int64(&params, write->after.read_from);
    params_int64(&params, write->after.told);
    params_int32(&params, write->after.mode);
    return lease_finish(store, SQL(log_place_move), &params, arena, error);
}

static bool is_among(const struct sample_fact *sample, const struct sql_hash *hashes,
                     const struct sql_hash *plan_hashes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sql_hash_equal(hashes[i], sample->statement.hash) && sql_hash_equal(plan_hashes[i], sample->plan_hash))
            return true;
    return false;
}

/* A few of those that EXPLAIN made; others follow with later parts. */
static enum status replace_plans(struct store *store, const struct lease *lease, const struct sample_facts *samples,
                                 struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, REPLACED_PLANS_MAX, sizeof *hashes);
    struct sql_hash *plan_hashes = arena_alloc_array(arena, REPLACED_PLANS_MAX, sizeof *plan_hashes);
    struct text *plans = arena_alloc_array(arena, REPLACED_PLANS_MAX, sizeof *plans);
    size_t count = 0;

    for (size_t i = 0; i < samples->count && count < REPLACED_PLANS_MAX; i++) {
        const struct sample_fact *sample = &samples->items[i];

        if (sample->plan.data == NULL || is_among(sample, hashes, plan_hashes, count))
            continue;
        hashes[count] = sample->statement.hash;
        plan_hashes[count] = sample->plan_hash;
        plans[count++] = sample->plan;
    }
    if (count == 0)
        return STATUS_OK;
    lease_bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_hash_array(&params, plan_hashes, count);
    params_text_array(&params, plans, count);
    return store_run(store, SQL(log_plans), &params, arena, NULL, error);
}

static enum status write_samples(struct store *store, const struct lease *lease, const struct log_write *write,
                                 struct arena *arena, struct ingest_outcome *out_outcome, struct error *error)
{
    struct sample_batch batch = {
        .target = {.organization_id = lease->organization_id,
                   .connection_id = lease->connection_id,
                   .host = lease->host,
                   .rules = {.engine = lease->engine,
                             .dialect = sql_dialect_of(lease->engine),
                             .keeps_literals = lease->keeps_literals}},
        .samples = write->facts->samples,
    };

    enum status status;

    *out_outcome = (struct ingest_outcome){.accepted = 0};
    if (batch.samples.count == 0)
        return STATUS_OK;
    status = replace_plans(store, lease, &batch.samples, arena, error);
    return status == STATUS_OK ? store_ingest_within(store, &batch, arena, out_outcome, error) : status;
}

/* All that is told of a deadlock, so that it is stored once. */
static int64_t digest_of(const struct deadlock_fact *deadlock)
{
    XXH3_state_t *state = XXH3_createState();
    int64_t digest;

    if (state == NULL)
        abort();
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, &deadlock->victim, sizeof deadlock->victim);
    for (size_t i = 0; i < deadlock->process_count; i++) {
        const struct deadlock_process *process = &deadlock->processes[i];

        XXH3_64bits_update(state, &process->process, sizeof process->process);
        XXH3_64bits_update(state, &process->blocked_by, sizeof process->blocked_by);
        XXH3_64bits_update(state, process->wait.data, process->wait.size);
        XXH3_64bits_update(state, &process->hash, sizeof process->hash);
    }
    digest = (int64_t)XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return digest;
}

static enum status write_deadlock(struct store *store, const struct lease *lease, const struct deadlock_fact *deadlock,
                                  struct arena *arena, int64_t *count, struct error *error)
{
    size_t processes = deadlock->process_count;
    struct db_params params = {.arena = arena};
    int64_t *ids = arena_alloc_array(arena, processes, sizeof *ids);
    int64_t *blockers = arena_alloc_array(arena, processes, sizeof *blockers);
    struct text *waits = arena_alloc_array(arena, processes, sizeof *waits);
    struct sql_hash *hashes = arena_alloc_array(arena, processes, sizeof *hashes);
    PGresult *result;
    enum status status;

    for (size_t i = 0; i < processes; i++) {
        ids[i] = deadlock->processes[i].process;
        blockers[i] = deadlock->processes[i].blocked_by;
        waits[i] = deadlock->processes[i].wait;
        hashes[i] = deadlock->processes[i].hash; /* zeros if there is none */
    }
    lease_bind_connection(&params, lease);
    params_time(&params, deadlock->noticed_at_us);
    params_int64(&params, digest_of(deadlock));
    params_int64(&params, deadlock->victim);
    params_text(&params, deadlock->user);
    params_text(&params, deadlock->database);
    params_text(&params, deadlock->application);
    params_int64_array(&params, ids, processes);
    params_int64_array(&params, blockers, processes);
    params_text_array(&params, waits, processes);
    params_hash_array(&params, hashes, processes);
    status = store_run(store, SQL(log_deadlocks), &params, arena, &result, error);
    if (status == STATUS_OK)
        *count += PQntuples(result);
    return status;
}

static enum status write_sightings(struct store *store, const struct lease *lease, const struct log_facts *facts,
                                   struct arena *arena, struct error *error)
{
    struct ingest_statement *seen = arena_alloc_array(arena, facts->statements.count, sizeof *seen);
    int64_t first_us = facts->deadlocks[0].noticed_at_us, last_us = first_us;
    size_t count = 0;

    for (size_t i = 1; i < facts->deadlock_count; i++) {
        int64_t at_us = facts->deadlocks[i].noticed_at_us;

        first_us = at_us < first_us ? at_us : first_us;
        last_us = at_us > last_us ? at_us : last_us;
    }
    for (size_t i = 0; i < facts->statements.count; i++)
        seen[i] = (struct ingest_statement){
            .fingerprint = &facts->statements.items[i], .first_us = first_us, .last_us = last_us};
    ingest_statements_sort(seen, facts->statements.count);
    for (size_t i = 0; i < facts->statements.count; i++)
        if (count == 0 || !sql_hash_equal(seen[count - 1].fingerprint->hash, seen[i].fingerprint->hash))
            seen[count++] = seen[i];
    return ingest_fingerprints_seen(store, lease->organization_id, lease->connection_id, seen, count, arena, error);
}

static enum status write_deadlocks(struct store *store, const struct lease *lease, const struct log_facts *facts,
                                   struct arena *arena, struct budget_spent *spent, int64_t *out_count,
                                   struct error *error)
{
    enum status status;

    *out_count = 0;
    if (facts->deadlock_count == 0)
        return STATUS_OK;
    status = lease_write_statements(store, lease, &facts->statements, arena, spent, error);
    if (status == STATUS_OK && facts->statements.count > 0)
        status = write_sightings(store, lease, facts, arena, error);
    for (size_t i = 0; i < facts->deadlock_count && status == STATUS_OK; i++)
        status = write_deadlock(store, lease, &facts->deadlocks[i], arena, out_count, error);
    spent->rows += (double)*out_count;
    spent->bytes += (double)*out_count * (DEADLOCK_BYTES + BUDGET_ROW_BYTES);
    return status;
}

static enum status add_up(struct store *store, const struct lease *lease, struct text path,
                          const struct log_write *write, int64_t samples, int64_t deadlocks, struct arena *arena,
                          struct error *error)
{
    struct db_params params = path_params(lease, path, arena);
    const int64_t counts[] = {write->bytes,   write->entries, write->executions, samples,
                              write->plans,   deadlocks,      write->elsewhere,  write->timeless,
                              write->foreign, write->unread,  write->skipped};

    params_time(&params, write->last_event_us);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        params_int64(&params, counts[i]);
    return store_run(store, SQL(log_file_add), &params, arena, NULL, error);
}

static enum status write_all(struct store *store, const struct lease *lease, struct text path,
                             const struct log_write *write, struct arena *arena, struct error *error)
{
    struct ingest_outcome outcome = {0};
    int64_t deadlocks = 0;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = move_place(store, lease, path, write, arena, error);
    if (status == STATUS_OK)
        status = write_samples(store, lease, write, arena, &outcome, error);
    if (status == STATUS_OK)
        status = write_deadlocks(store, lease, write->facts, arena, &outcome.spent, &deadlocks, error);
    if (status == STATUS_OK)
        status = add_up(store, lease, path, write, outcome.accepted, deadlocks, arena, error);
    if (status == STATUS_OK)
        status = lease_charge(store, lease, &outcome.spent, arena, error);
    return status == STATUS_OK ? store_commit(store, error) : status;
}

enum status store_log_write(struct store *store, const struct lease *lease, struct text path,
                            const struct log_write *write, struct arena *arena, struct error *error)
{
    for (int attempts = 1;; attempts++) {
        enum status status = write_all(store, lease, path, write, arena, error);

        if (status == STATUS_OK || !lease_may_try_again(store, attempts))
            return status;
    }
}

/* ---- how it goes ---- */

enum status store_log_state(struct store *store, const struct lease *lease, struct text path,
                            const struct log_state *state, struct arena *arena, struct error *error)
{
    struct db_params params = path_params(lease, path, arena);

    params_string(&params, state->state);
    params_text(&params, state->problem);
    params_text(&params, state->remedy);
    params_string(&params, state->format);
    params_int64(&params, state->unread_bytes);
    params_time(&params, state->unread_since_us);
    params_int32(&params, state->file_count);
    return store_run(store, SQL(log_file_state), &params, arena, NULL, error);
}

enum status store_log_forget(struct store *store, const struct lease *lease, struct text path, const int64_t *inodes,
                             size_t count, struct arena *arena, struct error *error)
{
    struct db_params params = path_params(lease, path, arena);

    if (count == 0)
        return STATUS_OK;
    params_int64_array(&params, inodes, count);
    return store_run(store, SQL(log_places_forget), &params, arena, NULL, error);
}
