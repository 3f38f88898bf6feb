/* Statements as trees: what is read, how operators bind, what is refused, and that a tree is written as it was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sql/statement.h"
#include "syntax/syntax.h"
#include "tests/unit/arena_fixture.h"

enum { P = 1, M = 2, BOTH = 3 };

static struct text write(enum sql_dialect dialect, const struct syntax_node *node)
{
    struct buffer out;
    struct text text;

    buffer_init(&out, SIZE_MAX);
    syntax_write(dialect, node, &out);
    text = (struct text){arena_string(arena, out.data, out.size_bytes), out.size_bytes};
    buffer_free(&out);
    return text;
}

static struct syntax_tree read_tree(enum sql_dialect dialect, const char *sql)
{
    struct syntax_tree tree = {0};
    struct syntax_problem problem = {NULL, 0};

    if (syntax_parse(dialect, text_of(sql), arena, &tree, &problem) != STATUS_OK)
        fail_msg("%s at %zu: %s", problem.message, problem.at, sql);
    return tree;
}

static enum sql_dialect dialect_of(int bit)
{
    return bit == M ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL;
}

/* Statements that are written as they stand here, but for the case of words. */
static const struct {
    int dialects;
    const char *sql;
} statements[] = {
    {BOTH, "SELECT 1"},
    {BOTH,
     "SELECT a, t.b AS c, count(*) d FROM t WHERE a = 1 AND b <> 'x' OR NOT c GROUP BY a, t.b HAVING count(*) > 1"},
    {BOTH, "SELECT DISTINCT a FROM t ORDER BY a DESC, b LIMIT 10 OFFSET 5"},
    {BOTH, "SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (y, z) CROSS JOIN d NATURAL JOIN e"},
    {BOTH, "SELECT a FROM t UNION ALL SELECT b FROM u UNION (SELECT c FROM v LIMIT 1) ORDER BY 1"},
    {BOTH, "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r"},
    {BOTH,
     "SELECT (SELECT max(x) FROM u WHERE u.id = t.id) FROM (SELECT id FROM t) AS t WHERE EXISTS (SELECT 1 FROM v)"},
    {BOTH, "SELECT a FROM t WHERE a IN (1, 2, 3) AND (b, c) IN ((1, 2), (3, 4)) AND d NOT IN (SELECT d FROM u)"},
    {BOTH, "SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END, CASE a WHEN 1 THEN 2 END, CAST(a AS decimal(10, 2)) FROM t"},
    {BOTH,
     "SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), rank() OVER w FROM t "
     "WINDOW w AS (ORDER BY a)"},
    {BOTH, "SELECT a BETWEEN 1 AND 2, b NOT LIKE 'x%' ESCAPE '!', c IS NOT NULL, d IS TRUE, -e, f + 1.5e3 * .5 FROM t"},
    {BOTH, "SELECT EXTRACT(year FROM d), substring(a FROM 1 FOR 2), trim(BOTH ' ' FROM b), position('a' IN b) FROM t"},
    {BOTH, "SELECT a FROM t FOR UPDATE OF t SKIP LOCKED"},
    {BOTH, "INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, 'x')"},
    {BOTH, "INSERT INTO t SELECT a, b FROM u WHERE c = ?"},
    {BOTH, "UPDATE t SET a = a + 1, b = DEFAULT WHERE c = 1"},
    {BOTH, "DELETE FROM t WHERE a = 1"},
    {BOTH, "SELECT a FROM ((SELECT 1 AS a) UNION (SELECT 2)) AS x WHERE ((SELECT 1) + 1) = 2 AND ((SELECT 3)) > 1"},
    {P, "SELECT DISTINCT ON (a, b) a, b FROM ONLY t AS x, LATERAL (SELECT x.a) AS y (b) ORDER BY a NULLS FIRST"},
    {P, "SELECT a::int, '1'::numeric(10, 2)[], ARRAY[1, 2][1], b[1:2], (c).d, (e).*, f -> 'x' ->> 'y', g @> $1 FROM t"},
    {P, "SELECT a AT TIME ZONE 'UTC' COLLATE \"C\", date '2020-01-01', interval '1 day' hour TO second, x IS DISTINCT "
        "FROM y"},
    {P, "SELECT a = ANY ($1), b <> ALL (SELECT 1), c ILIKE ANY (ARRAY['x']), d SIMILAR TO 'e', f OVERLAPS g FROM t"},
    {P, "SELECT count(*) FILTER (WHERE a), string_agg(DISTINCT b, ',' ORDER BY b), percentile_cont(0.5) WITHIN GROUP "
        "(ORDER "
        "BY c) FROM t GROUP BY ROLLUP(a, b), CUBE(c), GROUPING SETS ((a), ())"},
    {P, "SELECT * FROM generate_series(1, 2) WITH ORDINALITY AS g (a, b), f() AS (c int, d text), ROWS FROM (g(1), "
        "h(2)) AS "
        "i"},
    {P, "SELECT a FROM t TABLESAMPLE system (1) REPEATABLE (2) FETCH FIRST 3 ROWS ONLY"},
    {P, "WITH a AS MATERIALIZED (INSERT INTO t VALUES (1) RETURNING id) SELECT f(x => 1, VARIADIC y), 5 "
        "OPERATOR(pg_catalog.+) 3 "
        "FROM a"},
    {P, "INSERT INTO t AS x (a) VALUES (1) ON CONFLICT (a, lower(b)) WHERE c DO UPDATE SET a = excluded.a WHERE x.b "
        "RETURNING *"},
    {P, "UPDATE t SET (a, b) = (SELECT 1, 2), c[1] = 2 FROM u WHERE t.id = u.id RETURNING t.*"},
    {P, "DELETE FROM t USING u WHERE t.id = u.id AND u.a = :name"},
    {P, "VALUES (1, 2), (3, 4) ORDER BY 1"},
    {P, "TABLE t"},
    {P,
     "CREATE TABLE s.t (id bigint NOT NULL, a varchar(10) DEFAULT 'x'::character varying, b timestamp(3) with time "
     "zone, "
     "CONSTRAINT c CHECK (a <> ''), PRIMARY KEY (id), FOREIGN KEY (a) REFERENCES u (b) ON DELETE CASCADE) PARTITION BY "
     "RANGE (id)"},
    {P, "CREATE UNIQUE INDEX i ON s.t USING btree (a, lower(b) DESC NULLS LAST, c text_pattern_ops) INCLUDE (d) WHERE "
        "a IS "
        "NOT NULL"},
    {P, "ALTER TABLE ONLY s.t ADD CONSTRAINT p PRIMARY KEY (id)"},
    {M, "SELECT STRAIGHT_JOIN SQL_NO_CACHE `a`, @x := 1, @@global.y FROM t USE INDEX (i) WHERE a <=> NULL LIMIT 5, 10"},
    {M, "SELECT a && b || c XOR d, !e, f DIV 2, g MOD 3, h REGEXP 'x', i -> '$.a', d + INTERVAL 1 DAY FROM t LOCK IN "
        "SHARE MODE"},
    {M, "SELECT MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE), GROUP_CONCAT(DISTINCT a ORDER BY b SEPARATOR ';'), "
        "_utf8'x' FROM t"},
    {M, "SELECT CONVERT(a, unsigned), CONVERT(b USING utf8mb4), IF(c, LEFT(d, 1), BINARY e), DATE '2020-01-01' FROM t "
        "GROUP BY a "
        "WITH ROLLUP"},
    {M, "INSERT IGNORE INTO t SET a = 1, b = VALUES(a) ON DUPLICATE KEY UPDATE a = a + 1"},
    {M, "REPLACE INTO t VALUES (1)"},
    {M, "UPDATE t, u SET t.a = u.a WHERE t.id = u.id"},
    {M, "UPDATE t SET a = 1 ORDER BY b LIMIT 1"},
    {M, "DELETE a, b FROM a JOIN b ON a.x = b.x WHERE a.y = 1"},
    {M, "DELETE FROM a USING a, b WHERE a.x = b.x"},
    {M,
     "CREATE TABLE `t` (`id` int(11) unsigned NOT NULL AUTO_INCREMENT, `a` varchar(20) CHARACTER SET utf8mb4 DEFAULT "
     "NULL "
     "COMMENT 'x', PRIMARY KEY (`id`), UNIQUE KEY `u` (`a`(10)), KEY `k` (`a`) USING BTREE, CONSTRAINT `f` FOREIGN KEY "
     "(`a`) REFERENCES `b` (`c`)) ENGINE=InnoDB"},
};

