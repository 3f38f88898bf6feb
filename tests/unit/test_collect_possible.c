/* What a server cannot have done is left out of a cycle's result (collect/possible.h, facts/growth.h, facts/sample.h).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collect/possible.h"

#define NOW_US    INT64_C(1763000000000000)
#define SECOND_US INT64_C(1000000)

static bool is_possible(struct sums sums, int64_t elapsed_us)
{
    struct growth_fact fact = {.at_us = NOW_US, .sums = sums};

    return growth_is_possible(&(struct growth_facts){&fact, 1}, elapsed_us);
}

static void growth_is_possible_up_to_a_thousand_million_a_second(void **state)
{
    const int64_t most = 60000000000, hour_us = 3600 * SECOND_US;

    (void)state;
    assert_true(is_possible((struct sums){.calls = most, .total_ms = 60e9, .blocks_hit = most}, 60 * SECOND_US));
    assert_false(is_possible((struct sums){.calls = most + 1}, 60 * SECOND_US));
    assert_false(is_possible((struct sums){.calls = 1, .total_ms = 60.1e9}, 60 * SECOND_US));
    assert_false(is_possible((struct sums){.calls = 1, .blocks_read = most + 1}, 60 * SECOND_US));
    assert_false(is_possible((struct sums){.calls = 1, .rows_returned = INT64_MAX}, hour_us));
    /* A time in microseconds has the bound of times. */
    assert_true(is_possible((struct sums){.calls = 1, .lock_us = 1000 * most}, 60 * SECOND_US));
    assert_false(is_possible((struct sums){.calls = 1, .lock_us = 1001 * most}, 60 * SECOND_US));
    assert_false(is_possible((struct sums){.calls = 1, .total_ms = NAN}, hour_us));
    assert_false(is_possible((struct sums){.calls = 1, .total_ms = INFINITY}, hour_us));
    assert_false(is_possible((struct sums){.calls = 1, .total_ms = 1e308}, hour_us));
    assert_false(is_possible((struct sums){.calls = -1}, hour_us));
    assert_false(is_possible((struct sums){.calls = 1, .total_ms = -1}, hour_us));
}

static void measures_have_bounds_of_their_own(void **state)
{
    struct measures measures = measures_unknown();
    struct growth_fact facts[] = {{.sums = {.calls = 1}, .measures = &measures}, {.sums = {.calls = 1}}};
    const struct growth_facts growth = {facts, 2};

    (void)state;
    assert_true(growth_is_possible(&growth, 60 * SECOND_US));
    measures.amounts[MEASURE_WAL_BYTES] = INT64_C(60000000000000);
    measures.amounts[MEASURE_PLANS] = INT64_C(60000000000);
    assert_true(growth_is_possible(&growth, 60 * SECOND_US));
    facts[1].measures = &measures; /* of all statements together */
    assert_false(growth_is_possible(&growth, 60 * SECOND_US));
    assert_true(growth_is_possible(&growth, 120 * SECOND_US));
    measures.amounts[MEASURE_PLANS] = INT64_MAX;
    assert_false(growth_is_possible(&growth, 120 * SECOND_US));
}

static void a_short_or_backward_pause_counts_as_ten_seconds(void **state)
{
    (void)state;
    assert_true(is_possible((struct sums){.calls = 10000000000}, 0));
    assert_true(is_possible((struct sums){.calls = 10000000000}, -SECOND_US));
    assert_true(is_possible((struct sums){.calls = 10000000000}, INT64_MIN));
    assert_false(is_possible((struct sums){.calls = 10000000001}, SECOND_US));
}

static void the_growth_of_all_statements_counts_together(void **state)
{
    struct growth_fact facts[] = {{.sums = {.calls = 6000000000}}, {.sums = {.calls = 6000000000}}};

    (void)state;
    assert_true(growth_is_possible(&(struct growth_facts){facts, 1}, 10 * SECOND_US));
    assert_false(growth_is_possible(&(struct growth_facts){facts, 2}, 10 * SECOND_US));
    assert_true(growth_is_possible(&(struct growth_facts){NULL, 0}, 0));
    /* The sum of two does not wrap around to something small. */
    facts[0].sums.calls = facts[1].sums.calls = INT64_MAX;
    assert_false(growth_is_possible(&(struct growth_facts){facts, 2}, 3600 * SECOND_US));
}

