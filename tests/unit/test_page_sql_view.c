/* SQL as a page shows it: highlighted and broken into lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fcgi/pages/sql_view.c"

static char *joined(const struct sql_view *view, struct arena *arena)
{
    char *all = arena_string(arena, "", 0);

    for (size_t i = 0; i < view->count; i++)
        all = arena_printf(arena, "%s%.*s", all, (int)view->spans[i].text.size, view->spans[i].text.data);
    return all;
}

static void tokens_are_told_apart(void **state)
{
    struct arena *arena = arena_new(0);
    struct sql_view view =
        sql_view_make(SQL_DIALECT_MYSQL, TEXT("select 'it''s \\' x', 12 from t -- ?\nwhere a=$1"), true, arena);
    static const enum sql_span_kind kinds[] = {SQL_SPAN_KEYWORD,    SQL_SPAN_UNSET, SQL_SPAN_STRING,  SQL_SPAN_UNSET,
                                               SQL_SPAN_NUMBER,     SQL_SPAN_UNSET, SQL_SPAN_KEYWORD, SQL_SPAN_UNSET,
                                               SQL_SPAN_COMMENT,    SQL_SPAN_UNSET, SQL_SPAN_KEYWORD, SQL_SPAN_UNSET,
                                               SQL_SPAN_PLACEHOLDER};

    (void)state;
    assert_int_equal(view.count, sizeof kinds / sizeof kinds[0]);
    for (size_t i = 0; i < view.count; i++)
        assert_int_equal(view.spans[i].kind, kinds[i]);
    assert_string_equal(joined(&view, arena), "select 'it''s \\' x', 12 from t -- ?\nwhere a=$1");
    assert_int_equal(view.line_count, 2);
    arena_destroy(arena);
}

static void one_long_line_is_broken_at_its_clauses(void **state)
{
    struct arena *arena = arena_new(0);
    struct sql_view view = sql_view_make(SQL_DIALECT_POSTGRESQL,
                                         TEXT("SELECT a FROM t LEFT JOIN u ON u.id = t.id WHERE a BETWEEN ? AND ? "
                                              "AND b IN (SELECT c FROM v WHERE d = ?) ORDER BY a LIMIT ?"),
                                         true, arena);

    (void)state;
    assert_string_equal(joined(&view, arena),
                        "SELECT a\nFROM t\nLEFT JOIN u ON u.id = t.id\nWHERE a BETWEEN ? AND ?\n  "
                        "AND b IN (SELECT c FROM v WHERE d = ?)\nORDER BY a\nLIMIT ?");
    assert_int_equal(view.line_count, 7);
    arena_destroy(arena);
}

static void lines_within_comments_and_strings_are_counted(void **state)
{
    struct arena *arena = arena_new(0);

    (void)state;
    assert_int_equal(
        sql_view_make(SQL_DIALECT_MYSQL, TEXT("/* a\nb\nc */ SELECT 'd\ne', `f\ng`\n-- h\n"), true, arena).line_count,
        7);
    arena_destroy(arena);
}

static void broken_text_still_gets_an_answer(void **state)
{
    static const char *const texts[] = {"",  "'",    "'abc\\", "/*",       "/* x", "--",
                                        "$", "((((", "))))",   "\xff\xfe", "`a",   "$1"};
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] * 3; i++) {
        enum sql_dialect dialect = (enum sql_dialect)(i % 3);
        const char *text = texts[i / 3];
        /* On the heap and exactly sized, so that the sanitizer sees a byte too far. */
        size_t size = strlen(text);
        char *exact = malloc(size == 0 ? 1 : size);
        struct sql_view view;

        memcpy(exact, text, size);
        view = sql_view_make(dialect, (struct text){exact, size}, true, arena);
        assert_string_equal(joined(&view, arena), text);
        free(exact);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_told_apart),
        cmocka_unit_test(one_long_line_is_broken_at_its_clauses),
        cmocka_unit_test(lines_within_comments_and_strings_are_counted),
        cmocka_unit_test(broken_text_still_gets_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
