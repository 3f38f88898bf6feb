/* Rules over statements: for each a statement in which it holds, and near misses in which it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "advise/examine.h"
#include "syntax/resolve.h"
#include "tests/unit/arena_fixture.h"

enum { P = 1, M = 2, BOTH = 3 };

static const char postgresql_ddl[] =
    "-- a dump\n\\restrict x\nSET client_encoding = 'UTF8';\n"
    "CREATE TABLE public.users (id bigint NOT NULL, email text NOT NULL, name text, age integer, city text,\n"
    "  created_at timestamp with time zone NOT NULL, manager_id bigint);\n"
    "COPY public.users (id) FROM stdin;\nCREATE TABLE no_table (;\n\\.\n"
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; CREATE TABLE none (a int); $$;\n"
    "ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);\n"
    "CREATE UNIQUE INDEX users_email ON public.users USING btree (email);\n"
    "CREATE INDEX users_created ON public.users created_at);\n"
    "CREATE INDEX users_created ON public.users (created_at);\n"
    "CREATE INDEX users_age ON public.users (age);\n"
    "CREATE TABLE orders (id serial PRIMARY KEY, user_id bigint REFERENCES users (id), total numeric(10, 2), note "
    "text);\n"
    "CREATE INDEX orders_user ON orders (user_id);\n"
    "CREATE INDEX orders_note ON orders (lower(note));\n"
    "CREATE TABLE wide (a int, b int, c int, d int, e int, f int, g int, h int, i int, j int, k int, l int, m int, n "
    "int,\n"
    "  o int, p int, q int, r int, s int, t int);\n";

static const char mysql_ddl[] =
    "/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `users`;\n"
    "CREATE TABLE `users` (`id` bigint(20) unsigned NOT NULL AUTO_INCREMENT, `email` varchar(100) NOT NULL,\n"
    "  `name` varchar(100) DEFAULT NULL COMMENT 'with ; in it', `age` int(11) DEFAULT NULL, `city` varchar(50),\n"
    "  `created_at` datetime NOT NULL, `manager_id` bigint(20) DEFAULT NULL,\n"
    "  PRIMARY KEY (`id`), UNIQUE KEY `users_email` (`email`), KEY `users_created` (`created_at`), KEY (`age`)\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
    "CREATE TABLE `orders` (`id` int NOT NULL PRIMARY KEY, `user_id` bigint, `total` decimal(10,2), `note` text,\n"
    "  KEY `orders_user` (`user_id`), KEY `orders_note` ((lower(`note`))));\n"
    "CREATE TABLE wide (a int, b int, c int, d int, e int, f int, g int, h int, i int, j int, k int, l int, m int, n "
    "int,\n"
    "  o int, p int, q int, r int, s int, t int);\n";

static struct schema schema_of(enum sql_dialect dialect)
{
    bool is_mysql = dialect == SQL_DIALECT_MYSQL;
    struct schema schema;
    struct error error = {0};

    assert_int_equal(schema_read(dialect, text_of(is_mysql ? mysql_ddl : postgresql_ddl), arena, &schema, &error),
                     STATUS_OK);
    return schema;
}

static const struct {
    int dialects;
    const char *rule;  /* "" in rows that go on */
    const char *fires; /* the rule holds, and no other warning; "" where the row has a near miss alone */
    const char *near;  /* the rule does not hold */
} cases[] = {
    {BOTH, "cartesian_join", "SELECT u.name FROM users u, orders o WHERE o.total > 5 AND u.city IS NULL",
     "SELECT u.name FROM users u, orders o WHERE o.user_id = u.id"},
    {BOTH, "cartesian_join", "SELECT u.name FROM users u JOIN orders o ON u.id = u.manager_id",
     "SELECT u.name FROM users u CROSS JOIN orders o"},
    {BOTH, "cartesian_join", "SELECT 1 FROM users u, orders o, wide w WHERE o.user_id = u.id",
     "SELECT 1 FROM users u, orders o, wide w WHERE o.user_id = u.id AND (w.a = u.age OR w.b = 1)"},
    {BOTH, "cartesian_join", "", "SELECT 1 FROM users u, orders o WHERE u.id = 1 AND o.id = 2"},
    {BOTH, "cartesian_join", "", "SELECT 1 FROM users u, orders o WHERE unknown_column = u.id"},
    {BOTH, "correlated_subquery", "SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) FROM users u",
     "SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = 1) FROM users u"},
    {BOTH, "count_for_exists",
     "SELECT id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 0",
     "SELECT id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 2"},
    {BOTH, "count_for_exists", "", "SELECT id FROM users u WHERE (SELECT count(name) FROM users) = 0"},
    {BOTH, "distinct_needless", "SELECT DISTINCT email, name FROM users", "SELECT DISTINCT name, city FROM users"},
    {BOTH, "distinct_needless", "SELECT DISTINCT id FROM users WHERE age > 1",
     "SELECT DISTINCT u.id FROM users u JOIN orders o ON o.user_id = u.id"},
    {BOTH, "equals_null", "SELECT id FROM users WHERE name = NULL", "SELECT id FROM users WHERE name IS NULL"},
    {BOTH, "equals_null", "SELECT id FROM users WHERE NULL <> age", "UPDATE users SET name = NULL WHERE id = 1"},
    {BOTH, "function_on_column", "SELECT id FROM users WHERE date(created_at) = '2024-01-01'",
     "SELECT id FROM users WHERE created_at >= '2024-01-01'"},
    {BOTH, "function_on_column", "SELECT id FROM users WHERE age + 1 > 18", "SELECT id FROM users WHERE age > 18 + 1"},
    {BOTH, "function_on_column", "SELECT id FROM users WHERE CAST(age AS char) IN ('1', '2')",
     "SELECT id FROM orders WHERE lower(note) = 'x'"},
    {BOTH, "function_on_column", "", "SELECT lower(email) FROM users WHERE lower(city) = 'x'"},
    {P, "function_on_column", "SELECT id FROM users WHERE created_at::date = '2024-01-01'",
     "SELECT id FROM users WHERE created_at = '2024-01-01'::date"},
    {BOTH, "having_could_be_where", "SELECT city, count(*) FROM users GROUP BY city HAVING city <> 'x'",
     "SELECT city, count(*) FROM users GROUP BY city HAVING count(*) > 1"},
    {BOTH, "having_could_be_where", "", "SELECT age + 1 AS city, count(*) FROM users GROUP BY age HAVING city > 5"},
    {M, "implicit_conversion", "SELECT id FROM users WHERE email = 5", "SELECT id FROM users WHERE email = '5'"},
    {M, "implicit_conversion", "SELECT u.id FROM users u JOIN orders o ON u.email = o.user_id",
     "SELECT u.id FROM users u JOIN orders o ON u.id = o.user_id"},
    {M, "implicit_conversion", "SELECT id FROM users WHERE email IN (5, 6)", "SELECT id FROM users WHERE age = '5'"},
    {P, "implicit_conversion", "SELECT id FROM users WHERE age = 1.0", "SELECT id FROM users WHERE age = 1"},
    {P, "implicit_conversion", "", "SELECT id FROM orders WHERE total = 1.0"},
    {BOTH, "leading_wildcard", "SELECT id FROM users WHERE name LIKE '%x'",
     "SELECT id FROM users WHERE name LIKE 'x%'"},
    {BOTH, "leading_wildcard", "", "SELECT name LIKE '%x' FROM users WHERE name NOT LIKE '%y'"},
    {P, "leading_wildcard", "SELECT id FROM users WHERE name ILIKE '%x%'", "SELECT id FROM users WHERE 'x' LIKE '%x'"},
    {BOTH, "limit_without_order", "SELECT id FROM users LIMIT 10", "SELECT id FROM users ORDER BY id LIMIT 10"},
    {BOTH, "limit_without_order", "", "SELECT count(*) FROM users LIMIT 10"},
    {BOTH, "limit_without_order", "", "SELECT id FROM users WHERE age = 3 LIMIT 1"},
    {BOTH, "lock_without_where", "SELECT id FROM users FOR UPDATE", "SELECT id FROM users WHERE id = 1 FOR UPDATE"},
    {BOTH, "not_in_nullable", "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders)",
     "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE user_id IS NOT NULL)"},
    {BOTH, "not_in_nullable", "", "SELECT id FROM users WHERE id NOT IN (SELECT id FROM orders)"},
    {BOTH, "not_in_nullable", "", "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders)"},
    {BOTH, "offset_large", "SELECT id FROM users ORDER BY id LIMIT 10 OFFSET 50000",
     "SELECT id FROM users ORDER BY id LIMIT 10 OFFSET 500"},
    {M, "offset_large", "SELECT id FROM users ORDER BY id LIMIT 50000, 10",
     "SELECT id FROM users ORDER BY id LIMIT 50000"},
    {BOTH, "offset_without_order", "SELECT id FROM users LIMIT 10 OFFSET 20", "SELECT id FROM users LIMIT 1 OFFSET 0"},
    {BOTH, "or_over_columns", "SELECT id FROM users WHERE age = 1 OR city = 'x'",
     "SELECT id FROM users WHERE age = 1 OR email = 'x'"},
    {BOTH, "or_over_columns", "", "SELECT id FROM users WHERE city = 'y' OR city = 'x'"},
    {BOTH, "or_over_tables",
     "SELECT u.id FROM users u JOIN orders o ON o.user_id = u.id WHERE u.age = 1 OR o.total = 2",
     "SELECT u.id FROM users u JOIN orders o ON o.user_id = u.id WHERE u.age = 1 OR u.city = 'x'"},
    {P, "order_by_random", "SELECT id FROM users ORDER BY random()", "SELECT id, random() FROM users ORDER BY id"},
    {M, "order_by_random", "SELECT id FROM users ORDER BY RAND()", "SELECT id FROM users ORDER BY RAND(5)"},
    {BOTH, "order_in_subquery", "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders ORDER BY total)",
     "SELECT id FROM users WHERE EXISTS (SELECT 1 FROM orders ORDER BY total LIMIT 1)"},
    {BOTH, "outer_join_dead", "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id",
     "SELECT o.id, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id"},
    {BOTH, "outer_join_dead", "SELECT count(*) FROM orders o LEFT JOIN users u ON u.id = o.user_id AND u.age = 3",
     "SELECT o.id FROM users o LEFT JOIN orders u ON u.user_id = o.id"},
    {BOTH, "outer_join_dead", "", "SELECT * FROM orders o LEFT JOIN users u ON u.id = o.user_id"},
    {BOTH, "outer_join_undone", "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE u.age > 3",
     "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE u.id IS NULL"},
    {BOTH, "outer_join_undone", "",
     "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE o.total > 3"},
    {BOTH, "select_star_wide", "SELECT * FROM wide", "SELECT * FROM users"},
    {BOTH, "select_star_wide", "", "SELECT a FROM (SELECT * FROM wide) w"},
    {BOTH, "union_for_union_all", "SELECT id, 'a' FROM users UNION SELECT id, 'b' FROM orders",
     "SELECT id, 'a' FROM users UNION SELECT id, 'a' FROM orders"},
    {BOTH, "union_for_union_all", "", "SELECT city, 'a' FROM users UNION SELECT note, 'b' FROM orders"},
    {M, "write_limit_without_order", "DELETE FROM users WHERE age > 1 LIMIT 10",
     "DELETE FROM users WHERE age > 1 ORDER BY id LIMIT 10"},
    {BOTH, "write_without_where", "UPDATE users SET age = age + 1", "UPDATE users SET age = 1 WHERE id = 3"},
    {BOTH, "write_without_where", "DELETE FROM users", "DELETE FROM users WHERE id IN (SELECT user_id FROM orders)"},
};

