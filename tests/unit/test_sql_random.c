/* The properties of tests/fuzz/sql_properties.h, checked on random pieces of SQL in random order and on statements with
 * changed bytes. The seed is fixed; tests/fuzz/fuzz_sql.c tries more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fuzz/sql_properties.h"

enum { SECONDS_MAX = 3, SQL_BYTES_MAX = 512 };

static const char *const pieces[] = {
    "SELECT",
    "select ",
    "IN",
    " in (",
    "VALUES",
    " values(",
    "ARRAY[",
    "NULL",
    "TRUE",
    "IS",
    " NOT ",
    "AS",
    "SET",
    "INTO ",
    "FROM",
    " FROM ",
    "WITH",
    "UPDATE",
    "END",
    "a",
    " b ",
    "Tab",
    "_utf8",
    "N",
    "E",
    "u&",
    "U&'",
    "UESCAPE '!'",
    "t.c",
    "1",
    "-1",
    "- 1",
    "1.5e-3",
    "0x1F",
    ".5",
    "1_0",
    "2fa",
    "'x'",
    "''",
    "'",
    "\"",
    "\"Q\"",
    "\"q\"",
    "`",
    "`q`",
    "`Q`",
    "\\'",
    "\\",
    "$1",
    "$$",
    "$a$",
    "$",
    "?",
    "?|",
    "?&",
    "@?",
    "@",
    "@@",
    "@>",
    ":x",
    "::",
    ":=",
    ":",
    "%",
    "%s",
    "%(n)s",
    "(",
    ")",
    "((",
    "))",
    "[",
    "]",
    ",",
    ", ",
    ".",
    "...",
    ";",
    "-",
    "--",
    "-- \n",
    "#",
    "/*",
    "*/",
    "/*!50000",
    "/*M!",
    "/*+",
    "*",
    "+",
    "=",
    "!=",
    "<>",
    "<=>",
    "->>",
    "||",
    "&&",
    "~",
    "{",
    "}",
    " ",
    "\n",
    "\t",
    "\x01",
    "\x7F",
    "\xC3\xA9",
    "\xFF",
    "\xEF\xBB\xBF",
    "\xE2\x82",
    ",1",
    ",'a'",
    "(1,2)",
    "),(",
    "nextval(",
    "FOR UPDATE",
    "JOIN",
    "DISTINCT",
    "a_name_that_is_longer_than_sixty_four_bytes_and_so_does_not_end_within_a_window_of_them",
    "'a string that is longer than sixty-four bytes and so does not end within a window of them'",
    "                  "};

static uint64_t seed = 20251102;

static uint32_t next(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

static void check(enum sql_dialect dialect, const char *sql, size_t size, struct arena *arena)
{
    char *exact = malloc(size == 0 ? 1 : size); /* exactly this size, for the sanitizer */
    const char *broken;

    assert_non_null(exact);
    memcpy(exact, sql, size);
    broken = sql_property_broken(dialect, (struct text){exact, size}, arena);
    if (broken != NULL) {
        struct sql_fingerprint first = sql_fingerprint(dialect, (struct text){exact, size}, arena);
        struct sql_fingerprint again = sql_fingerprint(dialect, first.text, arena);

        fail_msg("%s, dialect %d\n%.*s\n%.*s\n%.*s", broken, (int)dialect, (int)size, exact, (int)first.text.size,
                 first.text.data, (int)again.text.size, again.text.data);
    }
    free(exact);
    arena_reset(arena);
}

static void random_statements_keep_every_promise(void **state)
{
    int64_t until_us = clock_monotonic_us() + SECONDS_MAX * CLOCK_SECOND_US;
    struct arena *arena = arena_new(0);
    char sql[SQL_BYTES_MAX];
    int count = 0;

    (void)state;
    for (; count < 300000 && clock_monotonic_us() < until_us; count++) {
        size_t size = 0;

        for (uint32_t left = 1 + next(16); left > 0; left--) {
            const char *piece = pieces[next(sizeof pieces / sizeof pieces[0])];
            size_t piece_size = strlen(piece);

            if (size + piece_size + 1 > sizeof sql)
                break;
            memcpy(sql + size, piece, piece_size);
            size += piece_size;
            if (next(3) == 0)
                sql[size++] = ' ';
        }
        if (size > 0 && next(4) == 0)
            sql[next((uint32_t)size)] = (char)next(256);
        check(next(2) ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL, sql, size, arena);
    }
    assert_true(count > 1000);
    arena_destroy(arena);
}

static void cut_off_statements_keep_every_promise(void **state)
{
    static const char sql[] =
        "WITH a AS (SELECT \"X\", 'it''s', $$ $ $$ FROM `t` WHERE b IN (1, 'x', -2) /* c */) "
        "INSERT INTO s.t (a, b) VALUES (1, N'x'), (2, E'\\'') ON CONFLICT DO UPDATE SET a = ARRAY[1,2] -- end";
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t start = 0; start < sizeof sql; start++)
        for (size_t end = start; end < sizeof sql; end += 1 + start % 3) {
            check(SQL_DIALECT_POSTGRESQL, sql + start, end - start, arena);
            check(SQL_DIALECT_MYSQL, sql + start, end - start, arena);
        }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_statements_keep_every_promise),
        cmocka_unit_test(cut_off_statements_keep_every_promise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
