/* Facts as bytes; see codec.h. */
#include "facts/codec.h"

#include <math.h>

#include "base/clock.h"

/* The least that an item takes: each of its numbers and texts one byte, its hashes and doubles their size. */
enum {
    HASH_BYTES = sizeof(struct sql_hash),
    DOUBLE_BYTES = sizeof(double),
    STATEMENT_BYTES_MIN = 2 + HASH_BYTES,
    GROWTH_BYTES_MIN = HASH_BYTES + 2 + 2 * DOUBLE_BYTES + SUMS_COUNTERS,
    SAMPLE_BYTES_MIN = 8 + STATEMENT_BYTES_MIN + DOUBLE_BYTES,
    PLAN_BYTES_MIN = 2 + 2 * HASH_BYTES + DOUBLE_BYTES,
    BASELINE_BYTES_MIN = 1 + HASH_BYTES + 2 * DOUBLE_BYTES + SUMS_COUNTERS,
};

static void pack_hash(struct buffer *buffer, struct sql_hash hash)
{
    buffer_append(buffer, hash.bytes, sizeof hash.bytes);
}

static struct sql_hash unpack_hash(struct unpacker *unpacker)
{
    struct sql_hash hash;

    unpack_bytes(unpacker, hash.bytes, sizeof hash.bytes);
    return hash;
}

static int64_t unpack_time(struct unpacker *unpacker)
{
    return unpack_int64(unpacker, CLOCK_FIRST_US, CLOCK_LAST_US);
}

static void fail_if(struct unpacker *unpacker, bool is_broken)
{
    unpacker->has_failed |= is_broken;
}

/* ---- statements ---- */

static void pack_statement(struct buffer *buffer, const struct sql_fingerprint *statement)
{
    pack_text(buffer, statement->text);
    pack_hash(buffer, statement->hash);
    pack_int64(buffer, statement->kind);
}

static struct sql_fingerprint unpack_statement(struct unpacker *unpacker)
{
    struct sql_fingerprint statement = {.text = unpack_text(unpacker, FACTS_STATEMENT_BYTES_MAX)};

    statement.hash = unpack_hash(unpacker);
    statement.kind = (enum sql_kind)unpack_int64(unpacker, SQL_KIND_UNSET, SQL_KIND_COUNT - 1);
    fail_if(unpacker, statement.text.size == 0);
    return statement;
}

static void pack_statements(struct buffer *buffer, const struct statement_list *list)
{
    pack_int64(buffer, (int64_t)list->count);
    for (size_t i = 0; i < list->count; i++)
        pack_statement(buffer, &list->items[i]);
}

static void unpack_statements(struct unpacker *unpacker, struct arena *arena, struct statement_list *out_list)
{
    size_t count = unpack_count(unpacker, FACTS_STATEMENTS_MAX, STATEMENT_BYTES_MIN);

    out_list->items = arena_alloc_array(arena, count, sizeof *out_list->items);
    for (out_list->count = 0; out_list->count < count && !unpacker->has_failed; out_list->count++)
        out_list->items[out_list->count] = unpack_statement(unpacker);
}

/* ---- growth and baselines ---- */

static void pack_counters(struct buffer *buffer, const struct sums *sums)
{
    pack_double(buffer, sums->total_ms);
    pack_double(buffer, sums->max_ms);
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        pack_int64(buffer, sums_counter(sums, counter));
}

static struct sums unpack_counters(struct unpacker *unpacker, int64_t minimum)
{
    struct sums sums = {.total_ms = unpack_double(unpacker, 0)};

    sums.max_ms = unpack_double(unpacker, 0);
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        sums_set_counter(&sums, counter, unpack_int64(unpacker, minimum, INT64_MAX));
    return sums;
}

static void pack_growth(struct buffer *buffer, const struct growth_facts *growth)
{
    pack_int64(buffer, (int64_t)growth->count);
    for (size_t i = 0; i < growth->count; i++) {
        pack_hash(buffer, growth->items[i].hash);
        pack_int64(buffer, growth->items[i].at_us);
        pack_int64(buffer, growth->items[i].sums.slow_calls);
        pack_counters(buffer, &growth->items[i].sums);
    }
}