static size_t times_found(const struct statement_findings *findings, const char *rule)
{
    size_t times = 0;

    for (size_t i = 0; i < findings->count; i++)
        times += strcmp(findings->items[i].rule, rule) == 0;
    return times;
}

static void expect_rule(int bit, const char *rule, const char *sql, bool is_expected)
{
    enum sql_dialect dialect = bit == M ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL;
    struct schema schema = schema_of(dialect);
    struct statement_findings findings;
    size_t times;

    if (sql[0] == '\0')
        return;
    if (statement_find(dialect, text_of(sql), &schema, arena, &findings) != STATUS_OK)
        fail_msg("%s at %zu: %s", findings.unread.message, findings.unread.at, sql);
    times = times_found(&findings, rule);
    if (times != is_expected)
        fail_msg("%s: %s found %zu times", sql, rule, times);
    for (size_t i = 0; i < findings.count; i++) {
        assert_true(findings.items[i].from < findings.items[i].to && findings.items[i].to <= strlen(sql));
        assert_true(findings.items[i].evidence.size > 0);
        if (strcmp(findings.items[i].rule, rule) != 0 && is_expected)
            fail_msg("%s: found %s too", sql, findings.items[i].rule);
    }
}

static void every_rule_holds_where_it_should_and_nowhere_near(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int bit = P; bit <= M; bit++)
            if ((cases[i].dialects & bit) != 0) {
                expect_rule(bit, cases[i].rule, cases[i].fires, true);
                expect_rule(bit, cases[i].rule, cases[i].near, false);
            }
    for (size_t i = 0; i < statement_rule_count; i++) {
        bool has_case = strcmp(statement_rules[i].name, "in_list_long") == 0;

        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
            has_case |= strcmp(statement_rules[i].name, cases[k].rule) == 0 && cases[k].fires[0] != '\0';
        if (!has_case)
            fail_msg("%s has no case", statement_rules[i].name);
        if (i > 0)
            assert_true(strcmp(statement_rules[i - 1].name, statement_rules[i].name) < 0);
    }
}

