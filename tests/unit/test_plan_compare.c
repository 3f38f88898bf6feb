/* lib/plan/compare.h: what changed between two plans, and why. The plans in golden/compare_*.json are those of
 * PostgreSQL 15 and MariaDB 10.11, before and after an index was dropped, statistics changed or a setting did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "plan/compare.h"
#include "tests/unit/arena_fixture.h"

static struct plan read_golden(const char *name, enum plan_dialect dialect)
{
    char *path = arena_printf(arena, POTTO_PROJECT_DIR "/tests/unit/golden/compare_%s.json", name);
    char *data = arena_alloc(arena, 1 << 20);
    struct plan plan = {0};
    FILE *file = fopen(path, "r");
    size_t size;

    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    size = fread(data, 1, 1 << 20, file);
    fclose(file);
    if (plan_read(dialect, (struct text){data, size}, arena, &plan, NULL) != STATUS_OK)
        fail_msg("%s is no plan", path);
    return plan;
}

static struct plan_comparison compare(const struct plan *before, const struct plan *after)
{
    struct plan_comparison comparison;

    plan_compare(&(struct plan_side){before, false}, &(struct plan_side){after, false}, arena, &comparison);
    return comparison;
}

/* One line for each change and each reason. */
static const char *tell(const struct plan_comparison *comparison)
{
    const char *told = "";

    for (size_t i = 0; i < comparison->change_count; i++)
        told = arena_printf(arena, "%s%s: %s\n", told, plan_change_name(comparison->changes[i].kind),
                            comparison->changes[i].sentence.data);
    for (size_t i = 0; i < comparison->reason_count; i++)
        told = arena_printf(arena, "%swhy %s: %s\n", told, plan_reason_name(comparison->reasons[i].kind),
                            comparison->reasons[i].sentence.data);
    return told;
}

static const struct {
    const char *before, *after;
    enum plan_dialect dialect;
    const char *told;
} pairs[] = {
    {"pg_indexed", "pg_index_dropped", PLAN_DIALECT_POSTGRESQL,
     "access: orders is read by Seq Scan; before by Bitmap Heap Scan using orders_customer.\n"
     "why index_missing: Estimates of rows are the same, and the earlier plan was cheaper (cost 42, now "
     "3971). So that way is not open any more: index orders_customer was dropped or is invalid, or a "
     "setting keeps the planner from it.\n"},
    {"pg_index_dropped", "pg_indexed", PLAN_DIALECT_POSTGRESQL,
     "access: orders is read by Bitmap Heap Scan using orders_customer; before by Seq Scan.\n"
     "why index_new: Estimates of rows are the same, and the later plan is cheaper (cost 42, before 3971)."
     " So that way was not open before: index orders_customer was created or became valid, or a setting "
     "changed.\n"},
    {"pg_indexed", "pg_other_index", PLAN_DIALECT_POSTGRESQL,
     "index: orders is read by index orders_customer_status; before by orders_customer.\n"
     "why unknown: Why it changed can't be told from the plans alone: they show no estimate that moved, "
     "and no index that had to come or go.\n"},
    {"pg_few_regions", "pg_many_regions", PLAN_DIALECT_POSTGRESQL,
     "access: orders o is read by Seq Scan; before by Bitmap Heap Scan using orders_customer.\n"
     "join_method: orders o, customers c: joined by Hash Join; before by Nested Loop.\n"
     "operation: HashAggregate is done instead of GroupAggregate.\n"
     "removed: Sort is no longer there.\n"
     "join_order: The order of joins is orders o, customers c; before customers c, orders o.\n"
     "why rows: The estimate of rows of customers c moved from 4 to 6933, 1733 times: its statistics or "
     "its data changed.\n"},
    {"pg_three_tables", "pg_three_tables_hashed", PLAN_DIALECT_POSTGRESQL,
     "access: items i is read by Parallel Seq Scan; before by Index Scan using items_order.\n"
     "access: orders o is read by Parallel Seq Scan; before by Bitmap Heap Scan using orders_customer.\n"
     "added: Gather Merge was added.\n"
     "join_method: items i, orders o, customers c: joined by Parallel Hash Join; before by Nested Loop.\n"
     "join_method: orders o, customers c: joined by Hash Join; before by Nested Loop.\n"
     "join_order: The order of joins is items i, orders o, customers c; before customers c, orders o, "
     "items i.\n"
     "why unknown: Estimates of rows are the same, and the earlier plan was cheaper (cost 662, now 9827). "
     "So that way is not open any more: a setting keeps the planner from it, or something that it needs is"
     " gone, as may be index orders_customer. Which of them can't be told from the plans.\n"},
    {"pg_sorted", "pg_hash_off", PLAN_DIALECT_POSTGRESQL,
     "access: orders is read by Index Only Scan using orders_customer; before by Seq Scan.\n"
     "operation: GroupAggregate is done instead of HashAggregate.\n"
     "why unknown: Estimates of rows are the same, and the earlier plan was cheaper (cost 4670, now "
     "10964). So that way is not open any more: a setting keeps the planner from it, or something that it "
     "needs is gone. Which of them can't be told from the plans.\n"},
    {"mariadb_indexed", "mariadb_index_dropped", PLAN_DIALECT_MYSQL,
     "access: o is read by Table scan; before by Index lookup using orders_customer.\n"
     "access: c is read by Unique index lookup using PRIMARY; before by Index lookup using "
     "customers_region.\n"
     "join_order: The order of joins is o, c; before c, o.\n"
     "added: Read sorted file was added.\n"
     "added: Filesort was added.\n"
     "removed: Filesort is no longer there.\n"
     "removed: Temporary table is no longer there.\n"
     "why index_missing: Index orders_customer is no longer among the keys that could serve o: it was "
     "dropped or made invisible, or it fits the condition no longer.\n"},
    {"mariadb_indexed", "mariadb_skewed", PLAN_DIALECT_MYSQL,
     "access: c is read by Table scan; before by Index lookup using customers_region.\n"
     "why unknown: Why it changed can't be told from the plans alone: they show no estimate that moved, "
     "and no index that had to come or go.\n"},
};

