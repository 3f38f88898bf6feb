/* Statements cut into spans for highlighting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sql/spans.c"

static void keywords_are_sorted_for_the_search(void **state)
{
    (void)state;
    for (size_t i = 1; i < sizeof keywords / sizeof keywords[0]; i++)
        assert_true(strcmp(keywords[i - 1], keywords[i]) < 0);
}

static void every_token_has_its_kind(void **state)
{
    static const char letters[] = {[SQL_SPAN_UNSET] = 'n',  [SQL_SPAN_BLANK] = ' ',       [SQL_SPAN_OPEN] = '(',
                                   [SQL_SPAN_CLOSE] = ')',  [SQL_SPAN_KEYWORD] = 'k',     [SQL_SPAN_STRING] = 's',
                                   [SQL_SPAN_NUMBER] = 'd', [SQL_SPAN_PLACEHOLDER] = 'p', [SQL_SPAN_COMMENT] = 'c'};
    static const struct {
        enum sql_dialect dialect;
        const char *sql, *kinds;
    } cases[] = {
        {SQL_DIALECT_POSTGRESQL, "", ""},
        {SQL_DIALECT_POSTGRESQL, "Select a.b, \"from\" FROM t", "k nnnn n k n"},
        {SQL_DIALECT_POSTGRESQL, "left(a) LEFT JOIN replace(b)", "n(n) k k n(n)"},
        {SQL_DIALECT_POSTGRESQL, "'it''s' E'\\'' $$a'b$$ U&'x' x'1F'", "s s s s s"},
        {SQL_DIALECT_POSTGRESQL, "'\\' 'a", "s s"},
        {SQL_DIALECT_POSTGRESQL, "1 1.5e3 0xFF ? $1 a$1", "d d d p p n"},
        {SQL_DIALECT_POSTGRESQL, "/* a /* b */ c */ -- d\n#", "c c n"},
        {SQL_DIALECT_MYSQL, "'it\\'s' \"x\" `from` _utf8'a'", "s s n s"},
        {SQL_DIALECT_MYSQL, "/* a */ # b\n/*!50000 SELECT*/ 1", "c c c kc d"},
        {SQL_DIALECT_UNSET, "\"a\" = 'b'", "n n s"},
    };
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sql_spans spans = sql_spans_make(cases[i].dialect, text_of(cases[i].sql), arena);
        char *kinds = arena_zalloc(arena, spans.count + 1);

        for (size_t j = 0; j < spans.count; j++)
            kinds[j] = letters[spans.items[j].kind];
        assert_string_equal(kinds, cases[i].kinds);
    }
    arena_destroy(arena);
}

static void no_byte_is_left_out(void **state)
{
    static const char *const texts[] = {"'",    "'abc\\", "/*",       "/* x", "--",      "/*! a", "*/", "$",   "$a$ b",
                                        "((((", "))))",   "\xff\xfe", "`a",   " \t\n\v", "#",     "1e", "a.b", ";"};
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] * 3; i++) {
        const char *text = texts[i / 3], *at;
        /* On the heap and exactly sized, so that the sanitizer sees a byte too far. */
        size_t size = strlen(text);
        char *exact = malloc(size);
        struct sql_spans spans;

        memcpy(exact, text, size);
        at = exact;
        spans = sql_spans_make((enum sql_dialect)(i % 3), (struct text){exact, size}, arena);
        for (size_t j = 0; j < spans.count; j++) {
            assert_ptr_equal(spans.items[j].text.data, at);
            assert_true(spans.items[j].text.size > 0);
            at += spans.items[j].text.size;
        }
        assert_ptr_equal(at, exact + size);
        free(exact);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_sorted_for_the_search),
        cmocka_unit_test(every_token_has_its_kind),
        cmocka_unit_test(no_byte_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
