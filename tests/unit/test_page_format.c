/* Numbers and times as pages show them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fcgi/pages/format.c"

#define US(s) ((int64_t)(s)*CLOCK_SECOND_US)

static void durations_have_fitting_units(void **state)
{
    static const struct {
        double ms;
        const char *text;
    } rows[] = {
        {0, "0\u00a0ms"},      {0.0004, "0.4\u00a0µs"}, {0.087, "87\u00a0µs"},  {0.9996, "1.0\u00a0ms"},
        {1.24, "1.2\u00a0ms"}, {9.96, "10\u00a0ms"},    {340.2, "340\u00a0ms"}, {999.6, "1.0\u00a0s"},
        {1234, "1.2\u00a0s"},  {59960, "60.0\u00a0s"},  {119900, "120\u00a0s"}, {125000, "2.1\u00a0min"},
        {8e6, "2.2\u00a0h"},   {864e6, "10.0\u00a0d"},  {INFINITY, "–"},        {-1, "–"},
    };
    char out[FORMAT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(format_duration(rows[i].ms, out), rows[i].text);
}

static void counts_are_cut_to_three_figures(void **state)
{
    static const struct {
        double count;
        const char *text;
    } rows[] = {
        {0, "0"},
        {7, "7"},
        {999, "999"},
        {1000, "1,000"},
        {9412, "9,412"},
        {9999.7, "10.0\u00a0k"},
        {14300, "14.3\u00a0k"},
        {143000, "143\u00a0k"},
        {2.13e6, "2.1\u00a0M"},
        {999.7e6, "1.0\u00a0G"},
        {5e12, "5.0\u00a0T"},
        {NAN, "–"},
    };
    char out[FORMAT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(format_count(rows[i].count, out), rows[i].text);
}

static void bytes_have_their_unit(void **state)
{
    static const struct {
        double bytes;
        const char *text;
    } rows[] = {
        {0, "0\u00a0B"},         {412, "412\u00a0B"},    {999.6, "1.0\u00a0kB"}, {14300, "14.3\u00a0kB"},
        {2.13e6, "2.1\u00a0MB"}, {812e9, "812\u00a0GB"}, {5e12, "5.0\u00a0TB"},  {NAN, "–"},
    };
    char out[FORMAT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(format_bytes(rows[i].bytes, out), rows[i].text);
}

static void rates_and_shares_keep_small_values_visible(void **state)
{
    char out[FORMAT_BYTES];

    (void)state;
    assert_string_equal(format_rate(0, out), "0/s");
    assert_string_equal(format_rate(1e-9, out), "0.1/h");
    assert_string_equal(format_rate(0.0005, out), "1.8/h");
    assert_string_equal(format_rate(0.005, out), "0.005/s");
    assert_string_equal(format_rate(40, out), "40/s");
    assert_string_equal(format_rate(0.25, out), "0.25/s");
    assert_string_equal(format_rate(3.14, out), "3.1/s");
    assert_string_equal(format_rate(14300, out), "14.3\u00a0k/s");
    assert_string_equal(format_share(0, out), "0\u00a0%");
    assert_string_equal(format_share(0.0001, out), "<\u00a00.1\u00a0%");
    assert_string_equal(format_share(0.034, out), "3.4\u00a0%");
    assert_string_equal(format_share(0.4712, out), "47\u00a0%");
}

static void a_change_from_nothing_is_not_shown(void **state)
{
    char out[FORMAT_BYTES];

    (void)state;
    assert_string_equal(format_change(0, 10, out), "");
    assert_string_equal(format_change(100, 112, out), "+12\u00a0%");
    assert_string_equal(format_change(100, 97, out), "−3\u00a0%");
    assert_string_equal(format_change(100, 100.2, out), "±0\u00a0%");
    assert_string_equal(format_change(100, 320, out), "×\u00a03.2");
}

static void times_are_relative_and_exact(void **state)
{
    const int64_t now_us = US(1795215069); /* 2026-11-20 22:51:09 UTC */
    char out[FORMAT_BYTES];

    (void)state;
    assert_string_equal(format_ago(INT64_MIN, now_us, out), "never");
    assert_string_equal(format_ago(now_us + US(3), now_us, out), "just now");
    assert_string_equal(format_ago(now_us - US(40), now_us, out), "40\u00a0s ago");
    assert_string_equal(format_ago(now_us - US(200), now_us, out), "3\u00a0min ago");
    assert_string_equal(format_ago(now_us - US(3700), now_us, out), "1\u00a0h ago");
    assert_string_equal(format_ago(now_us - US(5 * 3600), now_us, out), "5\u00a0h ago");
    assert_string_equal(format_ago(now_us - US(3 * 86400), now_us, out), "3\u00a0d ago");
    assert_string_equal(format_time(now_us, now_us, out), "20 Nov 22:51");
    assert_string_equal(format_time(now_us - US(300 * 86400), now_us, out), "24 Jan 2026 22:51");
    assert_string_equal(format_time_exact(now_us, out), "2026-11-20 22:51:09 UTC");
    assert_string_equal(format_time_exact(-1, out), "1969-12-31 23:59:59 UTC");
    assert_string_equal(format_time(INT64_MIN, now_us, out), "–");
    assert_string_equal(format_time_input(now_us, out), "2026-11-20T22:51");
    assert_string_equal(format_time_mark(now_us, US(3600), out), "22:51");
    assert_string_equal(format_time_mark(now_us, US(86400), out), "20 Nov");
    assert_string_equal(format_span(300, out), "5\u00a0min");
    assert_string_equal(format_span(86400, out), "24\u00a0h");
    assert_string_equal(format_span(604800, out), "7\u00a0d");
}

static void means_of_counts_keep_what_is_small(void **state)
{
    static const struct {
        double count;
        const char *text;
    } rows[] = {
        {0, "0"},      {0.004, "<\u00a00.01"}, {0.25, "0.25"}, {0.996, "1.0"},
        {3.14, "3.1"}, {47.2, "47"},           {-1, "–"},      {NAN, "–"},
    };
    char out[FORMAT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(format_mean(rows[i].count, out), rows[i].text);
    assert_string_equal(format_mean_mark(0.0025, 0.01, out), "0.0025");
    assert_string_equal(format_mean_mark(7.5, 30, out), "7.5");
    assert_string_equal(format_mean_mark(1500, 2000, out), "1,500");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_fitting_units),
        cmocka_unit_test(counts_are_cut_to_three_figures),
        cmocka_unit_test(bytes_have_their_unit),
        cmocka_unit_test(rates_and_shares_keep_small_values_visible),
        cmocka_unit_test(means_of_counts_keep_what_is_small),
        cmocka_unit_test(a_change_from_nothing_is_not_shown),
        cmocka_unit_test(times_are_relative_and_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
