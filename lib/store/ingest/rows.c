/* Samples into slow_queries_raw, by binary COPY or by checked INSERT; see rows.h. docs/performance.md has
 * the cost of each. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/engine.h"
#include "db/copy.h"
#include "db/copy_fields.h"
#include "store/ingest/rows.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum {
    INSERT_ROWS_MAX = 1000,
    INSERT_BYTES_MAX = 4 * 1024 * 1024, /* of texts in one statement */
};

/* ---- digest, order ---- */

/* Each text is hashed by itself, so that "ab" and "c" are not the same as "a" and "bc". */
int64_t ingest_sample_digest(const struct sample_fact *sample, enum sample_provenance provenance, bool keeps_literals)
{
    /* While an execution runs, each snapshot sees another duration. */
    bool is_running = provenance == SAMPLE_PROVENANCE_ACTIVE_SESSION;
    struct text text = sample->full_sql.data == NULL ? sample->statement.text : sample->full_sql;
    struct {
        int64_t captured_at_us, rows_examined, rows_returned;
        double duration_ms;
        uint64_t text, user_host, database_name;
    } parts = {
        .captured_at_us = sample->captured_at_us,
        .rows_examined = sample->rows_examined,
        .rows_returned = sample->rows_returned,
        .duration_ms = is_running ? 0 : sample->duration_ms,
        .user_host = XXH3_64bits(sample->user_host.data, sample->user_host.size),
        .database_name = XXH3_64bits(sample->database_name.data, sample->database_name.size),
    };

    /* Whoever guesses literals can check the guess by their digest. So where literals are not kept, none is made. */
    if (keeps_literals)
        parts.text = XXH3_64bits(text.data, text.size);
    else
        parts.text = XXH3_64bits(sample->statement.hash.bytes, sizeof sample->statement.hash.bytes);
    return (int64_t)XXH3_64bits(&parts, sizeof parts);
}

static int compare_rows(const void *left_row, const void *right_row)
{
    const struct ingest_row *left = left_row, *right = right_row;

    if (left->sample->captured_at_us != right->sample->captured_at_us)
        return left->sample->captured_at_us < right->sample->captured_at_us ? -1 : 1;
    return left->digest < right->digest ? -1 : left->digest > right->digest;
}

struct ingest_rows ingest_rows_make(const struct sample_batch *batch, struct arena *arena)
{
    struct ingest_rows rows = {arena_alloc_array(arena, batch->samples.count, sizeof *rows.rows), 0};
    bool is_sorted = true;

    for (size_t i = 0; i < batch->samples.count; i++) {
        rows.rows[i].sample = &batch->samples.items[i];
        rows.rows[i].digest = ingest_sample_digest(&batch->samples.items[i], batch->samples.provenance,
                                                   batch->target.rules.keeps_literals);
        if (i > 0 && compare_rows(&rows.rows[i - 1], &rows.rows[i]) > 0)
            is_sorted = false;
    }
    if (!is_sorted)
        qsort(rows.rows, batch->samples.count, sizeof *rows.rows, compare_rows);
    for (size_t i = 0; i < batch->samples.count; i++)
        if (rows.count == 0 || compare_rows(&rows.rows[rows.count - 1], &rows.rows[i]) != 0)
            rows.rows[rows.count++] = rows.rows[i];
    return rows;
}

static struct text stored_sql(const struct sample_batch *batch, const struct sample_fact *sample)
{
    return batch->target.rules.keeps_literals ? sample->full_sql : (struct text){NULL, 0};
}

/* What the column source_db_type has had since the predecessors. */
static struct text older_name(const struct sample_batch *batch)
{
    const struct engine *engine = engine_of(batch->target.rules.engine);

    return engine == NULL ? batch->target.rules.engine : text_of(engine->older_name);
}

struct budget_spent ingest_rows_cost(const struct sample_batch *batch, const struct ingest_rows *rows)
{
    size_t bytes = 0, count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct sample_fact *sample = rows->rows[i].sample;

        if (!rows->rows[i].is_new)
            continue;
        bytes += stored_sql(batch, sample).size + sample->user_host.size + sample->database_name.size;
        count++;
    }
    return (struct budget_spent){.bytes = (double)(bytes + count * BUDGET_ROW_BYTES), .rows = (double)count};
}

/* ---- COPY ---- */

static const char copy_command[] =
    "COPY slow_queries_raw (organization_id, database_connection_id, captured_at, sql_hash, sample_digest, "
    "duration_ms, rows_examined, rows_returned, lock_us, full_sql, user_host, database_name, plan_hash, provenance, "
    "source_db_type, source_db_host) "
    "FROM STDIN (FORMAT binary)";
enum { COPY_COLUMNS = 16, COPY_FIXED_BYTES = COPY_COUNT_BYTES + COPY_COLUMNS * COPY_SIZE_BYTES + 8 * 8 + 2 * 16 + 2 };

struct copied_rows {
    const struct sample_batch *batch;
    const struct ingest_row *rows;
    struct text source; /* older_name() of the batch */
};

