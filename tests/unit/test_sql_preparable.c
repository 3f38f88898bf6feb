/* Texts of pg_stat_statements, and what PREPARE takes in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sql/statement.h"

static const struct {
    const char *sql, *wanted; /* blanks do not count */
} cases[] = {
    {"SELECT * FROM item WHERE at > now() - interval $1 LIMIT $2",
     "SELECT * FROM item WHERE at > now() - $1::interval LIMIT $2"},
    {"SELECT date $1, timestamp with time zone $2, timestamp(3) without time zone $3",
     "SELECT $1::date, $2::timestamp with time zone, $3::timestamp(3) without time zone"},
    {"SELECT interval $1 day to second, double precision $2, character varying $3",
     "SELECT $1::interval day to second, $2::double precision, $3::character varying"},
    {"SELECT numeric(10, 2) $1, public.\"Money\" $2, \"char\" $3",
     "SELECT $1::numeric(10, 2), $2::public.\"Money\", $3::\"char\""},
    {"SELECT extract($1 FROM at), count(*) FROM item GROUP BY $2 HAVING count(*) > $3",
     "SELECT extract(epoch FROM at), count(*) FROM item GROUP BY $1 HAVING count(*) > $2"},
    {"SELECT $3, $1, $3", "SELECT $1, $2, $1"},
    {"SELECT at AT TIME ZONE $1, trim(both $2 FROM a), overlay(a placing $3 from $4 for $5)",
     "SELECT at AT TIME ZONE $1, trim(both $2 FROM a), overlay(a placing $3 from $4 for $5)"},
    {"SELECT CASE WHEN a BETWEEN $1 AND $2 THEN $3 ELSE $4 END FROM t WHERE b LIKE $5 OR NOT $6",
     "SELECT CASE WHEN a BETWEEN $1 AND $2 THEN $3 ELSE $4 END FROM t WHERE b LIKE $5 OR NOT $6"},
    {"SELECT f(a, $1) - $2, b::date + $3, x[$4]", "SELECT f(a, $1) - $2, b::date + $3, x[$4]"},
    {"SELECT f(1) $1", "SELECT $1::f(1)"}, /* nothing that PostgreSQL takes, before or after */
    {"SELECT 'date $1', \"date $2\" /* date $3 */, $$date $4$$",
     "SELECT 'date $1', \"date $2\" /* date $3 */, $$date $4$$"},
    {"SELECT 'it ends nowhere $1", "SELECT 'it ends nowhere $1"},
    {"date $1", "$1::date"},
    {"$1", "$1"},
    {"", ""},
};

static struct text without_blanks(struct text text, struct arena *arena)
{
    char *kept = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ')
            kept[size++] = text.data[i];
    return (struct text){kept, size};
}

static void literals_become_casts_and_parameters_have_no_gaps(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text made = sql_preparable(text_of(cases[i].sql), arena);

        if (!text_equal(without_blanks(made, arena), without_blanks(text_of(cases[i].wanted), arena)))
            fail_msg("%s: %.*s", cases[i].sql, (int)made.size, made.data);
    }
    arena_destroy(arena);
}

static void a_thousand_parameters_fit(void **state)
{
    struct arena *arena = arena_new(16 << 20);
    const char *sql = "SELECT ";
    struct text made;

    (void)state;
    /* The highest number first, so that most numbers become longer. */
    for (int number = 1000; number > 0; number--)
        sql = arena_printf(arena, "%s%s$%d", sql, number == 1000 ? "" : ",", number);
    made = sql_preparable(text_of(sql), arena);
    made = without_blanks(made, arena);
    assert_memory_equal(made.data, "SELECT$1,$2,$3", strlen("SELECT$1,$2,$3"));
    assert_memory_equal(made.data + made.size - 5, "$1000", 5);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_become_casts_and_parameters_have_no_gaps),
        cmocka_unit_test(a_thousand_parameters_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
