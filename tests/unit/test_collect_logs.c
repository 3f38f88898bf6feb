/* A part of a log file as facts of one connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "collect/logs.h"
#include "tests/unit/golden_logs.h"

#define DAY_US (INT64_C(1795910400) * CLOCK_SECOND_US) /* 2026-11-29 */

static struct log_input input_of(const char *name)
{
    struct text bytes = golden(name);

    return (struct log_input){.engine = TEXT("postgresql"),
                              .keeps_literals = true,
                              .now_us = DAY_US,
                              .head = {bytes.data, COLLECT_LOG_HEAD_BYTES},
                              .quiet = (int64_t)bytes.size,
                              .bytes = bytes};
}

static bool has_part(struct text text, const char *part)
{
    return strstr(arena_string(arena, text.data == NULL ? "" : text.data, text.size), part) != NULL;
}

static void a_log_tells_samples_with_values_and_plans(void **state)
{
    struct log_input input = input_of("postgresql.json");
    struct log_result result;
    size_t plans = 0;

    (void)state;
    collect_log(&input, arena, &result);
    assert_string_equal(result.problem, "");
    assert_int_equal(result.format, LOGS_FORMAT_JSON);
    assert_int_equal(result.place.offset, input.bytes.size);
    assert_int_equal(result.facts.samples.provenance, SAMPLE_PROVENANCE_SLOW_LOG);
    assert_true(result.facts.samples.count > 5);
    assert_int_equal(result.facts.samples.count, result.counts.events[LOGS_KIND_EXECUTION]);
    for (size_t i = 0; i < result.facts.samples.count; i++) {
        const struct sample_fact *sample = &result.facts.samples.items[i];

        assert_true(sample->full_sql.size > 0 && sample->statement.text.size > 0);
        assert_int_equal(sample->plan.data != NULL, sample->has_plan_hash);
        plans += sample->has_plan_hash;
    }
    assert_int_equal(plans, 5);
    assert_true(result.last_event_us > 0 && result.last_event_us < DAY_US);
}

static void without_literals_no_value_and_no_plan_leaves(void **state)
{
    struct log_input input = input_of("postgresql.json");
    struct log_result result;

    (void)state;
    input.keeps_literals = false;
    collect_log(&input, arena, &result);
    assert_true(result.facts.samples.count > 5);
    for (size_t i = 0; i < result.facts.samples.count; i++) {
        assert_null(result.facts.samples.items[i].full_sql.data);
        assert_null(result.facts.samples.items[i].plan.data);
    }
}

static void a_deadlock_is_told_by_fingerprints(void **state)
{
    struct log_input input = input_of("postgresql.json");
    const struct deadlock_fact *deadlock;
    struct log_result result;

    (void)state;
    collect_log(&input, arena, &result);
    assert_int_equal(result.facts.deadlock_count, 1);
    deadlock = &result.facts.deadlocks[0];
    assert_int_equal(deadlock->process_count, 2);
    assert_int_equal(deadlock->processes[0].blocked_by, deadlock->processes[1].process);
    assert_int_equal(deadlock->processes[1].blocked_by, deadlock->processes[0].process);
    assert_true(has_part(deadlock->processes[0].wait, "ShareLock on transaction"));
    for (size_t i = 0; i < 2; i++)
        assert_true(deadlock->processes[i].has_statement);
    assert_true(result.facts.statements.count >= 1);
    for (size_t i = 0; i < result.facts.statements.count; i++)
        assert_true(has_part(result.facts.statements.items[i].text, "?"));
}

static void other_databases_and_short_executions_are_left_out(void **state)
{
    struct log_input input = input_of("postgresql.csv");
    struct log_result result;
    size_t all;

    (void)state;
    collect_log(&input, arena, &result);
    all = result.facts.samples.count;
    input.min_duration_ms = 1e9;
    collect_log(&input, arena, &result);
    assert_int_equal(result.facts.samples.count, 0);
    assert_int_equal(result.counts.events[LOGS_KIND_EXECUTION], all);
    input.min_duration_ms = 0;
    input.database = TEXT("another");
    collect_log(&input, arena, &result);
    assert_int_equal(result.facts.samples.count + result.facts.deadlock_count, 0);
    assert_int_equal(result.elsewhere, all);
}

static void a_wrong_prefix_is_a_problem_and_no_progress(void **state)
{
    struct log_input input = input_of("postgresql.log");
    struct log_result result;
    char prefix[LOGS_PREFIX_BYTES_MAX + 2];

    (void)state;
    memset(prefix, 'x', sizeof prefix);
    input.prefix = (struct text){prefix, sizeof prefix};
    collect_log(&input, arena, &result);
    assert_string_not_equal(result.problem, "");
    assert_int_equal(result.place.told, 0);
}

/* 20,000 executions are more than one answer takes. */
static void a_full_answer_goes_on_where_it_ended(void **state)
{
    struct buffer log;
    struct log_input input = {.engine = TEXT("postgresql"), .keeps_literals = true, .now_us = DAY_US};
    struct log_result result;
    int64_t last_us = 0;
    size_t count = 0;
    int turns = 0;

    (void)state;
    buffer_init(&log, 8 * 1024 * 1024);
    for (int i = 0; i < 20000; i++)
        buffer_printf(&log, "2026-11-28 09:%02d:%02d.%03d UTC [5] LOG:  duration: 5.000 ms  statement: SELECT %d\n",
                      i / 60000, i / 1000 % 60, i % 1000, i);
    input.head = (struct text){log.data, COLLECT_LOG_HEAD_BYTES};
    while (input.place.told < (int64_t)log.size_bytes && turns++ < 10) {
        input.bytes = (struct text){log.data + input.place.offset, log.size_bytes - (size_t)input.place.offset};
        input.quiet = (int64_t)log.size_bytes;
        collect_log(&input, arena, &result);
        assert_true(result.place.told > input.place.told && result.facts.samples.count <= 10000);
        input.place = result.place;
        for (size_t i = 0; i < result.facts.samples.count; i++) {
            assert_true(result.facts.samples.items[i].captured_at_us > last_us);
            last_us = result.facts.samples.items[i].captured_at_us;
        }
        count += result.facts.samples.count;
    }
    assert_int_equal(count, 20000);
    assert_true(turns > 2);
    buffer_free(&log);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_log_tells_samples_with_values_and_plans),   TEST(without_literals_no_value_and_no_plan_leaves),
        TEST(a_deadlock_is_told_by_fingerprints),          TEST(other_databases_and_short_executions_are_left_out),
        TEST(a_wrong_prefix_is_a_problem_and_no_progress), TEST(a_full_answer_goes_on_where_it_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