static void a_tree_is_written_as_it_was_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        for (int bit = P; bit <= M; bit++) {
            enum sql_dialect dialect = dialect_of(bit);
            struct text sql = text_of(statements[i].sql);
            struct sql_hash first, second;
            struct syntax_tree tree;
            struct text written;

            if ((statements[i].dialects & bit) == 0)
                continue;
            tree = read_tree(dialect, sql.data);
            written = write(dialect, tree.root);
            if (!text_equal_nocase(written, sql) && strstr(sql.data, "PRIMARY KEY") == NULL &&
                strchr(sql.data, ':') == NULL)
                fail_msg("%s\n%s", written.data, sql.data);
            assert_true(syntax_equal(tree.root, read_tree(dialect, written.data).root));
            first = sql_fingerprint(dialect, sql, arena).hash;
            second = sql_fingerprint(dialect, written, arena).hash;
            if (memcmp(&first, &second, sizeof first) != 0)
                fail_msg("another fingerprint: %s", written.data);
        }
}

/* The tree with parentheses around every operator. */
static void put_grouped(const struct syntax_node *node, struct buffer *out)
{
    bool is_group;

    node = syntax_bare(node);
    is_group = node->kind == SYNTAX_CHAIN || node->kind == SYNTAX_BINARY || node->kind == SYNTAX_UNARY ||
               node->kind == SYNTAX_IS || node->kind == SYNTAX_IN || node->kind == SYNTAX_BETWEEN ||
               node->kind == SYNTAX_LIKE || node->kind == SYNTAX_CAST_COLONS || node->kind == SYNTAX_COLLATE ||
               node->kind == SYNTAX_AT_ZONE;
    if (!is_group) {
        syntax_write(SQL_DIALECT_POSTGRESQL, node, out);
        return;
    }
    buffer_append_string(out, "(");
    if (node->kind == SYNTAX_UNARY || node->kind == SYNTAX_IS)
        buffer_append_text(out, node->text);
    for (size_t i = 0; i < node->count; i++) {
        if (i == 1 && node->text.size > 0) {
            buffer_append_string(out, " ");
            buffer_append_text(out, node->text);
        }
        if (node->items[i] == NULL)
            continue;
        buffer_append_string(out, i > 0 || node->kind == SYNTAX_UNARY || node->kind == SYNTAX_IS ? " " : "");
        put_grouped(node->items[i], out);
    }
    buffer_append_string(out, ")");
}

