/* lib/collect/growth.h: what may be counted between two snapshots of cumulative statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "collect/collect.h"
#include "collect/growth.h"

#define T(seconds) (INT64_C(1700000000000000) + (int64_t)(seconds)*1000000)
#define NEVER      INT64_MIN

static void snapshots_are_related_by_the_servers_own_times(void **state)
{
    static const struct {
        const char *what;
        struct counter_era last, now; /* time of the snapshot, start of the statistics, of the server; hidden; layout */
        enum counter_continuity continuity;
    } cases[] = {
        {"no snapshot before", {NEVER, NEVER, NEVER, 0, 109}, {T(60), T(0), T(0), 0, 109}, COUNTER_FIRST_SNAPSHOT},
        {"nothing happened", {T(60), T(0), T(0), 0, 109}, {T(120), T(0), T(0), 0, 109}, COUNTER_CONTINUED},
        {"reset between the snapshots", {T(60), T(0), T(0), 0, 109}, {T(120), T(90), T(0), 0, 109}, COUNTER_RESET},
        {"clean restart keeps the statistics",
         {T(60), T(0), T(0), 0, 109},
         {T(120), T(0), T(100), 0, 109},
         COUNTER_CONTINUED},
        {"crash loses them", {T(60), T(0), T(0), 0, 109}, {T(120), T(100), T(100), 0, 109}, COUNTER_RESET},
        {"replica promoted: its own old statistics",
         {T(60), T(0), T(0), 0, 109},
         {T(120), T(-500), T(0), 0, 109},
         COUNTER_FIRST_SNAPSHOT},
        {"another server, started long ago",
         {T(60), T(0), T(0), 0, 109},
         {T(120), T(0), T(-500), 0, 109},
         COUNTER_FIRST_SNAPSHOT},
        {"clock of another machine, far behind",
         {T(6000), T(0), T(0), 0, 109},
         {T(120), T(0), T(0), 0, 109},
         COUNTER_FIRST_SNAPSHOT},
        {"clock corrected by a second", {T(60), T(0), T(0), 0, 109}, {T(59), T(0), T(0), 0, 109}, COUNTER_CONTINUED},
        {"version 1.8 does not say when it was reset",
         {T(60), NEVER, T(0), 0, 109},
         {T(120), NEVER, T(0), 0, 109},
         COUNTER_CONTINUED},
        {"entries were hidden at the last snapshot",
         {T(60), T(0), T(0), true, 109},
         {T(120), T(0), T(0), 0, 109},
         COUNTER_CONTINUED_IN_PART},
        {"the statistics' version changed, so that entries stand for other executions",
         {T(60), T(0), T(0), 0, 108},
         {T(120), T(0), T(0), 0, 109},
         COUNTER_FIRST_SNAPSHOT},
        {"a snapshot that did not keep its version",
         {T(60), T(0), T(0), 0, NEVER},
         {T(120), T(0), T(0), 0, 109},
         COUNTER_CONTINUED},
        {"entries were hidden, then reset",
         {T(60), T(0), T(0), true, 109},
         {T(120), T(90), T(0), 0, 109},
         COUNTER_RESET},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (counter_continuity_of(&cases[i].last, &cases[i].now) != cases[i].continuity)
            fail_msg("%s: %d", cases[i].what, (int)counter_continuity_of(&cases[i].last, &cases[i].now));
    assert_int_equal(counter_continuity_of(NULL, &cases[0].now), COUNTER_FIRST_SNAPSHOT);
}

/* What a row of the tables below says of a statement's counters. */
struct totals {
    int64_t calls;
    double ms;
    int64_t rows, hit, read;
};

static struct sums sums_of(const struct totals *totals)
{
    return (struct sums){.calls = totals->calls,
                         .total_ms = totals->ms,
                         .rows_returned = totals->rows,
                         .blocks_hit = totals->hit,
                         .blocks_read = totals->read};
}