/* `head`, then `body` `times` times, then `tail`. */
static const char *repeated(const char *head, const char *body, size_t times, const char *tail)
{
    struct buffer out;
    const char *text;

    buffer_init(&out, SIZE_MAX);
    buffer_append_string(&out, head);
    while (times-- > 0)
        buffer_append_string(&out, body);
    buffer_append_string(&out, tail);
    text = arena_string(arena, out.data, out.size_bytes);
    buffer_free(&out);
    return text;
}

static void a_list_of_a_thousand_items_is_long(void **state)
{
    (void)state;
    expect_rule(P, "in_list_long", repeated("SELECT id FROM users WHERE age IN (1", ", 1", 999, ")"), true);
    expect_rule(P, "in_list_long", repeated("SELECT id FROM users WHERE age IN (1", ", 1", 998, ")"), false);
}

static void a_schema_is_read_from_a_dump(void **state)
{
    (void)state;
    for (int bit = P; bit <= M; bit++) {
        struct schema schema = schema_of(bit == M ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL);
        const struct schema_table *users = schema_table_find(&schema, TEXT(""), TEXT("users"));
        const struct schema_table *orders = schema_table_find(&schema, TEXT("public"), TEXT("orders"));

        assert_int_equal(schema.tables.count, 3);
        assert_int_equal(schema.refused_count, bit == P ? 1 : 0);
        assert_non_null(users);
        assert_non_null(orders);
        assert_int_equal(users->columns.count, 7);
        assert_int_equal(users->keys.count, 4);
        assert_true(users->keys.items[0].is_primary);
        assert_true(schema_column_find(users, TEXT("id"))->is_not_null);
        assert_false(schema_column_find(users, TEXT("age"))->is_not_null);
        assert_int_equal(schema_column_find(users, TEXT("created_at"))->type, COLUMN_TYPE_TIME);
        assert_int_equal(schema_column_find(orders, TEXT("total"))->type, COLUMN_TYPE_NUMBER);
        assert_true(schema_column_find(orders, TEXT("id"))->is_not_null);
        assert_true(has_expression_index(orders));
        assert_null(schema_column_find(orders, TEXT("none")));
    }
}

