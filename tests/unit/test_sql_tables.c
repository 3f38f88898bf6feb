/* The tables that a statement names. Expected: their names separated by blanks; `|` stands for a blank in a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sql/statement.h"

enum { P = 1, M = 2, BOTH = 3, TABLES_MAX = 8 };

static const struct {
    int dialects;
    const char *sql;
    const char *tables;
} cases[] = {
    {BOTH, "", ""},
    {BOTH, "SELECT 1", ""},
    {BOTH, "SELECT * FROM users", "users"},
    {BOTH, "select * from Users where id = 1", "Users"},
    {BOTH, "SELECT * FROM shop.users u", "shop.users"},
    {BOTH, "SELECT * FROM a, b AS x, c y WHERE a.d IN (1, 2)", "a b c"},
    {BOTH, "SELECT a.b, c FROM a JOIN d ON a.x = d.x LEFT JOIN e USING (id), f WHERE g = 1", "a d e f"},
    {BOTH, "SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = (SELECT max(e) FROM v))", "t u v"},
    {BOTH, "SELECT * FROM (SELECT a FROM t) x, (SELECT b FROM u) y", "t u"},
    {BOTH, "SELECT * FROM (a JOIN b ON a.i = b.i) JOIN c ON 1 = 1", "a b c"},
    {BOTH, "SELECT * FROM t, t, t AS u", "t"},
    {BOTH, "SELECT 1 FROM a UNION SELECT 2 FROM b ORDER BY 1", "a b"},
    {BOTH, "(SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b)", "a b"},
    {BOTH, "SELECT extract(year FROM a), substring(b FROM 2), trim(both 'x' FROM c) FROM t", "t"},
    {BOTH, "SELECT count(*) FROM t GROUP BY a, b HAVING count(*) > 1 ORDER BY c, d LIMIT 1", "t"},
    {BOTH, "SELECT 'FROM x', a /* FROM y */ FROM t -- FROM z", "t"},
    {BOTH, "WITH x AS (SELECT * FROM a) SELECT * FROM x JOIN b ON 1 = 1", "a b"},
    {BOTH, "WITH x (c, d) AS (SELECT * FROM a), y AS (SELECT * FROM x) SELECT * FROM y, z", "a z"},
    {BOTH, "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT n FROM x, t) SELECT * FROM x", "t"},
    {BOTH, "WITH users AS (SELECT * FROM users) SELECT * FROM users", "users"},
    {BOTH, "WITH x AS (SELECT 1) SELECT * FROM s.x", "s.x"},
    {BOTH, "INSERT INTO t (a, b) VALUES (1, 2)", "t"},
    {BOTH, "INSERT INTO t VALUES (1, (SELECT a FROM u))", "t u"},
    {BOTH, "INSERT INTO t (a) SELECT b, c FROM u WHERE d", "t u"},
    {BOTH, "UPDATE t SET a = 1, b = 2 WHERE c = 3", "t"},
    {BOTH, "UPDATE t SET a = (SELECT b FROM u) WHERE c = 3", "t u"},
    {BOTH, "DELETE FROM t WHERE a = 1", "t"},
    {BOTH, "SELECT * FROM t WHERE a = 1 FOR UPDATE", "t"},
    {BOTH, "CREATE TABLE t (a int, b int)", "t"},
    {BOTH, "CREATE TABLE IF NOT EXISTS s.t AS SELECT * FROM u", "s.t u"},
    {BOTH, "DROP TABLE IF EXISTS a, b", "a b"},
    {BOTH, "ALTER TABLE t ADD COLUMN a int, ADD b int", "t"},
    {BOTH, "TRUNCATE TABLE a, b", "a b"},
    {BOTH, "CREATE INDEX i ON t (a, b)", "t"},
    {BOTH, "EXPLAIN SELECT * FROM t", "t"},
    {BOTH, "SELECT a FROM t1; DELETE FROM t2", "t1 t2"},
    {BOTH, "SELECT a FROM", ""},
    {BOTH, "SELECT a FROM (((", ""},
    {BOTH, "SELECT * FROM a, b, c, d, e, f, g, h, i, j", "a b c d e f g h"},
    {BOTH, "SET a = 1", ""},
    {P, "SELECT * FROM \"Users\", \"a b\", \"x\"\"y\".\"z\"", "Users a|b x\"y.z"},
    {P, "SELECT * FROM users, USERS", "users"},
    {P, "SELECT * FROM ONLY t", "t"},
    {P, "SELECT * FROM generate_series(1, 10) g, t", "t"},
    {P, "SELECT * FROM pg_catalog.generate_series(1, 10), LATERAL f(t.a) AS x, u", "u"},
    {P, "SELECT a IS DISTINCT FROM b FROM t", "t"},
    {P, "SELECT DISTINCT ON (a) b FROM t", "t"},
    {P, "WITH d AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM d", "a b"},
    {P, "WITH d AS MATERIALIZED (SELECT * FROM a), e AS NOT MATERIALIZED (TABLE b) SELECT FROM d, e", "a b"},
    {P, "UPDATE t AS x SET a = 1 FROM u, v WHERE x.b = u.b", "t u v"},
    {P, "DELETE FROM t USING u, v WHERE t.a = u.a", "t u v"},
    {P, "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 1", "t s"},
    {P, "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.b", "t"},
    {P, "SELECT * INTO x FROM t", "x t"},
    {P, "TABLE t", "t"},
    {P, "COPY t (a, b) FROM STDIN", "t"},
    {P, "SELECT * FROM ROWS FROM (f(1)) x, t WHERE a", "t"},
    {P, "GRANT SELECT, UPDATE ON t TO bob", ""},
    {M, "SELECT * FROM `a`.`b`, `c``d`", "a.b c`d"},
    {M, "SELECT * FROM Users, users", "Users users"},
    {M, "SELECT 1 FROM DUAL", ""},
    {M, "SELECT * FROM a STRAIGHT_JOIN b", "a b"},
    {M, "SELECT STRAIGHT_JOIN a FROM b", "b"},
    {M, "SELECT * FROM t USE INDEX (i, j), u FORCE INDEX FOR JOIN (k) WHERE a", "t u"},
    {M, "INSERT IGNORE t SET a = 1", "t"},
    {M, "INSERT t VALUES (1) ON DUPLICATE KEY UPDATE a = 2, b = 3", "t"},
    {M, "REPLACE INTO t VALUES (1)", "t"},
    {M, "UPDATE LOW_PRIORITY a, b SET a.c = b.c", "a b"},
    {M, "UPDATE a JOIN b ON a.i = b.i SET a.c = 1, b.d = 2", "a b"},
    {M, "DELETE a, b FROM a JOIN b ON a.i = b.i", "a b"},
    {M, "SELECT a INTO @x FROM t", "t"},
    {M, "SELECT a INTO OUTFILE '/x' FROM t", "t"},
    {M, "LOCK TABLES a READ, b WRITE", "a b"},
    {M, "SELECT /*! STRAIGHT_JOIN */ a FROM /*!50000 t */", "t"},
};