static const struct growth_case {
    const char *what;
    enum counter_continuity continuity;
    bool has_before;
    struct totals before, now;
    int64_t entry_since_us; /* the last snapshot was at T(60) */
    struct totals growth;   /* calls 0: none */
} growth_cases[] = {
    {"first snapshot", COUNTER_FIRST_SNAPSHOT, false, {0}, {100, 50, 7, 8, 9}, NEVER, {0}},
    {"first snapshot at another server, entry known",
     COUNTER_FIRST_SNAPSHOT,
     true,
     {10, 5, 0, 0, 0},
     {100, 50, 0, 0, 0},
     NEVER,
     {0}},
    {"grown", COUNTER_CONTINUED, true, {10, 5, 1, 2, 3}, {14, 9, 3, 5, 7}, NEVER, {4, 4, 2, 3, 4}},
    {"unchanged", COUNTER_CONTINUED, true, {10, 5, 1, 2, 3}, {10, 5, 1, 2, 3}, NEVER, {0}},
    {"new entry", COUNTER_CONTINUED, false, {0}, {3, 9, 1, 0, 0}, NEVER, {3, 9, 1, 0, 0}},
    {"new to us, but some were hidden", COUNTER_CONTINUED_IN_PART, false, {0}, {3000, 9, 1, 0, 0}, NEVER, {0}},
    {"hidden before, began since", COUNTER_CONTINUED_IN_PART, false, {0}, {3, 9, 1, 0, 0}, T(90), {3, 9, 1, 0, 0}},
    {"seen before among hidden ones",
     COUNTER_CONTINUED_IN_PART,
     true,
     {1, 1, 1, 0, 0},
     {3, 9, 1, 0, 0},
     NEVER,
     {2, 8, 0, 0, 0}},
    {"reset of all, entry known", COUNTER_RESET, true, {10, 5, 1, 2, 3}, {14, 9, 3, 5, 7}, NEVER, {14, 9, 3, 5, 7}},
    {"reset of all, new entry", COUNTER_RESET, false, {0}, {2, 1, 0, 0, 0}, NEVER, {2, 1, 0, 0, 0}},
    {"evicted and made again: fewer calls",
     COUNTER_CONTINUED,
     true,
     {100, 50, 9, 9, 9},
     {4, 2, 1, 1, 1},
     NEVER,
     {4, 2, 1, 1, 1}},
    {"made again, more calls than before but less time",
     COUNTER_CONTINUED,
     true,
     {10, 5000, 9, 9, 9},
     {12, 6, 20, 20, 20},
     NEVER,
     {12, 6, 20, 20, 20}},
    {"made again, fewer blocks read only",
     COUNTER_CONTINUED,
     true,
     {10, 5, 9, 9, 9},
     {12, 6, 20, 20, 0},
     NEVER,
     {12, 6, 20, 20, 0}},
    {"made again and past its older self: less than the truth",
     COUNTER_CONTINUED,
     true,
     {10, 5, 9, 9, 9},
     {12, 6, 20, 20, 20},
     NEVER,
     {2, 1, 11, 11, 11}},
    {"made again and past its older self, and says so",
     COUNTER_CONTINUED,
     true,
     {10, 5, 9, 9, 9},
     {12, 6, 20, 20, 20},
     T(61),
     {12, 6, 20, 20, 20}},
    {"old entry says that it is old",
     COUNTER_CONTINUED,
     true,
     {10, 5, 9, 9, 9},
     {12, 6, 20, 20, 20},
     T(-1000),
     {2, 1, 11, 11, 11}},
    {"rounding of a sum is no reset",
     COUNTER_CONTINUED,
     true,
     {10, 1234567.891234567, 0, 0, 0},
     {11, 1234567.891234566, 0, 0, 0},
     NEVER,
     {1, 0, 0, 0, 0}},
    {"nonsense below zero", COUNTER_CONTINUED, false, {0}, {-5, 9, 1, 0, 0}, NEVER, {0}},
    {"nonsense rows", COUNTER_CONTINUED, true, {1, 1, 0, 0, 0}, {2, 2, -9, 0, 0}, NEVER, {0}},
    {"time that is no number", COUNTER_CONTINUED, true, {1, 1, 0, 0, 0}, {2, INFINITY, 0, 0, 0}, NEVER, {0}},
    {"wrapped around", COUNTER_CONTINUED, true, {INT64_MAX, 1, 0, 0, 0}, {INT64_MIN, 2, 0, 0, 0}, NEVER, {0}},
    {"continuity unknown", COUNTER_CONTINUITY_UNSET, true, {1, 1, 0, 0, 0}, {2, 2, 0, 0, 0}, NEVER, {0}},
};