static void put_row(struct buffer *buffer, const void *context, size_t index)
{
    const struct copied_rows *copied = context;
    const struct sample_batch *batch = copied->batch;
    const struct ingest_row *row = &copied->rows[index];
    const struct sample_fact *sample = row->sample;
    struct text full_sql = stored_sql(batch, sample);
    struct text source = copied->source, host = batch->target.host;
    char *at;

    if (!buffer_reserve(buffer, COPY_FIXED_BYTES + full_sql.size + sample->user_host.size + sample->database_name.size +
                                    source.size + host.size))
        return;
    at = copy_int16(buffer->data + buffer->size_bytes, COPY_COLUMNS);
    at = copy_int64_field(at, batch->target.organization_id);
    at = copy_int64_field(at, batch->target.connection_id);
    at = copy_int64_field(at, sample->captured_at_us - CLOCK_POSTGRES_EPOCH_US);
    at = copy_hash_field(at, sample->statement.hash);
    at = copy_int64_field(at, row->digest);
    at = copy_double_field(at, sample->duration_ms);
    at = copy_count_field(at, sample->rows_examined);
    at = copy_count_field(at, sample->rows_returned);
    at = copy_count_field(at, sample->lock_us);
    at = copy_text_field(at, full_sql);
    at = copy_text_field(at, sample->user_host);
    at = copy_text_field(at, sample->database_name);
    at = sample->has_plan_hash ? copy_hash_field(at, sample->plan_hash) : copy_null_field(at);
    at = copy_int32(at, 2);
    at = copy_int16(at, (int16_t)batch->samples.provenance);
    at = copy_text_field(at, source);
    at = copy_text_field(at, host);
    buffer->size_bytes = (size_t)(at - buffer->data);
}

enum status ingest_rows_copy(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                             struct error *error)
{
    const struct copied_rows copied = {batch, rows->rows, older_name(batch)};
    enum status status = db_copy_rows(store->db, copy_command, put_row, &copied, rows->count, error);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < rows->count; i++)
        rows->rows[i].is_new = true;
    return STATUS_OK;
}

/* ---- INSERT … ON CONFLICT DO NOTHING ---- */

/* How many rows, from `from` on, go into one statement. */
static size_t chunk_size(const struct ingest_rows *rows, size_t from)
{
    size_t bytes = 0, count = 0;

    while (from + count < rows->count && count < INSERT_ROWS_MAX && bytes < INSERT_BYTES_MAX)
        bytes += rows->rows[from + count++].sample->full_sql.size;
    return count;
}

static void bind_rows(struct db_params *params, const struct sample_batch *batch, const struct ingest_row *rows,
                      size_t count)
{
    struct arena *arena = params->arena;
    int64_t *times_us = arena_alloc_array(arena, count, sizeof *times_us);
    int64_t *digests = arena_alloc_array(arena, count, sizeof *digests);
    int64_t *examined = arena_alloc_array(arena, count, sizeof *examined);
    int64_t *returned = arena_alloc_array(arena, count, sizeof *returned);
    int64_t *locks_us = arena_alloc_array(arena, count, sizeof *locks_us);
    double *durations_ms = arena_alloc_array(arena, count, sizeof *durations_ms);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct sql_hash *plan_hashes = arena_alloc_array(arena, count, sizeof *plan_hashes); /* zeros: none */
    struct text *texts = arena_alloc_array(arena, count, sizeof *texts);
    struct text *users = arena_alloc_array(arena, count, sizeof *users);
    struct text *databases = arena_alloc_array(arena, count, sizeof *databases);

    for (size_t i = 0; i < count; i++) {
        const struct sample_fact *sample = rows[i].sample;

        times_us[i] = sample->captured_at_us;
        digests[i] = rows[i].digest;
        examined[i] = sample->rows_examined;
        returned[i] = sample->rows_returned;
        locks_us[i] = sample->lock_us;
        durations_ms[i] = sample->duration_ms;
        hashes[i] = sample->statement.hash;
        if (sample->has_plan_hash)
            plan_hashes[i] = sample->plan_hash;
        texts[i] = stored_sql(batch, sample);
        users[i] = sample->user_host;
        databases[i] = sample->database_name;
    }
    params_int64(params, batch->target.organization_id);
    params_int64(params, batch->target.connection_id);
    params_int32(params, (int32_t)batch->samples.provenance);
    params_time_array(params, times_us, count);
    params_hash_array(params, hashes, count);
    params_int64_array(params, digests, count);
    params_double_array(params, durations_ms, count);
    params_int64_array(params, examined, count);
    params_int64_array(params, returned, count);
    params_int64_array(params, locks_us, count);
    params_text_array(params, texts, count);
    params_text_array(params, users, count);
    params_text_array(params, databases, count);
    params_hash_array(params, plan_hashes, count);
    params_text(params, older_name(batch));
    params_text(params, batch->target.host);
}

/* The result has the rows that were stored, in the order in which all were sent. */
static void mark_new(struct ingest_row *rows, size_t count, const PGresult *result)
{
    int at = 0, stored = PQntuples(result);

    for (size_t i = 0; i < count; i++) {
        rows[i].is_new = at < stored &&
                         row_time(result, at, INGEST_SAMPLES_CAPTURED_AT) == rows[i].sample->captured_at_us &&
                         row_int64(result, at, INGEST_SAMPLES_SAMPLE_DIGEST) == rows[i].digest;
        at += rows[i].is_new;
    }
}

enum status ingest_rows_insert(struct store *store, const struct sample_batch *batch, struct ingest_rows *rows,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct arena *scratch = arena_new(0);

    for (size_t from = 0, count; status == STATUS_OK && from < rows->count; from += count) {
        struct db_params params = {.arena = scratch};
        PGresult *result;

        count = chunk_size(rows, from);
        bind_rows(&params, batch, rows->rows + from, count);
        status = store_run(store, SQL(ingest_samples), &params, scratch, &result, error);
        if (status == STATUS_OK)
            mark_new(rows->rows + from, count, result);
        arena_reset(scratch);
    }
    arena_destroy(scratch);
    return status;
}
