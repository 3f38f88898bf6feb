/* lib/collect/counters.h: from a snapshot of any engine's statistics to growth, baselines and fingerprints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "collect/counters.h"

enum { ENTRIES_MAX = 400 };

#define NOW_US     (INT64_C(1700000000) * CLOCK_SECOND_US)
#define OWN_SQL    "SELECT /* potto */ 1"
#define TEXT_OF(k) arena_printf(arena, "SELECT * FROM t_%s WHERE id = 1", k)

static struct arena *arena;
static struct collect_input input;
static struct collect_result result;
static struct collect_cycle cycle;
static struct counter_snapshot snapshot;
static int text_reads;
static const char *evicted_key; /* its text cannot be read any more */
static const char *own_key;     /* its text is a statement of Potto's own */
static enum status texts_status;

static void put_cursor(void *object)
{
    json_object_put(object);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(0);
    input = (struct collect_input){.now_us = NOW_US, .min_duration_ms = 100, .keeps_literals = true};
    result = (struct collect_result){.state = COLLECT_STATE_OK};
    cycle = (struct collect_cycle){
        .input = &input,
        .rules = {.engine = TEXT("postgresql"), .dialect = SQL_DIALECT_POSTGRESQL, .keeps_literals = true},
        .result = &result,
        .arena = arena,
        .cursor = json_object_new_object()};
    arena_defer(arena, put_cursor, cycle.cursor);
    snapshot = (struct counter_snapshot){
        .entries = arena_alloc_array(arena, ENTRIES_MAX, sizeof *snapshot.entries),
        .era = {.taken_at_us = NOW_US, .statistics_since_us = INT64_MIN, .server_since_us = INT64_MIN}};
    text_reads = 0;
    evicted_key = own_key = NULL;
    texts_status = STATUS_OK;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* A snapshot was taken a minute ago. */
static void had_a_snapshot(void)
{
    collect_cursor_set(&cycle, "snapshot_at", NOW_US - 60 * CLOCK_SECOND_US);
}

static void add_entry(const char *key, int64_t calls, double total_ms)
{
    snapshot.entries[snapshot.count++] = (struct counter_entry){.key = text_of(key),
                                                                .statement_id = text_of(key),
                                                                .totals = {.calls = calls, .total_ms = total_ms},
                                                                .since_us = INT64_MIN};
}

static void add_baseline(const char *key, int64_t calls, double total_ms)
{
    struct sql_fingerprint statement = statement_fingerprint(&cycle.rules, text_of(TEXT_OF(key)), arena);

    if (input.baselines.items == NULL)
        input.baselines.items = arena_alloc_array(arena, ENTRIES_MAX, sizeof *input.baselines.items);
    input.baselines.items[input.baselines.count++] = (struct counter_baseline){
        .key = text_of(key), .hash = statement.hash, .totals = {.calls = calls, .total_ms = total_ms}};
}

static enum status read_texts(struct collect_cycle *reading, struct counter_snapshot *of,
                              const struct counter_entry *const *entries, size_t count)
{
    text_reads++;
    for (size_t i = 0; i < count && texts_status == STATUS_OK; i++) {
        const char *key = arena_string(arena, entries[i]->key.data, entries[i]->key.size);
        bool is_own = own_key != NULL && strcmp(key, own_key) == 0;

        if (evicted_key == NULL || strcmp(key, evicted_key) != 0)
            counters_name(reading, of, entries[i]->key, text_of(is_own ? OWN_SQL : TEXT_OF(key)));
    }
    counters_name(reading, of, TEXT("nobody's"), TEXT("SELECT 2"));
    return texts_status;
}

static void collect(void)
{
    counters_sort(&snapshot);
    assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), texts_status);
}

static void a_first_snapshot_gives_baselines_and_no_growth(void **state)
{
    const struct baseline_list *written = &result.facts.baselines.written;

    (void)state;
    add_entry("b", 5, 50);
    add_entry("a", 3, 30);
    collect();
    assert_int_equal(result.facts.growth.count, 0);
    assert_int_equal(result.facts.statements.count, 2);
    assert_int_equal(written->count, 2);
    assert_true(text_equal(written->items[0].key, TEXT("a")));
    assert_int_equal(written->items[0].totals.calls, 3);
    assert_int_equal(result.facts.baselines.gone_count, 0);
    assert_true(collect_cursor_get(&cycle, "snapshot_at") == NOW_US);
}

