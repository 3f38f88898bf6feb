/* The SVG paths of charts, and the marks of their axes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fcgi/pages/chart.c"
#include "fcgi/pages/format.c"

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

static void quarters_of_a_count_axis_are_whole(void **state)
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
    struct chart_input input = {
        .from_us = 0, .to_us = US(1200), .bucket_us = US(300), .points = points, .count = 3, .format = format_duration};
    struct chart chart = chart_make(&input, arena);
    struct chart_axis times = chart_time_axis(input.from_us, input.to_us, arena);

    (void)state;
    assert_string_equal(chart.area.data, "M0.0 100V50.0H250.0V0.0H500.0V100ZM750.0 100V75.0H1000.0V100Z");
    assert_string_equal(chart.line.data, "M0.0 50.0H250.0V0.0H500.0M750.0 75.0H1000.0");
    assert_int_equal(chart.values.count, 5);
    assert_float_equal(chart.values.marks[2].value, 6, 1e-9);
    assert_int_equal(times.count, 4); /* without the mark at the edge */
    assert_float_equal(times.marks[1].position, 0.25, 1e-9);
    arena_destroy(arena);
}

static void no_points_give_axes_and_no_path(void **state)
{
    struct arena *arena = arena_new(0);
    struct chart_input input = {
        .from_us = US(100), .to_us = US(86500), .bucket_us = US(300), .format = format_duration};
    struct chart chart = chart_make(&input, arena);
    struct chart_axis times = chart_time_axis(input.from_us, input.to_us, arena);

    (void)state;
    assert_int_equal(chart.area.size, 0);
    assert_int_equal(chart.line.size, 0);
    assert_float_equal(chart.top, 1, 0);
    assert_true(times.count >= 4);
    assert_int_equal(times.marks[0].time_us % (times.marks[1].time_us - times.marks[0].time_us), 0);
    arena_destroy(arena);
}

/* The labels of an axis, separated by blanks. */
static const char *labels_of(const struct chart_axis *axis, struct arena *arena)
{
    const char *all = "";

    for (size_t i = 0; i < axis->count; i++)
        all = arena_printf(arena, "%s%s%s", all, i == 0 ? "" : "  ", axis->marks[i].label);
    return all;
}

static void values_are_marked_with_their_unit(void **state)
{
    static const struct {
        double largest;
        bool is_whole;
        char *(*format)(double value, char out[FORMAT_BYTES]);
        const char *labels;
        double limit;
    } rows[] = {
        {0, false, format_duration, "0  250\u00a0µs  500\u00a0µs  750\u00a0µs  1.0\u00a0ms", 0},
        {0.0021, false, format_duration, "0  1.0\u00a0µs  2.0\u00a0µs  3.0\u00a0µs  4.0\u00a0µs", 0},
        {340, false, format_duration, "0  100\u00a0ms  200\u00a0ms  300\u00a0ms  400\u00a0ms", 0},
        {3500, false, format_duration, "0  1.0\u00a0s  2.0\u00a0s  3.0\u00a0s  4.0\u00a0s", 0},
        {0, true, format_count, "0  1  2  3  4", 0},
        {5, true, format_count, "0  2  4  6  8", 0},
        {1300, true, format_count, "0  500  1,000  1,500  2,000", 0},
        {61000, true, format_count, "0  20.0\u00a0k  40.0\u00a0k  60.0\u00a0k  80.0\u00a0k", 0},
        {7, false, format_rate, "0  2.0/s  4.0/s  6.0/s  8.0/s", 0},
        {0.3, false, format_rate, "0  0.10/s  0.20/s  0.30/s  0.40/s", 0},
        {0.85, false, format_share, "0  25\u00a0%  50\u00a0%  75\u00a0%  100\u00a0%", 1},
        {0.3, false, format_share, "0  10\u00a0%  20\u00a0%  30\u00a0%  40\u00a0%", 1},
        {1.1, false, format_share, "0  30\u00a0%  60\u00a0%  90\u00a0%  120\u00a0%", 1},
    };
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct chart_point point = {US(300), rows[i].largest};
        struct chart_input input = {.from_us = 0,
                                    .to_us = US(1200),
                                    .bucket_us = US(300),
                                    .points = &point,
                                    .count = 1,
                                    .is_whole = rows[i].is_whole,
                                    .limit = rows[i].limit,
                                    .format = rows[i].format};
        struct chart chart = chart_make(&input, arena);

        assert_string_equal(labels_of(&chart.values, arena), rows[i].labels);
        assert_float_equal(chart.values.marks[chart.values.count - 1].value, chart.top, 0);
        assert_float_equal(chart.values.marks[chart.values.count - 1].position, 1, 0);
    }
    arena_destroy(arena);
}

