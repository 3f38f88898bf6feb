/* lib/store/read/period.h: a requested period becomes one that rollups can answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "store/read/period.h"
#include "tests/unit/random.h"

#define HOUR_US  (3600 * CLOCK_SECOND_US)
#define DAY_US   (24 * HOUR_US)
#define NONE     INT64_MIN
#define FIRST_US (-INT64_C(2208988800) * CLOCK_SECOND_US) /* 1900 */
#define END_US   (INT64_C(32503680000) * CLOCK_SECOND_US) /* 3000 */

static int64_t now_us; /* 2026-01-15T12:34:56Z */

static int set_up(void **state)
{
    (void)state;
    period_set_retention(0, 0, 0);
    now_us = INT64_C(1768480496) * CLOCK_SECOND_US;
    return 0;
}

static struct period made(int64_t from_us, int64_t to_us)
{
    struct period period = {0};

    assert_int_equal(period_make(from_us, to_us, now_us, &period, NULL), STATUS_OK);
    return period;
}

static void the_default_period_is_the_last_day(void **state)
{
    struct period period = made(NONE, NONE);

    (void)state;
    assert_int_equal(period.resolution_s, 300);
    assert_true(period.from_us == now_us - 296 * CLOCK_SECOND_US - DAY_US);
    assert_true(period.to_us == now_us + 4 * CLOCK_SECOND_US);
}

static void one_end_alone_gives_a_day_or_until_now(void **state)
{
    (void)state;
    assert_true(made(now_us - 3 * DAY_US, NONE).to_us >= now_us);
    assert_true(made(NONE, now_us - 3 * DAY_US).from_us <= now_us - 4 * DAY_US);
    assert_true(made(now_us + HOUR_US, NONE).to_us >= now_us + HOUR_US + DAY_US);
}

static void a_bad_period_is_refused_by_its_field(void **state)
{
    static const struct {
        int64_t from_us, to_us;
        const char *field;
    } rows[] = {
        {2 * DAY_US, 1 * DAY_US, "from"},
        {DAY_US, DAY_US, "from"},
        {0, (PERIOD_MAX_DAYS + 1) * DAY_US, "from"},
        {FIRST_US - 1, FIRST_US + DAY_US, "from"},
        {END_US - DAY_US, END_US + 1, "to"},
        {NONE, FIRST_US + HOUR_US, "to"},
        {END_US - 1, NONE, "to"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct period period = {.resolution_s = 7};
        struct error error = {0};

        assert_int_equal(period_make(rows[i].from_us, rows[i].to_us, now_us, &period, &error), STATUS_INVALID);
        assert_int_equal(error.field_count, 1);
        assert_string_equal(error.fields[0].field, rows[i].field);
        assert_int_equal(period.resolution_s, 7);
    }
}

static void the_length_of_a_period_chooses_its_resolution(void **state)
{
    static const struct {
        int64_t length_us;
        int32_t resolution_s;
    } rows[] = {
        {1, 300},
        {26 * HOUR_US, 300},
        {26 * HOUR_US + CLOCK_SECOND_US, 3600},
        {62 * DAY_US, 3600},
        {62 * DAY_US + CLOCK_SECOND_US, 86400},
        {PERIOD_MAX_DAYS * DAY_US, 86400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(made(now_us - rows[i].length_us, now_us).resolution_s, rows[i].resolution_s);
}

static void a_resolution_past_its_retention_is_not_chosen(void **state)
{
    int64_t today_us = now_us / DAY_US * DAY_US;

    (void)state;
    period_set_retention(14, 30, 400);
    assert_int_equal(made(today_us - 30 * DAY_US, today_us - 30 * DAY_US + HOUR_US).resolution_s, 300);
    assert_int_equal(made(today_us - 30 * DAY_US - 1, today_us - 30 * DAY_US + HOUR_US).resolution_s, 3600);
    assert_int_equal(made(today_us - 400 * DAY_US, today_us - 400 * DAY_US + HOUR_US).resolution_s, 3600);
    assert_int_equal(made(today_us - 400 * DAY_US - 1, today_us - 400 * DAY_US + HOUR_US).resolution_s, 86400);
}

static void kept_data_begins_a_day_after_dropped_data(void **state)
{
    int64_t today_us = now_us / DAY_US * DAY_US;

    (void)state;
    assert_true(period_kept_from(0, now_us) == FIRST_US);
    assert_true(period_kept_from(300, now_us) == FIRST_US);
    assert_true(period_kept_from(3600, now_us) == FIRST_US);
    period_set_retention(14, 30, 400);
    assert_true(period_kept_from(0, now_us) == today_us - 13 * DAY_US);
    assert_true(period_kept_from(300, now_us) == today_us - 29 * DAY_US);
    assert_true(period_kept_from(3600, now_us) == today_us - 399 * DAY_US);
}

static int64_t random_time(void)
{
    return FIRST_US + (int64_t)random_below((uint64_t)(END_US - FIRST_US) + 1);
}

static void a_period_rounds_outwards_by_less_than_a_bucket(void **state)
{
    (void)state;
    random_seed(7);
    for (int i = 0; i < 20000; i++) {
        static const int64_t lengths_max[] = {HOUR_US, 30 * HOUR_US, 70 * DAY_US, PERIOD_MAX_DAYS * DAY_US};
        int64_t from_us = random_time();
        int64_t to_us = from_us + 1 + (int64_t)random_below((uint64_t)lengths_max[i % 4]), width_us;
        struct period period = {0}, again = {0};
        struct error error = {0};

        period_set_retention(0, (int64_t)random_below(3) * 30, (int64_t)random_below(3) * 400);
        if (to_us > END_US) {
            assert_int_equal(period_make(from_us, to_us, now_us, &period, &error), STATUS_INVALID);
            continue;
        }
        assert_int_equal(period_make(from_us, to_us, now_us, &period, &error), STATUS_OK);
        width_us = period.resolution_s * CLOCK_SECOND_US;
        assert_true(period.from_us <= from_us && from_us < period.from_us + width_us);
        assert_true(period.to_us >= to_us && to_us > period.to_us - width_us);
        assert_true(period.from_us % width_us == 0 && period.to_us % width_us == 0);
        /* A chart has at most some hundred points. */
        assert_true((period.to_us - period.from_us) / width_us <= PERIOD_MAX_DAYS + 2);
        /* A period of whole buckets stays as it is, unless rounding made it long enough for wider ones. */
        if (period_make(period.from_us, period.to_us, now_us, &again, &error) == STATUS_OK &&
            again.resolution_s == period.resolution_s)
            assert_true(again.from_us == period.from_us && again.to_us == period.to_us);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_default_period_is_the_last_day, set_up),
        cmocka_unit_test_setup(one_end_alone_gives_a_day_or_until_now, set_up),
        cmocka_unit_test_setup(a_bad_period_is_refused_by_its_field, set_up),
        cmocka_unit_test_setup(the_length_of_a_period_chooses_its_resolution, set_up),
        cmocka_unit_test_setup(a_resolution_past_its_retention_is_not_chosen, set_up),
        cmocka_unit_test_setup(kept_data_begins_a_day_after_dropped_data, set_up),
        cmocka_unit_test_setup(a_period_rounds_outwards_by_less_than_a_bucket, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
