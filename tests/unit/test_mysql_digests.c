/* Which executions of a slow log no counter has, and why a server's digests are not filled (collect/mysql). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "collect/mysql/digests.h"
#include "tests/unit/arena_fixture.h"

#define SECOND    CLOCK_SECOND_US
#define COUNTED   (INT64_C(1700000000) * SECOND) /* the first snapshot */
#define READ_LAST (COUNTED - SECOND)             /* the look at the log before it */

static const struct sql_hash digest = {{1}}, stranger = {{2}}, own = {{0}};

struct look {
    enum counter_continuity continuity;
    int64_t log_read_at_us;
};

/* Whether an execution of a second that ended then is of no counter. */
static bool is_uncounted(struct look look, int64_t end_us, struct sql_hash hash)
{
    struct counter_entry entries[] = {{.key = {"a", 1}, .hash = digest, .is_known = true},
                                      {.key = {"b", 1}, .hash = own, .is_known = true},
                                      {.key = {"c", 1}, .hash = stranger, .is_known = false}};
    const struct counter_snapshot snapshot = {.entries = entries, .count = 3};
    struct sample_fact sample = {.captured_at_us = end_us - SECOND, .duration_ms = 1000, .statement.hash = hash};
    struct collect_result result = {.facts.samples = {.items = &sample, .count = 1}};
    struct collect_cycle cycle = {.result = &result, .arena = arena, .cursor = json_object_new_object()};
    const struct mysql_server server = {.log_read_at_us = look.log_read_at_us};

    cycle.coverage.continuity = look.continuity;
    collect_cursor_set(&cycle, "counted_since", COUNTED);
    mysql_log_marks_uncounted(&cycle, &server, &snapshot);
    json_object_put(cycle.cursor);
    return sample.is_uncounted;
}

static void what_ended_before_the_first_snapshot_is_in_no_counter(void **state)
{
    const struct look first = {COUNTER_FIRST_SNAPSHOT, INT64_MIN}, later = {COUNTER_CONTINUED, READ_LAST},
                      backlog = {COUNTER_CONTINUED, INT64_MIN}, failover = {COUNTER_FIRST_SNAPSHOT, READ_LAST};

    (void)state;
    assert_true(is_uncounted(first, COUNTED, digest));
    assert_true(is_uncounted(first, COUNTED - 86400 * SECOND, digest));
    assert_false(is_uncounted(first, COUNTED + 1, digest));
    /* The log was longer than one look reads. */
    assert_true(is_uncounted(backlog, COUNTED - 3600 * SECOND, digest));
    assert_false(is_uncounted(backlog, COUNTED + SECOND, digest));
    assert_true(is_uncounted(failover, READ_LAST, digest));
    /* It ended after the log was read and before the digests were. */
    assert_true(is_uncounted(later, COUNTED - SECOND / 2, digest));
    /* Its time is not its own: it was moved to the look before. */
    assert_false(is_uncounted(later, READ_LAST, digest));
    assert_false(is_uncounted(later, READ_LAST - SECOND, digest));
}

static void a_statement_without_counters_stays_a_sample(void **state)
{
    const struct look first = {COUNTER_FIRST_SNAPSHOT, INT64_MIN};

    (void)state;
    assert_false(is_uncounted(first, COUNTED - SECOND, stranger));
    assert_false(is_uncounted(first, COUNTED - SECOND, own));
}

static void what_keeps_a_server_from_counting_is_said_in_order(void **state)
{
    const struct mysql_digest_layout layout = {.is_mariadb = true};
    const struct mysql_about off = {.is_on = false, .digests_size = -1}, none = {.is_on = true, .digests_size = 0},
                             fine = {.is_on = true, .digests_size = 10000};

    (void)state;
    assert_non_null(strstr(mysql_counting_fault_of(NULL, &fine)->problem, "older than MySQL 5.7"));
    assert_non_null(strstr(mysql_counting_fault_of(&layout, &off)->remedy, "performance_schema = ON"));
    assert_non_null(strstr(mysql_counting_fault_of(&layout, &none)->problem, "digests_size = 0"));
    assert_null(mysql_counting_fault_of(&layout, &fine));
    assert_string_equal(mysql_no_right("'a'@'b'", arena).remedy, "GRANT SELECT ON performance_schema.* TO 'a'@'b';");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ended_before_the_first_snapshot_is_in_no_counter),
        cmocka_unit_test(a_statement_without_counters_stays_a_sample),
        cmocka_unit_test(what_keeps_a_server_from_counting_is_said_in_order),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