static void unpack_growth(struct unpacker *unpacker, struct arena *arena, struct growth_facts *out_growth)
{
    size_t count = unpack_count(unpacker, FACTS_GROWTH_MAX, GROWTH_BYTES_MIN);

    out_growth->items = arena_alloc_array(arena, count, sizeof *out_growth->items);
    for (out_growth->count = 0; out_growth->count < count && !unpacker->has_failed; out_growth->count++) {
        struct growth_fact *fact = &out_growth->items[out_growth->count];
        int64_t slow_calls;

        fact->hash = unpack_hash(unpacker);
        fact->at_us = unpack_time(unpacker);
        slow_calls = unpack_int64(unpacker, 0, INT64_MAX);
        fact->sums = unpack_counters(unpacker, 0);
        fact->sums.slow_calls = slow_calls;
        fail_if(unpacker, slow_calls > fact->sums.calls);
    }
}

void facts_pack_baselines(const struct baseline_list *list, struct buffer *buffer)
{
    pack_int64(buffer, (int64_t)list->count);
    for (size_t i = 0; i < list->count; i++) {
        pack_text(buffer, list->items[i].key);
        pack_hash(buffer, list->items[i].hash);
        pack_counters(buffer, &list->items[i].totals);
    }
}

void facts_unpack_baselines(struct unpacker *unpacker, struct arena *arena, struct baseline_list *out_list)
{
    size_t count = unpack_count(unpacker, FACTS_BASELINES_MAX, BASELINE_BYTES_MIN);
    struct text earlier = {NULL, 0};

    out_list->stored_at_us = INT64_MIN;
    out_list->items = arena_alloc_array(arena, count, sizeof *out_list->items);
    for (out_list->count = 0; out_list->count < count && !unpacker->has_failed; out_list->count++) {
        struct counter_baseline *baseline = &out_list->items[out_list->count];

        baseline->key = unpack_text(unpacker, FACTS_KEY_BYTES_MAX);
        baseline->hash = unpack_hash(unpacker);
        baseline->totals = unpack_counters(unpacker, COUNTER_UNREAD);
        fail_if(unpacker, earlier.data != NULL && !unpacker->has_failed && text_compare(baseline->key, earlier) <= 0);
        earlier = baseline->key;
    }
}

static void unpack_gone(struct unpacker *unpacker, struct arena *arena, struct baseline_changes *out_changes)
{
    size_t count = unpack_count(unpacker, FACTS_BASELINES_MAX, 1);

    out_changes->gone_keys = arena_alloc_array(arena, count, sizeof *out_changes->gone_keys);
    for (out_changes->gone_count = 0; out_changes->gone_count < count && !unpacker->has_failed;
         out_changes->gone_count++)
        out_changes->gone_keys[out_changes->gone_count] = unpack_text(unpacker, FACTS_KEY_BYTES_MAX);
}

/* ---- samples ---- */

static void pack_samples(struct buffer *buffer, const struct sample_facts *samples)
{
    pack_int64(buffer, samples->provenance);
    pack_int64(buffer, (int64_t)samples->count);
    for (size_t i = 0; i < samples->count; i++) {
        const struct sample_fact *sample = &samples->items[i];

        pack_int64(buffer, sample->captured_at_us);
        pack_text(buffer, sample->full_sql);
        pack_statement(buffer, &sample->statement);
        pack_double(buffer, sample->duration_ms);
        pack_int64(buffer, sample->rows_examined);
        pack_int64(buffer, sample->rows_returned);
        pack_text(buffer, sample->user_host);
        pack_text(buffer, sample->database_name);
        pack_text(buffer, sample->plan);
        pack_bool(buffer, sample->has_plan_hash);
        if (sample->has_plan_hash)
            pack_hash(buffer, sample->plan_hash);
    }
}

static struct sample_fact unpack_sample(struct unpacker *unpacker)
{
    struct sample_fact sample = {.captured_at_us = unpack_time(unpacker)};