/* What each name is bound to, in the order of the bindings: "table.column", "=alias" for a column of a query, "?" for
 * unknown, "!" for ambiguous. */
static const char *bound(const char *sql)
{
    struct schema schema = schema_of(SQL_DIALECT_POSTGRESQL);
    struct syntax_problem problem = {NULL, 0};
    struct syntax_tree tree;
    struct resolution names;
    const char *line = "";

    if (syntax_parse(SQL_DIALECT_POSTGRESQL, text_of(sql), arena, &tree, &problem) != STATUS_OK)
        fail_msg("%s: %s", problem.message, sql);
    syntax_resolve(&tree, &schema, arena, &names);
    for (size_t i = 0; i < names.bindings.count; i++) {
        const struct binding *binding = resolve_binding(&names, names.bindings.items[i].reference);
        const struct source *source = resolve_source(binding);
        const char *blank = i > 0 ? " " : "";

        assert_ptr_equal(binding, &names.bindings.items[i]);
        if (source != NULL && binding->column != NULL)
            line = arena_printf(arena, "%s%s%s.%.*s", line, blank, source->table->name.data,
                                (int)binding->column->name.size, binding->column->name.data);
        else if (source != NULL)
            line = arena_printf(arena, "%s%s=%.*s", line, blank, (int)source->name.size, source->name.data);
        else
            line = arena_printf(arena, "%s%s%s", line, blank, binding->state == BINDING_AMBIGUOUS ? "!" : "?");
    }
    return line;
}

