/* lib/facts/difference.h: longer or shorter than before, beyond noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "facts/difference.h"

/* Intervals whose means deviate by `deviation` (0.1: about a tenth). */
static struct difference_side side(double mean_ms, int64_t intervals, double deviation)
{
    return (struct difference_side){.calls = intervals * 10,
                                    .mean_ms = mean_ms,
                                    .intervals = intervals,
                                    .log_mean = log(mean_ms),
                                    .log_deviation = deviation};
}

static const struct {
    const char *name;
    double before_ms, before_deviation;
    int64_t before_intervals;
    double after_ms, after_deviation;
    int64_t after_intervals;
    enum difference difference;
} cases[] = {
    {"three times as long", 100, 0.1, 12, 300, 0.1, 12, DIFFERENCE_SLOWER},
    {"a sixth", 300, 0.1, 12, 50, 0.1, 12, DIFFERENCE_FASTER},
    {"steady on both sides", 100, 0, 3, 300, 0, 3, DIFFERENCE_SLOWER},
    {"a tenth more", 100, 0.01, 100, 110, 0.01, 100, DIFFERENCE_NONE},
    {"half more, but it varies by as much", 100, 0.5, 200, 150, 0.5, 200, DIFFERENCE_NONE},
    {"half more in three intervals that vary", 100, 0.2, 3, 150, 0.2, 3, DIFFERENCE_NONE},
    {"half more in many intervals that vary little", 100, 0.2, 50, 150, 0.2, 50, DIFFERENCE_SLOWER},
    {"two intervals", 100, 0.1, 12, 300, 0.1, 2, DIFFERENCE_UNSET},
    {"nothing before", 0, 0, 0, 300, 0.1, 12, DIFFERENCE_UNSET},
};

static void a_difference_is_told_beyond_noise(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct difference_side before = side(cases[i].before_ms, cases[i].before_intervals, cases[i].before_deviation);
        struct difference_side after = side(cases[i].after_ms, cases[i].after_intervals, cases[i].after_deviation);

        if (difference_of(&before, &after) != cases[i].difference)
            fail_msg("%s: %s", cases[i].name, difference_name(difference_of(&before, &after)));
    }
}

static void few_calls_and_numbers_that_are_none_tell_nothing(void **state)
{
    struct difference_side before = side(100, 12, 0.1), after = side(300, 12, 0.1);

    (void)state;
    after.calls = DIFFERENCE_CALLS_MIN - 1;
    assert_int_equal(difference_of(&before, &after), DIFFERENCE_UNSET);
    after = side(300, 12, NAN);
    assert_int_equal(difference_of(&before, &after), DIFFERENCE_UNSET);
    after = side(INFINITY, 12, 0.1);
    assert_int_equal(difference_of(&before, &after), DIFFERENCE_UNSET);
}

static void means_that_go_the_other_way_than_their_intervals_are_no_difference(void **state)
{
    struct difference_side before = side(100, 12, 0.1), after = side(300, 12, 0.1);

    (void)state;
    after.log_mean = log(50); /* one interval with most of the calls took long */
    assert_int_equal(difference_of(&before, &after), DIFFERENCE_NONE);
}

static void each_difference_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(difference_name(DIFFERENCE_UNSET), "unknown");
    assert_string_equal(difference_name(DIFFERENCE_NONE), "none");
    assert_string_equal(difference_name(DIFFERENCE_SLOWER), "slower");
    assert_string_equal(difference_name(DIFFERENCE_FASTER), "faster");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_is_told_beyond_noise),
        cmocka_unit_test(few_calls_and_numbers_that_are_none_tell_nothing),
        cmocka_unit_test(means_that_go_the_other_way_than_their_intervals_are_no_difference),
        cmocka_unit_test(each_difference_has_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
