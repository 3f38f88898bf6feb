/* lib/plan: trees and hashes from the EXPLAIN of PostgreSQL 15 and MariaDB 10.11 (golden/plan_*.json). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "plan/plan.h"

static struct text read_golden(const char *name, struct arena *arena)
{
    char *path = arena_printf(arena, POTTO_PROJECT_DIR "/tests/unit/golden/%s", name);
    char *data = arena_alloc(arena, 1 << 20);
    FILE *file = fopen(path, "r");
    size_t size;

    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    size = fread(data, 1, 1 << 20, file);
    fclose(file);
    return (struct text){data, size};
}

/* One line a node: "label relation[index]", indented by depth. */
static const char *draw(const struct plan *plan, struct arena *arena)
{
    const char *drawn = "";

    for (size_t i = 0; i < plan->node_count; i++) {
        const struct plan_node *node = plan->nodes[i];

        drawn = arena_printf(arena, "%s%*s%s", drawn, node->depth * 2, "", node->label.data);
        if (node->relation.data != NULL)
            drawn = arena_printf(arena, "%s %s", drawn, node->relation.data);
        if (node->alias.data != NULL)
            drawn = arena_printf(arena, "%s %s", drawn, node->alias.data);
        if (node->index.data != NULL)
            drawn = arena_printf(arena, "%s [%s]", drawn, node->index.data);
        drawn = arena_printf(arena, "%s\n", drawn);
    }
    return drawn;
}

static struct plan read_plan(const char *golden, enum plan_dialect dialect, struct arena *arena)
{
    struct plan plan = {0};
    struct error error = {0};

    if (plan_read(dialect, read_golden(golden, arena), arena, &plan, &error) != STATUS_OK)
        fail_msg("%s: %s %s", golden, error.message, error.detail);
    return plan;
}

/* As draw() draws them. */
static const struct {
    const char *golden;
    enum plan_dialect dialect;
    const char *tree;
} golden_plans[] = {
    {"plan_pg_aggregate.json", PLAN_DIALECT_POSTGRESQL,
     "Limit\n"
     "  Sort\n"
     "    HashAggregate\n"
     "      Hash Join\n"
     "        Seq Scan orders o\n"
     "        Hash\n"
     "          Seq Scan customers c\n"},
    {"plan_pg_index.json", PLAN_DIALECT_POSTGRESQL, "Index Scan customers [customers_pkey]\n"},
    {"plan_pg_cte.json", PLAN_DIALECT_POSTGRESQL,
     "Sort\n"
     "  Seq Scan (CTE recent) orders\n"
     "  Hash Join\n"
     "    Seq Scan customers c\n"
     "    Hash\n"
     "      HashAggregate\n"
     "        CTE Scan recent r\n"
     "    Aggregate (SubPlan 2)\n"
     "      Bitmap Heap Scan orders x\n"
     "        Bitmap Index Scan [orders_customer]\n"},
    {"plan_mariadb_aggregate.json", PLAN_DIALECT_MYSQL,
     "Query\n"
     "  Filesort\n"
     "    Temporary table\n"
     "      Nested loop\n"
     "        Table scan c\n"
     "        Index lookup o [orders_customer]\n"},
    {"plan_mariadb_const.json", PLAN_DIALECT_MYSQL, "Query\n  Constant row customers [PRIMARY]\n"},
    {"plan_mariadb_join_buffer.json", PLAN_DIALECT_MYSQL,
     "Query\n"
     "  Filesort\n"
     "    Temporary table\n"
     "      Nested loop\n"
     "        Index range scan a [orders_customer]\n"
     "        Block nested loop\n"
     "          Table scan b\n"},
    {"plan_mariadb_subqueries.json", PLAN_DIALECT_MYSQL,
     "Query\n"
     "  Union\n"
     "    Subquery\n"
     "      Nested loop\n"
     "        Table scan c\n"
     "        Unique index lookup <subquery3> [distinct_key]\n"
     "          Materialize\n"
     "            Subquery\n"
     "              Table scan r\n"
     "      Expression cache\n"
     "        Subquery\n"
     "          Index lookup x [orders_customer]\n"
     "    Subquery\n"
     "      Table scan <derived5>\n"
     "        Materialize\n"
     "          Subquery\n"
     "            Filesort\n"
     "              Temporary table\n"
     "                Table scan customers\n"},
};