static void tables_are_named_once_in_order(void **state)
{
    struct arena *arena = arena_new(0);
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int dialect = 0; dialect < 2; dialect++) {
            struct text tables[TABLES_MAX];
            char found[512] = "";
            size_t count, size = 0;

            if ((cases[i].dialects & 1 << dialect) == 0)
                continue;
            count = sql_tables(dialect == 0 ? SQL_DIALECT_POSTGRESQL : SQL_DIALECT_MYSQL, text_of(cases[i].sql), tables,
                               TABLES_MAX, arena);
            for (size_t j = 0; j < count; j++) {
                size += (size_t)snprintf(found + size, sizeof found - size, "%s", j == 0 ? "" : " ");
                for (size_t k = 0; k < tables[j].size; k++)
                    found[size++] = (char)(tables[j].data[k] == ' ' ? '|' : tables[j].data[k]);
                found[size] = '\0';
            }
            if (strcmp(found, cases[i].tables) != 0) {
                printf("%d: %s\n  wanted %s\n  found  %s\n", dialect, cases[i].sql, cases[i].tables, found);
                wrong++;
            }
        }
    arena_destroy(arena);
    assert_int_equal(wrong, 0);
}

static void a_million_tables_are_read(void **state)
{
    struct arena *arena = arena_new(0);
    size_t size = 2 * 1000 * 1000;
    char *sql = arena_alloc(arena, size);
    struct text tables[TABLES_MAX];

    (void)state;
    for (size_t i = 0; i < size; i++)
        sql[i] = "with x as(from a,"[i % 17];
    assert_true(sql_tables(SQL_DIALECT_POSTGRESQL, (struct text){sql, size}, tables, TABLES_MAX, arena) <= TABLES_MAX);
    assert_int_equal(sql_tables(SQL_DIALECT_POSTGRESQL, TEXT("SELECT * FROM t"), tables, 0, arena), 0);
    arena_destroy(arena);
}

static void catalogues_are_told_from_tables(void **state)
{
    static const struct {
        enum sql_dialect dialect;
        const char *sql;
        bool is_catalog;
    } statements[] = {
        {SQL_DIALECT_POSTGRESQL, "SELECT relname FROM pg_catalog.pg_class c JOIN pg_namespace n ON true", true},
        {SQL_DIALECT_POSTGRESQL, "SELECT * FROM INFORMATION_SCHEMA.COLUMNS", true},
        {SQL_DIALECT_POSTGRESQL, "SELECT * FROM pg_stat_activity", true},
        {SQL_DIALECT_POSTGRESQL, "SELECT * FROM pgbench_accounts", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT * FROM shop.pg_users", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT * FROM mysql.user", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT * FROM pg_class, orders", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT 1", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT ?::pg_catalog.regproc::pg_catalog.oid", true},
        {SQL_DIALECT_POSTGRESQL, "SELECT pg_catalog.pg_get_functiondef(?)", true},
        {SQL_DIALECT_POSTGRESQL, "SELECT pg_catalog.pg_get_functiondef(?), shop.price(?)", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT pg_catalog.pg_sleep(?)", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT \"pg_catalog\".pg_get_functiondef(?)", false},
        {SQL_DIALECT_POSTGRESQL, "SELECT ?::pg_catalog.int4", false},
        {SQL_DIALECT_POSTGRESQL, "CALL pg_catalog.regular(?)", false},
        {SQL_DIALECT_MYSQL, "SELECT pg_catalog.pg_get_functiondef(?)", false},
        {SQL_DIALECT_MYSQL, "SELECT * FROM information_schema.tables, performance_schema.threads", true},
        {SQL_DIALECT_MYSQL, "SELECT * FROM mysql.user JOIN `sys`.version", true},
        {SQL_DIALECT_MYSQL, "SELECT * FROM pg_class", false},
        {SQL_DIALECT_UNSET, "SELECT * FROM information_schema.tables", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        struct text tables[TABLES_MAX];
        struct arena *arena = arena_new(0);
        size_t count = sql_tables(statements[i].dialect, text_of(statements[i].sql), tables, TABLES_MAX, arena);

        if (sql_reads_catalogs_alone(statements[i].dialect, text_of(statements[i].sql), tables, count) !=
            statements[i].is_catalog)
            fail_msg("%s", statements[i].sql);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_named_once_in_order),
        cmocka_unit_test(catalogues_are_told_from_tables),
        cmocka_unit_test(a_million_tables_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
