/* What servers count of statements beside calls, time, rows and blocks: facts/measures.h, and the versions of
 * pg_stat_statements in collect/postgres/columns.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collect/postgres/columns.h"

#define UNKNOWN MEASURE_UNKNOWN

static struct measures with(enum measure measure, int64_t amount)
{
    struct measures measures = measures_unknown();

    measures.amounts[measure] = amount;
    return measures;
}

/* ---- facts ---- */

static void what_is_not_known_stays_unknown_in_sums(void **state)
{
    struct measures sums = measures_unknown(), zero = with(MEASURE_PLANS, 0), seven = with(MEASURE_PLANS, 7);
    struct measures most = with(MEASURE_PLANS, INT64_MAX);

    (void)state;
    assert_false(measures_know_any(&sums));
    assert_false(measures_know_any(NULL));
    measures_add(&sums, NULL);
    assert_false(measures_know_any(&sums));
    measures_add(&sums, &zero);
    assert_true(measures_know(&sums, MEASURE_PLANS));
    assert_int_equal(sums.amounts[MEASURE_PLANS], 0);
    measures_add(&sums, &seven);
    measures_add(&sums, &seven);
    assert_int_equal(sums.amounts[MEASURE_PLANS], 14);
    assert_false(measures_know(&sums, MEASURE_WAL_BYTES));
    measures_add(&sums, &most);
    assert_int_equal(sums.amounts[MEASURE_PLANS], INT64_MAX);
}

static void growth_is_known_where_both_totals_are(void **state)
{
    static const struct {
        int64_t before, now;
        bool is_whole, is_silent;
        int64_t growth;
    } cases[] = {
        {5, 9, false, false, 4},
        {5, 5, false, false, 0},
        {UNKNOWN, 9, false, false, UNKNOWN}, /* it was not read before */
        {5, UNKNOWN, false, false, UNKNOWN},
        {9, 5, false, false, UNKNOWN}, /* something else became less, too, or nobody knows what this is */
        {9, 5, true, false, 5},        /* the entry was made anew */
        {UNKNOWN, 5, true, false, 5},
        {UNKNOWN, UNKNOWN, true, false, UNKNOWN},
        {5, 5, false, true, UNKNOWN}, /* the server's settings keep it from growing: that is no 0 */
        {5, 6, false, true, 1},       /* and yet it grew, by a session's own settings */
        {0, 0, true, true, UNKNOWN},
        {0, INT64_MAX, false, false, INT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct measures before = with(MEASURE_PLANS, cases[i].before), now = with(MEASURE_PLANS, cases[i].now);
        uint64_t silent = cases[i].is_silent ? UINT64_C(1) << MEASURE_PLANS : 0;
        struct measures growth = measures_growth(&before, &now, cases[i].is_whole, silent);

        if (growth.amounts[MEASURE_PLANS] != cases[i].growth)
            fail_msg("case %zu: %lld", i, (long long)growth.amounts[MEASURE_PLANS]);
        growth = measures_growth(NULL, &now, false, 0);
        assert_false(measures_know_any(&growth));
        growth = measures_growth(&before, NULL, true, 0);
        assert_false(measures_know_any(&growth));
    }
}

static void parts_add_up_to_the_whole(void **state)
{
    struct measures whole = with(MEASURE_WAL_BYTES, 1000003), sums = measures_unknown();

    (void)state;
    whole.amounts[MEASURE_PLANS] = 0;
    for (int i = 0; i < 24; i++) {
        struct measures piece = measures_piece(&whole, i, 24);

        measures_add(&sums, &piece);
    }
    assert_memory_equal(&sums, &whole, sizeof sums);
}

static struct measures unpacked(const int64_t *entries, size_t count)
{
    struct measures measures = measures_unknown();

    for (size_t i = 0; i < count; i++)
        measures_unpack(&measures, entries[i] >> MEASURE_AMOUNT_BITS, entries[i] & MEASURE_AMOUNT_MAX);
    return measures;
}

static void what_is_packed_is_the_same_again(void **state)
{
    struct measures measures = with(MEASURE_WAL_BYTES, 1234567), none = measures_unknown(), again;
    int64_t entries[MEASURE_END];

    (void)state;
    assert_int_equal(measures_pack(&none, entries), 0);
    assert_int_equal(measures_pack(NULL, entries), 0);
    measures.amounts[MEASURE_PLANS] = 0; /* known, and no entry of its own */
    assert_int_equal(measures_pack(&measures, entries), 2);
    again = unpacked(entries, 2);
    assert_memory_equal(&again, &measures, sizeof again);
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
        measures.amounts[i] = i;
    assert_int_equal(measures_pack(&measures, entries), MEASURE_END);
    again = unpacked(entries, MEASURE_END);
    assert_memory_equal(&again, &measures, sizeof again);
    measures = with(MEASURE_WAL_BYTES, INT64_MAX);
    again = unpacked(entries, measures_pack(&measures, entries));
    assert_int_equal(again.amounts[MEASURE_WAL_BYTES], MEASURE_AMOUNT_MAX);
    assert_true(entries[1] > 0);
    /* Numbers that this Potto does not know, or that nobody packs. */
    measures_unpack(&again, 54, 7);
    measures_unpack(&again, -1, 7);
    measures_unpack(&again, MEASURE_PLANS, -7);
    assert_false(measures_know(&again, MEASURE_PLANS));
}

static void each_measure_has_a_name_a_unit_and_a_bound(void **state)
{
    (void)state;
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++) {
        const char *name = measure_name((enum measure)i);
        enum measure_unit unit = measure_unit((enum measure)i);

        assert_true(measure_a_second_max((enum measure)i) >= 1e9);
        assert_int_equal(strstr(name, "_ms") != NULL, unit == MEASURE_MICROSECONDS);
        assert_int_equal(strstr(name, "_bytes") != NULL, unit == MEASURE_BYTES);
        for (int other = MEASURE_UNSET + 1; other < i; other++)
            assert_string_not_equal(name, measure_name((enum measure)other));
    }
}