static void only_what_changed_is_written(void **state)
{
    const struct baseline_changes *changes = &result.facts.baselines;

    (void)state;
    had_a_snapshot();
    add_baseline("a", 3, 30);
    add_baseline("b", 5, 50);
    add_baseline("c", 7, 70);
    add_baseline("e", 1, 10);
    add_entry("b", 5, 50); /* the same */
    add_entry("c", 9, 90); /* grown */
    add_entry("d", 1, 10); /* new */
    collect();
    assert_int_equal(text_reads, 1);
    assert_int_equal(result.facts.statements.count, 1);
    assert_int_equal(result.facts.growth.count, 2);
    assert_int_equal(result.facts.growth.items[0].sums.calls, 2);
    assert_true(result.facts.growth.items[0].at_us == NOW_US);
    assert_int_equal(result.facts.growth.items[1].sums.calls, 1);
    assert_int_equal(changes->written.count, 2);
    assert_true(text_equal(changes->written.items[0].key, TEXT("c")));
    assert_true(text_equal(changes->written.items[1].key, TEXT("d")));
    assert_int_equal(changes->gone_count, 2);
    assert_true(text_equal(changes->gone_keys[0], TEXT("a")));
    assert_true(text_equal(changes->gone_keys[1], TEXT("e")));
}

static void calls_are_slow_by_their_mean(void **state)
{
    (void)state;
    had_a_snapshot();
    add_entry("fast", 10, 999);
    add_entry("slow", 10, 1000);
    collect();
    assert_int_equal(result.facts.growth.count, 2);
    assert_int_equal(result.facts.growth.items[0].sums.slow_calls, 0);
    assert_int_equal(result.facts.growth.items[1].sums.slow_calls, 10);
}

static void our_own_statements_are_baselines_and_no_growth(void **state)
{
    static const struct sql_hash zeros = {{0}};

    (void)state;
    had_a_snapshot();
    own_key = "a";
    add_entry("a", 3, 30);
    collect();
    assert_int_equal(result.facts.growth.count, 0);
    assert_int_equal(result.facts.statements.count, 0);
    assert_int_equal(result.facts.baselines.written.count, 1);
    assert_memory_equal(&result.facts.baselines.written.items[0].hash, &zeros, sizeof zeros);
    assert_null(counters_find(&snapshot, TEXT("a")));
}

static void an_entry_evicted_within_a_snapshot_leaves_nothing(void **state)
{
    (void)state;
    had_a_snapshot();
    evicted_key = "a";
    add_entry("a", 3, 30);
    add_entry("b", 5, 50);
    collect();
    assert_int_equal(result.facts.growth.count, 1);
    assert_int_equal(result.facts.baselines.written.count, 1);
    assert_true(text_equal(result.facts.baselines.written.items[0].key, TEXT("b")));
    assert_non_null(counters_find(&snapshot, TEXT("b")));
}

static void texts_are_asked_for_in_parts(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * COUNTER_TEXTS_AT_ONCE; i++)
        add_entry(arena_printf(arena, "%d", i), 1, 1);
    collect();
    assert_int_equal(text_reads, 2);
    assert_int_equal(result.facts.statements.count, 2 * COUNTER_TEXTS_AT_ONCE);
}

/* Texts over the budget come at the next snapshot, and with them the growth of both. */
static void growth_waits_for_its_text(void **state)
{
    struct baseline_list kept;

    (void)state;
    had_a_snapshot();
    cycle.text_bytes = SIZE_MAX / 2;
    add_baseline("a", 3, 30);
    add_entry("a", 4, 40);
    add_entry("b", 5, 50);
    collect();
    assert_int_equal(text_reads, 0);
    assert_int_equal(result.facts.growth.count, 1);
    assert_int_equal(result.facts.baselines.written.count, 2);
    kept = result.facts.baselines.written;

    cycle.text_bytes = 0;
    result = (struct collect_result){.state = COLLECT_STATE_OK};
    input.baselines = kept;
    had_a_snapshot();
    snapshot.count = 0;
    add_entry("a", 4, 40);
    add_entry("b", 6, 60);
    collect();
    assert_int_equal(text_reads, 1);
    assert_int_equal(result.facts.statements.count, 1);
    assert_int_equal(result.facts.growth.count, 1);
    assert_int_equal(result.facts.growth.items[0].sums.calls, 6);
    assert_true(result.facts.growth.items[0].sums.total_ms == 60);
}