static void changes_of_real_plans_are_told_with_their_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct plan before = read_golden(pairs[i].before, pairs[i].dialect);
        struct plan after = read_golden(pairs[i].after, pairs[i].dialect);
        struct plan_comparison comparison = compare(&before, &after);

        if (strcmp(tell(&comparison), pairs[i].told) != 0)
            fail_msg("%s, %s:\n%s", pairs[i].before, pairs[i].after, tell(&comparison));
    }
}

static struct plan read_json(const char *json)
{
    struct plan plan = {0};

    assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, text_of(json), arena, &plan, NULL), STATUS_OK);
    return plan;
}

static void a_plan_is_the_same_as_itself(void **state)
{
    struct plan plan = read_golden("pg_three_tables", PLAN_DIALECT_POSTGRESQL);
    struct plan_comparison comparison = compare(&plan, &plan);

    (void)state;
    assert_true(comparison.is_same);
    assert_int_equal(comparison.change_count + comparison.reason_count, 0);
    assert_int_equal(comparison.relation_count, 3);
    for (size_t i = 0; i < plan.node_count; i++)
        assert_true(comparison.before_marks[i] == PLAN_MARK_UNSET && comparison.after_marks[i] == PLAN_MARK_UNSET);
    for (size_t i = 0; i < comparison.relation_count; i++)
        assert_true(comparison.relations[i].before == comparison.relations[i].after);
}

static void nodes_that_differ_are_marked(void **state)
{
    struct plan before = read_golden("pg_indexed", PLAN_DIALECT_POSTGRESQL);
    struct plan after = read_golden("pg_index_dropped", PLAN_DIALECT_POSTGRESQL);
    struct plan_comparison comparison = compare(&before, &after);

    (void)state;
    for (size_t i = 0; i < after.node_count; i++)
        if (after.nodes[i]->relation.size > 0)
            assert_int_equal(comparison.after_marks[i], PLAN_MARK_CHANGED);
        else
            assert_int_equal(comparison.after_marks[i], PLAN_MARK_ALONE); /* the Gather above it */
    assert_int_equal(comparison.before_marks[0], PLAN_MARK_CHANGED);
}

static void a_generic_plan_beside_one_of_values_is_said(void **state)
{
    struct plan before = read_golden("pg_values_1", PLAN_DIALECT_POSTGRESQL);
    struct plan after = read_golden("pg_generic", PLAN_DIALECT_POSTGRESQL);
    struct plan_comparison comparison;

    (void)state;
    plan_compare(&(struct plan_side){&before, true}, &(struct plan_side){&after, false}, arena, &comparison);
    if (comparison.is_same) /* the planner may do the same for both */
        assert_int_equal(comparison.reason_count, 0);
    else
        assert_int_equal(comparison.reasons[0].kind, PLAN_REASON_VALUES);
}

