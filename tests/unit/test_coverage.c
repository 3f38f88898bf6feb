/* lib/collect/coverage.h and lib/facts/coverage.h: how much of a server's time statements have, and why not all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "collect/coverage.h"
#include "collect/cycle.h"

#define NOW_US   (INT64_C(1700000000) * CLOCK_SECOND_US)
#define SINCE_US (NOW_US - 1000 * CLOCK_SECOND_US)

static struct arena *arena;
static struct collect_result result;
static struct collect_cycle cycle;
static struct coverage_totals totals;

static void put_cursor(void *object)
{
    json_object_put(object);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(0);
    result = (struct collect_result){.state = COLLECT_STATE_OK};
    cycle = (struct collect_cycle){.result = &result, .arena = arena, .cursor = json_object_new_object()};
    arena_defer(arena, put_cursor, cycle.cursor);
    cycle.coverage.continuity = COUNTER_FIRST_SNAPSHOT;
    totals = (struct coverage_totals){.basis = COVERAGE_BASIS_ACTIVE_TIME,
                                      .taken_at_us = NOW_US,
                                      .server_since_us = SINCE_US,
                                      .busy_us = 1000000,
                                      .running_us = 0,
                                      .hidden_us = 0,
                                      .calls = INT64_MIN,
                                      .evictions = 0,
                                      .eviction_count = 250,
                                      .entries_max = 5000};
    coverage_collect(&cycle, &totals);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void assert_near(double value, double wanted)
{
    assert_true(fabs(value - wanted) <= 1e-9 * (1 + fabs(wanted)));
}

/* A minute later, after so much that sessions were at work. */
static const struct coverage_fact *look(double busy_ms, double attributed_ms)
{
    cycle.coverage.continuity =
        cycle.coverage.continuity == COUNTER_FIRST_SNAPSHOT ? COUNTER_CONTINUED : cycle.coverage.continuity;
    cycle.coverage.attributed_ms = attributed_ms;
    totals.taken_at_us += 60 * CLOCK_SECOND_US;
    totals.busy_us += (int64_t)(busy_ms * 1000);
    coverage_collect(&cycle, &totals);
    return &result.facts.coverage;
}

static void a_first_look_knows_nothing(void **state)
{
    (void)state;
    assert_int_equal(result.facts.coverage.basis, COVERAGE_BASIS_UNKNOWN);
    assert_int_equal(result.facts.coverage.first_looks, 1);
    assert_true(coverage_share(&result.facts.coverage) < 0);
}

static void what_is_not_attributed_is_unknown(void **state)
{
    const struct coverage_fact *fact = look(1000, 970);

    (void)state;
    assert_int_equal(fact->basis, COVERAGE_BASIS_ACTIVE_TIME);
    assert_int_equal(fact->covered_us, 60 * CLOCK_SECOND_US);
    assert_near(coverage_share(fact), 0.97);
    assert_near(coverage_unknown_ms(fact), 30);
}

static void a_share_ends_at_one(void **state)
{
    (void)state;
    assert_near(coverage_share(look(100, 101)), 1);
    assert_near(coverage_unknown_ms(&result.facts.coverage), 0);
}

static void a_statement_that_runs_counts_while_it_runs_and_once(void **state)
{
    const struct coverage_fact *fact;
    double server_ms;

    (void)state;
    totals.running_us = 60000000;
    fact = look(0, 0);
    server_ms = fact->server_ms;
    assert_near(server_ms, 60000);
    assert_near(fact->gaps_ms[COVERAGE_RUNNING], 60000);
    totals.running_us = 0; /* it ended after 70 s in all */
    fact = look(70000, 70000);
    assert_near(server_ms + fact->server_ms, 70000);
    assert_near(fact->gaps_ms[COVERAGE_RUNNING], -60000);
}

static void statements_of_others_are_a_gap_of_their_own(void **state)
{
    const struct coverage_fact *fact;

    (void)state;
    totals.hidden_us = 400000;
    fact = look(1000, 600);
    assert_near(fact->gaps_ms[COVERAGE_NO_RIGHT], 400);
    assert_near(coverage_unknown_ms(fact), 0);
}

static void what_counts_nothing_explains_all_that_is_left(void **state)
{
    const struct coverage_fact *fact;

    (void)state;
    totals.counts_nothing = true;
    fact = look(1000, 0);
    assert_near(fact->gaps_ms[COVERAGE_NOT_COUNTED], 1000);
    totals.counts_nothing = false;
    cycle.coverage.continuity = COUNTER_RESET;
    fact = look(1000, 250);
    assert_near(fact->gaps_ms[COVERAGE_RESET], 750);
}