static void golden_plans_become_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_plans / sizeof golden_plans[0]; i++) {
        struct arena *arena = arena_new(0);
        struct plan plan = read_plan(golden_plans[i].golden, golden_plans[i].dialect, arena);
        const char *drawn = draw(&plan, arena);

        if (strcmp(drawn, golden_plans[i].tree) != 0)
            fail_msg("%s:\n%s", golden_plans[i].golden, drawn);
        arena_destroy(arena);
    }
}

static void mysql_8_costs_are_read(void **state)
{
    struct arena *arena = arena_new(0);
    struct plan plan = {0};
    struct text json =
        TEXT("{\"query_block\": {\"select_id\": 1, \"cost_info\": {\"query_cost\": \"2.40\"}, \"ordering_operation\": "
             "{\"using_filesort\": true, \"table\": {\"table_name\": \"t\", \"access_type\": \"ALL\", "
             "\"rows_examined_per_scan\": 14, \"rows_produced_per_join\": 14, \"filtered\": \"100.00\", \"cost_info\": "
             "{\"read_cost\": \"0.40\", \"eval_cost\": \"1.40\", \"prefix_cost\": \"1.80\"}}}}}");

    (void)state;
    assert_int_equal(plan_read(PLAN_DIALECT_MYSQL, json, arena, &plan, NULL), STATUS_OK);
    assert_string_equal(draw(&plan, arena), "Query\n  Order\n    Table scan t\n");
    assert_true(fabs(plan.total_cost - 2.40) < 1e-9);
    assert_true(fabs(plan.nodes[2]->cost - 1.80) < 1e-9);
    assert_true(fabs(plan.nodes[2]->rows - 14) < 1e-9);
    arena_destroy(arena);
}

static void shares_of_a_plan_add_up_to_one(void **state)
{
    static const char *const goldens[] = {"plan_pg_aggregate.json", "plan_pg_cte.json", "plan_pg_index.json"};

    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        struct arena *arena = arena_new(0);
        struct plan plan = read_plan(goldens[i], PLAN_DIALECT_POSTGRESQL, arena);
        double sum = 0;

        for (size_t n = 0; n < plan.node_count; n++) {
            assert_true(plan.nodes[n]->cost_share >= 0);
            sum += plan.nodes[n]->cost_share;
        }
        assert_true(fabs(sum - 1) < 1e-9);
        arena_destroy(arena);
    }
}

static void hash_ignores_literals_and_numbers_but_not_shape(void **state)
{
    struct arena *arena = arena_new(0);
    struct plan seven = read_plan("plan_pg_index.json", PLAN_DIALECT_POSTGRESQL, arena);
    struct plan other = read_plan("plan_pg_index_other_literal.json", PLAN_DIALECT_POSTGRESQL, arena);
    struct plan aggregate = read_plan("plan_pg_aggregate.json", PLAN_DIALECT_POSTGRESQL, arena);

    (void)state;
    assert_memory_equal(seven.hash.bytes, other.hash.bytes, sizeof seven.hash.bytes);
    assert_string_equal(seven.nodes[0]->condition.data, "index: (id = 7)");
    assert_memory_not_equal(seven.hash.bytes, aggregate.hash.bytes, sizeof seven.hash.bytes);
    arena_destroy(arena);
}