/* ---- versions of pg_stat_statements ---- */

/* Columns of its versions, as PostgreSQL's own scripts make them
 * (contrib/pg_stat_statements/pg_stat_statements--*.sql).
 */
static const struct {
    const char *column;
    int since, until; /* until 0: it is still there */
} columns[] = {
    {"toplevel", 109, 0},
    {"stats_since", 111, 0},
    {"plans", 108, 0},
    {"total_plan_time", 108, 0},
    {"wal_records", 108, 0},
    {"wal_fpi", 108, 0},
    {"wal_bytes", 108, 0},
    {"temp_blks_read", 108, 0},
    {"temp_blks_written", 108, 0},
    {" blk_read_time", 108, 111},
    {" blk_write_time", 108, 111},
    {"shared_blk_read_time", 111, 0},
    {"shared_blk_write_time", 111, 0},
    {"local_blk_read_time", 111, 0},
    {"local_blk_write_time", 111, 0},
    {"temp_blk_read_time", 110, 0},
    {"temp_blk_write_time", 110, 0},
    {"jit_functions", 110, 0},
    {"jit_emission_time", 110, 0},
    {"parallel_workers_to_launch", 112, 0},
    {"parallel_workers_launched", 112, 0},
    {"max_exec_time", 108, 0},
};

static void each_version_is_asked_for_the_columns_that_it_has(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (int version = 108; version <= 113; version++) {
        const char *sql = postgres_counters_sql(version, arena);

        for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
            bool has = version >= columns[i].since && (columns[i].until == 0 || version < columns[i].until);

            if ((strstr(sql, columns[i].column) != NULL) != has)
                fail_msg("version %d: %s is%s asked for: %s", version, columns[i].column, has ? " not" : "", sql);
        }
        assert_int_equal(strstr(postgres_era_sql(version), "pg_stat_statements_info") != NULL, version >= 109);
        assert_int_equal(postgres_entries_version(version), version >= 109 ? 109 : 108);
    }
    arena_destroy(arena);
}

/* A cell as PostgreSQL 13, 15 and 18 make it. */
#define CELL_1_8  "3,1.5,0.25,0,10,20,5,1,400"
#define CELL_1_10 "3,1.5,0.25,0,10,20,0.125,2,5,1,400,7,12.0625"
#define CELL_1_12 CELL_1_10 ",4,3"

