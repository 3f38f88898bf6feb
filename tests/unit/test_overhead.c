/* lib/facts/overhead.h: what is held back at which level, in which order, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts/overhead.h"

static void each_stage_holds_back_what_the_one_before_does(void **state)
{
    (void)state;
    assert_true(overhead_stage_of(0)->makes_plans);
    assert_int_equal(overhead_stage_of(0)->look_pause_ms, 1000);
    assert_int_equal(overhead_stage_of(0)->interval_factor, 1);
    for (int i = 1; i < OVERHEAD_STAGE_COUNT; i++) {
        const struct overhead_stage *stage = overhead_stage_of(i), *before = overhead_stage_of(i - 1);

        assert_false(stage->makes_plans);
        assert_true(stage->look_pause_ms >= before->look_pause_ms);
        assert_true(stage->interval_factor >= before->interval_factor);
        assert_true(stage->interval_factor == 1 || stage->look_pause_ms == 10000); /* looks go first */
        assert_true(stage->enters > before->enters && stage->leaves > before->leaves && stage->leaves < stage->enters);
        assert_true(stage->enters <= OVERHEAD_FILL_MAX);
    }
}

static void a_number_that_is_no_stage_is_the_nearest(void **state)
{
    (void)state;
    assert_ptr_equal(overhead_stage_of(-1), overhead_stage_of(0));
    assert_ptr_equal(overhead_stage_of(INT64_MAX), overhead_stage_of(OVERHEAD_STAGE_COUNT - 1));
    assert_int_equal(overhead_stage_next(INT64_MAX, 0), 0);
    assert_int_equal(overhead_stage_next(INT64_MIN, 5), 1);
    assert_int_equal(overhead_looks_ppm(0.5), 3000);
    assert_int_equal(overhead_looks_ppm(0), 1);
}

static void it_rises_by_one_stage_at_a_time_and_falls_with_the_level(void **state)
{
    int stage = 0;

    (void)state;
    assert_int_equal(overhead_stage_next(0, 0.99), 0);
    for (int i = 1; i < OVERHEAD_STAGE_COUNT; i++) {
        stage = overhead_stage_next(stage, OVERHEAD_FILL_MAX);
        assert_int_equal(stage, i);
    }
    assert_int_equal(overhead_stage_next(stage, OVERHEAD_FILL_MAX), OVERHEAD_STAGE_COUNT - 1);
    assert_int_equal(overhead_stage_next(stage, 1.55), 7);
    assert_int_equal(overhead_stage_next(stage, 0.95), 2);
    assert_int_equal(overhead_stage_next(1, 0.5), 1);
    assert_int_equal(overhead_stage_next(1, 0.49), 0);
}

/* A database over hours, second by second: what each kind of work costs in microseconds. */
struct world {
    double cycle_us, plans_us, look_us, budget_percent;
    double level_us, spent_us;
    int stage, worst_stage, interval_s;
};

static void charge(struct world *world, double cost_us)
{
    double span_us = world->budget_percent * 1e4 * OVERHEAD_SPAN_S;

    world->spent_us += cost_us;
    world->level_us += cost_us;
    if (world->level_us > span_us * OVERHEAD_FILL_MAX)
        world->level_us = span_us * OVERHEAD_FILL_MAX;
    world->stage = overhead_stage_next(world->stage, world->level_us / span_us);
    if (world->stage > world->worst_stage)
        world->worst_stage = world->stage;
}

static void live(struct world *world, int seconds)
{
    int64_t cycle_at_ms = 0, look_at_ms = 0, report_at_ms = 60000;
    double looks_us = 0;

    for (int64_t now_ms = 0; now_ms < seconds * INT64_C(1000); now_ms += 1000) {
        const struct overhead_stage *stage = overhead_stage_of(world->stage);

        world->level_us -= world->budget_percent * 1e4;
        if (world->level_us < 0)
            world->level_us = 0;
        if (now_ms >= look_at_ms) {
            looks_us += world->look_us;
            look_at_ms = now_ms + stage->look_pause_ms;
        }
        if (now_ms >= report_at_ms) {
            charge(world, looks_us);
            looks_us = 0;
            report_at_ms = now_ms + 60000;
        }
        if (now_ms >= cycle_at_ms) {
            charge(world, world->cycle_us + (stage->makes_plans ? world->plans_us : 0));
            cycle_at_ms = now_ms + world->interval_s * overhead_stage_of(world->stage)->interval_factor * INT64_C(1000);
        }
    }
}

static void what_is_within_the_budget_is_never_held_back(void **state)
{
    struct world world = {
        .cycle_us = 20000, .plans_us = 30000, .look_us = 1500, .budget_percent = 0.5, .interval_s = 60};

    (void)state;
    live(&world, 24 * 3600);
    assert_int_equal(world.worst_stage, 0);
}

/* Whatever it is that costs too much: over hours it takes no more than the budget, but for the level that is left and
 * for what was above the highest level. */
static void what_costs_too_much_comes_to_take_the_budget(void **state)
{
    static const struct world worlds[] = {
        {.cycle_us = 20000, .plans_us = 2000000, .look_us = 1000, .budget_percent = 0.5, .interval_s = 60},
        {.cycle_us = 20000, .plans_us = 30000, .look_us = 12000, .budget_percent = 0.5, .interval_s = 60},
        {.cycle_us = 1500000, .plans_us = 100000, .look_us = 1000, .budget_percent = 0.5, .interval_s = 60},
        {.cycle_us = 80000, .plans_us = 100000, .look_us = 9000, .budget_percent = 0.5, .interval_s = 5},
        {.cycle_us = 30000, .plans_us = 0, .look_us = 1000, .budget_percent = 0.05, .interval_s = 60},
    };

    (void)state;
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        struct world world = worlds[i];
        double allowed_us = world.budget_percent * 1e4 * (24 * 3600 + OVERHEAD_FILL_MAX * OVERHEAD_SPAN_S);

        live(&world, 24 * 3600);
        assert_true(world.worst_stage > 0);
        assert_true(world.spent_us <= allowed_us * 1.1);
        assert_true(world.spent_us >= allowed_us * 0.9); /* and is not held back more than it must */
    }
}

static void it_recovers_when_it_costs_less(void **state)
{
    struct world world = {
        .cycle_us = 20000, .plans_us = 30000, .look_us = 12000, .budget_percent = 0.5, .interval_s = 60};

    (void)state;
    live(&world, 3600);
    assert_true(world.stage >= 2);
    world.look_us = 1000;
    live(&world, 3600);
    assert_int_equal(world.stage, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_holds_back_what_the_one_before_does),
        cmocka_unit_test(a_number_that_is_no_stage_is_the_nearest),
        cmocka_unit_test(it_rises_by_one_stage_at_a_time_and_falls_with_the_level),
        cmocka_unit_test(what_is_within_the_budget_is_never_held_back),
        cmocka_unit_test(what_costs_too_much_comes_to_take_the_budget),
        cmocka_unit_test(it_recovers_when_it_costs_less),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