static void names_are_bound_by_the_scopes_of_sql(void **state)
{
    static const struct {
        const char *sql, *bound;
    } rows[] = {
        {"SELECT id, users.name, u.x FROM users", "users.id users.name ?"},
        {"SELECT id FROM users, orders", "!"},
        {"SELECT total, email FROM users u JOIN orders o ON u.id = o.user_id",
         "users.id orders.user_id orders.total users.email"},
        {"SELECT \"ID\" FROM users", "?"},
        {"SELECT ID FROM Users", "users.id"},
        {"SELECT x.id, y FROM (SELECT id, age AS y FROM users) x", "users.id users.age =x =x"},
        {"SELECT x.nothing FROM (SELECT id FROM users) AS x", "users.id ?"},
        {"WITH w AS (SELECT id AS k FROM users) SELECT k, total FROM w, orders", "users.id =w orders.total"},
        {"WITH w (a, b) AS (SELECT id, name FROM users) SELECT b FROM w v WHERE v.a = 1", "users.id users.name =v =v"},
        {"SELECT id FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = users.id AND total > age)",
         "users.id orders.user_id users.id orders.total users.age"},
        {"SELECT l.t FROM users, LATERAL (SELECT total AS t FROM orders WHERE user_id = users.id) l",
         "orders.total orders.user_id users.id =l"},
        {"SELECT 1 FROM users, (SELECT total FROM orders WHERE user_id = users.id) l", "orders.total orders.user_id ?"},
        {"SELECT age AS total FROM users ORDER BY total", "users.age"},
        {"SELECT a FROM elsewhere", "=elsewhere"},
        {"SELECT a FROM elsewhere, users", "=elsewhere"},
        {"SELECT id FROM elsewhere, users", "?"},
        {"SELECT y.a FROM users AS y (a)", "=y"},
        {"UPDATE users SET age = o.total FROM orders o WHERE o.user_id = users.id",
         "users.age orders.total orders.user_id users.id"},
        {"DELETE FROM users u USING orders WHERE user_id = u.id", "orders.user_id users.id"},
        {"INSERT INTO users (id, name) SELECT id, note FROM orders ON CONFLICT (id) DO NOTHING",
         "users.id users.name orders.id orders.note users.id"},
        {"WITH RECURSIVE r AS (SELECT id AS n FROM users UNION ALL SELECT n FROM r) SELECT n FROM r", "users.id =r =r"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *line = bound(rows[i].sql);

        if (strcmp(line, rows[i].bound) != 0)
            fail_msg("%s\n  %s\n  expected %s", rows[i].sql, line, rows[i].bound);
    }
}

static void what_could_not_be_examined_is_said(void **state)
{
    struct schema schema = schema_of(SQL_DIALECT_POSTGRESQL);
    struct statement_findings findings;

    (void)state;
    assert_int_equal(statement_find(SQL_DIALECT_POSTGRESQL, TEXT("SELECT FROM WHERE"), NULL, arena, &findings),
                     STATUS_MALFORMED);
    assert_int_equal(findings.count, 0);
    assert_int_equal(findings.unread.at, 12);
    assert_int_equal(statement_find(SQL_DIALECT_POSTGRESQL, TEXT("SELECT 1"), NULL, arena, &findings), STATUS_OK);
    assert_non_null(strstr(findings.not_examined, "no schema"));
    assert_int_equal(statement_find(SQL_DIALECT_POSTGRESQL, TEXT("SELECT a FROM t"), &schema, arena, &findings),
                     STATUS_OK);
    assert_non_null(strstr(findings.not_examined, "lacks a table"));
    assert_int_equal(statement_find(SQL_DIALECT_POSTGRESQL, TEXT("SELECT id FROM users"), &schema, arena, &findings),
                     STATUS_OK);
    assert_null(findings.not_examined);
}

static void a_hostile_statement_costs_little(void **state)
{
    static const struct {
        const char *head, *body, *tail;
    } shapes[] = {
        {"SELECT id FROM users", ", users", " WHERE id = 1"},
        {"SELECT 1 FROM users WHERE id = 1", " AND id = 2", ""},
        {"WITH a AS (SELECT * FROM wide), b AS (SELECT * FROM a", ", a", ") SELECT * FROM b ORDER BY a"},
        {"SELECT 1 WHERE 1 IN (SELECT x.a FROM wide x", ") OR 1 IN (SELECT y.b FROM wide y", ")"},
        {"SELECT a FROM wide WHERE b = NULL", " OR b = NULL", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t times = 500 * 1000 / strlen(shapes[i].body) / 4;
        const char *sql = repeated(shapes[i].head, shapes[i].body, times, shapes[i].tail);
        struct schema schema = schema_of(SQL_DIALECT_POSTGRESQL);
        struct statement_findings findings;

        assert_int_equal(statement_find(SQL_DIALECT_POSTGRESQL, text_of(sql), &schema, arena, &findings), STATUS_OK);
        assert_true(findings.count <= STATEMENT_FINDINGS_MAX);
    }
}

static void the_table_of_rules_is_in_the_documents(void **state)
{
    FILE *file = fopen(POTTO_PROJECT_DIR "/docs/statements.md", "r");
    static char document[256 * 1024];
    struct buffer table;
    size_t size;

    (void)state;
    assert_non_null(file);
    size = fread(document, 1, sizeof document, file);
    fclose(file);
    buffer_init(&table, SIZE_MAX);
    statement_rules_write(&table);
    if (memmem(document, size, table.data, table.size_bytes) == NULL)
        fail_msg("docs/statements.md does not have the table that `potto statement rules` prints");
    buffer_free(&table);
}

/* Nothing found is no answer where something was too large to be looked at. */
static void what_is_too_large_is_not_called_examined(void **state)
{
    static const char *const begins[] = {"SELECT * FROM t", "SELECT * FROM t, u WHERE t.a = 1"};
    static const char *const parts[] = {", t%d", " AND t.a%d = 1"};
    static const int counts[] = {600, 2500};

    (void)state;
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        struct statement_findings findings;
        struct buffer sql;

        buffer_init(&sql, 1 << 20);
        buffer_append_text(&sql, text_of(begins[i]));
        for (int k = 0; k < counts[i]; k++)
            buffer_printf(&sql, parts[i], k);
        assert_int_equal(statement_find(SQL_DIALECT_POSTGRESQL, buffer_text(&sql), NULL, arena, &findings), STATUS_OK);
        assert_int_equal(findings.count, 0);
        assert_true(findings.is_cut);
        buffer_free(&sql);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_holds_where_it_should_and_nowhere_near),
        cmocka_unit_test(a_list_of_a_thousand_items_is_long),
        cmocka_unit_test(a_schema_is_read_from_a_dump),
        cmocka_unit_test(names_are_bound_by_the_scopes_of_sql),
        cmocka_unit_test(what_could_not_be_examined_is_said),
        cmocka_unit_test(what_is_too_large_is_not_called_examined),
        cmocka_unit_test(a_hostile_statement_costs_little),
        cmocka_unit_test(the_table_of_rules_is_in_the_documents),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