static void json_that_is_no_plan_is_refused(void **state)
{
    static const struct {
        const char *json;
        enum plan_dialect dialect;
        enum status status;
    } cases[] = {
        {"", PLAN_DIALECT_MYSQL, STATUS_MALFORMED},
        {"{", PLAN_DIALECT_MYSQL, STATUS_MALFORMED},
        {"nonsense", PLAN_DIALECT_POSTGRESQL, STATUS_MALFORMED},
        {"[]", PLAN_DIALECT_POSTGRESQL, STATUS_INVALID},
        {"[1]", PLAN_DIALECT_POSTGRESQL, STATUS_INVALID},
        {"{}", PLAN_DIALECT_MYSQL, STATUS_INVALID},
        {"{\"query_block\": 3}", PLAN_DIALECT_MYSQL, STATUS_INVALID},
        {"[{\"Plan\": {}}]", PLAN_DIALECT_POSTGRESQL, STATUS_INVALID},
        {"[{\"Plan\": {\"Node Type\": 4}}]", PLAN_DIALECT_POSTGRESQL, STATUS_INVALID},
        {"[{\"Plan\": {\"Node Type\": \"Result\", \"Plans\": [7]}}]", PLAN_DIALECT_POSTGRESQL, STATUS_INVALID},
        {"{\"query_block\": {}}", PLAN_DIALECT_UNSET, STATUS_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_new(0);
        struct plan plan = {0};
        struct error error = {0};

        if (plan_read(cases[i].dialect, text_of(cases[i].json), arena, &plan, &error) != cases[i].status)
            fail_msg("%s: %s", cases[i].json, status_name(error.status));
        assert_int_equal(plan.node_count, 0);
        arena_destroy(arena);
    }
}

/* `open`, repeated `count` times, then `core`, then as many `close`. */
static struct text nest(const char *open, const char *core, const char *close, int count, struct arena *arena)
{
    struct buffer out;
    struct text nested;

    buffer_init(&out, SIZE_MAX);
    for (int i = 0; i < count; i++)
        buffer_append_string(&out, open);
    buffer_append_string(&out, core);
    for (int i = 0; i < count; i++)
        buffer_append_string(&out, close);
    nested = text_of(arena_string(arena, out.data, out.size_bytes));
    buffer_free(&out);
    return nested;
}

static void endless_plans_are_too_large(void **state)
{
    struct arena *arena = arena_new(0);
    struct plan plan = {0};
    const char *open = "{\"Node Type\": \"Append\", \"Plans\": [", *leaf = "{\"Node Type\": \"Result\"}";
    struct text deep = nest(open, leaf, "]}", PLAN_DEPTH_MAX, arena);
    struct text less_deep = nest(open, leaf, "]}", PLAN_DEPTH_MAX - 1, arena);
    struct text deeper = nest("[", "", "]", 100000, arena);
    struct text wide = nest("{\"Node Type\": \"Result\"},", leaf, "", 3000, arena);

    (void)state;
    deep = text_of(arena_printf(arena, "[{\"Plan\": %s}]", deep.data));
    wide = text_of(arena_printf(arena, "[{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": [%s]}}]", wide.data));
    less_deep = text_of(arena_printf(arena, "[{\"Plan\": %s}]", less_deep.data));
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, less_deep, arena, &plan, NULL), STATUS_OK);
    assert_int_equal(plan.node_count, PLAN_DEPTH_MAX);
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, deep, arena, &plan, NULL), STATUS_TOO_LARGE);
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, deeper, arena, &plan, NULL), STATUS_TOO_LARGE);
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, wide, arena, &plan, NULL), STATUS_TOO_LARGE);
    arena_destroy(arena);
}

static void a_list_of_many_keys_takes_memory_in_proportion(void **state)
{
    enum { KEYS = 100000 };
    struct arena *arena = arena_new(0);
    struct text keys = nest("\"a\",", "\"b\"", "", KEYS, arena);
    struct text json =
        text_of(arena_printf(arena, "{\"Plan\": {\"Node Type\": \"Sort\", \"Sort Key\": [%s]}}", keys.data));
    size_t used = arena_used(arena);
    struct plan plan = {0};

    (void)state;
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, json, arena, &plan, NULL), STATUS_OK);
    assert_int_equal(plan.nodes[0]->condition.size, strlen("sort by: ") + KEYS * strlen("a, ") + strlen("b"));
    assert_true(arena_used(arena) - used < 4 * json.size);
    arena_destroy(arena);
}

