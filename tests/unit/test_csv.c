/* CSV: RFC 4180, formulas, and which requests get CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "fcgi/request/csv.c"
#include "fcgi/request/path_alias.c"

/* A row with one text, as it is written. */
static const char *cell(const char *text)
{
    static char written[512];
    struct buffer buffer;
    struct csv_writer csv = {.buffer = &buffer};

    buffer_init(&buffer, sizeof written);
    csv_text(&csv, text_of(text));
    snprintf(written, sizeof written, "%.*s", (int)buffer.size_bytes, buffer.data == NULL ? "" : buffer.data);
    buffer_free(&buffer);
    return written;
}

static void text_is_quoted_where_it_must_be(void **state)
{
    (void)state;
    assert_string_equal(cell("plain"), "plain");
    assert_string_equal(cell(""), "");
    assert_string_equal(cell("a,b"), "\"a,b\"");
    assert_string_equal(cell("say \"no\""), "\"say \"\"no\"\"\"");
    assert_string_equal(cell("two\nlines"), "\"two\nlines\"");
    assert_string_equal(cell("two\r\nlines"), "\"two\r\nlines\"");
    assert_string_equal(cell(" blank before"), "\" blank before\"");
}

static void formula_gets_an_apostrophe_unless_it_is_a_number(void **state)
{
    (void)state;
    assert_string_equal(cell("=1+1"), "'=1+1");
    assert_string_equal(cell("+1+1"), "'+1+1");
    assert_string_equal(cell("-1+1"), "'-1+1");
    assert_string_equal(cell("@SUM(A1)"), "'@SUM(A1)");
    assert_string_equal(cell("\t=1"), "'\t=1");
    assert_string_equal(cell("\r=1"), "\"'\r=1\"");
    assert_string_equal(cell("=A1,B1"), "\"'=A1,B1\"");
    assert_string_equal(cell("-1.5"), "-1.5");
    assert_string_equal(cell("+2e3"), "+2e3");
    assert_string_equal(cell("-"), "'-");
    assert_string_equal(cell("a=1"), "a=1");
}

static void rows_end_in_crlf_and_unknown_numbers_are_empty(void **state)
{
    static const char *const names[] = {"one", "two", "three", "four", NULL};
    struct buffer buffer;
    struct csv_writer csv = {.buffer = &buffer};

    (void)state;
    buffer_init(&buffer, 1024);
    csv_header(&csv, names);
    csv_int64(&csv, -7);
    csv_double(&csv, (double)NAN);
    csv_text(&csv, (struct text){NULL, 0});
    csv_text(&csv, TEXT("2025-11-02T10:30:00Z"));
    csv_end_row(&csv);
    csv_double(&csv, 0.1);
    csv_text(&csv, (struct text){NULL, 0});
    csv_end_row(&csv);
    assert_true(text_equal(buffer_text(&buffer), TEXT("one,two,three,four\r\n-7,,,2025-11-02T10:30:00Z\r\n0.1,\r\n")));
    buffer_free(&buffer);
}

static void accept_asks_for_csv_or_gets_json(void **state)
{
    (void)state;
    assert_true(csv_is_wanted(TEXT("text/csv")));
    assert_true(csv_is_wanted(TEXT("Text/CSV ; q=0.8 , application/json;q=0.7")));
    assert_true(csv_is_wanted(TEXT("text/csv, */*")));
    assert_false(csv_is_wanted(TEXT("")));
    assert_false(csv_is_wanted(TEXT("*/*")));
    assert_false(csv_is_wanted(TEXT("application/json, text/csv;q=0.9")));
    assert_false(csv_is_wanted(TEXT("text/csv;q=0")));
    assert_false(csv_is_wanted(TEXT("text/csv;q=nan")));
    assert_false(csv_is_wanted(TEXT(";;,,=q=;")));
}

static void alias_is_of_whole_segments(void **state)
{
    static const struct {
        struct text raw, path;
    } cases[] = {
        {{"/api/connections", 16}, {"/api/v1/database-connections", 28}},
        {{"/api/connections/7/test", 23}, {"/api/v1/database-connections/7/test", 35}},
        {{"/api/dashboard/stats", 20}, {"/api/v1/dashboard/stats", 23}},
        {{"/api/connectionsx", 17}, {"/api/connectionsx", 17}},
        {{"/api/connection", 15}, {"/api/connection", 15}},
        {{"/api/v1/monitoring/status", 25}, {"/api/v1/monitoring/status", 25}},
        {{"/", 1}, {"/", 1}},
    };
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(text_equal(path_unalias(cases[i].raw, arena), cases[i].path));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_quoted_where_it_must_be),
        cmocka_unit_test(formula_gets_an_apostrophe_unless_it_is_a_number),
        cmocka_unit_test(rows_end_in_crlf_and_unknown_numbers_are_empty),
        cmocka_unit_test(accept_asks_for_csv_or_gets_json),
        cmocka_unit_test(alias_is_of_whole_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
