/* Statements that may be given to EXPLAIN, and statements that may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sql/statement.h"

enum { P = 1, M = 2, BOTH = 3 };

struct statement {
    int dialects;
    const char *sql;
};

static const struct statement allowed[] = {
    {BOTH, "SELECT 1"},
    {BOTH, "select * from t where a = 'x' and b in (1, 2) order by c limit 10;"},
    {BOTH, "  /* c */ SELECT a FROM t -- end"},
    {BOTH, "(SELECT a FROM t) UNION (SELECT b FROM u)"},
    {BOTH, "WITH x AS (SELECT a FROM t) SELECT * FROM x"},
    {BOTH, "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x), y AS (SELECT 2) SELECT * FROM x, y"},
    {BOTH, "VALUES (1), (2)"},
    {BOTH, "TABLE t"},
    {BOTH, "SELECT 'INTO', 'for update; drop table x'"},
    {BOTH, "SELECT replace(a, 'x', 'y') FROM t"},
    {BOTH, "SELECT created_at, updated_at, deleted FROM t"},
    {BOTH, "SELECT 'it''s' FROM t;  "},
    {BOTH, "SELECT a FROM t WHERE b = $1 AND c = ?"},
    {P, "SELECT \"into\", \"update\" FROM t"},
    {P, "SELECT $$into$$, E'it\\'s' FROM t"},
    {P, "SELECT a[1:2], b::int, c -> 'd' FROM t"},
    {P, "SELECT /*! no comment of ours */ 1"},
    {P, "SELECT substring(a for 2) FROM t"},
    {M, "SELECT `into`, \"for update\" FROM t # end"},
    {M, "SELECT @a, @@version FROM t USE INDEX (i)"},
    {M, "SELECT 'C:\\\\dir' FROM t"},
};

static const struct statement refused[] = {
    {BOTH, ""},
    {BOTH, ";"},
    {BOTH, "-- nothing"},
    {BOTH, "("},
    {BOTH, "INSERT INTO t VALUES (1)"},
    {BOTH, "UPDATE t SET a = 1"},
    {BOTH, "DELETE FROM t"},
    {BOTH, "REPLACE INTO t VALUES (1)"},
    {BOTH, "EXPLAIN SELECT 1"},
    {BOTH, "EXPLAIN ANALYZE SELECT 1"},
    {BOTH, "CALL p()"},
    {BOTH, "DO 1"},
    {BOTH, "SET a = 1"},
    {BOTH, "SHOW TABLES"},
    {BOTH, "CREATE TABLE t AS SELECT 1"},
    {BOTH, "SELECT 1; SELECT 2"},
    {BOTH, "SELECT 1; DROP TABLE t"},
    {BOTH, "SELECT 1;;"},
    {BOTH, "SELECT * FROM t FOR UPDATE"},
    {BOTH, "SELECT * FROM t for /* c */ share"},
    {BOTH, "SELECT * FROM t LOCK IN SHARE MODE"},
    {BOTH, "SELECT * INTO u FROM t"},
    {BOTH, "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x"},
    {BOTH, "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x"},
    {BOTH, "WITH x AS (SELECT 1)"},
    {BOTH, "WITH"},
    {BOTH, "WITH, (a) VALUES"},
    {BOTH, "SELECT 'open"},
    {BOTH, "SELECT 1 /* open"},
    {BOTH, "SELECT (1"},
    {BOTH, "SELECT 1)"},
    {BOTH, "SELECT \xFF"},
    {BOTH, "SELECT nextval('s')"},
    {BOTH, "SELECT NEXT VALUE FOR s"},
    {BOTH, "SELECT 'a\\' /* , ' */"},
    {P, "SELECT * FROM t FOR NO KEY UPDATE"},
    {P, "SELECT * FROM t FOR KEY SHARE OF t"},
    {P, "SELECT \"open"},
    {P, "SELECT $a$ open $$"},
    {P, "SELECT pg_sleep(10)"},
    {P, "SELECT pg_catalog . pg_sleep (10)"},
    {P, "SELECT \"pg_sleep\"(10)"},
    {P, "SELECT U&\"pg\\005fsleep\"(10)"},
    {P, "SELECT * FROM pg_read_file('/etc/passwd')"},
    {P, "SELECT * FROM dblink('x', 'DELETE FROM t') AS d(a int)"},
    {P, "SELECT lo_import('/x'), set_config('a', 'b', false)"},
    {P, "SELECT PG_TERMINATE_BACKEND(1)"},
    {P, "SELECT a[1:nextval('s')]"},
    {P, "SELECT 1 \\; DROP TABLE t"},
    {M, "SELECT /*!50000 SLEEP(1) */ 1"},
    {M, "SELECT /*M! 1 */"},
    {M, "SELECT 1 /*! INTO OUTFILE '/x' */"},
    {M, "SELECT SLEEP(10)"},
    {M, "SELECT sleep (10)"},
    {M, "SELECT `sleep`(10)"},
    {M, "SELECT GET_LOCK('a', 1), RELEASE_LOCK('a')"},
    {M, "SELECT BENCHMARK(1000000, MD5('x'))"},
    {M, "SELECT LOAD_FILE('/etc/passwd')"},
    {M, "SELECT a INTO OUTFILE '/x' FROM t"},
    {M, "SELECT a INTO DUMPFILE '/x' FROM t"},
    {M, "SELECT a FROM t INTO @x"},
    {M, "SELECT @a := 1"},
    {M, "SELECT * FROM t PROCEDURE ANALYSE()"},
    {M, "SELECT 'a\\' FROM t WHERE b = ' or 1; drop table t"},
    {M, "SELECT \"a\\\" FROM t"},
    {M, "HANDLER t READ FIRST"},
};

static int count_wrong(const struct statement *statements, size_t count, bool wanted)
{
    int wrong = 0;

    for (size_t i = 0; i < count; i++)
        for (int dialect = 0; dialect < 2; dialect++)
            if ((statements[i].dialects & 1 << dialect) != 0 &&
                sql_is_explainable(dialect == 0 ? SQL_DIALECT_POSTGRESQL : SQL_DIALECT_MYSQL,
                                   text_of(statements[i].sql)) != wanted) {
                printf("%s, dialect %d: %s\n", wanted ? "refused" : "allowed", dialect, statements[i].sql);
                wrong++;
            }
    return wrong;
}

static void queries_that_only_read_may_be_explained(void **state)
{
    (void)state;
    assert_int_equal(count_wrong(allowed, sizeof allowed / sizeof allowed[0], true), 0);
}

static void other_statements_may_not_be_explained(void **state)
{
    (void)state;
    assert_int_equal(count_wrong(refused, sizeof refused / sizeof refused[0], false), 0);
}

static void a_nul_byte_may_not_hide_a_second_statement(void **state)
{
    static const char sql[] = "SELECT 1\0; DROP TABLE t";

    (void)state;
    assert_false(sql_is_explainable(SQL_DIALECT_POSTGRESQL, (struct text){sql, sizeof sql - 1}));
    assert_false(sql_is_explainable(SQL_DIALECT_MYSQL, (struct text){sql, sizeof sql - 1}));
}

static void without_a_dialect_nothing_is_explained(void **state)
{
    (void)state;
    assert_false(sql_is_explainable(SQL_DIALECT_UNSET, TEXT("SELECT 1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_that_only_read_may_be_explained),
        cmocka_unit_test(other_statements_may_not_be_explained),
        cmocka_unit_test(a_nul_byte_may_not_hide_a_second_statement),
        cmocka_unit_test(without_a_dialect_nothing_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
