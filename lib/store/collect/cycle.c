/* What was known before a cycle and what it found; see collect.h. */
#include "store/collect/cycle.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "store/scope/statement.h"

enum { ATTEMPTS_MAX = 4, ROWS_AT_ONCE = 5000, TABLES_BYTES_MAX = 64 * 1024, TABLE_SEPARATOR = 0x1F };

static void bind_connection(struct db_params *params, const struct lease *lease)
{
    params_int64(params, lease->organization_id);
    params_int64(params, lease->connection_id);
}

/* ---- before ---- */

enum status store_counter_list(struct store *store, const struct lease *lease, struct arena *arena,
                               struct counter_row **out_rows, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct counter_row *rows;
    PGresult *result;
    enum status status;

    bind_connection(&params, lease);
    status = store_run(store, SQL(counter_baseline_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    rows = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *rows);
    for (int row = 0; row < PQntuples(result); row++)
        rows[row] = (struct counter_row){
            .key = row_text(result, row, COUNTER_BASELINE_LIST_COUNTER_KEY),
            .hash = row_hash(result, row, COUNTER_BASELINE_LIST_SQL_HASH),
            .calls = row_int64(result, row, COUNTER_BASELINE_LIST_CALLS),
            .total_ms = row_double(result, row, COUNTER_BASELINE_LIST_TOTAL_MS),
            .rows = row_int64(result, row, COUNTER_BASELINE_LIST_ROWS),
            .blocks_hit = row_int64(result, row, COUNTER_BASELINE_LIST_BLOCKS_HIT),
            .blocks_read = row_int64(result, row, COUNTER_BASELINE_LIST_BLOCKS_READ),
        };
    *out_rows = rows;
    *out_count = (size_t)PQntuples(result);
    return STATUS_OK;
}

enum status store_plan_recent_list(struct store *store, const struct lease *lease, int pause_s, struct arena *arena,
                                   struct sql_hash **out_hashes, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes;
    PGresult *result;
    enum status status;

    bind_connection(&params, lease);
    params_int32(&params, pause_s);
    status = store_run(store, SQL(plan_recent_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    hashes = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *hashes);
    for (int row = 0; row < PQntuples(result); row++)
        hashes[row] = row_hash(result, row, PLAN_RECENT_LIST_SQL_HASH);
    *out_hashes = hashes;
    *out_count = (size_t)PQntuples(result);
    return STATUS_OK;
}

/* ---- after ---- */

/* First, so that the row stays locked until the end: nobody takes the connection in between. */
static enum status finish_lease(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    bind_connection(&params, lease);
    params_text(&params, lease->owner);
    params_bool(&params, write->has_more);
    params_string(&params, write->state);
    params_double(&params, write->duration_ms);
    params_int64(&params, write->found);
    params_text(&params, write->problem);
    params_text(&params, write->remedy);
    params_text(&params, write->server_version);
    params_json(&params, write->cursor);
    status = store_run(store, SQL(cycle_finish), &params, arena, &result, error);
    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_CONFLICT, "Another collector has taken the connection over.");
    return status;
}

static int compare_fingerprints(const void *left, const void *right)
{
    return memcmp(&((const struct cycle_fingerprint *)left)->hash, &((const struct cycle_fingerprint *)right)->hash,
                  sizeof(struct sql_hash));
}

/* Names with U+001F between them, as sql/ingest_fingerprints.sql takes them. */
static struct text join_tables(const struct cycle_fingerprint *fingerprint, struct arena *arena)
{
    struct buffer buffer;
    struct text joined;

    buffer_init(&buffer, TABLES_BYTES_MAX);
    for (size_t i = 0; i < fingerprint->table_count; i++) {
        if (i > 0)
            buffer_append_byte(&buffer, TABLE_SEPARATOR);
        buffer_append_text(&buffer, fingerprint->tables[i]);
    }
    joined = buffer.has_failed ? TEXT("") : buffer_text(&buffer);
    joined = (struct text){arena_string(arena, joined.size == 0 ? "" : joined.data, joined.size), joined.size};
    buffer_free(&buffer);
    return joined;
}

static enum status write_fingerprints(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                      struct arena *arena, struct error *error)
{
    size_t count = write->fingerprint_count;
    struct db_params params = {.arena = arena};
    struct cycle_fingerprint *sorted = arena_alloc_array(arena, count, sizeof *sorted);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct text *texts = arena_alloc_array(arena, count, sizeof *texts);
    struct text *kinds = arena_alloc_array(arena, count, sizeof *kinds);
    struct text *tables = arena_alloc_array(arena, count, sizeof *tables);

    if (count == 0)
        return STATUS_OK;
    memcpy(sorted, write->fingerprints, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_fingerprints);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = sorted[i].hash;
        texts[i] = sorted[i].fingerprint;
        kinds[i] = text_of(sorted[i].kind);
        tables[i] = join_tables(&sorted[i], arena);
    }
    params_int64(&params, lease->organization_id);
    params_hash_array(&params, hashes, count);
    params_text_array(&params, texts, count);
    params_text_array(&params, kinds, count);
    params_text_array(&params, tables, count);
    return store_run(store, SQL(ingest_fingerprints), &params, arena, NULL, error);
}

