/* What the new rows of a batch add up to: rollup deltas and fingerprints; see sums.h. */
#include "store/ingest/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "facts/histogram.h"
#include "facts/sums.h"
#include "store/ingest/seen.h"
#include "store/scope/statement.h"

#define BUCKET_US (300 * CLOCK_SECOND_US)

/* One row of rollup_deltas. */
struct delta {
    struct sql_hash hash;
    int64_t bucket_us;
    int64_t calls, rows_examined, rows_returned, lock_us;
    double total_ms, max_ms;
    size_t entry; /* index of the first entry of its histogram in those of sum_entries() */
};

/* Rounded to 2^-14 ms (61 ns). Sums of such numbers are exact up to 2^39 ms (17 years), whatever the order. So rollups
 * that are made again from the samples (store/rollup/sql/rollup_rebuild.sql) are the same to the last bit. */
static double summand_ms(double duration_ms)
{
    return rint(duration_ms * 16384) / 16384;
}

/* For base/map.h. Hashes are uniform already; the bucket is mixed in. */
static uint64_t map_hash(struct sql_hash hash, int64_t bucket_us)
{
    uint64_t bits;

    memcpy(&bits, hash.bytes, sizeof bits);
    return bits ^ (uint64_t)bucket_us * UINT64_C(0x9E3779B97F4A7C15);
}

/* count < 0: unknown. */
static int64_t add_known(int64_t sum, int64_t count)
{
    return count < 0 ? sum : sums_add_count(sum, count);
}

/* ---- rollup deltas ---- */

struct delta_key {
    const struct delta *deltas;
    const struct sql_hash *hash;
    int64_t bucket_us;
};

static bool is_delta(const void *context, uint32_t index)
{
    const struct delta_key *key = context;

    return key->deltas[index].bucket_us == key->bucket_us && sql_hash_equal(key->deltas[index].hash, *key->hash);
}

/* Returns the number of deltas. `places` gets the index of each new row's delta. */
static size_t sum_deltas(const struct ingest_rows *rows, struct delta *deltas, uint32_t *places, struct arena *arena)
{
    struct map map = map_new(rows->count, arena);
    uint32_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct sample_fact *sample = rows->rows[i].sample;
        const struct delta_key key = {deltas, &sample->statement.hash, clock_floor(sample->captured_at_us, BUCKET_US)};
        struct delta *delta;

        if (!rows->rows[i].is_new)
            continue;
        places[i] = map_add(&map, map_hash(*key.hash, key.bucket_us), is_delta, &key, count);
        if (places[i] == count)
            deltas[count++] = (struct delta){.hash = *key.hash, .bucket_us = key.bucket_us};
        delta = &deltas[places[i]];
        delta->calls++;
        delta->total_ms += summand_ms(sample->duration_ms);
        delta->max_ms = sample->duration_ms > delta->max_ms ? sample->duration_ms : delta->max_ms;
        delta->rows_examined = add_known(delta->rows_examined, sample->rows_examined);
        delta->rows_returned = add_known(delta->rows_returned, sample->rows_returned);
        delta->lock_us = add_known(delta->lock_us, sample->lock_us);
    }
    return count;
}

static int compare_places(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* The entries of all histograms, delta by delta. Those of a delta ascend by bin. */
static const int64_t *sum_entries(const struct ingest_rows *rows, const uint32_t *places, struct delta *deltas,
                                  struct arena *arena, size_t *out_count)
{
    uint64_t *binned = arena_alloc_array(arena, rows->count, sizeof *binned); /* delta << 32 | bin */
    int64_t *entries = arena_alloc_array(arena, rows->count, sizeof *entries);
    size_t binned_count = 0, count = 0;

    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].is_new)
            binned[binned_count++] =
                (uint64_t)places[i] << 32 | (uint32_t)histogram_bin(rows->rows[i].sample->duration_ms);
    qsort(binned, binned_count, sizeof *binned, compare_places);
    for (size_t from = 0, to; from < binned_count; from = to) {
        for (to = from + 1; to < binned_count && binned[to] == binned[from];)
            to++;
        if (from == 0 || binned[from] >> 32 != binned[from - 1] >> 32)
            deltas[binned[from] >> 32].entry = count;
        entries[count++] = histogram_entry((int)(uint32_t)binned[from], (int64_t)(to - from));
    }
    *out_count = count;
    return entries;
}

