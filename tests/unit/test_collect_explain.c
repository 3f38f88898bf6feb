/* lib/collect/explain.h: which statements of a cycle get a plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "collect/explain.h"
#include "target/target_internal.h"

#define NOW_US (INT64_C(1700000000) * CLOCK_SECOND_US)

static struct arena *arena;
static struct collect_input input;
static struct collect_result result;
static struct collect_cycle cycle;
static struct target session; /* that nothing is asked of */
static struct sql_hash planned[300];

static void put_cursor(void *object)
{
    json_object_put(object);
}

static struct sql_hash hash_of(int number)
{
    struct sql_hash hash = {{0}};

    memcpy(hash.bytes, &number, sizeof number);
    return hash;
}

/* The next cycle of the same connection: it knows what the last one left in the cursor. */
static void next_cycle(void)
{
    json_object *cursor = cycle.cursor;

    result = (struct collect_result){.state = COLLECT_STATE_OK};
    cycle = (struct collect_cycle){
        .input = &input, .result = &result, .target = &session, .arena = arena, .cursor = cursor};
}

static int set_up(void **state)
{
    static const struct target_options target = {.engine = "postgresql"};

    (void)state;
    arena = arena_new(0);
    input = (struct collect_input){.target = &target, .now_us = NOW_US, .planned = planned, .makes_plans = true};
    cycle.cursor = json_object_new_object();
    arena_defer(arena, put_cursor, cycle.cursor);
    next_cycle();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void offer(int number, double mean_ms, int64_t calls)
{
    explain_offer(&cycle, &(struct plan_candidate){.hash = hash_of(number),
                                                   .weight_ms = mean_ms * (double)calls,
                                                   .calls = calls,
                                                   .is_normalized = true});
}

static void has_plan(int number)
{
    planned[input.planned_count++] = hash_of(number);
}

static bool is_chosen(int number)
{
    for (size_t i = 0; i < cycle.candidates.count; i++)
        if (sql_hash_equal(cycle.candidates.items[i].hash, hash_of(number)))
            return true;
    return false;
}

/* The cycle explains what it chose. */
static void explain_chosen(void)
{
    for (size_t i = 0; i < cycle.candidates.count; i++) {
        explain_keep(&cycle, &cycle.candidates.items[i],
                     TEXT("{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"orders\"}}"),
                     PLAN_PROVENANCE_GENERIC_PLAN);
        planned[input.planned_count++] = cycle.candidates.items[i].hash;
    }
}

static void run(int number, double mean_ms, int64_t calls)
{
    next_cycle();
    offer(number, mean_ms, calls);
    explain_choose(&cycle);
    explain_chosen();
}

static void the_heaviest_without_a_plan_are_chosen(void **state)
{
    (void)state;
    for (int number = 1; number <= 8; number++)
        offer(number, number, 10);
    has_plan(8);
    explain_choose(&cycle);
    assert_int_equal(cycle.candidates.count, COLLECT_PLANS_MAX);
    assert_false(is_chosen(8));
    for (int number = 3; number <= 7; number++)
        assert_true(is_chosen(number));
}

static void a_statement_that_takes_longer_than_with_its_plan_is_explained_again(void **state)
{
    (void)state;
    run(1, 100, 50);
    assert_true(is_chosen(1));
    run(1, 110, 50);
    assert_false(is_chosen(1));
    run(1, 300, 50);
    assert_true(is_chosen(1));
    run(1, 310, 50); /* as with the plan that it has now */
    assert_false(is_chosen(1));
    run(1, 100, 50); /* and back */
    assert_true(is_chosen(1));
}

static void a_plan_of_somebody_else_begins_with_the_time_of_the_first_cycle(void **state)
{
    (void)state;
    has_plan(1);
    run(1, 100, 50);
    assert_false(is_chosen(1));
    run(1, 100, 50);
    assert_false(is_chosen(1));
    run(1, 200, 50);
    assert_true(is_chosen(1));
}

static void nothing_is_chosen_where_the_budget_is_used_up(void **state)
{
    (void)state;
    input.makes_plans = false;
    offer(1, 100, 50);
    explain_choose(&cycle);
    assert_int_equal(cycle.candidates.count, 0);
    assert_int_equal(result.facts.plans.off, PLAN_REFUSAL_OVERHEAD);
}

static void few_executions_and_little_time_are_no_change(void **state)
{
    (void)state;
    run(1, 100, 50);
    run(1, 900, 2);
    assert_false(is_chosen(1));
    run(2, 0.1, 50);
    run(2, 0.9, 50);
    assert_false(is_chosen(2));
    run(2, 0.9, 500);
    assert_true(is_chosen(2));
}

static void statements_that_vary_leave_room_for_those_without_a_plan(void **state)
{
    (void)state;
    for (int number = 1; number <= 5; number++)
        offer(number, 100, 50);
    explain_choose(&cycle);
    explain_chosen();
    next_cycle();
    for (int number = 1; number <= 5; number++)
        offer(number, 1000, 50);
    for (int number = 11; number <= 15; number++)
        offer(number, 100 - number, 50);
    explain_choose(&cycle);
    assert_int_equal(cycle.candidates.count, COLLECT_PLANS_MAX);
    for (int number = 11; number <= 13; number++)
        assert_true(is_chosen(number));
}

static void a_text_with_literals_is_explained_by_the_time_of_the_counters(void **state)
{
    (void)state;
    run(1, 100, 50);
    next_cycle();
    offer(1, 300, 50);
    explain_offer(&cycle, &(struct plan_candidate){.hash = hash_of(1), .sql = TEXT("SELECT 7"), .weight_ms = 5});
    explain_choose(&cycle);
    assert_int_equal(cycle.candidates.count, 1);
    assert_true(cycle.candidates.items[0].sql.size > 0);
}

static void times_of_many_statements_take_bounded_room(void **state)
{
    struct json_object *means = NULL;

    (void)state;
    for (int number = 1; number <= 250; number++)
        run(number, 100, 50);
    assert_true(json_object_object_get_ex(cycle.cursor, "means", &means));
    assert_int_equal(json_object_object_length(means), 200);
    run(250, 300, 50); /* those that got their plan last are known */
    assert_true(is_chosen(250));
}

#define WITH_CYCLE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CYCLE(the_heaviest_without_a_plan_are_chosen),
        WITH_CYCLE(a_statement_that_takes_longer_than_with_its_plan_is_explained_again),
        WITH_CYCLE(a_plan_of_somebody_else_begins_with_the_time_of_the_first_cycle),
        WITH_CYCLE(nothing_is_chosen_where_the_budget_is_used_up),
        WITH_CYCLE(few_executions_and_little_time_are_no_change),
        WITH_CYCLE(statements_that_vary_leave_room_for_those_without_a_plan),
        WITH_CYCLE(a_text_with_literals_is_explained_by_the_time_of_the_counters),
        WITH_CYCLE(times_of_many_statements_take_bounded_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
