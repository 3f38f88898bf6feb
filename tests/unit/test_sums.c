/* lib/facts/sums.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "facts/sums.h"

static void every_member_is_added(void **state)
{
    struct sums sums = {.calls = 1,
                        .slow_calls = 2,
                        .total_ms = 3.5,
                        .max_ms = 4,
                        .rows_examined = 5,
                        .rows_returned = 6,
                        .blocks_hit = 7,
                        .blocks_read = 8};
    const struct sums more = {.calls = 10,
                              .slow_calls = 20,
                              .total_ms = 30.25,
                              .max_ms = 40,
                              .rows_examined = 50,
                              .rows_returned = 60,
                              .blocks_hit = 70,
                              .blocks_read = 80};

    (void)state;
    sums_add(&sums, &more);
    assert_int_equal(sums.calls, 11);
    assert_int_equal(sums.slow_calls, 22);
    assert_true(sums.total_ms == 33.75);
    assert_true(sums.max_ms == 40);
    assert_int_equal(sums.rows_examined, 55);
    assert_int_equal(sums.rows_returned, 66);
    assert_int_equal(sums.blocks_hit, 77);
    assert_int_equal(sums.blocks_read, 88);
}

static void what_is_not_zero_is_known(void **state)
{
    const struct sums nothing = {.calls = 5, .total_ms = 3, .blocks_read = 7}, examined = {.rows_examined = 1},
                      waited = {.lock_us = 1}, failed = {.errors = 1, .rows_examined = 2};

    (void)state;
    assert_int_equal(sums_known(&nothing), 0);
    assert_int_equal(sums_known(&examined), SUMS_KNOW_EXAMINED);
    assert_int_equal(sums_known(&waited), SUMS_KNOW_LOCKS);
    assert_int_equal(sums_known(&failed), SUMS_KNOW_EXAMINED | SUMS_KNOW_DIGESTS);
}

static void the_longest_stays_whichever_comes_first(void **state)
{
    struct sums sums = {.max_ms = 40};
    const struct sums shorter = {.max_ms = 4}, counters_alone = {.calls = 9, .total_ms = 1000};

    (void)state;
    sums_add(&sums, &shorter);
    sums_add(&sums, &counters_alone);
    assert_true(sums.max_ms == 40);
}

static void counts_stop_at_the_largest(void **state)
{
    struct sums sums = {.calls = INT64_MAX - 1, .blocks_read = INT64_MAX};
    const struct sums more = {.calls = 2, .blocks_read = INT64_MAX};

    (void)state;
    sums_add(&sums, &more);
    sums_add(&sums, &more);
    assert_int_equal(sums.calls, INT64_MAX);
    assert_int_equal(sums.blocks_read, INT64_MAX);
    assert_int_equal(sums_add_count(INT64_MAX - 2, 2), INT64_MAX);
    assert_int_equal(sums_add_count(3, 4), 7);
}

static void mean_is_of_all_calls_and_zero_without_any(void **state)
{
    const struct sums ran = {.calls = 4, .total_ms = 10}, idle = {.total_ms = 10};

    (void)state;
    assert_true(sums_mean_ms(&ran) == 2.5);
    assert_true(sums_mean_ms(&idle) == 0);
}

static void longest_sample_below_the_mean_is_not_the_longest(void **state)
{
    const struct sums shorter = {.calls = 4, .total_ms = 40, .max_ms = 9.5};
    const struct sums rounded = {.calls = 1, .total_ms = 10, .max_ms = 9.995};
    const struct sums longer = {.calls = 4, .total_ms = 40, .max_ms = 12};

    (void)state;
    assert_true(sums_max_ms(&shorter) == 0);
    assert_true(sums_max_ms(&rounded) == 9.995);
    assert_true(sums_max_ms(&longer) == 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_added),
        cmocka_unit_test(what_is_not_zero_is_known),
        cmocka_unit_test(the_longest_stays_whichever_comes_first),
        cmocka_unit_test(counts_stop_at_the_largest),
        cmocka_unit_test(longest_sample_below_the_mean_is_not_the_longest),
        cmocka_unit_test(mean_is_of_all_calls_and_zero_without_any),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