/* `deltas` ascend by `entry`, since the entries are in the order of the deltas. */
static enum status write_deltas(struct store *store, const struct ingest_target *target, const struct delta *deltas,
                                size_t count, const int64_t *entries, size_t entry_count, struct arena *arena,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    int64_t *buckets_us = arena_alloc_array(arena, count, sizeof *buckets_us);
    int64_t *calls = arena_alloc_array(arena, count, sizeof *calls);
    int64_t *examined = arena_alloc_array(arena, count, sizeof *examined);
    int64_t *returned = arena_alloc_array(arena, count, sizeof *returned);
    int64_t *locks_us = arena_alloc_array(arena, count, sizeof *locks_us);
    double *totals_ms = arena_alloc_array(arena, count, sizeof *totals_ms);
    double *maxima_ms = arena_alloc_array(arena, count, sizeof *maxima_ms);
    int64_t *first_entries = arena_alloc_array(arena, count, sizeof *first_entries);
    int64_t *last_entries = arena_alloc_array(arena, count, sizeof *last_entries);

    for (size_t i = 0; i < count; i++) {
        hashes[i] = deltas[i].hash;
        buckets_us[i] = deltas[i].bucket_us;
        calls[i] = deltas[i].calls;
        examined[i] = deltas[i].rows_examined;
        returned[i] = deltas[i].rows_returned;
        locks_us[i] = deltas[i].lock_us;
        totals_ms[i] = deltas[i].total_ms;
        maxima_ms[i] = deltas[i].max_ms;
        first_entries[i] = (int64_t)deltas[i].entry + 1; /* PostgreSQL counts from 1 */
        last_entries[i] = (int64_t)(i + 1 < count ? deltas[i + 1].entry : entry_count);
    }
    params_int64(&params, target->organization_id);
    params_int64(&params, target->connection_id);
    params_hash_array(&params, hashes, count);
    params_time_array(&params, buckets_us, count);
    params_int64_array(&params, calls, count);
    params_double_array(&params, totals_ms, count);
    params_double_array(&params, maxima_ms, count);
    params_int64_array(&params, examined, count);
    params_int64_array(&params, returned, count);
    params_int64_array(&params, locks_us, count);
    params_int64_array(&params, entries, entry_count);
    params_int64_array(&params, first_entries, count);
    params_int64_array(&params, last_entries, count);
    return store_run(store, SQL(ingest_deltas), &params, arena, NULL, error);
}

enum status ingest_deltas_write(struct store *store, const struct ingest_target *target, const struct ingest_rows *rows,
                                struct arena *arena, struct error *error)
{
    struct delta *deltas = arena_alloc_array(arena, rows->count, sizeof *deltas);
    uint32_t *places = arena_alloc_array(arena, rows->count, sizeof *places);
    size_t count = sum_deltas(rows, deltas, places, arena), entry_count;
    const int64_t *entries;

    if (count == 0)
        return STATUS_OK;
    entries = sum_entries(rows, places, deltas, arena, &entry_count);
    return write_deltas(store, target, deltas, count, entries, entry_count, arena, error);
}

/* ---- fingerprints ---- */

struct statement_key {
    const struct ingest_statement *statements;
    const struct sql_hash *hash;
};

static bool is_statement(const void *context, uint32_t index)
{
    const struct statement_key *key = context;

    return sql_hash_equal(key->statements[index].fingerprint->hash, *key->hash);
}

size_t ingest_statements_find(struct store *store, const struct ingest_target *target, const struct ingest_rows *rows,
                              struct arena *arena, struct ingest_statement **out_statements)
{
    struct ingest_statement *statements = arena_alloc_array(arena, rows->count, sizeof *statements);
    struct map map = map_new(rows->count, arena);
    size_t unseen = 0;
    uint32_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct sample_fact *sample = rows->rows[i].sample;
        const struct statement_key key = {statements, &sample->statement.hash};
        uint32_t index;

        if (!rows->rows[i].is_new)
            continue;
        index = map_add(&map, map_hash(*key.hash, 0), is_statement, &key, count);
        if (index == count)
            statements[count++] = (struct ingest_statement){&sample->statement, target->rules.dialect,
                                                            sample->captured_at_us, sample->captured_at_us};
        /* Rows ascend by time. */
        statements[index].last_us = sample->captured_at_us;
    }
    for (size_t i = 0; i < count; i++)
        if (!ingest_seen_covers(store, target, &statements[i]))
            statements[unseen++] = statements[i];
    ingest_statements_sort(statements, unseen);
    *out_statements = statements;
    return unseen;
}
