/* lib/watch/cluster.c: when a node is stale, what a cluster lacks, and counters that only rise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "watch/cluster.h"
#include <cmocka.h>

static const int64_t now_us = INT64_C(1800000000) * CLOCK_SECOND_US;

/* Times of reports that lie `gaps_s` apart, newest first, the newest `age_s` old. */
static size_t times_of(int64_t age_s, const int64_t *gaps_s, size_t count, int64_t *out_times_us)
{
    out_times_us[0] = now_us - age_s * CLOCK_SECOND_US;
    for (size_t i = 0; i < count; i++)
        out_times_us[i + 1] = out_times_us[i] - gaps_s[i] * CLOCK_SECOND_US;
    return count + 1;
}

static void interval_is_the_middle_one_of_the_distances(void **state)
{
    static const int64_t gaps_s[] = {60, 60, 3600, 60, 61};
    int64_t times_us[6];
    size_t count = times_of(10, gaps_s, 5, times_us);

    (void)state;
    assert_true(cluster_interval_s(times_us, count, 30) == 60);
    assert_true(cluster_interval_s(times_us, 1, 30) == 30);
    assert_true(cluster_interval_s(times_us, 0, 30) == 30);
}

static void node_is_stale_when_three_reports_are_missing(void **state)
{
    (void)state;
    assert_false(cluster_is_stale(now_us - 180 * CLOCK_SECOND_US, 60, now_us));
    assert_true(cluster_is_stale(now_us - 181 * CLOCK_SECOND_US, 60, now_us));
    assert_false(cluster_is_stale(now_us - 30 * CLOCK_SECOND_US, 1, now_us));
    assert_true(cluster_is_stale(now_us - 31 * CLOCK_SECOND_US, 1, now_us));
    assert_false(cluster_is_stale(now_us + 3600 * CLOCK_SECOND_US, 60, now_us));
}

static void state_of_a_node_is_its_role_unless_it_is_stale(void **state)
{
    (void)state;
    assert_int_equal(cluster_node_state(NODE_ROLE_PRIMARY, false), NODE_PRIMARY);
    assert_int_equal(cluster_node_state(NODE_ROLE_UNSET, false), NODE_UNKNOWN);
    assert_int_equal(cluster_node_state(NODE_ROLE_PRIMARY, true), NODE_STALE);
    assert_string_equal(cluster_node_state_name(NODE_ARBITER), "arbiter");
}

static void cluster_lacks_a_primary_or_has_two(void **state)
{
    static const struct {
        enum node_state nodes[3];
        size_t count;
        enum cluster_state expected;
    } cases[] = {
        {{NODE_PRIMARY, NODE_SECONDARY, NODE_ARBITER}, 3, CLUSTER_OK},
        {{NODE_PRIMARY, NODE_STALE, NODE_SECONDARY}, 3, CLUSTER_NODE_STALE},
        {{NODE_PRIMARY, NODE_PRIMARY, NODE_STALE}, 3, CLUSTER_TWO_PRIMARIES},
        {{NODE_STALE, NODE_SECONDARY, NODE_SECONDARY}, 3, CLUSTER_NO_PRIMARY},
        {{NODE_PRIMARY, NODE_PRIMARY, NODE_SECONDARY}, 3, CLUSTER_TWO_PRIMARIES},
        {{NODE_STALE, NODE_STALE, NODE_STALE}, 3, CLUSTER_STALE},
        {{NODE_UNKNOWN, NODE_OTHER, NODE_STALE}, 3, CLUSTER_UNKNOWN},
        {{NODE_UNKNOWN}, 0, CLUSTER_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(cluster_state_of(cases[i].nodes, cases[i].count), cases[i].expected);
    assert_string_equal(cluster_state_name(CLUSTER_TWO_PRIMARIES), "two_primaries");
    assert_string_equal(cluster_state_name(CLUSTER_NODE_STALE), "node_stale");
}

static void numbers_that_only_rise_look_cumulative(void **state)
{
    int64_t rising[16], growth[16], idle[16];

    (void)state;
    for (int i = 0; i < 16; i++) {
        rising[i] = 100000 - 10 * i;
        growth[i] = 10 + i % 3;
        idle[i] = 7;
    }
    assert_true(cluster_looks_cumulative(rising, 16));
    assert_false(cluster_looks_cumulative(rising, 11));
    assert_false(cluster_looks_cumulative(growth, 16));
    assert_false(cluster_looks_cumulative(idle, 16));
    rising[5] = -1;
    assert_false(cluster_looks_cumulative(rising, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_is_the_middle_one_of_the_distances),
        cmocka_unit_test(node_is_stale_when_three_reports_are_missing),
        cmocka_unit_test(state_of_a_node_is_its_role_unless_it_is_stale),
        cmocka_unit_test(cluster_lacks_a_primary_or_has_two),
        cmocka_unit_test(numbers_that_only_rise_look_cumulative),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