/* The entries of a snapshot a minute after the last one, with the baselines that it left. */
static void next_snapshot(void)
{
    struct baseline_list kept = input.baselines;

    /* Only what changed was written; in these tests no key is gone. */
    for (size_t i = 0; i < result.facts.baselines.written.count; i++) {
        const struct counter_baseline *written = &result.facts.baselines.written.items[i];
        size_t at = 0;

        if (kept.items == NULL)
            kept.items = arena_alloc_array(arena, ENTRIES_MAX, sizeof *kept.items);
        while (at < kept.count && !text_equal(kept.items[at].key, written->key))
            at++;
        kept.items[at] = *written;
        kept.count += at == kept.count;
    }
    input.baselines = kept;
    input.now_us += 60 * CLOCK_SECOND_US;
    snapshot.era.taken_at_us += 60 * CLOCK_SECOND_US;
    snapshot.count = 0;
    result = (struct collect_result){.state = COLLECT_STATE_OK};
    cycle.coverage = (struct coverage_counters){.continuity = COUNTER_CONTINUITY_UNSET};
}

static double missing_ms(void)
{
    return cycle.coverage.gaps_ms[COVERAGE_TEXT_MISSING] + cycle.coverage.gaps_ms[COVERAGE_BEYOND_BOUND];
}

/* Minute by minute the gap is what came without a text, and it closes when the text comes. */
static void growth_without_a_text_is_a_gap_that_closes(void **state)
{
    (void)state;
    had_a_snapshot();
    texts_status = STATUS_ABSENT;
    add_entry("a", 5, 50);
    counters_sort(&snapshot);
    assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), STATUS_OK);
    assert_true(missing_ms() == 50);
    for (int minute = 1; minute <= 3; minute++) {
        next_snapshot();
        add_entry("a", 5 + minute, 50 + 10 * minute);
        assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), STATUS_OK);
        assert_int_equal(result.facts.growth.count, 0);
        assert_true(missing_ms() == 10);
    }
    next_snapshot();
    texts_status = STATUS_OK;
    add_entry("a", 9, 90);
    collect();
    assert_int_equal(result.facts.growth.count, 1);
    assert_int_equal(result.facts.growth.items[0].sums.calls, 9);
    assert_true(result.facts.growth.items[0].sums.total_ms == 90);
    assert_true(missing_ms() == -80);
    assert_true(cycle.coverage.attributed_ms == 90);
    next_snapshot();
    add_entry("a", 10, 100);
    collect();
    assert_int_equal(result.facts.growth.items[0].sums.calls, 1);
    assert_true(missing_ms() == 0);
}

/* What comes in a reset while the text is missing is all of the new entry. */
static void a_reset_while_a_text_is_missing_gives_the_new_entry(void **state)
{
    (void)state;
    had_a_snapshot();
    texts_status = STATUS_ABSENT;
    add_entry("a", 50, 500);
    assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), STATUS_OK);
    next_snapshot();
    add_entry("a", 2, 20); /* made anew */
    assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), STATUS_OK);
    next_snapshot();
    texts_status = STATUS_OK;
    add_entry("a", 3, 30);
    collect();
    assert_int_equal(result.facts.growth.items[0].sums.calls, 3);
}

static void growth_waits_for_its_text_no_longer_than_a_quarter_of_an_hour(void **state)
{
    int64_t calls = 5;

    (void)state;
    had_a_snapshot();
    texts_status = STATUS_ABSENT;
    for (int minute = 0; minute <= COUNTER_PENDING_S_MAX / 60; minute++) {
        calls++;
        add_entry("a", calls, (double)calls * 10);
        assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), STATUS_OK);
        assert_true(missing_ms() == (minute == 0 ? 60 : 10));
        next_snapshot();
    }
    texts_status = STATUS_OK;
    add_entry("a", calls + 2, (double)(calls + 2) * 10);
    collect();
    assert_int_equal(result.facts.growth.count, 1);
    assert_int_equal(result.facts.growth.items[0].sums.calls, 2);
    assert_true(missing_ms() == 0);
}

