/* lib/store/read/tiers.h: a period cut into five minutes, hours and days, checked for each five minutes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/read/tiers.h"
#include "tests/unit/random.h"

static const int32_t widths_s[TIERS] = {300, 3600, 86400, 3600, 300};

#define STEP_US (300 * CLOCK_SECOND_US)

static int64_t time_of(const char *text)
{
    int64_t time_us;

    assert_true(clock_parse(text_of(text), false, &time_us));
    return time_us;
}

/* The widest bucket that holds the time and lies within the period. */
static int32_t width_of(const struct period *period, int64_t time_us)
{
    for (int i = 2; i > 0; i--) {
        int64_t width_us = widths_s[i] * CLOCK_SECOND_US, from_us = clock_floor(time_us, width_us);

        if (from_us >= period->from_us && from_us + width_us <= period->to_us)
            return widths_s[i];
    }
    return widths_s[0];
}

static void check_cut(const struct period *period)
{
    struct tier tiers[TIERS];
    int64_t covered_us = 0;

    tiers_make(period, tiers);
    for (int i = 0; i < TIERS; i++) {
        assert_true(tiers[i].from_us <= tiers[i].to_us);
        assert_true(tiers[i].from_us == tiers[i].to_us ||
                    (tiers[i].from_us >= period->from_us && tiers[i].to_us <= period->to_us));
        covered_us += tiers[i].to_us - tiers[i].from_us;
    }
    assert_true(covered_us == period->to_us - period->from_us);
    for (int64_t time_us = period->from_us; time_us < period->to_us; time_us += STEP_US) {
        int holders = 0;

        for (int i = 0; i < TIERS; i++)
            if (time_us >= tiers[i].from_us && time_us < tiers[i].to_us) {
                assert_int_equal(widths_s[i], width_of(period, time_us));
                holders++;
            }
        assert_int_equal(holders, 1);
    }
}

static void every_five_minutes_are_read_once_in_the_widest_bucket_that_fits(void **state)
{
    (void)state;
    random_seed(1);
    for (int i = 0; i < 3000; i++) {
        /* 1960 to 2060; lengths of an hour, a day and some days. */
        static const int64_t steps_max[] = {13, 300, 3000};
        struct period period = {.from_us = time_of("1960-01-01T00:00:00Z") + (int64_t)random_below(10500000) * STEP_US};

        if (random_below(3) == 0) /* ends at a full hour or day more often than at random */
            period.from_us = clock_floor(period.from_us, random_below(2) == 0 ? 12 * STEP_US : 288 * STEP_US);
        period.to_us = period.from_us + (int64_t)random_below((uint64_t)steps_max[i % 3]) * STEP_US;
        if (random_below(3) == 0 && clock_floor(period.to_us, 288 * STEP_US) > period.from_us)
            period.to_us = clock_floor(period.to_us, 288 * STEP_US);
        check_cut(&period);
    }
}

static void tiers_are_five_minutes_hours_days_hours_five_minutes(void **state)
{
    const struct period period = {time_of("2026-01-01T21:40:00Z"), time_of("2026-01-04T02:10:00Z"), 0};
    static const char *const cuts[] = {"2026-01-01T22:00:00Z", "2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z",
                                       "2026-01-04T02:00:00Z", "2026-01-04T02:10:00Z"};
    struct tier tiers[TIERS];
    int64_t from_us = period.from_us;

    (void)state;
    tiers_make(&period, tiers);
    for (int i = 0; i < TIERS; i++) {
        assert_true(tiers[i].from_us == from_us);
        assert_true(tiers[i].to_us == time_of(cuts[i]));
        from_us = tiers[i].to_us;
    }
}

static void one_tier_holds_the_whole_period_where_one_width_is_asked_for(void **state)
{
    static const struct {
        int32_t resolution_s;
        int tier;
    } rows[] = {{300, 0}, {3600, 1}, {86400, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tier tiers[TIERS];

        tiers_make_one(5 * STEP_US, 9 * STEP_US, rows[i].resolution_s, tiers);
        for (int k = 0; k < TIERS; k++) {
            assert_true(tiers[k].to_us == 9 * STEP_US);
            assert_true(tiers[k].from_us == (k == rows[i].tier ? 5 * STEP_US : 9 * STEP_US));
        }
    }
}

static void steps_begin_at_midnight_and_those_of_several_days_in_2000(void **state)
{
    const int64_t day_us = 86400 * CLOCK_SECOND_US;

    (void)state;
    assert_true(clock_floor(time_of("2026-03-05T13:59:59Z"), 3600 * CLOCK_SECOND_US) ==
                time_of("2026-03-05T13:00:00Z"));
    assert_true(clock_floor(time_of("1969-12-31T23:59:59Z"), day_us) == time_of("1969-12-31T00:00:00Z"));
    assert_true(clock_floor(time_of("2000-01-02T00:00:00Z"), 2 * day_us) == time_of("2000-01-01T00:00:00Z"));
    assert_true(clock_floor(time_of("1999-12-31T00:00:00Z"), 2 * day_us) == time_of("1999-12-30T00:00:00Z"));
    random_seed(2);
    for (int i = 0; i < 10000; i++) {
        int64_t time_us = (int64_t)random_below(4000000000000000) - 2000000000000000;
        int64_t step_us = (int64_t)(1 + random_below(9216)) * STEP_US, floor_us = clock_floor(time_us, step_us);

        assert_true(floor_us <= time_us && time_us < floor_us + step_us);
        assert_true((floor_us - time_of("2000-01-01T00:00:00Z")) % step_us == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_five_minutes_are_read_once_in_the_widest_bucket_that_fits),
        cmocka_unit_test(tiers_are_five_minutes_hours_days_hours_five_minutes),
        cmocka_unit_test(one_tier_holds_the_whole_period_where_one_width_is_asked_for),
        cmocka_unit_test(steps_begin_at_midnight_and_those_of_several_days_in_2000),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
