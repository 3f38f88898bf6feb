/* lib/target/shape.h: what counts as an answer to a statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "target/target_internal.h"
#include "tests/unit/arena_fixture.h"

static enum target_fit add_one(const struct target_column *column, const char *data, size_t size,
                               struct target_rows *out_rows)
{
    const struct target_statement statement = {.columns = column, .column_count = 1, .rows_max = 1, .cost_max = 4096};
    struct target_cells cells = {.arena = arena, .statement = &statement};
    enum target_fit fit = target_cells_add(&cells, data, size);

    return fit == TARGET_FITS ? target_cells_finish(&cells, false, out_rows) : fit;
}

static void a_cell_is_of_its_column_s_kind(void **state)
{
    static const struct {
        enum target_column_kind kind;
        const char *sent;
        bool fits;
    } cases[] = {
        {TARGET_COUNT, "0", true},
        {TARGET_COUNT, "9223372036854775807", true},
        {TARGET_COUNT, "9223372036854775808", false},
        {TARGET_COUNT, "-1", false},
        {TARGET_COUNT, "1.5", false},
        {TARGET_COUNT, "", false},
        {TARGET_COUNT, "0x10", false},
        {TARGET_INT64, "-9223372036854775808", true},
        {TARGET_INT64, "seven", false},
        {TARGET_AMOUNT, "0.25", true},
        {TARGET_AMOUNT, "1e15", true},
        {TARGET_AMOUNT, "1.1e15", false},
        {TARGET_AMOUNT, "-0.5", false},
        {TARGET_AMOUNT, "NaN", false},
        {TARGET_AMOUNT, "Infinity", false},
        {TARGET_DOUBLE, "-0.5", true},
        {TARGET_DOUBLE, "-1e308", false},
        {TARGET_TIME_US, "1790000000000000", true},
        {TARGET_TIME_US, "-62135596800000000", true},
        {TARGET_TIME_US, "-62135596800000001", false},
        {TARGET_TIME_US, "9223372036854775807", false},
        {TARGET_BOOL, "t", true},
        {TARGET_BOOL, "OFF", true},
        {TARGET_BOOL, "2", false},
        {TARGET_BOOL, "", false},
        {TARGET_KEY, "10/5/-77", true},
        {TARGET_KEY, "1},{2", false},
        {TARGET_KEY, "12345678901234567", false},
        {TARGET_KEY, "", false},
        {TARGET_TEXT, "", true},
        {TARGET_TEXT, "sixteen bytes ok", true},
        {TARGET_TEXT, "seventeen bytes..", false},
        /* Three bytes each as UTF-8. */
        {TARGET_TEXT, "\xff\xff\xff\xff\xff", true},
        {TARGET_TEXT, "\xff\xff\xff\xff\xff\xff", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct target_column column = {"c", cases[i].kind, .max_bytes = 16};
        struct target_rows rows;
        enum target_fit fit = add_one(&column, cases[i].sent, strlen(cases[i].sent), &rows);

        if ((fit == TARGET_FITS) != cases[i].fits)
            fail_msg("kind %d, \"%s\": %d", (int)cases[i].kind, cases[i].sent, (int)fit);
    }
}

static void what_fits_is_read_as_its_kind(void **state)
{
    static const struct target_column columns[] = {{"text", TARGET_TEXT, .max_bytes = 16},
                                                   {"count", .kind = TARGET_COUNT},
                                                   {"amount", .kind = TARGET_AMOUNT},
                                                   {"time", .kind = TARGET_TIME_US, .may_be_null = true},
                                                   {"bool", .kind = TARGET_BOOL}};
    const struct target_statement statement = {TARGET_COLUMNS(columns), .rows_min = 1, .rows_max = 1, .cost_max = 4096};
    struct target_cells cells = {.arena = arena, .statement = &statement};
    struct target_rows rows;

    (void)state;
    assert_int_equal(target_cells_columns(&cells, 5), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, "a\0\xff", 3), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, "7", 1), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, "2.5", 3), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, NULL, 0), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, "on", 2), TARGET_FITS);
    assert_int_equal(target_cells_finish(&cells, false, &rows), TARGET_FITS);
    assert_int_equal(rows.row_count, 1);
    assert_string_equal(target_string(&rows, 0, 0), "a\xef\xbf\xbd\xef\xbf\xbd");
    assert_true(target_int64(&rows, 0, 1) == 7);
    assert_true(target_double(&rows, 0, 2) == 2.5);
    assert_true(target_is_null(&rows, 0, 3));
    assert_true(target_time_us(&rows, 0, 3) == INT64_MIN);
    assert_true(target_is_true(&rows, 0, 4));
}

static void another_number_of_columns_or_rows_does_not_fit(void **state)
{
    static const struct target_column columns[] = {{"count", .kind = TARGET_COUNT}};
    const struct target_statement statement = {TARGET_COLUMNS(columns), .rows_min = 1, .rows_max = 2, .cost_max = 4096};
    struct target_cells cells = {.arena = arena, .statement = &statement};
    struct target_rows rows;

    (void)state;
    assert_int_equal(target_cells_columns(&cells, 0), TARGET_MISFIT);
    assert_int_equal(target_cells_columns(&cells, 2), TARGET_MISFIT);
    assert_int_equal(target_cells_columns(&cells, UINT64_C(1) << 32 | 1), TARGET_MISFIT);
    assert_int_equal(target_cells_finish(&cells, false, &rows), TARGET_MISFIT);
    assert_int_equal(target_cells_add(&cells, NULL, 0), TARGET_MISFIT);
    cells.cells.count = 0;
    assert_int_equal(target_cells_add(&cells, "1", 1), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, "2", 1), TARGET_FITS);
    assert_int_equal(target_cells_add(&cells, "3", 1), TARGET_MISFIT);
    assert_true(cells.misfit[0] != '\0');
}

/* Empty cells and NULLs are not free. */
static void a_result_costs_its_cells_too(void **state)
{
    static const struct target_column columns[] = {{"text", TARGET_TEXT, .may_be_null = true, .max_bytes = 1000}};
    const struct target_statement statement = {TARGET_COLUMNS(columns), .rows_max = 1000000,
                                               .cost_max = 100 * TARGET_CELL_BYTES};
    static const char *const sent[] = {"", NULL, "twelve bytes"};

    (void)state;
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        struct target_cells cells = {.arena = arena, .statement = &statement};
        size_t size = sent[i] == NULL ? 0 : strlen(sent[i]);

        while (cells.cells.count <= 1000 && target_cells_add(&cells, sent[i], size) == TARGET_FITS)
            continue;
        assert_in_range(cells.cells.count, 1, 100 * TARGET_CELL_BYTES / (TARGET_CELL_BYTES + size) + 1);
        assert_int_equal(target_cells_add(&cells, sent[i], size), TARGET_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_of_its_column_s_kind),
        cmocka_unit_test(what_fits_is_read_as_its_kind),
        cmocka_unit_test(another_number_of_columns_or_rows_does_not_fit),
        cmocka_unit_test(a_result_costs_its_cells_too),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
