/* The SVG paths of charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fcgi/pages/chart.c"

#define US(s) ((int64_t)(s)*CLOCK_SECOND_US)

static void the_top_has_round_quarters(void **state)
{
    (void)state;
    assert_float_equal(chart_round_up(0, false), 1, 0);
    assert_float_equal(chart_round_up(1, false), 1.2, 1e-9);
    assert_float_equal(chart_round_up(2.1, false), 4, 1e-9);
    assert_float_equal(chart_round_up(40, false), 40, 1e-9);
    assert_float_equal(chart_round_up(340, false), 400, 1e-9);
    assert_float_equal(chart_round_up(0.0021, false), 0.004, 1e-9);
    assert_float_equal(chart_round_up(6e6, false), 8e6, 1);
    assert_float_equal(chart_round_up(INFINITY, false), 1, 0);
}

static void the_quarters_of_counts_are_whole(void **state)
{
    (void)state;
    assert_float_equal(chart_round_up(0, true), 4, 0);
    assert_float_equal(chart_round_up(1, true), 4, 0);
    assert_float_equal(chart_round_up(5, true), 8, 0);
    assert_float_equal(chart_round_up(21, true), 40, 0);
    assert_float_equal(chart_round_up(1300, true), 2000, 0);
}

static void a_missing_bucket_is_a_gap(void **state)
{
    struct arena *arena = arena_new(0);
    const struct chart_point points[] = {{US(0), 6}, {US(300), 12}, {US(900), 3}};
    struct chart_input input = {.from_us = 0, .to_us = US(1200), .bucket_us = US(300), .points = points, .count = 3};
    struct chart chart = chart_make(&input, arena);

    (void)state;
    assert_string_equal(chart.area.data, "M0.0 100V50.0H250.0V0.0H500.0V100ZM750.0 100V75.0H1000.0V100Z");
    assert_string_equal(chart.line.data, "M0.0 50.0H250.0V0.0H500.0M750.0 75.0H1000.0");
    assert_int_equal(chart.value_mark_count, 5);
    assert_float_equal(chart.value_marks[2].value, 6, 1e-9);
    assert_int_equal(chart.time_mark_count, 4); /* not the one at the edge */
    assert_float_equal(chart.time_marks[1].position, 0.25, 1e-9);
    arena_destroy(arena);
}

static void no_points_give_axes_and_no_path(void **state)
{
    struct arena *arena = arena_new(0);
    struct chart_input input = {.from_us = US(100), .to_us = US(86500), .bucket_us = US(300)};
    struct chart chart = chart_make(&input, arena);

    (void)state;
    assert_int_equal(chart.area.size, 0);
    assert_int_equal(chart.line.size, 0);
    assert_float_equal(chart.top, 1, 0);
    assert_true(chart.time_mark_count >= 4);
    assert_int_equal(chart.time_marks[0].time_us % chart.time_step_us, 0);
    arena_destroy(arena);
}

static void a_spark_shows_little_beside_much(void **state)
{
    struct arena *arena = arena_new(0);
    const double values[] = {0, 1, 100000};

    (void)state;
    assert_string_equal(chart_spark(values, 3, arena).data,
                        "M0.0 24v-0.5h31.0v0.5zM32.0 24v-1.5h31.0v1.5zM64.0 24v-24.0h31.0v24.0z");
    assert_int_equal(chart_spark(values, 0, arena).size, 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_top_has_round_quarters),       cmocka_unit_test(the_quarters_of_counts_are_whole),
        cmocka_unit_test(a_missing_bucket_is_a_gap),        cmocka_unit_test(no_points_give_axes_and_no_path),
        cmocka_unit_test(a_spark_shows_little_beside_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