static void a_relation_of_one_plan_alone_is_added_or_gone(void **state)
{
    struct plan before = read_json("{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": ["
                                   "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"p1\"},"
                                   "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"p2\"}]}}");
    struct plan after = read_json("{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": ["
                                  "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"p2\"},"
                                  "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"p3\"}]}}");
    struct plan_comparison comparison = compare(&before, &after);

    (void)state;
    assert_int_equal(comparison.change_count, 2);
    assert_int_equal(comparison.changes[0].kind, PLAN_CHANGE_ADDED);
    assert_string_equal(comparison.changes[0].sentence.data, "p3 is read now, and was not before (Seq Scan).");
    assert_string_equal(comparison.changes[1].sentence.data, "p1 is no longer read (Seq Scan).");
    assert_int_equal(comparison.relation_count, 3);
    assert_int_equal(comparison.before_marks[0], PLAN_MARK_UNSET);
    assert_int_equal(comparison.before_marks[1], PLAN_MARK_ALONE);
    assert_int_equal(comparison.before_marks[2], PLAN_MARK_UNSET);
}

static void many_changes_are_counted(void **state)
{
    struct buffer json;
    struct plan before, after;
    struct plan_comparison comparison;

    (void)state;
    buffer_init(&json, 1 << 20);
    buffer_append_string(&json, "{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": [");
    for (int i = 0; i < 1500; i++)
        buffer_append_string(&json, arena_printf(arena, "%s{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"p%d\"}",
                                                 i == 0 ? "" : ",", i));
    buffer_append_string(&json, "]}}");
    before = read_json(arena_string(arena, json.data, json.size_bytes));
    after = read_json("{\"Plan\": {\"Node Type\": \"Append\"}}");
    comparison = compare(&before, &after);
    assert_int_equal(comparison.change_count, PLAN_CHANGES_MAX);
    assert_int_equal(comparison.more_changes, 1500 - PLAN_CHANGES_MAX);
    assert_int_equal(comparison.relation_count, PLAN_RELATIONS_MAX);
    assert_int_equal(comparison.more_relations, 1500 - PLAN_RELATIONS_MAX);
    buffer_free(&json);
}

/* Each join is above all joins before it: names of relations below a join would take memory by the square. */
static void a_deep_plan_whose_joins_all_change_takes_memory_in_proportion(void **state)
{
    static const char *const methods[] = {"Hash Join", "Nested Loop"};
    struct plan plans[2];
    struct plan_comparison comparison;
    size_t used;

    (void)state;
    for (int side = 0; side < 2; side++) {
        const char *json = "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t\"}";

        for (int i = 0; i < PLAN_DEPTH_MAX - 1; i++)
            json = arena_printf(arena,
                                "{\"Node Type\": \"%s\", \"Plans\": [%s, {\"Node Type\": \"Seq Scan\", "
                                "\"Relation Name\": \"t%d\"}]}",
                                methods[side], json, i);
        plans[side] = read_json(arena_printf(arena, "{\"Plan\": %s}", json));
    }
    used = arena_used(arena);
    comparison = compare(&plans[0], &plans[1]);
    assert_int_equal(comparison.change_count, PLAN_CHANGES_MAX);
    assert_int_equal(comparison.changes[0].kind, PLAN_CHANGE_JOIN);
    assert_true(arena_used(arena) - used < (size_t)1024 * 1024);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int kind = PLAN_CHANGE_UNSET + 1; kind < PLAN_CHANGE_COUNT; kind++)
        for (int other = PLAN_CHANGE_UNSET; other < kind; other++)
            assert_string_not_equal(plan_change_name((enum plan_change_kind)kind),
                                    plan_change_name((enum plan_change_kind)other));
    for (int kind = PLAN_REASON_UNSET + 1; kind < PLAN_REASON_COUNT; kind++)
        for (int other = PLAN_REASON_UNSET; other < kind; other++)
            assert_string_not_equal(plan_reason_name((enum plan_reason_kind)kind),
                                    plan_reason_name((enum plan_reason_kind)other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_real_plans_are_told_with_their_reasons),
        cmocka_unit_test(a_plan_is_the_same_as_itself),
        cmocka_unit_test(nodes_that_differ_are_marked),
        cmocka_unit_test(a_generic_plan_beside_one_of_values_is_said),
        cmocka_unit_test(a_relation_of_one_plan_alone_is_added_or_gone),
        cmocka_unit_test(many_changes_are_counted),
        cmocka_unit_test(a_deep_plan_whose_joins_all_change_takes_memory_in_proportion),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