static int compare_growth(const void *left_growth, const void *right_growth)
{
    const struct cycle_growth *left = left_growth, *right = right_growth;
    int order = memcmp(&left->hash, &right->hash, sizeof left->hash);

    return order != 0 ? order : (left->at_us > right->at_us) - (left->at_us < right->at_us);
}

/* Where and when: once for each fingerprint, by hash. */
static enum status write_seen(struct store *store, const struct lease *lease, const struct cycle_growth *growth,
                              size_t growth_count, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, growth_count, sizeof *hashes);
    int64_t *first_us = arena_alloc_array(arena, growth_count, sizeof *first_us);
    int64_t *last_us = arena_alloc_array(arena, growth_count, sizeof *last_us);
    size_t count = 0;

    for (size_t i = 0; i < growth_count; i++) {
        if (count == 0 || memcmp(&hashes[count - 1], &growth[i].hash, sizeof *hashes) != 0) {
            hashes[count] = growth[i].hash;
            first_us[count++] = growth[i].at_us;
        }
        last_us[count - 1] = growth[i].at_us;
    }
    bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_time_array(&params, first_us, count);
    params_time_array(&params, last_us, count);
    return store_run(store, SQL(ingest_fingerprint_connections), &params, arena, NULL, error);
}

static enum status write_growth(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                struct arena *arena, struct error *error)
{
    size_t count = write->growth_count;
    struct db_params params = {.arena = arena};
    struct cycle_growth *sorted = arena_alloc_array(arena, count, sizeof *sorted);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    int64_t *at_us = arena_alloc_array(arena, count, sizeof *at_us);
    int64_t *calls = arena_alloc_array(arena, count, sizeof *calls);
    int64_t *slow_calls = arena_alloc_array(arena, count, sizeof *slow_calls);
    int64_t *rows = arena_alloc_array(arena, count, sizeof *rows);
    int64_t *blocks_hit = arena_alloc_array(arena, count, sizeof *blocks_hit);
    int64_t *blocks_read = arena_alloc_array(arena, count, sizeof *blocks_read);
    double *totals_ms = arena_alloc_array(arena, count, sizeof *totals_ms);
    enum status status;

    if (count == 0)
        return STATUS_OK;
    memcpy(sorted, write->growth, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_growth);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = sorted[i].hash;
        at_us[i] = sorted[i].at_us;
        calls[i] = sorted[i].totals.calls;
        totals_ms[i] = sorted[i].totals.total_ms;
        slow_calls[i] = sorted[i].slow_calls;
        rows[i] = sorted[i].totals.rows;
        blocks_hit[i] = sorted[i].totals.blocks_hit;
        blocks_read[i] = sorted[i].totals.blocks_read;
    }
    bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_time_array(&params, at_us, count);
    params_int64_array(&params, calls, count);
    params_double_array(&params, totals_ms, count);
    params_int64_array(&params, slow_calls, count);
    params_int64_array(&params, rows, count);
    params_int64_array(&params, blocks_hit, count);
    params_int64_array(&params, blocks_read, count);
    status = store_run(store, SQL(cycle_deltas), &params, arena, NULL, error);
    return status == STATUS_OK ? write_seen(store, lease, sorted, count, arena, error) : status;
}