static void measures_are_those_of_their_version(void **state)
{
    struct measures measures = postgres_measures_read(TEXT(CELL_1_8), 108, 8192);

    (void)state;
    assert_int_equal(measures.amounts[MEASURE_PLANS], 3);
    assert_int_equal(measures.amounts[MEASURE_PLAN_TIME], 1500);
    assert_int_equal(measures.amounts[MEASURE_READ_TIME], 250);
    assert_int_equal(measures.amounts[MEASURE_WRITE_TIME], 0);
    assert_int_equal(measures.amounts[MEASURE_TEMP_READ], 81920);
    assert_int_equal(measures.amounts[MEASURE_TEMP_WRITTEN], 163840);
    assert_int_equal(measures.amounts[MEASURE_WAL_RECORDS], 5);
    assert_int_equal(measures.amounts[MEASURE_WAL_PAGES], 1);
    assert_int_equal(measures.amounts[MEASURE_WAL_BYTES], 400);
    assert_false(measures_know(&measures, MEASURE_TEMP_READ_TIME));
    assert_false(measures_know(&measures, MEASURE_JIT_TIME));
    measures = postgres_measures_read(TEXT(CELL_1_10), 110, 8192);
    assert_int_equal(measures.amounts[MEASURE_TEMP_READ_TIME], 125);
    assert_int_equal(measures.amounts[MEASURE_TEMP_WRITE_TIME], 2000);
    assert_int_equal(measures.amounts[MEASURE_JIT_FUNCTIONS], 7);
    assert_int_equal(measures.amounts[MEASURE_JIT_TIME], 12062);
    assert_false(measures_know(&measures, MEASURE_WORKERS_PLANNED));
    measures = postgres_measures_read(TEXT(CELL_1_12), 112, 8192);
    assert_int_equal(measures.amounts[MEASURE_WORKERS_PLANNED], 4);
    assert_int_equal(measures.amounts[MEASURE_WORKERS_LAUNCHED], 3);
}

static void numbers_that_are_none_are_unknown(void **state)
{
    static const char *const nonsense[] = {"-1",    "NaN", "Infinity", "-Infinity",
                                           "1e300", "",    "x",        "99999999999999999999"};
    struct measures measures;
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        const char *cell = arena_printf(arena, "%s,%s,0,0,%s,0,5,1,400", nonsense[i], nonsense[i], nonsense[i]);

        measures = postgres_measures_read(text_of(cell), 109, 8192);
        assert_false(measures_know(&measures, MEASURE_PLANS));
        assert_false(measures_know(&measures, MEASURE_PLAN_TIME));
        assert_false(measures_know(&measures, MEASURE_TEMP_READ));
        assert_int_equal(measures.amounts[MEASURE_WAL_BYTES], 400);
    }
    /* More or fewer than the version has: nobody can say which is which. */
    measures = postgres_measures_read(TEXT(CELL_1_8), 110, 8192);
    assert_false(measures_know_any(&measures));
    measures = postgres_measures_read(TEXT(CELL_1_10), 109, 8192);
    assert_false(measures_know_any(&measures));
    measures = postgres_measures_read((struct text){NULL, 0}, 109, 8192);
    assert_false(measures_know_any(&measures));
    /* Blocks of no size, and more bytes than there are numbers. */
    measures = postgres_measures_read(TEXT(CELL_1_8), 109, 0);
    assert_false(measures_know(&measures, MEASURE_TEMP_READ));
    measures = postgres_measures_read(TEXT(CELL_1_8), 109, INT64_MAX);
    assert_false(measures_know(&measures, MEASURE_TEMP_READ));
    assert_true(measures_know(&measures, MEASURE_WAL_BYTES));
    arena_destroy(arena);
}

static void a_setting_that_is_off_keeps_its_measures_silent(void **state)
{
    uint64_t planning = UINT64_C(1) << MEASURE_PLANS | UINT64_C(1) << MEASURE_PLAN_TIME;
    uint64_t io = UINT64_C(1) << MEASURE_READ_TIME | UINT64_C(1) << MEASURE_WRITE_TIME |
                  UINT64_C(1) << MEASURE_TEMP_READ_TIME | UINT64_C(1) << MEASURE_TEMP_WRITE_TIME;

    (void)state;
    assert_int_equal(postgres_measures_silent(true, true), 0);
    assert_int_equal(postgres_measures_silent(false, true), planning);
    assert_int_equal(postgres_measures_silent(true, false), io);
    assert_int_equal(postgres_measures_silent(false, false), planning | io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_known_stays_unknown_in_sums),
        cmocka_unit_test(growth_is_known_where_both_totals_are),
        cmocka_unit_test(parts_add_up_to_the_whole),
        cmocka_unit_test(what_is_packed_is_the_same_again),
        cmocka_unit_test(each_measure_has_a_name_a_unit_and_a_bound),
        cmocka_unit_test(each_version_is_asked_for_the_columns_that_it_has),
        cmocka_unit_test(measures_are_those_of_their_version),
        cmocka_unit_test(numbers_that_are_none_are_unknown),
        cmocka_unit_test(a_setting_that_is_off_keeps_its_measures_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