static const struct measures *plans(int64_t count)
{
    struct measures measures = measures_unknown();

    measures.amounts[MEASURE_PLANS] = count;
    return arena_copy(arena, &measures, sizeof measures);
}

/* Growth of plans of the only statement that grew; MEASURE_UNKNOWN: it is not known. */
static int64_t grown_plans(const struct measures *before, const struct measures *now, bool is_silent)
{
    had_a_snapshot();
    add_baseline("1/1/1", 10, 5);
    add_entry("1/1/1", 12, 6);
    input.baselines.items[0].measures = before;
    snapshot.entries[0].measures = now;
    snapshot.silent = is_silent ? UINT64_C(1) << MEASURE_PLANS : 0;
    collect();
    assert_int_equal(result.facts.growth.count, 1);
    assert_int_equal(result.facts.growth.items[0].sums.calls, 2);
    return measures_know(result.facts.growth.items[0].measures, MEASURE_PLANS)
               ? result.facts.growth.items[0].measures->amounts[MEASURE_PLANS]
               : MEASURE_UNKNOWN;
}

static void measures_grow_with_their_statement(void **state)
{
    static const struct {
        bool has_before;
        int64_t now;
        bool is_silent;
        int64_t growth;
    } cases[] = {{true, 9, false, 4},
                 {true, 5, false, 0},
                 {true, 5, true, MEASURE_UNKNOWN},
                 {true, 9, true, 4},
                 {false, 9, false, MEASURE_UNKNOWN}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(grown_plans(cases[i].has_before ? plans(5) : NULL, plans(cases[i].now), cases[i].is_silent),
                         cases[i].growth);
        tear_down(NULL);
        set_up(NULL);
    }
}

static void measures_without_a_call_wait_for_the_next(void **state)
{
    (void)state;
    had_a_snapshot();
    add_baseline("1/1/1", 10, 5);
    add_baseline("1/1/2", 10, 5);
    add_entry("1/1/1", 10, 5);
    add_entry("1/1/2", 10, 5);
    input.baselines.items[0].measures = plans(5);
    snapshot.entries[0].measures = plans(7);
    snapshot.entries[1].measures = plans(1); /* known for the first time */
    collect();
    assert_int_equal(result.facts.growth.count, 0);
    assert_int_equal(result.facts.baselines.written.count, 1);
    assert_int_equal(result.facts.baselines.written.items[0].measures->amounts[MEASURE_PLANS], 1);
}

static void measures_of_rows_of_one_key_are_added_up(void **state)
{
    (void)state;
    had_a_snapshot();
    add_entry("1/1/1", 2, 1);
    add_entry("1/1/1", 3, 1);
    add_entry("1/1/2", 3, 1);
    snapshot.entries[0].measures = plans(5);
    snapshot.entries[1].measures = plans(6);
    counters_sort(&snapshot);
    counters_add_up(&snapshot, arena);
    assert_int_equal(snapshot.count, 2);
    assert_int_equal(snapshot.entries[0].totals.calls, 5);
    assert_int_equal(snapshot.entries[0].measures->amounts[MEASURE_PLANS], 11);
    assert_null(snapshot.entries[1].measures);
}

static void a_failure_leaves_no_growth_and_no_baselines(void **state)
{
    (void)state;
    had_a_snapshot();
    texts_status = STATUS_UNAVAILABLE;
    add_entry("a", 3, 30);
    collect();
    assert_int_equal(result.facts.growth.count, 0);
    assert_int_equal(result.facts.baselines.written.count, 0);
    assert_true(collect_cursor_get(&cycle, "snapshot_at") < NOW_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_first_snapshot_gives_baselines_and_no_growth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_what_changed_is_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_are_slow_by_their_mean, set_up, tear_down),
        cmocka_unit_test_setup_teardown(our_own_statements_are_baselines_and_no_growth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_entry_evicted_within_a_snapshot_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_asked_for_in_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(growth_waits_for_its_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(measures_grow_with_their_statement, set_up, tear_down),
        cmocka_unit_test_setup_teardown(measures_without_a_call_wait_for_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(measures_of_rows_of_one_key_are_added_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(growth_without_a_text_is_a_gap_that_closes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_while_a_text_is_missing_gives_the_new_entry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(growth_waits_for_its_text_no_longer_than_a_quarter_of_an_hour, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failure_leaves_no_growth_and_no_baselines, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