static enum status write_some_baselines(struct store *store, const struct lease *lease, const struct counter_row *rows,
                                        size_t count, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text *keys = arena_alloc_array(arena, count, sizeof *keys);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    int64_t *calls = arena_alloc_array(arena, count, sizeof *calls);
    int64_t *row_counts = arena_alloc_array(arena, count, sizeof *row_counts);
    int64_t *blocks_hit = arena_alloc_array(arena, count, sizeof *blocks_hit);
    int64_t *blocks_read = arena_alloc_array(arena, count, sizeof *blocks_read);
    double *totals_ms = arena_alloc_array(arena, count, sizeof *totals_ms);

    for (size_t i = 0; i < count; i++) {
        keys[i] = rows[i].key;
        hashes[i] = rows[i].hash;
        calls[i] = rows[i].calls;
        totals_ms[i] = rows[i].total_ms;
        row_counts[i] = rows[i].rows;
        blocks_hit[i] = rows[i].blocks_hit;
        blocks_read[i] = rows[i].blocks_read;
    }
    bind_connection(&params, lease);
    params_text_array(&params, keys, count);
    params_hash_array(&params, hashes, count);
    params_int64_array(&params, calls, count);
    params_double_array(&params, totals_ms, count);
    params_int64_array(&params, row_counts, count);
    params_int64_array(&params, blocks_hit, count);
    params_int64_array(&params, blocks_read, count);
    return store_run(store, SQL(cycle_baselines), &params, arena, NULL, error);
}

static enum status write_baselines(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                   struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status = STATUS_OK;

    for (size_t from = 0; status == STATUS_OK && from < write->baseline_count; from += ROWS_AT_ONCE) {
        size_t left = write->baseline_count - from;

        status = write_some_baselines(store, lease, write->baselines + from, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE,
                                      arena, error);
    }
    if (status != STATUS_OK || write->gone_count == 0)
        return status;
    bind_connection(&params, lease);
    params_text_array(&params, write->gone_keys, write->gone_count);
    return store_run(store, SQL(cycle_baselines_gone), &params, arena, NULL, error);
}

static enum status write_plans(struct store *store, const struct lease *lease, const struct cycle_write *write,
                               struct arena *arena, struct error *error)
{
    size_t count = write->plan_count;
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct sql_hash *plan_hashes = arena_alloc_array(arena, count, sizeof *plan_hashes);
    struct text *plans = arena_alloc_array(arena, count, sizeof *plans);
    struct text *provenances = arena_alloc_array(arena, count, sizeof *provenances);
    double *costs = arena_alloc_array(arena, count, sizeof *costs);

    if (count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = write->plans[i].hash;
        plan_hashes[i] = write->plans[i].plan_hash;
        plans[i] = write->plans[i].plan;
        provenances[i] = text_of(write->plans[i].provenance);
        costs[i] = write->plans[i].total_cost;
    }
    bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_hash_array(&params, plan_hashes, count);
    params_text_array(&params, plans, count);
    params_text_array(&params, provenances, count);
    params_double_array(&params, costs, count);
    return store_run(store, SQL(cycle_plans), &params, arena, NULL, error);
}

/* Samples that were stored before do not count as found. */
static enum status write_samples(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                 struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status = STATUS_OK;
    int64_t found = 0;

    for (size_t i = 0; status == STATUS_OK && i < write->batch_count; i++) {
        struct ingest_outcome outcome = {0};

        if (write->batches[i].sample_count > 0)
            status = store_ingest_within(store, &write->batches[i], arena, &outcome, error);
        found += outcome.accepted;
    }
    if (status != STATUS_OK || found == 0)
        return status;
    bind_connection(&params, lease);
    params_int64(&params, found);
    return store_run(store, SQL(cycle_found), &params, arena, NULL, error);
}

static enum status write_all(struct store *store, const struct lease *lease, const struct cycle_write *write,
                             struct arena *arena, struct error *error)
{
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = finish_lease(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = write_samples(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = write_fingerprints(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = write_growth(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = write_baselines(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = write_plans(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = store_commit(store, error);
    return status;
}

enum status store_cycle_write(struct store *store, const struct lease *lease, const struct cycle_write *write,
                              struct arena *arena, struct error *error)
{
    for (int attempts = 1;; attempts++) {
        enum status status = write_all(store, lease, write, arena, error);

        if (status == STATUS_OK)
            return status;
        store_rollback(store);
        /* Two transactions that locked each other out: nothing is wrong with either. */
        if (attempts == ATTEMPTS_MAX || strncmp(store_sqlstate(store), "40", 2) != 0)
            return status;
    }
}
