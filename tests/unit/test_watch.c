/* lib/watch: when a database counts as silent, and when load counts as raised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "watch/load.h"
#include "watch/watch.h"
#include <cmocka.h>

#define MINUTE_US (60 * CLOCK_SECOND_US)

static const int64_t now_us = INT64_C(1800000000) * CLOCK_SECOND_US;

static struct watch_facts facts_of(int64_t silent_minutes, int32_t interval_s)
{
    return (struct watch_facts){.is_on = true,
                                .interval_s = interval_s,
                                .created_at_us = now_us - 1000 * MINUTE_US,
                                .last_data_at_us = now_us - silent_minutes * MINUTE_US};
}

static void silence_is_five_intervals_and_a_quarter_of_an_hour_at_least(void **state)
{
    static const struct {
        int64_t silent_minutes;
        int32_t interval_s;
        bool is_silent;
    } cases[] = {{14, 60, false}, {16, 60, true}, {16, 300, false}, {24, 300, false}, {26, 300, true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct watch_facts facts = facts_of(cases[i].silent_minutes, cases[i].interval_s);

        assert_int_equal(watch_is_silent(&facts, now_us), cases[i].is_silent);
        assert_int_equal(watch_state_of(&facts, now_us), cases[i].is_silent ? WATCH_WARNING : WATCH_OK);
    }
}

static void new_database_waits_ten_minutes_before_it_is_silent(void **state)
{
    struct watch_facts facts = {.is_on = true, .interval_s = 60, .last_data_at_us = INT64_MIN};

    (void)state;
    facts.created_at_us = now_us - 9 * MINUTE_US;
    assert_int_equal(watch_state_of(&facts, now_us), WATCH_WAITING);
    facts.created_at_us = now_us - 11 * MINUTE_US;
    assert_int_equal(watch_state_of(&facts, now_us), WATCH_WARNING);
}

static void switched_off_database_is_paused_whatever_its_last_run(void **state)
{
    struct watch_facts facts = facts_of(0, 60);

    (void)state;
    facts.has_failed = facts.has_warned = true;
    assert_int_equal(watch_state_of(&facts, now_us), WATCH_FAILED);
    facts.has_failed = false;
    assert_int_equal(watch_state_of(&facts, now_us), WATCH_WARNING);
    facts.is_on = false;
    facts.has_failed = true;
    assert_int_equal(watch_state_of(&facts, now_us), WATCH_PAUSED);
}

static void load_is_raised_from_the_bucket_where_it_left_its_usual_level(void **state)
{
    struct arena *arena = arena_new(0);
    double rates[20];
    struct load_change change;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        rates[i] = i < 16 ? 10 : i == 16 ? 16 : 30;
    change = load_change_of(rates, 20, arena);
    assert_true(change.is_raised);
    assert_int_equal(change.first, 16);
    assert_float_equal(change.factor, (16 + 30 + 30 + 30) / 4.0 / 10, 1e-9);
    /* Nothing is raised if the rise is over, with too few buckets, or with none. */
    rates[19] = 19;
    assert_false(load_change_of(rates, 20, arena).is_raised);
    rates[19] = 30;
    assert_false(load_change_of(rates + 9, 11, arena).is_raised);
    for (size_t i = 0; i < 20; i++)
        rates[i] = i < 19 ? 0 : 1e9;
    assert_false(load_change_of(rates, 20, arena).is_raised);
    arena_destroy(arena);
}

static void growth_is_of_means_before_and_after(void **state)
{
    static const double points[] = {1, 1, 1, 1, 5, 7};

    (void)state;
    assert_float_equal(load_growth(points, 6, 4), 5, 1e-9);
    assert_float_equal(load_growth(points, 4, 2), 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_five_intervals_and_a_quarter_of_an_hour_at_least),
        cmocka_unit_test(new_database_waits_ten_minutes_before_it_is_silent),
        cmocka_unit_test(switched_off_database_is_paused_whatever_its_last_run),
        cmocka_unit_test(load_is_raised_from_the_bucket_where_it_left_its_usual_level),
        cmocka_unit_test(growth_is_of_means_before_and_after),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