static void only_executions_since_the_last_snapshot_are_growth(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof growth_cases / sizeof growth_cases[0]; i++) {
        const struct growth_case *row = &growth_cases[i];
        struct sums before = sums_of(&row->before), now = sums_of(&row->now), wanted = sums_of(&row->growth);
        struct sums growth = {.calls = 1, .total_ms = 1, .rows_returned = 1, .blocks_hit = 1, .blocks_read = 1};
        bool has_grown = counter_growth(row->continuity, row->has_before ? &before : NULL, &now, row->entry_since_us,
                                        T(60), &growth);

        if (has_grown != (wanted.calls > 0) || growth.calls != wanted.calls ||
            growth.rows_returned != wanted.rows_returned || fabs(growth.total_ms - wanted.total_ms) > 1e-9 ||
            growth.blocks_hit != wanted.blocks_hit || growth.blocks_read != wanted.blocks_read)
            fail_msg("%s: %lld calls, %g ms", row->what, (long long)growth.calls, growth.total_ms);
    }
}

static void a_counter_that_was_not_read_before_does_not_grow(void **state)
{
    const struct sums before = {.calls = 10, .total_ms = 5, .blocks_hit = 20, .blocks_read = COUNTER_UNREAD};
    const struct sums now = {.calls = 12, .total_ms = 6, .blocks_hit = 30, .blocks_read = 1000000};
    struct sums growth;

    (void)state;
    assert_true(counter_growth(COUNTER_CONTINUED, &before, &now, NEVER, T(60), &growth));
    assert_int_equal(growth.calls, 2);
    assert_int_equal(growth.blocks_hit, 10);
    assert_int_equal(growth.blocks_read, 0);
    assert_true(counter_growth(COUNTER_RESET, &before, &now, NEVER, T(60), &growth));
    assert_int_equal(growth.blocks_read, 1000000);
}

static void a_long_pause_is_no_spike(void **state)
{
    (void)state;
    assert_int_equal(counter_piece_count(NEVER, T(0)), 1);
    assert_int_equal(counter_piece_count(T(0), T(60)), 1);
    assert_int_equal(counter_piece_count(T(0), T(899)), 1);
    assert_int_equal(counter_piece_count(T(0), T(900)), 3);
    assert_int_equal(counter_piece_count(T(0), T(3600)), 12);
    assert_int_equal(counter_piece_count(T(0), T(86400 * 30)), COUNTER_PIECES_MAX);
    assert_int_equal(counter_piece_count(T(60), T(0)), 1);
}

static void pieces_add_up_to_the_whole(void **state)
{
    static const struct totals wholes[] = {
        {1, 5.5, 7, 0, 1}, {7, 100, 3, 11, 0}, {1000003, 123456.789, INT64_MAX, 24, 23}, {24, 24, 24, 24, 24}};

    (void)state;
    for (size_t w = 0; w < sizeof wholes / sizeof wholes[0]; w++)
        for (int count = 1; count <= COUNTER_PIECES_MAX; count++) {
            struct sums whole = sums_of(&wholes[w]), sum = {0};

            for (int i = 0; i < count; i++) {
                struct sums piece = counter_piece(&whole, i, count);

                assert_true(piece.calls > 0 || piece.total_ms <= 0);
                sum.calls += piece.calls;
                sum.rows_returned += piece.rows_returned;
                sum.blocks_hit += piece.blocks_hit;
                sum.blocks_read += piece.blocks_read;
                sum.total_ms += piece.total_ms;
            }
            assert_int_equal(sum.calls, whole.calls);
            assert_int_equal(sum.rows_returned, whole.rows_returned);
            assert_int_equal(sum.blocks_hit, whole.blocks_hit);
            assert_int_equal(sum.blocks_read, whole.blocks_read);
            assert_true(fabs(sum.total_ms - whole.total_ms) < 1e-6);
        }
}