/* Lists of 100,000 items in every member that a reader turns into text, and in some that none reads. */
static void long_lists_anywhere_take_memory_in_proportion(void **state)
{
    static const struct {
        enum plan_dialect dialect;
        const char *before, *after;
    } plans[] = {
        {PLAN_DIALECT_POSTGRESQL, "{\"Plan\": {\"Node Type\": \"Aggregate\", \"Group Key\": [", "]}}"},
        {PLAN_DIALECT_POSTGRESQL, "{\"Plan\": {\"Node Type\": \"Memoize\", \"Cache Key\": [", "]}}"},
        {PLAN_DIALECT_POSTGRESQL, "{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Output\": [", "]}}"},
        {PLAN_DIALECT_POSTGRESQL, "{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Filter\": [", "]}}"},
        {PLAN_DIALECT_POSTGRESQL, "{\"Plan\": {\"Node Type\": \"Sort\", \"Sort Key\": [[", "]]}}"},
        {PLAN_DIALECT_POSTGRESQL, "{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": [", "]}}"},
        {PLAN_DIALECT_MYSQL, "{\"query_block\": {\"table\": {\"table_name\": \"t\", \"ref\": [", "]}}}"},
        {PLAN_DIALECT_MYSQL, "{\"query_block\": {\"table\": {\"table_name\": \"t\", \"used_columns\": [", "]}}}"},
        {PLAN_DIALECT_MYSQL, "{\"query_block\": {\"filesort\": {\"sort_key\": [", "]}}}"},
        {PLAN_DIALECT_MYSQL, "{\"query_block\": {\"nested_loop\": [", "]}}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct arena *arena = arena_new(0);
        struct text items = nest("\"a\",", "\"b\"", "", 100000, arena);
        struct text json = text_of(arena_printf(arena, "%s%s%s", plans[i].before, items.data, plans[i].after));
        size_t used = arena_used(arena);
        struct plan plan = {0};

        plan_read(plans[i].dialect, json, arena, &plan, NULL); /* some are refused: that is as good */
        assert_true(arena_used(arena) - used < 4 * json.size);
        arena_destroy(arena);
    }
}

static void conditions_of_several_kinds_stand_in_one_line(void **state)
{
    static const char json[] =
        "{\"Plan\": {\"Node Type\": \"Sort\", \"Filter\": \"(a > 1)\", \"Index Cond\": \"(b = 2)\", "
        "\"Sort Key\": [\"c\", 5, \"d DESC\"], \"Group Key\": [], \"Cache Key\": [7]}}";
    struct arena *arena = arena_new(0);
    struct plan plan = {0};

    (void)state;
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, text_of(json), arena, &plan, NULL), STATUS_OK);
    assert_string_equal(plan.nodes[0]->condition.data, "index: (b = 2); filter: (a > 1); sort by: c, d DESC");
    arena_destroy(arena);
}

static void costs_beyond_any_number_are_unknown(void **state)
{
    static const char json[] =
        "{\"query_block\": {\"cost_info\": {\"read_cost\": \"1e308\", \"eval_cost\": \"1e308\"}}}";
    struct arena *arena = arena_new(0);
    struct plan plan = {0};

    (void)state;
    assert_int_equal(plan_read(PLAN_DIALECT_MYSQL, text_of(json), arena, &plan, NULL), STATUS_OK);
    assert_float_equal(plan.nodes[0]->cost, -1, 0);
    assert_float_equal(plan.total_cost, -1, 0);
    arena_destroy(arena);
}

static void a_text_of_a_plan_ends_before_a_nul(void **state)
{
    static const char json[] = "{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"a\\u0000b\"}}";
    struct arena *arena = arena_new(0);
    struct plan plan = {0};

    (void)state;
    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, text_of(json), arena, &plan, NULL), STATUS_OK);
    assert_int_equal(plan.nodes[0]->relation.size, 1);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_plans_become_trees),
        cmocka_unit_test(mysql_8_costs_are_read),
        cmocka_unit_test(shares_of_a_plan_add_up_to_one),
        cmocka_unit_test(hash_ignores_literals_and_numbers_but_not_shape),
        cmocka_unit_test(json_that_is_no_plan_is_refused),
        cmocka_unit_test(endless_plans_are_too_large),
        cmocka_unit_test(a_list_of_many_keys_takes_memory_in_proportion),
        cmocka_unit_test(long_lists_anywhere_take_memory_in_proportion),
        cmocka_unit_test(conditions_of_several_kinds_stand_in_one_line),
        cmocka_unit_test(costs_beyond_any_number_are_unknown),
        cmocka_unit_test(a_text_of_a_plan_ends_before_a_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