static void what_was_evicted_is_as_what_came_and_stayed(void **state)
{
    const struct coverage_fact *fact;

    (void)state;
    /* 4 times 250 entries went, of which the last look had seen 200; new ones take half a millisecond a call. */
    cycle.coverage.new_ms = 500;
    cycle.coverage.new_calls = 1000;
    cycle.coverage.entry_count = 5000;
    cycle.coverage.gone_count = 200;
    totals.evictions = 4;
    fact = look(2000, 1000);
    assert_int_equal(fact->evictions, 4);
    assert_near(fact->gaps_ms[COVERAGE_EVICTED], 400);
    assert_near(coverage_unknown_ms(fact), 600);
    /* No more than what is missing; and less where most entries are of other databases. */
    totals.evictions += 4;
    assert_near(look(1100, 1000)->gaps_ms[COVERAGE_EVICTED], 100);
    totals.evictions += 4;
    cycle.coverage.entry_count = 2500;
    assert_near(look(2000, 1000)->gaps_ms[COVERAGE_EVICTED], 150);
}

static void another_server_is_a_first_look(void **state)
{
    (void)state;
    totals.server_since_us = SINCE_US + 5;
    assert_int_equal(look(1000, 1000)->first_looks, 1);
    assert_int_equal(result.facts.coverage.basis, COVERAGE_BASIS_UNKNOWN);
}

static void totals_that_fell_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(look(-500, 100)->basis, COVERAGE_BASIS_UNKNOWN);
    assert_near(result.facts.coverage.attributed_ms, 0);
    assert_int_equal(look(500, 400)->basis, COVERAGE_BASIS_ACTIVE_TIME);
}

static void impossible_totals_are_unknown(void **state)
{
    (void)state;
    cycle.coverage.attributed_calls = INT64_MAX;
    assert_int_equal(look(500, 400)->basis, COVERAGE_BASIS_UNKNOWN);
}

static void where_only_statements_are_counted_they_are_the_whole(void **state)
{
    const struct coverage_fact *fact;

    (void)state;
    totals.basis = COVERAGE_BASIS_STATEMENTS;
    totals.busy_us = INT64_MIN;
    totals.hidden_us = 100000;
    cycle.coverage.gaps_ms[COVERAGE_OWN] = 100;
    fact = look(0, 800);
    assert_near(fact->server_ms, 1000);
    assert_near(coverage_share(fact), 0.8);
}

/* pgbench -S: a fifth of the time at work is of statements, and nearly all of that is attributed. */
static void what_the_server_counts_is_a_whole_of_its_own(void **state)
{
    const struct coverage_fact *fact;

    (void)state;
    cycle.coverage.gaps_ms[COVERAGE_OWN] = 4;
    cycle.coverage.gaps_ms[COVERAGE_BEYOND_BOUND] = 6;
    fact = look(1000, 190);
    assert_near(coverage_share(fact), 0.19);
    assert_near(coverage_counted_ms(fact), 200);
    assert_near(coverage_counted_share(fact), 0.95);
    totals.basis = COVERAGE_BASIS_UNKNOWN;
    assert_true(coverage_counted_share(look(1000, 190)) < 0);
}

static void where_only_calls_are_known_they_are_the_share(void **state)
{
    const struct coverage_fact *fact;

    (void)state;
    totals.basis = COVERAGE_BASIS_CALLS;
    totals.busy_us = INT64_MIN;
    totals.calls = 1000;
    cycle.coverage.attributed_calls = 3;
    assert_int_equal(look(0, 0)->basis, COVERAGE_BASIS_UNKNOWN);
    totals.calls = 2000;
    fact = look(0, 5);
    assert_int_equal(fact->server_calls, 1000);
    assert_near(coverage_share(fact), 0.003);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(a_first_look_knows_nothing),
        TEST(what_is_not_attributed_is_unknown),
        TEST(a_share_ends_at_one),
        TEST(a_statement_that_runs_counts_while_it_runs_and_once),
        TEST(statements_of_others_are_a_gap_of_their_own),
        TEST(what_counts_nothing_explains_all_that_is_left),
        TEST(what_was_evicted_is_as_what_came_and_stayed),
        TEST(another_server_is_a_first_look),
        TEST(totals_that_fell_are_unknown),
        TEST(impossible_totals_are_unknown),
        TEST(where_only_statements_are_counted_they_are_the_whole),
        TEST(what_the_server_counts_is_a_whole_of_its_own),
        TEST(where_only_calls_are_known_they_are_the_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
