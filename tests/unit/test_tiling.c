/* lib/store/read/segments.h: the tiling of a period, compared with the smallest one that a full search finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/read/segments.h"
#include "store/read/tiers.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/random.h"

#define STEP_US (300 * CLOCK_SECOND_US)

static const int64_t widths_s[] = {2764800, 1382400, 691200, 345600, 172800, 86400, 28800, 14400, 7200, 3600, 900, 300};
enum { WIDTHS = sizeof widths_s / sizeof widths_s[0], STEPS_MAX = 3000 };

/* The smallest number of aligned tiles from `from_us` to `to_us`, computed from the end backwards. */
static size_t fewest_tiles(int64_t from_us, int64_t to_us)
{
    static size_t fewest[STEPS_MAX + 1]; /* by start, in steps of five minutes: the fewest tiles to the end */
    size_t steps = (size_t)((to_us - from_us) / STEP_US);

    assert_true(steps <= STEPS_MAX);
    fewest[steps] = 0;
    for (size_t at = steps; at-- > 0;) {
        int64_t time_us = from_us + (int64_t)at * STEP_US;

        fewest[at] = SIZE_MAX;
        for (int i = 0; i < WIDTHS; i++) {
            int64_t width_us = widths_s[i] * CLOCK_SECOND_US;

            if (time_us + width_us <= to_us && clock_floor(time_us, width_us) == time_us &&
                1 + fewest[at + (size_t)(width_us / STEP_US)] < fewest[at])
                fewest[at] = 1 + fewest[at + (size_t)(width_us / STEP_US)];
        }
    }
    return fewest[0];
}

static bool is_width(int64_t width_s)
{
    for (int i = 0; i < WIDTHS; i++)
        if (widths_s[i] == width_s)
            return true;
    return false;
}

/* The first remainder, the tiles and the second remainder must follow each other from the beginning of the period to
 * its end. Returns where the tiles begin and end. */
static void check_tiling(int64_t from_us, int64_t to_us, int64_t segmented_until_us, int64_t *out_first_us,
                         int64_t *out_last_us, size_t *out_count)
{
    struct tiling tiling;
    int64_t at_us;

    tiling_make(from_us, to_us, segmented_until_us, arena, &tiling);
    assert_true(tiling.remainders[0].from_us == from_us);
    at_us = *out_first_us = tiling.remainders[0].to_us;
    assert_true(at_us >= from_us);
    for (size_t i = 0; i < tiling.count; i++) {
        assert_true(is_width(tiling.tiles[i].width_s));
        assert_true(tiling.tiles[i].start_us == at_us);
        assert_true(clock_floor(at_us, tiling.tiles[i].width_s * CLOCK_SECOND_US) == at_us);
        at_us += tiling.tiles[i].width_s * CLOCK_SECOND_US;
    }
    *out_last_us = at_us;
    *out_count = tiling.count;
    if (tiling.count == 0) {
        assert_true(at_us == to_us && tiling.remainders[1].from_us == tiling.remainders[1].to_us);
        return;
    }
    assert_true(at_us <= segmented_until_us);
    assert_true(tiling.remainders[1].from_us == at_us && tiling.remainders[1].to_us == to_us);
}

static void tiles_are_the_fewest_that_have_segments(void **state)
{
    int64_t first_us, last_us;
    size_t count;

    (void)state;
    random_seed(3);
    for (int i = 0; i < 2000; i++) {
        int64_t from_us = (int64_t)random_below(20000000) * STEP_US - 10000000 * STEP_US;
        int64_t to_us = from_us + (int64_t)random_below(i % 2 == 0 ? 40 : STEPS_MAX) * STEP_US;
        int64_t until_us = from_us + (int64_t)random_below(2 * STEPS_MAX) * STEP_US - STEPS_MAX * STEP_US / 4;
        int64_t end_us = until_us < to_us ? until_us : to_us;

        check_tiling(from_us, to_us, until_us, &first_us, &last_us, &count);
        if (end_us <= from_us) {
            assert_int_equal(count, 0);
            continue;
        }
        assert_true(first_us == from_us && last_us == end_us);
        assert_int_equal(count, fewest_tiles(first_us, last_us));
        arena_reset(arena);
    }
}

static void ends_between_two_five_minutes_are_remainders(void **state)
{
    const int64_t until_us = 1000 * STEP_US;
    int64_t first_us, last_us;
    size_t count;

    (void)state;
    check_tiling(10 * STEP_US + 1, 20 * STEP_US - 1, until_us, &first_us, &last_us, &count);
    assert_true(first_us == 11 * STEP_US && last_us == 19 * STEP_US);
    check_tiling(10 * STEP_US + 1, 11 * STEP_US, until_us, &first_us, &last_us, &count);
    assert_int_equal(count, 0);
    check_tiling(10 * STEP_US, 20 * STEP_US, 15 * STEP_US + 7, &first_us, &last_us, &count);
    assert_true(last_us == 15 * STEP_US);
}

static void ten_years_are_some_hundred_tiles(void **state)
{
    const int64_t from_us = INT64_C(1451606700) * CLOCK_SECOND_US,
                  to_us = from_us + INT64_C(3660) * 86400 * CLOCK_SECOND_US;
    int64_t first_us, last_us;
    size_t count;

    (void)state;
    check_tiling(from_us, to_us, INT64_MAX, &first_us, &last_us, &count);
    assert_true(first_us == from_us && last_us == to_us);
    assert_true(count < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_are_the_fewest_that_have_segments),
        cmocka_unit_test(ends_between_two_five_minutes_are_remainders),
        cmocka_unit_test(ten_years_are_some_hundred_tiles),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
