/* lib/facts/histogram.h, compared with exact quantiles and summed by lib/store/read/distribution.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <endian.h>
#include <math.h>
#include <string.h>

#include "facts/histogram.h"
#include "store/read/distribution.h"

enum { VALUES = 20000 };
static const double error_max = 0.05;

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(0);
    srand48(11);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static struct histogram pack(const int64_t counts[HISTOGRAM_BINS])
{
    int64_t *entries = arena_alloc_array(arena, HISTOGRAM_BINS, sizeof *entries);
    struct histogram histogram = {entries, 0};

    for (int bin = 0; bin < HISTOGRAM_BINS; bin++)
        if (counts[bin] > 0)
            entries[histogram.count++] = histogram_entry(bin, counts[bin]);
    return histogram;
}

static struct histogram histogram_of(const double *values, size_t count)
{
    int64_t counts[HISTOGRAM_BINS] = {0};

    for (size_t i = 0; i < count; i++)
        counts[histogram_bin(values[i])]++;
    return pack(counts);
}

/* Add a histogram in the form in which the store sends it: a bigint[] in PostgreSQL's binary form. */
static void add(struct distribution *sums, struct histogram histogram)
{
    enum { HEAD_BYTES = 20, ENTRY_BYTES = 12 };
    char *array = arena_zalloc(arena, HEAD_BYTES + histogram.count * ENTRY_BYTES);

    for (size_t i = 0; i < histogram.count; i++) {
        uint32_t size_bytes = htobe32(sizeof *histogram.entries);
        uint64_t entry = htobe64((uint64_t)histogram.entries[i]);

        memcpy(array + HEAD_BYTES + i * ENTRY_BYTES, &size_bytes, sizeof size_bytes);
        memcpy(array + HEAD_BYTES + i * ENTRY_BYTES + sizeof size_bytes, &entry, sizeof entry);
    }
    distribution_add_array(sums, (struct text){array, HEAD_BYTES + histogram.count * ENTRY_BYTES});
}

static struct histogram merge(struct histogram left, struct histogram right)
{
    struct distribution sums = {{0}};

    add(&sums, left);
    add(&sums, right);
    return pack(sums.counts);
}

static void assert_same(struct histogram left, struct histogram right)
{
    assert_int_equal(left.count, right.count);
    if (left.count > 0)
        assert_memory_equal(left.entries, right.entries, left.count * sizeof *left.entries);
}

/* Sorts `values`. */
static void assert_quantiles_are_near(const char *what, double *values, size_t count)
{
    static const double quantiles[] = {0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};
    struct histogram histogram = histogram_of(values, count);

    qsort(values, count, sizeof *values, compare_doubles);
    assert_int_equal(histogram_calls(histogram), (int64_t)count);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        double rank = ceil(quantiles[i] * (double)count);
        double exact = values[rank < 1 ? 0 : (size_t)rank - 1];
        double told = histogram_quantile_ms(histogram, quantiles[i]);

        if (fabs(told - exact) > error_max * exact + 0.001)
            fail_msg("%s: quantile %g of %zu is %.17g, told as %.17g", what, quantiles[i], count, exact, told);
    }
}

static double uniform(void)
{
    return drand48() * 1000;
}

static double log_uniform(void)
{
    return 0.001 * pow(10, drand48() * 12.9);
}

static double exponential(void)
{
    return -log(1 - drand48()) * 20;
}

static double log_normal(void)
{
    return exp(2 + 3 * sqrt(-2 * log(1 - drand48())) * cos(2 * M_PI * drand48()));
}

static double pareto(void)
{
    return pow(1 - drand48(), -1 / 0.7);
}

static double two_peaks(void)
{
    return drand48() < 0.95 ? 1 + drand48() : 5000 + drand48();
}

static double one_value(void)
{
    return 1250.5;
}

static double whole_numbers(void)
{
    return floor(drand48() * 10);
}

/* A value at a bin's bound, or one rounding step to either side of it: there the error of a bin is the greatest. */
static double at_the_bounds(void)
{
    double bound = 0.001 * pow(1.1, floor(drand48() * 300));
    double side = drand48();

    return side < 0.33 ? nextafter(bound, 0) : side < 0.66 ? bound : nextafter(bound, INFINITY);
}

static void quantiles_are_within_five_percent(void **state)
{
    static const struct {
        const char *name;
        double (*draw)(void);
    } distributions[] = {{"uniform", uniform},         {"log-uniform", log_uniform},
                         {"exponential", exponential}, {"log-normal", log_normal},
                         {"Pareto", pareto},           {"two peaks", two_peaks},
                         {"one value", one_value},     {"whole numbers", whole_numbers},
                         {"bounds", at_the_bounds}};
    static const size_t sizes[] = {1, 2, 3, 19, 20, 21, 100, 101, VALUES};
    static double values[VALUES];

    (void)state;
    for (size_t d = 0; d < sizeof distributions / sizeof distributions[0]; d++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            for (size_t i = 0; i < sizes[s]; i++)
                values[i] = distributions[d].draw();
            assert_quantiles_are_near(distributions[d].name, values, sizes[s]);
        }
}

