/* lib/sql/redacted.h: no literal gets into a fingerprint, for any engine and any settings of its server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sql/redacted.h"

static struct sql_fingerprint redacted(struct arena *arena, const char *engine, const char *sql)
{
    return sql_fingerprint_redacted(text_of(engine), text_of(sql), arena);
}

static void no_literal_gets_into_a_fingerprint(void **state)
{
    static const struct {
        const char *engine, *sql;
    } cases[] = {
        {"postgresql", "SELECT * FROM t WHERE a = 'secret'"},
        {"postgresql", "SELECT 'never closed secret"},
        {"postgresql", "SELECT $$secret$$, $tag$ secret $tag$, $x$ never closed secret"},
        {"postgresql", "SELECT E'it\\'s secret', U&'secret', B'01', X'5ec4e7', N'secret'"},
        {"postgresql", "SELECT 1 -- secret\n, 2 /* secret /* secret */ secret */"},
        {"postgresql", "SELECT /* never closed secret"},
        {"postgresql", "CREATE USER u PASSWORD 'secret'"},
        /* standard_conforming_strings off */
        {"postgresql", "SELECT * FROM t WHERE a = 'it\\'s secret' AND b = 1"},
        {"mysql", "SELECT * FROM t WHERE a = \"secret\" AND b = 'secret' # secret"},
        {"mysql", "SELECT 'it\\'s secret', 'a\\\\', _utf8'secret', x'5ec4e7', \"never closed secret"},
        {"mysql", "SET PASSWORD FOR u = 'secret'"},
        {"mysql", "SELECT $$secret$$, $tag$ it's secret $tag$, $x$never closed secret"},
        /* NO_BACKSLASH_ESCAPES */
        {"mysql", "SELECT * FROM t WHERE a = 'C:\\' AND b = 'secret'"},
        {"mssql", "SELECT N'secret', 'it''s secret' -- secret"},
        {"oracle", "SELECT q'[it's secret]' FROM dual"},
        {"oracle", "SELECT Q'{it's secret}', nq'!it's secret!' FROM dual"},
        {"oracle", "SELECT NQ'<it's secret>' FROM dual WHERE a = 'secret'"},
        {"mongodb", "db.users.find({email: \"secret\", name: 'secret'})"},
        {"mongodb", "{\"find\": \"users\", \"filter\": {\"email\": \"secret\"}}"},
        {"mongodb", "{\"email\": \"never closed secret"},
    };
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text = redacted(arena, cases[i].engine, cases[i].sql).text;

        if (memmem(text.data, text.size, "secret", 6) != NULL)
            fail_msg("%s: %s gives %.*s", cases[i].engine, cases[i].sql, (int)text.size, text.data);
        assert_true(text.size > 0);
    }
    arena_destroy(arena);
}

static void certain_statements_have_their_usual_fingerprint(void **state)
{
    static const struct {
        const char *engine, *sql;
        enum sql_dialect dialect;
    } cases[] = {
        {"postgresql", "SELECT * FROM \"Users\" WHERE id = 5 AND name = 'x'", SQL_DIALECT_POSTGRESQL},
        {"postgresql", "SELECT 'C:\\', E'it\\'s', 'x'", SQL_DIALECT_POSTGRESQL},
        {"postgresql", "SELECT 'never closed", SQL_DIALECT_POSTGRESQL},
        {"mysql", "INSERT INTO t VALUES ('it\\'s', 'a\\\\', \"b\")", SQL_DIALECT_MYSQL},
        {"mysql", "SELECT `a` FROM t WHERE b = 'c'", SQL_DIALECT_MYSQL},
        {"mysql", "SELECT a$b$c, $d FROM t$", SQL_DIALECT_MYSQL},
        {"mssql", "SELECT [a] FROM #t WHERE \"b\" = 'c'", SQL_DIALECT_UNSET},
        {"oracle", "SELECT a FROM seq'x' WHERE b = 'c'", SQL_DIALECT_UNSET},
    };
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sql_fingerprint one = redacted(arena, cases[i].engine, cases[i].sql);
        struct sql_fingerprint usual = sql_fingerprint(cases[i].dialect, text_of(cases[i].sql), arena);

        assert_true(text_equal(one.text, usual.text));
        assert_memory_equal(&one.hash, &usual.hash, sizeof one.hash);
    }
    arena_destroy(arena);
}

static void literals_are_told_from_placeholders(void **state)
{
    static const struct {
        const char *sql;
        bool has_literals;
    } cases[] = {
        {"SELECT a, \"B\" FROM t WHERE a = $1 AND b IS NULL OR true", false},
        {"SELECT * FROM t WHERE a = $1 -- 'secret'", false},
        {"SELECT * FROM t WHERE a = $1 AND b = 'secret'", true},
        {"SELECT * FROM t WHERE a = $1 AND b = 5551234", true},
        {"SELECT $$secret$$", true},
        {"SELECT $tag$secret$tag$", true},
        {"SELECT U&'secret', N'secret'", true},
        {"SELECT x'5ec4e7'", true},
        {"SELECT a FROM t WHERE b = 'never closed", true},
        {"SELECT a /* never closed", true},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (sql_has_literals(SQL_DIALECT_POSTGRESQL, text_of(cases[i].sql)) != cases[i].has_literals)
            fail_msg("%s", cases[i].sql);
}

static void text_before_an_omitted_literal_stays(void **state)
{
    struct arena *arena = arena_new(0);
    struct text text = redacted(arena, "oracle", "SELECT a FROM t WHERE b = q'[it's]' AND c = 1").text;

    (void)state;
    assert_true(text_starts(text, TEXT("SELECT a FROM t WHERE b =")));
    text = redacted(arena, "oracle", "q'[it's]'").text;
    assert_true(text.size > 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_literal_gets_into_a_fingerprint),
        cmocka_unit_test(literals_are_told_from_placeholders),
        cmocka_unit_test(certain_statements_have_their_usual_fingerprint),
        cmocka_unit_test(text_before_an_omitted_literal_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