static void marks_of_rare_calls_differ(void **state)
{
    static const struct {
        double top;
        const char *labels;
    } rows[] = {
        {8, "2.0/s 4.0/s 6.0/s 8.0/s"},
        {0.02, "0.005/s 0.010/s 0.015/s 0.020/s"},
        {0.004, "0.001/s 0.002/s 0.003/s 0.004/s"},
        {0.002, "1.8/h 3.6/h 5.4/h 7.2/h"},
        {0.00008, "1.73/d 3.46/d 5.18/d 6.91/d"},
    };
    char text[FORMAT_BYTES], labels[5 * FORMAT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        labels[0] = '\0';
        for (int quarter = 1; quarter <= 4; quarter++)
            snprintf(labels + strlen(labels), sizeof labels - strlen(labels), "%s%s", quarter == 1 ? "" : " ",
                     format_rate_mark(rows[i].top * quarter / 4, rows[i].top, text));
        assert_string_equal(labels, rows[i].labels);
    }
}

static void times_are_marked_at_round_times(void **state)
{
    enum { HOUR = 3600, DAY = 86400 };
    static const int64_t day_s = 1795132800; /* 2026-11-20 00:00:00 UTC */
    static const struct {
        int64_t from_s, to_s; /* of that day */
        const char *labels;
    } rows[] = {
        {10 * HOUR, 10 * HOUR + 1200, "10:00  10:05  10:10  10:15"},
        {22 * HOUR + 51 * 60, 23 * HOUR + 51 * 60, "23:00  23:10  23:20  23:30  23:40"},
        {18 * HOUR, 24 * HOUR, "18:00  19:00  20:00  21:00  22:00  23:00"},
        {12 * HOUR + 1, 36 * HOUR + 1, "15:00  18:00  21:00  00:00  03:00  06:00  09:00"},
        {0, 7 * DAY, "20 Nov  21 Nov  22 Nov  23 Nov  24 Nov  25 Nov  26 Nov"},
        {HOUR, 7 * DAY + HOUR, "21 Nov  22 Nov  23 Nov  24 Nov  25 Nov  26 Nov"},
    };
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct chart_axis axis = chart_time_axis(US(day_s + rows[i].from_s), US(day_s + rows[i].to_s), arena);

        assert_string_equal(labels_of(&axis, arena), rows[i].labels);
    }
    arena_destroy(arena);
}

static void marks_of_time_fit_in_any_period(void **state)
{
    struct arena *arena = arena_new(0);

    (void)state;
    for (int64_t span_s = 1; span_s < INT64_C(20) * 366 * 86400; span_s = span_s * 3 / 2 + 1) {
        struct chart_axis axis = chart_time_axis(US(1795132801), US(1795132801 + span_s), arena);

        assert_true(axis.count <= CHART_MARKS_MAX);
        for (size_t i = 0; i < axis.count; i++) {
            assert_true(axis.marks[i].position >= 0 && axis.marks[i].position <= 0.975);
            assert_true(i == 0 || axis.marks[i].time_us > axis.marks[i - 1].time_us);
        }
    }
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

static void an_axis_can_be_that_of_another_chart(void **state)
{
    struct arena *arena = arena_new(0);
    const struct chart_point points[] = {{US(0), 3}};
    struct chart_input input = {.from_us = 0,
                                .to_us = US(300),
                                .bucket_us = US(300),
                                .points = points,
                                .count = 1,
                                .top = 12,
                                .format = format_mean};
    struct chart chart = chart_make(&input, arena);

    (void)state;
    assert_string_equal(chart.area.data, "M0.0 100V75.0H1000.0V100Z");
    assert_float_equal(chart.values.marks[4].value, 12, 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_top_has_round_quarters),           cmocka_unit_test(quarters_of_a_count_axis_are_whole),
        cmocka_unit_test(an_axis_can_be_that_of_another_chart), cmocka_unit_test(a_missing_bucket_is_a_gap),
        cmocka_unit_test(no_points_give_axes_and_no_path),      cmocka_unit_test(values_are_marked_with_their_unit),
        cmocka_unit_test(marks_of_rare_calls_differ),           cmocka_unit_test(times_are_marked_at_round_times),
        cmocka_unit_test(marks_of_time_fit_in_any_period),      cmocka_unit_test(a_spark_shows_little_beside_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