static void our_own_statements_are_known_by_their_comment(void **state)
{
    static const struct {
        struct text sql;
        bool is_own;
    } cases[] = {
        {TEXT("SELECT /* potto */ 1"), true},
        {TEXT("  EXPLAIN /* potto */ (FORMAT JSON) SELECT 1"), true},
        {TEXT("PREPARE /* potto */ potto_plan AS SELECT $1"), true},
        {TEXT("select /* potto */"), true},
        {TEXT(""), false},
        {TEXT("SELECT"), false},
        {TEXT("SELECT /* potto */"), true},
        {TEXT("SELECT /* pottos */ 1"), false},
        {TEXT("SELECT 1 /* potto */"), false},
        {TEXT("/* potto */ SELECT 1"), false},
        {TEXT("SELECT ' /* potto */ '"), false},
        {TEXT("SELECT /* potto "), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (collect_is_own(cases[i].sql) != cases[i].is_own)
            fail_msg("%s", cases[i].sql.data);
}

static void the_longest_execution_is_known_where_it_raised_the_maximum(void **state)
{
    static const struct {
        const char *what;
        enum counter_continuity continuity;
        bool has_before;
        double before_max_ms, before_ms, now_max_ms, now_ms, expected_ms;
    } cases[] = {
        {"raised", COUNTER_CONTINUED, true, 5, 10, 7, 20, 7},
        {"not raised: some execution took 5 at most", COUNTER_CONTINUED, true, 5, 10, 5, 14, 0},
        {"an entry of its own", COUNTER_CONTINUED, false, 0, 0, 7, 20, 7},
        {"reset", COUNTER_RESET, true, 50, 100, 7, 20, 7},
        {"its maximum alone was reset", COUNTER_CONTINUED, true, 50, 100, 7, 120, 0},
        {"an older Potto did not read it", COUNTER_CONTINUED, true, COUNTER_MAX_UNREAD_MS, 100, 7, 120, 0},
        {"longer than all executions together", COUNTER_CONTINUED, true, 5, 10, 700, 20, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct sums before = {.calls = 1, .total_ms = cases[i].before_ms, .max_ms = cases[i].before_max_ms};
        const struct sums now = {.calls = 3, .total_ms = cases[i].now_ms, .max_ms = cases[i].now_max_ms};
        struct sums growth;

        assert_true(
            counter_growth(cases[i].continuity, cases[i].has_before ? &before : NULL, &now, NEVER, T(60), &growth));
        if (growth.max_ms != cases[i].expected_ms)
            fail_msg("%s: %g", cases[i].what, growth.max_ms);
        assert_true(counter_piece(&growth, 0, 3).max_ms == growth.max_ms);
        assert_true(counter_piece(&growth, 1, 3).max_ms == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_are_related_by_the_servers_own_times),
        cmocka_unit_test(only_executions_since_the_last_snapshot_are_growth),
        cmocka_unit_test(a_counter_that_was_not_read_before_does_not_grow),
        cmocka_unit_test(a_long_pause_is_no_spike),
        cmocka_unit_test(pieces_add_up_to_the_whole),
        cmocka_unit_test(the_longest_execution_is_known_where_it_raised_the_maximum),
        cmocka_unit_test(our_own_statements_are_known_by_their_comment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