    sample.full_sql = unpack_text_or_null(unpacker, FACTS_STATEMENT_BYTES_MAX);
    sample.statement = unpack_statement(unpacker);
    sample.duration_ms = unpack_double(unpacker, 0);
    sample.rows_examined = unpack_int64(unpacker, -1, INT64_MAX);
    sample.rows_returned = unpack_int64(unpacker, -1, INT64_MAX);
    sample.user_host = unpack_text_or_null(unpacker, FACTS_NAME_BYTES_MAX);
    sample.database_name = unpack_text_or_null(unpacker, FACTS_NAME_BYTES_MAX);
    sample.plan = unpack_text_or_null(unpacker, FACTS_PLAN_BYTES_MAX);
    sample.has_plan_hash = unpack_bool(unpacker);
    if (sample.has_plan_hash)
        sample.plan_hash = unpack_hash(unpacker);
    return sample;
}

static void unpack_samples(struct unpacker *unpacker, struct arena *arena, struct sample_facts *out_samples)
{
    size_t count;

    out_samples->provenance =
        (enum sample_provenance)unpack_int64(unpacker, SAMPLE_PROVENANCE_UNSET, SAMPLE_PROVENANCE_ACTIVE_SESSION);
    count = unpack_count(unpacker, FACTS_SAMPLES_MAX, SAMPLE_BYTES_MIN);
    fail_if(unpacker, count > 0 && out_samples->provenance == SAMPLE_PROVENANCE_UNSET);
    out_samples->items = arena_alloc_array(arena, count, sizeof *out_samples->items);
    out_samples->capacity = count;
    for (out_samples->count = 0; out_samples->count < count && !unpacker->has_failed; out_samples->count++)
        out_samples->items[out_samples->count] = unpack_sample(unpacker);
}

/* ---- plans ---- */

static void pack_plans(struct buffer *buffer, const struct plan_facts *plans)
{
    pack_int64(buffer, (int64_t)plans->count);
    for (size_t i = 0; i < plans->count; i++) {
        pack_hash(buffer, plans->items[i].hash);
        pack_hash(buffer, plans->items[i].plan_hash);
        pack_text(buffer, plans->items[i].json);
        pack_int64(buffer, plans->items[i].provenance);
        pack_double(buffer, plans->items[i].total_cost);
    }
}

static void unpack_plans(struct unpacker *unpacker, struct arena *arena, struct plan_facts *out_plans)
{
    size_t count = unpack_count(unpacker, FACTS_PLANS_MAX, PLAN_BYTES_MIN);

    out_plans->items = arena_alloc_array(arena, count, sizeof *out_plans->items);
    for (out_plans->count = 0; out_plans->count < count && !unpacker->has_failed; out_plans->count++) {
        struct plan_fact *plan = &out_plans->items[out_plans->count];

        plan->hash = unpack_hash(unpacker);
        plan->plan_hash = unpack_hash(unpacker);
        plan->json = unpack_text(unpacker, FACTS_PLAN_BYTES_MAX);
        plan->provenance = (enum plan_provenance)unpack_int64(unpacker, PLAN_PROVENANCE_EXPLAIN, PLAN_PROVENANCE_AGENT);
        plan->total_cost = unpack_double(unpacker, -HUGE_VAL);
    }
}

/* ---- all ---- */

void facts_pack(const struct facts *facts, struct buffer *buffer)
{
    pack_statements(buffer, &facts->statements);
    pack_growth(buffer, &facts->growth);
    pack_samples(buffer, &facts->samples);
    pack_plans(buffer, &facts->plans);
    facts_pack_baselines(&facts->baselines.written, buffer);
    pack_int64(buffer, (int64_t)facts->baselines.gone_count);
    for (size_t i = 0; i < facts->baselines.gone_count; i++)
        pack_text(buffer, facts->baselines.gone_keys[i]);
}

void facts_unpack(struct unpacker *unpacker, struct arena *arena, struct facts *out_facts)
{
    *out_facts = (struct facts){.growth = {.count = 0}};
    unpack_statements(unpacker, arena, &out_facts->statements);
    unpack_growth(unpacker, arena, &out_facts->growth);
    unpack_samples(unpacker, arena, &out_facts->samples);
    unpack_plans(unpacker, arena, &out_facts->plans);
    facts_unpack_baselines(unpacker, arena, &out_facts->baselines.written);
    unpack_gone(unpacker, arena, &out_facts->baselines);
}