static void impossible_growth_is_left_out_and_said(void **state)
{
    struct growth_fact fact = {.at_us = NOW_US, .sums = {.calls = INT64_MAX}};
    struct collect_input input = {.now_us = NOW_US, .baselines = {.count = 1, .stored_at_us = NOW_US - 60 * SECOND_US}};
    struct collect_result result = {.state = COLLECT_STATE_OK, .facts.growth = {&fact, 1}};

    (void)state;
    result.facts.baselines.written.count = 3;
    collect_leave_out_impossible(&input, &result);
    assert_int_equal(result.state, COLLECT_STATE_WARNING);
    assert_non_null(strstr(result.problem, "than any server can"));
    assert_int_equal(result.facts.growth.count, 0);
    assert_int_equal(result.facts.baselines.written.count, 3);
}

static void growth_lies_after_the_last_baselines(void **state)
{
    struct growth_fact facts[] = {{.at_us = INT64_MIN, .sums.calls = 1},
                                  {.at_us = NOW_US - SECOND_US, .sums.calls = 1},
                                  {.at_us = INT64_MAX, .sums.calls = 1}};
    struct collect_input input = {.now_us = NOW_US, .baselines = {.count = 1, .stored_at_us = NOW_US - 60 * SECOND_US}};
    struct collect_result result = {.state = COLLECT_STATE_OK, .facts.growth = {facts, 3}};

    (void)state;
    collect_leave_out_impossible(&input, &result);
    assert_int_equal(result.state, COLLECT_STATE_OK);
    assert_int_equal(result.facts.growth.count, 3);
    assert_int_equal(facts[0].at_us, NOW_US - 60 * SECOND_US);
    assert_int_equal(facts[1].at_us, NOW_US - SECOND_US);
    assert_int_equal(facts[2].at_us, NOW_US);
}

static void impossible_samples_are_left_out_and_counted(void **state)
{
    struct sample_fact samples[] = {
        {.captured_at_us = NOW_US, .duration_ms = 1, .rows_examined = -1, .rows_returned = SAMPLE_ROWS_MAX},
        {.captured_at_us = NOW_US, .duration_ms = 1, .rows_examined = INT64_MAX},
        {.captured_at_us = NOW_US, .duration_ms = 1, .lock_us = INT64_MAX},
        {.captured_at_us = NOW_US, .duration_ms = 1e308},
        {.captured_at_us = NOW_US, .duration_ms = NAN},
        {.captured_at_us = NOW_US, .duration_ms = -1},
        {.captured_at_us = NOW_US + 2 * 86400 * SECOND_US},
        {.captured_at_us = 0},
        {.captured_at_us = NOW_US, .duration_ms = 2},
    };
    struct collect_input input = {.now_us = NOW_US};
    struct collect_result result = {.state = COLLECT_STATE_OK, .facts.samples = {.items = samples, .count = 9}};

    (void)state;
    collect_leave_out_impossible(&input, &result);
    assert_int_equal(result.state, COLLECT_STATE_WARNING);
    assert_non_null(strstr(result.problem, "7 executions"));
    assert_int_equal(result.facts.samples.count, 2);
    assert_true(samples[1].duration_ms == 2);
}

static void a_failed_cycle_keeps_its_own_problem(void **state)
{
    struct collect_input input = {.now_us = NOW_US};
    struct collect_result result = {.state = COLLECT_STATE_FAILED, .problem = "away"};

    (void)state;
    collect_leave_out_impossible(&input, &result);
    assert_int_equal(result.state, COLLECT_STATE_FAILED);
    assert_string_equal(result.problem, "away");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_is_possible_up_to_a_thousand_million_a_second),
        cmocka_unit_test(measures_have_bounds_of_their_own),
        cmocka_unit_test(a_short_or_backward_pause_counts_as_ten_seconds),
        cmocka_unit_test(the_growth_of_all_statements_counts_together),
        cmocka_unit_test(impossible_growth_is_left_out_and_said),
        cmocka_unit_test(growth_lies_after_the_last_baselines),
        cmocka_unit_test(impossible_samples_are_left_out_and_counted),
        cmocka_unit_test(a_failed_cycle_keeps_its_own_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