static void operators_bind_as_in_each_dialect(void **state)
{
    static const struct {
        int dialect;
        const char *sql, *grouped;
    } cases[] = {
        {BOTH, "a OR b AND NOT c = 1", "(a OR (b AND (NOT (c = 1))))"},
        {BOTH, "a + b * c - d", "((a + (b * c)) - d)"},
        {BOTH, "- a * b", "((- a) * b)"},
        {BOTH, "a = b + 1 AND c < d", "((a = (b + 1)) AND (c < d))"},
        {BOTH, "a BETWEEN 1 AND 2 AND b", "((a BETWEEN 1 2) AND b)"},
        {BOTH, "a AND b AND c", "(a AND b c)"},
        {P, "a || b LIKE c || d", "((a || b) LIKE (c || d))"},
        {P, "- a :: int", "(- (a int))"},
        {P, "a = b IS NULL", "(IS NULL (a = b))"},
        {P, "a -> b = c", "((a -> b) = c)"},
        {P, "a -> b + c", "(a -> (b + c))"},
        {P, "- 2 ^ 2", "((- 2) ^ 2)"},
        {P, "a + b AT TIME ZONE c", "(a + (b AT TIME ZONE c))"},
        {P, "a || b COLLATE \"C\"", "(a || (b \"C\"))"},
        {P, "NOT a IN (1) OR b", "((NOT (a IN (1))) OR b)"},
        {P, "@ a + b", "(@ (a + b))"},
        {M, "a || b AND c", "(a || (b AND c))"},
        {M, "a XOR b OR c", "((a XOR b) OR c)"},
        {M, "! a = b", "((! a) = b)"},
        {M, "NOT a = b", "(NOT (a = b))"},
        {M, "a | b & c << d + e", "(a | (b & (c << (d + e))))"},
        {M, "a = b = c", "((a = b) = c)"},
        {M, "a ^ b * c", "((a ^ b) * c)"},
        {M, "a LIKE b = c", "((a LIKE b) = c)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int bit = P; bit <= M; bit++) {
            struct syntax_tree tree;
            struct buffer out;

            if ((cases[i].dialect & bit) == 0)
                continue;
            tree = read_tree(dialect_of(bit), arena_printf(arena, "SELECT %s", cases[i].sql));
            buffer_init(&out, SIZE_MAX);
            put_grouped(tree.root->items[SELECT_TARGETS]->items[0]->items[0], &out);
            if (!text_equal(buffer_text(&out), text_of(cases[i].grouped)))
                fail_msg("%s: %.*s", cases[i].sql, (int)out.size_bytes, out.data);
            buffer_free(&out);
        }
}

static void what_is_no_statement_is_refused_with_its_place(void **state)
{
    static const struct {
        int dialect;
        const char *sql;
        size_t at;
    } cases[] = {
        {BOTH, "", 0},
        {BOTH, "SELEC 1", 0},
        {BOTH, "SELECT a FROM", 13},
        {BOTH, "SELECT a FROM t WHERE", 21},
        {BOTH, "SELECT (a FROM t", 10},
        {BOTH, "SELECT a FROM t )", 16},
        {BOTH, "SELECT 'a", 9},
        {BOTH, "SELECT 1; SELECT 2", 10},
        {BOTH, "SELECT a b c", 11},
        {BOTH, "UPDATE t WHERE a", 9},
        {BOTH, "INSERT INTO t (a VALUES (1)", 17},
        {BOTH, "VACUUM t", 0},
        {BOTH, "INSERT INTO t (1)", 15},
        {P, "SELECT a < b < c", 13},
        {P, "SELECT a FROM t JOIN u", 22},
        {P, "SELECT `a` FROM t", 11},
        {M, "SELECT a::int", 8},
        {M, "SELECT FROM t", 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int bit = P; bit <= M; bit++) {
            struct syntax_tree tree;
            struct syntax_problem problem = {NULL, 0};

            if ((cases[i].dialect & bit) == 0)
                continue;
            assert_int_equal(syntax_parse(dialect_of(bit), text_of(cases[i].sql), arena, &tree, &problem),
                             STATUS_MALFORMED);
            if (problem.at != cases[i].at)
                fail_msg("%s: at %zu, %s", cases[i].sql, problem.at, problem.message);
        }
}

/* `head`, then `body` `times` times, then `tail`. */
static struct text repeated(const char *head, const char *body, size_t times, const char *tail)
{
    struct buffer out;
    struct text text;

    buffer_init(&out, SIZE_MAX);
    buffer_append_string(&out, head);
    for (size_t i = 0; i < times; i++)
        buffer_append_string(&out, body);
    buffer_append_string(&out, tail);
    text = (struct text){arena_string(arena, out.data, out.size_bytes), out.size_bytes};
    buffer_free(&out);
    return text;
}

static void what_is_too_large_or_too_deep_is_refused(void **state)
{
    static const struct {
        const char *head, *body;
        size_t times;
        enum status status;
    } cases[] = {
        {"SELECT ", "(", 20 * 1000, STATUS_TOO_LARGE},
        {"SELECT ", "(SELECT ", 10 * 1000, STATUS_TOO_LARGE},
        {"SELECT a FROM ", "(", 20 * 1000, STATUS_TOO_LARGE},
        {"SELECT a FROM b ", "JOIN b ", 10 * 1000, STATUS_TOO_LARGE},
        {"SELECT 1", "+1", 20 * 1000, STATUS_TOO_LARGE},
        {"SELECT 1 ", "UNION SELECT 1 ", 10 * 1000, STATUS_TOO_LARGE},
        {"SELECT ", "NOT ", 20 * 1000, STATUS_TOO_LARGE},
        {"SELECT ", "- ", 20 * 1000, STATUS_TOO_LARGE},
        {"SELECT ", "CASE WHEN ", 10 * 1000, STATUS_TOO_LARGE},
        {"SELECT ", "f(", 20 * 1000, STATUS_TOO_LARGE},
        {"WITH a AS (", "WITH a AS (", 10 * 1000, STATUS_TOO_LARGE},
        {"SELECT 1", " OR 1", 20 * 1000, STATUS_OK},
        {"SELECT 1", ", 1", 20 * 1000, STATUS_OK},
        {"SELECT 1 IN (1", ", 1", 20 * 1000, STATUS_MALFORMED},
        {"SELECT 1", ", 1", 300 * 1000, STATUS_TOO_LARGE},
        {"SELECT ", "                                                                                            ",
         20 * 1000, STATUS_TOO_LARGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text sql = repeated(cases[i].head, cases[i].body, cases[i].times, "");

        for (int bit = P; bit <= M; bit++) {
            struct arena *own = arena_new(0);
            struct syntax_tree tree;
            struct syntax_problem problem;
            enum status status = syntax_parse(dialect_of(bit), sql, own, &tree, &problem);

            if (status != cases[i].status)
                fail_msg("%s%s…: %s", cases[i].head, cases[i].body, status_name(status));
            arena_destroy(own);
        }
    }
}

static void lists_inside_lists_are_bounded_too(void **state)
{
    static const char *const shapes[][2] = {{"SELECT 1 GROUP BY ", "GROUPING SETS ("},
                                            {"INSERT INTO a ", "("},
                                            {"UPDATE a SET ", "("},
                                            {"SELECT ARRAY", "["},
                                            {"SELECT a", "[a"},
                                            {"SELECT 1::a", "("}};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct syntax_tree tree;
        struct syntax_problem problem;

        assert_int_equal(syntax_parse(SQL_DIALECT_POSTGRESQL, repeated(shapes[i][0], shapes[i][1], 60 * 1000, ""),
                                      arena, &tree, &problem),
                         STATUS_TOO_LARGE);
    }
}

static void a_changed_tree_gets_the_parentheses_that_it_needs(void **state)
{
    static const struct {
        const char *outer, *inner, *written;
    } cases[] = {
        {"x AND b", "c OR d", "(c OR d) AND b"},
        {"x OR b", "c AND d", "c AND d OR b"},
        {"NOT x", "c OR d", "NOT (c OR d)"},
        {"x * 2", "a + b", "(a + b) * 2"},
        {"x + 2", "a * b", "a * b + 2"},
        {"x IS NULL", "a OR b", "(a OR b) IS NULL"},
        {"-x", "a + b", "-(a + b)"},
        {"-x", "-a", "- -a"},
        {"x = 1", "a = b", "(a = b) = 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct syntax_tree outer = read_tree(SQL_DIALECT_POSTGRESQL, arena_printf(arena, "SELECT %s", cases[i].outer));
        struct syntax_tree inner = read_tree(SQL_DIALECT_POSTGRESQL, arena_printf(arena, "SELECT %s", cases[i].inner));
        const struct syntax_node *target = outer.root->items[SELECT_TARGETS]->items[0]->items[0];
        struct text written;

        target->items[0] = inner.root->items[SELECT_TARGETS]->items[0]->items[0];
        written = write(SQL_DIALECT_POSTGRESQL, target);
        if (!text_equal(written, text_of(cases[i].written)))
            fail_msg("%s, expected %s", written.data, cases[i].written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_written_as_it_was_read),
        cmocka_unit_test(operators_bind_as_in_each_dialect),
        cmocka_unit_test(what_is_no_statement_is_refused_with_its_place),
        cmocka_unit_test(what_is_too_large_or_too_deep_is_refused),
        cmocka_unit_test(lists_inside_lists_are_bounded_too),
        cmocka_unit_test(a_changed_tree_gets_the_parentheses_that_it_needs),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
