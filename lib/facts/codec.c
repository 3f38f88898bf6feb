/* Facts as bytes; see codec.h. */
#include "facts/codec.h"

#include <math.h>

#include "base/clock.h"

/* The least that an item takes: each of its numbers and texts one byte, its hashes and doubles their size. */
enum {
    HASH_BYTES = sizeof(struct sql_hash),
    DOUBLE_BYTES = sizeof(double),
    STATEMENT_BYTES_MIN = 2 + HASH_BYTES,
    GROWTH_BYTES_MIN = HASH_BYTES + 3 + 2 * DOUBLE_BYTES + SUMS_COUNTERS,
    SAMPLE_BYTES_MIN = 10 + STATEMENT_BYTES_MIN + DOUBLE_BYTES,
    PLAN_BYTES_MIN = 2 + 2 * HASH_BYTES + DOUBLE_BYTES,
    REFUSAL_BYTES_MIN = 2 + HASH_BYTES,
    BASELINE_BYTES_MIN = 2 + HASH_BYTES + 2 * DOUBLE_BYTES + SUMS_COUNTERS,
    WAIT_STATEMENT_BYTES_MIN = 2 + HASH_BYTES,
    WAIT_BYTES_MIN = 6 + WAIT_STATEMENT_BYTES_MIN,
    BLOCK_BYTES_MIN = 6 + 2 * WAIT_STATEMENT_BYTES_MIN,
    DEADLOCK_BYTES_MIN = 6,
    DEADLOCK_PROCESS_BYTES_MIN = 4,
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

static void unpack_statements(struct unpacker *unpacker, struct arena *arena, size_t max,
                              struct statement_list *out_list)
{
    size_t count = unpack_count(unpacker, max, STATEMENT_BYTES_MIN);

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

/* Also those that are not known, so that what is read takes no much more than its bytes. */
static void pack_measures(struct buffer *buffer, const struct measures *measures)
{
    pack_bool(buffer, measures != NULL);
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END && measures != NULL; i++)
        pack_int64(buffer, measures->amounts[i]);
}

static const struct measures *unpack_measures(struct unpacker *unpacker, struct arena *arena)
{
    struct measures *measures;

    if (!unpack_bool(unpacker))
        return NULL;
    measures = arena_alloc(arena, sizeof *measures);
    *measures = measures_unknown();
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
        measures->amounts[i] = unpack_int64(unpacker, MEASURE_UNKNOWN, INT64_MAX);
    return measures;
}

static void pack_growth(struct buffer *buffer, const struct growth_facts *growth)
{
    pack_int64(buffer, (int64_t)growth->count);
    for (size_t i = 0; i < growth->count; i++) {
        pack_hash(buffer, growth->items[i].hash);
        pack_int64(buffer, growth->items[i].at_us);
        pack_int64(buffer, growth->items[i].sums.slow_calls);
        pack_counters(buffer, &growth->items[i].sums);
        pack_measures(buffer, growth->items[i].measures);
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
        fact->measures = unpack_measures(unpacker, arena);
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
        pack_measures(buffer, list->items[i].measures);
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
        baseline->measures = unpack_measures(unpacker, arena);
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
        pack_int64(buffer, sample->lock_us);
        pack_text(buffer, sample->user_host);
        pack_text(buffer, sample->database_name);
        pack_text(buffer, sample->plan);
        pack_bool(buffer, sample->has_plan_hash);
        if (sample->has_plan_hash)
            pack_hash(buffer, sample->plan_hash);
        pack_bool(buffer, sample->is_uncounted);
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
    sample.lock_us = unpack_int64(unpacker, -1, INT64_MAX);
    sample.user_host = unpack_text_or_null(unpacker, FACTS_NAME_BYTES_MAX);
    sample.database_name = unpack_text_or_null(unpacker, FACTS_NAME_BYTES_MAX);
    sample.plan = unpack_text_or_null(unpacker, FACTS_PLAN_BYTES_MAX);
    sample.has_plan_hash = unpack_bool(unpacker);
    if (sample.has_plan_hash)
        sample.plan_hash = unpack_hash(unpacker);
    sample.is_uncounted = unpack_bool(unpacker);
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

static void pack_refusals(struct buffer *buffer, const struct plan_facts *plans)
{
    pack_int64(buffer, plans->off);
    pack_int64(buffer, (int64_t)plans->refusal_count);
    for (size_t i = 0; i < plans->refusal_count; i++) {
        pack_hash(buffer, plans->refusals[i].hash);
        pack_int64(buffer, plans->refusals[i].refusal);
        pack_string(buffer, plans->refusals[i].code);
    }
}

/* Those of a connection come after those of a statement. */
static enum plan_refusal unpack_off(struct unpacker *unpacker)
{
    enum plan_refusal off =
        (enum plan_refusal)unpack_int64(unpacker, PLAN_REFUSAL_UNSET, PLAN_REFUSAL_NOT_COLLECTED - 1);

    fail_if(unpacker, off != PLAN_REFUSAL_UNSET && off < PLAN_REFUSAL_OFF);
    return off;
}

static void unpack_refusals(struct unpacker *unpacker, struct arena *arena, struct plan_facts *out_plans)
{
    size_t count;

    out_plans->off = unpack_off(unpacker);
    count = unpack_count(unpacker, FACTS_PLANS_MAX, REFUSAL_BYTES_MIN);
    out_plans->refusals = arena_alloc_array(arena, count, sizeof *out_plans->refusals);
    for (out_plans->refusal_count = 0; out_plans->refusal_count < count && !unpacker->has_failed;
         out_plans->refusal_count++) {
        struct plan_refusal_fact *fact = &out_plans->refusals[out_plans->refusal_count];
        struct text code;

        *fact = (struct plan_refusal_fact){.hash = unpack_hash(unpacker)};
        fact->refusal = (enum plan_refusal)unpack_int64(unpacker, PLAN_REFUSAL_UNSET + 1, PLAN_REFUSAL_OFF - 1);
        code = unpack_text(unpacker, sizeof fact->code - 1);
        fail_if(unpacker, !plan_refusal_is_code(code));
        if (!unpacker->has_failed && code.size > 0)
            memcpy(fact->code, code.data, code.size);
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

/* ---- coverage ---- */

static void pack_coverage(struct buffer *buffer, const struct coverage_fact *fact)
{
    pack_int64(buffer, fact->basis);
    pack_int64(buffer, fact->covered_us);
    pack_int64(buffer, fact->first_looks);
    pack_double(buffer, fact->server_ms);
    pack_double(buffer, fact->attributed_ms);
    pack_int64(buffer, fact->server_calls);
    pack_int64(buffer, fact->attributed_calls);
    pack_int64(buffer, fact->evictions);
    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        pack_double(buffer, fact->gaps_ms[gap]);
}

static double unpack_bounded(struct unpacker *unpacker, double minimum, double maximum)
{
    double value = unpack_double(unpacker, minimum);

    fail_if(unpacker, value > maximum);
    return value;
}

static void unpack_coverage(struct unpacker *unpacker, struct coverage_fact *out_fact)
{
    const int64_t count_max = (int64_t)COVERAGE_MAX;

    *out_fact = (struct coverage_fact){
        .basis = (enum coverage_basis)unpack_int64(unpacker, COVERAGE_BASIS_UNSET, COVERAGE_BASIS_COUNT - 1)};
    out_fact->covered_us = unpack_int64(unpacker, 0, CLOCK_LAST_US);
    out_fact->first_looks = unpack_int64(unpacker, 0, 1);
    out_fact->server_ms = unpack_bounded(unpacker, 0, COVERAGE_MAX);
    out_fact->attributed_ms = unpack_bounded(unpacker, 0, COVERAGE_MAX);
    out_fact->server_calls = unpack_int64(unpacker, 0, count_max);
    out_fact->attributed_calls = unpack_int64(unpacker, 0, count_max);
    out_fact->evictions = unpack_int64(unpacker, 0, count_max);
    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        out_fact->gaps_ms[gap] =
            unpack_bounded(unpacker, coverage_gap_may_fall((enum coverage_gap)gap) ? -COVERAGE_MAX : 0, COVERAGE_MAX);
}

/* ---- waits ---- */

static void pack_wait_statement(struct buffer *buffer, const struct wait_statement *statement)
{
    pack_bool(buffer, statement->is_known);
    pack_hash(buffer, statement->hash);
    pack_text(buffer, statement->counter_key);
}

static struct wait_statement unpack_wait_statement(struct unpacker *unpacker)
{
    struct wait_statement statement = {.is_known = unpack_bool(unpacker)};

    statement.hash = unpack_hash(unpacker);
    statement.counter_key = unpack_text_or_null(unpacker, WAITS_KEY_BYTES_MAX);
    return statement;
}

static void pack_wait(struct buffer *buffer, const struct wait_fact *wait)
{
    pack_int64(buffer, wait->wait_class);
    pack_text(buffer, wait->event);
    pack_wait_statement(buffer, &wait->statement);
    pack_text(buffer, wait->user);
    pack_text(buffer, wait->host);
    pack_text(buffer, wait->application);
    pack_int64(buffer, wait->session_ms);
}

static struct wait_fact unpack_wait(struct unpacker *unpacker)
{
    struct wait_fact wait = {.wait_class =
                                 (enum wait_class)unpack_int64(unpacker, WAIT_CLASS_CPU, WAIT_CLASS_COUNT - 1)};

    wait.event = unpack_text(unpacker, WAITS_NAME_BYTES_MAX);
    wait.statement = unpack_wait_statement(unpacker);
    wait.user = unpack_text(unpacker, WAITS_NAME_BYTES_MAX);
    wait.host = unpack_text(unpacker, WAITS_NAME_BYTES_MAX);
    wait.application = unpack_text(unpacker, WAITS_NAME_BYTES_MAX);
    wait.session_ms = unpack_int64(unpacker, 0, WAITS_SESSION_MS_MAX);
    return wait;
}

static void pack_block(struct buffer *buffer, const struct block_fact *block)
{
    pack_int64(buffer, block->state);
    pack_wait_statement(buffer, &block->root);
    pack_text(buffer, block->user);
    pack_text(buffer, block->application);
    pack_wait_statement(buffer, &block->statement);
    pack_int64(buffer, block->session_ms);
    pack_int64(buffer, block->depth_max);
    pack_int64(buffer, block->waiters_max);
}

static struct block_fact unpack_block(struct unpacker *unpacker)
{
    struct block_fact block = {.state =
                                   (enum block_state)unpack_int64(unpacker, BLOCK_STATE_ACTIVE, BLOCK_STATE_COUNT - 1)};

    block.root = unpack_wait_statement(unpacker);
    block.user = unpack_text(unpacker, WAITS_NAME_BYTES_MAX);
    block.application = unpack_text(unpacker, WAITS_NAME_BYTES_MAX);
    block.statement = unpack_wait_statement(unpacker);
    block.session_ms = unpack_int64(unpacker, 0, WAITS_SESSION_MS_MAX);
    block.depth_max = unpack_int64(unpacker, 1, INT32_MAX);
    block.waiters_max = unpack_int64(unpacker, 1, INT32_MAX);
    return block;
}

static void unpack_wait_part(struct unpacker *unpacker, struct arena *arena, struct wait_part *out_part)
{
    size_t count;

    *out_part = (struct wait_part){.watched_ms = unpack_int64(unpacker, 0, WAITS_STRETCH_MAX_S * INT64_C(1000))};
    out_part->look_count = unpack_int64(unpacker, 0, WAITS_STRETCH_MAX_S * INT64_C(1000));
    out_part->cost_us = unpack_int64(unpacker, 0, WAITS_STRETCH_MAX_S * CLOCK_SECOND_US);
    count = unpack_count(unpacker, WAITS_MAX, WAIT_BYTES_MIN);
    out_part->waits = arena_alloc_array(arena, count, sizeof *out_part->waits);
    for (; out_part->wait_count < count && !unpacker->has_failed; out_part->wait_count++)
        out_part->waits[out_part->wait_count] = unpack_wait(unpacker);
    count = unpack_count(unpacker, WAITS_BLOCKS_MAX, BLOCK_BYTES_MIN);
    out_part->blocks = arena_alloc_array(arena, count, sizeof *out_part->blocks);
    for (; out_part->block_count < count && !unpacker->has_failed; out_part->block_count++)
        out_part->blocks[out_part->block_count] = unpack_block(unpacker);
}

void facts_pack_waits(const struct wait_facts *facts, struct buffer *buffer)
{
    pack_statements(buffer, &facts->statements);
    for (int i = 0; i < WAITS_PARTS; i++) {
        const struct wait_part *part = &facts->parts[i];

        pack_int64(buffer, part->watched_ms);
        pack_int64(buffer, part->look_count);
        pack_int64(buffer, part->cost_us);
        pack_int64(buffer, (int64_t)part->wait_count);
        for (size_t j = 0; j < part->wait_count; j++)
            pack_wait(buffer, &part->waits[j]);
        pack_int64(buffer, (int64_t)part->block_count);
        for (size_t j = 0; j < part->block_count; j++)
            pack_block(buffer, &part->blocks[j]);
    }
}

void facts_unpack_waits(struct unpacker *unpacker, struct arena *arena, struct wait_facts *out_facts)
{
    *out_facts = (struct wait_facts){.statements = {.count = 0}};
    unpack_statements(unpacker, arena, WAITS_STATEMENTS_MAX, &out_facts->statements);
    for (int i = 0; i < WAITS_PARTS; i++)
        unpack_wait_part(unpacker, arena, &out_facts->parts[i]);
}

/* ---- deadlocks ---- */

static void pack_deadlock(struct buffer *buffer, const struct deadlock_fact *deadlock)
{
    pack_int64(buffer, deadlock->noticed_at_us);
    pack_int64(buffer, deadlock->victim);
    pack_text(buffer, deadlock->user);
    pack_text(buffer, deadlock->database);
    pack_text(buffer, deadlock->application);
    pack_int64(buffer, (int64_t)deadlock->process_count);
    for (size_t i = 0; i < deadlock->process_count; i++) {
        const struct deadlock_process *process = &deadlock->processes[i];

        pack_int64(buffer, process->process);
        pack_int64(buffer, process->blocked_by);
        pack_text(buffer, process->wait);
        pack_bool(buffer, process->has_statement);
        if (process->has_statement)
            pack_hash(buffer, process->hash);
    }
}

static struct deadlock_process unpack_deadlock_process(struct unpacker *unpacker)
{
    struct deadlock_process process = {.process = unpack_int64(unpacker, 1, INT64_MAX)};

    process.blocked_by = unpack_int64(unpacker, 0, INT64_MAX);
    process.wait = unpack_text_or_null(unpacker, DEADLOCK_WAIT_BYTES_MAX);
    process.has_statement = unpack_bool(unpacker);
    if (process.has_statement)
        process.hash = unpack_hash(unpacker);
    return process;
}

static struct deadlock_fact unpack_deadlock(struct unpacker *unpacker, struct arena *arena)
{
    struct deadlock_fact deadlock = {.noticed_at_us = unpack_time(unpacker)};
    size_t count;

    deadlock.victim = unpack_int64(unpacker, 0, INT64_MAX);
    deadlock.user = unpack_text_or_null(unpacker, DEADLOCK_NAME_BYTES_MAX);
    deadlock.database = unpack_text_or_null(unpacker, DEADLOCK_NAME_BYTES_MAX);
    deadlock.application = unpack_text_or_null(unpacker, DEADLOCK_NAME_BYTES_MAX);
    count = unpack_count(unpacker, DEADLOCK_PROCESSES_MAX, DEADLOCK_PROCESS_BYTES_MIN);
    fail_if(unpacker, count == 0);
    deadlock.processes = arena_alloc_array(arena, count, sizeof *deadlock.processes);
    for (; deadlock.process_count < count && !unpacker->has_failed; deadlock.process_count++)
        deadlock.processes[deadlock.process_count] = unpack_deadlock_process(unpacker);
    return deadlock;
}

/* ---- log files ---- */

void facts_pack_log(const struct log_facts *facts, struct buffer *buffer)
{
    pack_samples(buffer, &facts->samples);
    pack_statements(buffer, &facts->statements);
    pack_int64(buffer, (int64_t)facts->deadlock_count);
    for (size_t i = 0; i < facts->deadlock_count; i++)
        pack_deadlock(buffer, &facts->deadlocks[i]);
}

void facts_unpack_log(struct unpacker *unpacker, struct arena *arena, struct log_facts *out_facts)
{
    size_t count;

    *out_facts = (struct log_facts){.deadlock_count = 0};
    unpack_samples(unpacker, arena, &out_facts->samples);
    unpack_statements(unpacker, arena, DEADLOCK_STATEMENTS_MAX, &out_facts->statements);
    count = unpack_count(unpacker, DEADLOCKS_MAX, DEADLOCK_BYTES_MIN);
    out_facts->deadlocks = arena_alloc_array(arena, count, sizeof *out_facts->deadlocks);
    for (; out_facts->deadlock_count < count && !unpacker->has_failed; out_facts->deadlock_count++)
        out_facts->deadlocks[out_facts->deadlock_count] = unpack_deadlock(unpacker, arena);
}

/* ---- all ---- */

void facts_pack(const struct facts *facts, struct buffer *buffer)
{
    pack_statements(buffer, &facts->statements);
    pack_growth(buffer, &facts->growth);
    pack_samples(buffer, &facts->samples);
    pack_plans(buffer, &facts->plans);
    pack_refusals(buffer, &facts->plans);
    facts_pack_baselines(&facts->baselines.written, buffer);
    pack_int64(buffer, (int64_t)facts->baselines.gone_count);
    for (size_t i = 0; i < facts->baselines.gone_count; i++)
        pack_text(buffer, facts->baselines.gone_keys[i]);
    pack_coverage(buffer, &facts->coverage);
}

void facts_unpack(struct unpacker *unpacker, struct arena *arena, struct facts *out_facts)
{
    *out_facts = (struct facts){.growth = {.count = 0}};
    unpack_statements(unpacker, arena, FACTS_STATEMENTS_MAX, &out_facts->statements);
    unpack_growth(unpacker, arena, &out_facts->growth);
    unpack_samples(unpacker, arena, &out_facts->samples);
    unpack_plans(unpacker, arena, &out_facts->plans);
    unpack_refusals(unpacker, arena, &out_facts->plans);
    facts_unpack_baselines(unpacker, arena, &out_facts->baselines.written);
    unpack_gone(unpacker, arena, &out_facts->baselines);
    unpack_coverage(unpacker, &out_facts->coverage);
}