static void bins_meet_without_gap_or_overlap(void **state)
{
    int last = 0;

    (void)state;
    for (double ms = 0.0009; ms < 2e10; ms *= 1.003) {
        int bin = histogram_bin(ms);

        assert_true(bin == last || bin == last + 1);
        if (bin > 0 && bin < HISTOGRAM_BINS - 1)
            assert_true(fabs(histogram_bin_ms(bin) - ms) <= error_max * ms);
        last = bin;
    }
    assert_int_equal(last, HISTOGRAM_BINS - 1);
}

static void a_bin_begins_at_its_bound(void **state)
{
    (void)state;
    assert_int_equal(histogram_bin(0.001), 1);
    assert_int_equal(histogram_bin(nextafter(0.001, 0)), 0);
    assert_int_equal(histogram_bin(0.0011), 2);
    assert_int_equal(histogram_bin(nextafter(0.0011, 0)), 1);
    assert_int_equal(histogram_bin(9938094902.880566), HISTOGRAM_BINS - 1);
    assert_int_equal(histogram_bin(nextafter(9938094902.880566, 0)), HISTOGRAM_BINS - 2);
}

static void invalid_durations_break_nothing(void **state)
{
    (void)state;
    assert_int_equal(histogram_bin(0), 0);
    assert_int_equal(histogram_bin(-5), 0);
    assert_int_equal(histogram_bin(-INFINITY), 0);
    assert_int_equal(histogram_bin(NAN), 0);
    assert_int_equal(histogram_bin(5e-324), 0);
    assert_int_equal(histogram_bin(1e308), HISTOGRAM_BINS - 1);
    assert_int_equal(histogram_bin(INFINITY), HISTOGRAM_BINS - 1);
    assert_true(histogram_bin_ms(0) == 0);
    assert_true(histogram_bin_ms(-1) == 0);
    assert_true(histogram_bin_ms(100000) == histogram_bin_ms(HISTOGRAM_BINS - 1));
}

static void merging_is_commutative_and_associative(void **state)
{
    static double values[3][500];
    struct histogram none = {NULL, 0};

    (void)state;
    for (int round = 0; round < 50; round++) {
        struct histogram a, b, c;

        for (int i = 0; i < 500; i++) {
            values[0][i] = log_uniform();
            values[1][i] = exponential();
            values[2][i] = two_peaks();
        }
        a = histogram_of(values[0], (size_t)lrand48() % 501);
        b = histogram_of(values[1], (size_t)lrand48() % 501);
        c = histogram_of(values[2], (size_t)lrand48() % 501);
        assert_same(merge(a, b), merge(b, a));
        assert_same(merge(merge(a, b), c), merge(a, merge(b, c)));
        assert_same(merge(a, none), a);
        assert_same(merge(none, a), a);
        assert_int_equal(histogram_calls(merge(a, b)), histogram_calls(a) + histogram_calls(b));
    }
}

static void parts_merged_are_the_whole(void **state)
{
    static double values[VALUES];
    struct histogram merged = {NULL, 0};

    (void)state;
    for (int i = 0; i < VALUES; i++)
        values[i] = log_normal();
    for (size_t from = 0; from < VALUES; from += 1000)
        merged = merge(merged, histogram_of(values + from, 1000));
    assert_same(merged, histogram_of(values, VALUES));
}

static void counts_end_at_what_an_entry_holds(void **state)
{
    int64_t entries[1] = {histogram_entry(100, INT64_MAX)};
    struct histogram full = {entries, 1}, merged = merge(full, full);

    (void)state;
    assert_int_equal(histogram_calls(full), HISTOGRAM_COUNT_MAX);
    assert_int_equal(histogram_calls(merged), HISTOGRAM_COUNT_MAX);
    assert_true(histogram_quantile_ms(merged, 0.5) == histogram_bin_ms(100));
}

static void nothing_has_no_quantile(void **state)
{
    (void)state;
    assert_true(isnan(histogram_quantile_ms((struct histogram){NULL, 0}, 0.95)));
    assert_int_equal(histogram_calls((struct histogram){NULL, 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_within_five_percent),
        cmocka_unit_test(bins_meet_without_gap_or_overlap),
        cmocka_unit_test(a_bin_begins_at_its_bound),
        cmocka_unit_test(invalid_durations_break_nothing),
        cmocka_unit_test(merging_is_commutative_and_associative),
        cmocka_unit_test(parts_merged_are_the_whole),
        cmocka_unit_test(counts_end_at_what_an_entry_holds),
        cmocka_unit_test(nothing_has_no_quantile),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
