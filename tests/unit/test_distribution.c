/* lib/store/read/distribution.h: distributions as the store sends them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store/read/distribution.h"

static struct text bytes_of(const char *bytes, size_t size)
{
    return (struct text){bytes, size};
}
#define BYTES(literal) bytes_of("" literal "", sizeof(literal) - 1)

/* Bin 3 twice, 5 and 4194303 calls; bin 315 once. */
static void four_bytes_hold_a_bin_and_a_count(void **state)
{
    struct distribution sums = {{0}};

    (void)state;
    assert_true(distribution_add_bytes(&sums, BYTES("\x00\xc0\x00\x05"
                                                    "\x00\xff\xff\xff"
                                                    "\x4e\xc0\x00\x01")));
    assert_int_equal(sums.counts[3], 5 + 4194303);
    assert_int_equal(sums.counts[315], 1);
    assert_int_equal(distribution_percentiles(&sums).calls, 5 + 4194303 + 1);
}

static void a_count_that_does_not_fit_has_eight_bytes_of_its_own(void **state)
{
    struct distribution sums = {{0}};

    (void)state;
    /* Bin 7, 2^40 - 1 calls, and bin 8 after it, once. */
    assert_true(distribution_add_bytes(&sums, BYTES("\xff\xff\xff\xff\x00\x00\x07\xff\xff\xff\xff\xff"
                                                    "\x02\x00\x00\x01")));
    assert_int_equal(sums.counts[7], HISTOGRAM_COUNT_MAX);
    assert_int_equal(sums.counts[8], 1);
}

static void nothing_adds_nothing(void **state)
{
    struct distribution sums = {{0}};

    (void)state;
    assert_true(distribution_add_bytes(&sums, (struct text){NULL, 0}));
    distribution_add_array(&sums, (struct text){NULL, 0});
    assert_int_equal(distribution_percentiles(&sums).calls, 0);
}

static void bytes_that_are_no_distribution_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } broken[] = {
        {"\x00", 1},                                              /* cut */
        {"\x00\xc0\x00\x05\x00\xc0", 6},                          /* cut in the second */
        {"\xff\xff\xff\xff\x00\x00\x07\xff\xff\xff\xff", 11},     /* cut in a wide one */
        {"\x4f\x00\x00\x01", 4},                                  /* bin 316 */
        {"\xff\xff\xff\xff\x00\x01\x3c\x00\x00\x00\x00\x01", 12}, /* bin 316, wide */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12}, /* bin -1 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct distribution sums = {{0}};

        assert_false(distribution_add_bytes(&sums, bytes_of(broken[i].bytes, broken[i].size)));
    }
}

static void counts_stop_at_the_largest(void **state)
{
    struct distribution sums = {{0}};

    (void)state;
    sums.counts[3] = INT64_MAX - 1;
    assert_true(distribution_add_bytes(&sums, BYTES("\x00\xc0\x00\x05")));
    assert_true(sums.counts[3] == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_bytes_hold_a_bin_and_a_count),
        cmocka_unit_test(a_count_that_does_not_fit_has_eight_bytes_of_its_own),
        cmocka_unit_test(nothing_adds_nothing),
        cmocka_unit_test(bytes_that_are_no_distribution_are_refused),
        cmocka_unit_test(counts_stop_at_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
