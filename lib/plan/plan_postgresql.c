/* PostgreSQL's EXPLAIN (FORMAT JSON): [{"Plan": {…, "Plans": [{…}]}}]. */
#include <stdio.h>
#include <string.h>

#include "plan/plan_internal.h"

/* Reading a whole table is warned about from this cost on (some 8 MB of pages); below it is often the best plan. */
#define FULL_SCAN_COST_MIN 1000.0
/* The default of work_mem: a sort estimated to be larger goes to disk, unless work_mem was raised. */
#define SORT_BYTES_MAX (4.0 * 1024 * 1024)
/* Scanning a function or table again for every row of the other side is warned about from this number of rows on. */
#define REPEATS_MIN 100.0

static struct text member(struct plan_builder *builder, const struct json_object *object, const char *key)
{
    return plan_json_text(builder->arena, object, key);
}

static bool is_member(const struct json_object *object, const char *key, const char *wanted)
{
    struct json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_string) &&
           strcmp(json_object_get_string(value), wanted) == 0;
}

/* The label that EXPLAIN's text form shows: "Parallel Seq Scan", "Hash Left Join", "HashAggregate". */
static struct text label_of(struct plan_builder *builder, const struct json_object *object, struct text type)
{
    struct json_object *is_parallel = NULL;
    struct text join = member(builder, object, "Join Type"), subplan = member(builder, object, "Subplan Name");
    struct text operation = member(builder, object, "Operation");
    const char *name = type.data, *prefix = "";

    if (text_equal(type, TEXT("Aggregate"))) {
        name = is_member(object, "Strategy", "Hashed")   ? "HashAggregate"
               : is_member(object, "Strategy", "Sorted") ? "GroupAggregate"
               : is_member(object, "Strategy", "Mixed")  ? "MixedAggregate"
                                                         : "Aggregate";
        prefix = is_member(object, "Partial Mode", "Partial")    ? "Partial "
                 : is_member(object, "Partial Mode", "Finalize") ? "Finalize "
                                                                 : "";
    } else if (join.size > 0 && !text_equal(join, TEXT("Inner"))) {
        if (text_equal(type, TEXT("Nested Loop")))
            name = arena_printf(builder->arena, "Nested Loop %s Join", join.data);
        else if (type.size > 5 && strcmp(type.data + type.size - 5, " Join") == 0)
            name = arena_printf(builder->arena, "%.*s %s Join", (int)type.size - 5, type.data, join.data);
    } else if (text_equal(type, TEXT("ModifyTable")) && operation.size > 0) {
        name = operation.data;
    } else if (is_member(object, "Scan Direction", "Backward")) {
        name = arena_printf(builder->arena, "%s Backward", type.data);
    }
    if (json_object_object_get_ex(object, "Parallel Aware", &is_parallel) && json_object_get_boolean(is_parallel))
        prefix = "Parallel ";
    return text_of(arena_printf(builder->arena, "%s%s%s%s%s", prefix, name, subplan.size > 0 ? " (" : "",
                                subplan.size > 0 ? subplan.data : "", subplan.size > 0 ? ")" : ""));
}

static struct text relation_of(struct plan_builder *builder, const struct json_object *object)
{
    static const char *const keys[] = {"Relation Name", "CTE Name", "Function Name", "Table Function Name",
                                       "Tuplestore Name"};
    struct text schema = member(builder, object, "Schema");

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct text name = member(builder, object, keys[i]);

        if (name.data != NULL)
            return schema.size > 0 ? text_of(arena_printf(builder->arena, "%s.%s", schema.data, name.data)) : name;
    }
    return (struct text){NULL, 0};
}

static const struct {
    const char *key, *name;
} condition_table[] = {
    {"Index Cond", "index"}, {"Recheck Cond", "recheck"}, {"Hash Cond", "join"}, {"Merge Cond", "join"},
    {"Join Filter", "join"}, {"TID Cond", "tid"},         {"Filter", "filter"},  {"One-Time Filter", "once"},
    {"Sort Key", "sort by"}, {"Group Key", "group by"},   {"Cache Key", "key"},
};

static void warn(struct plan_node *node, const struct json_object *object, struct text type)
{
    double bytes = node->rows * plan_json_number(object, "Plan Width", 0);
    const struct plan_node *outer = node->parent == NULL ? NULL : node->parent->first_child;

    if (text_equal(type, TEXT("Seq Scan")) && node->cost >= FULL_SCAN_COST_MIN)
        plan_node_warn(node, "Reads the whole table");
    if (text_equal(type, TEXT("Seq Scan")) && outer != NULL && outer != node && outer->rows >= REPEATS_MIN &&
        text_starts(node->parent->label, TEXT("Nested Loop")))
        plan_node_warn(node, "Repeated for every row of the other side");
    if (text_equal(type, TEXT("Sort")) && bytes > SORT_BYTES_MAX)
        plan_node_warn(node, "Sorts more than 4 MB: spills to disk at the default work_mem");
}

static enum status read_node(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                             struct error *error)
{
    struct text type = member(builder, object, "Node Type");
    struct json_object *children = NULL;
    struct plan_node *node;
    enum status status = STATUS_OK;

    if (type.size == 0)
        return error_set(error, STATUS_INVALID, "A node of the plan has no type.");
    node = plan_builder_add(builder, parent, label_of(builder, object, type));
    if (node == NULL)
        return STATUS_TOO_LARGE;
    node->relation = relation_of(builder, object);
    node->alias = member(builder, object, "Alias");
    if (text_equal(node->alias, member(builder, object, "Relation Name")))
        node->alias = (struct text){NULL, 0};
    node->index = member(builder, object, "Index Name");
    node->rows = plan_json_number(object, "Plan Rows", -1);
    node->cost = plan_json_number(object, "Total Cost", -1);
    for (size_t i = 0; i < sizeof condition_table / sizeof condition_table[0]; i++)
        plan_json_condition(builder->arena, object, condition_table[i].key, condition_table[i].name, &node->condition);
    warn(node, object, type);

    if (!json_object_object_get_ex(object, "Plans", &children) || !json_object_is_type(children, json_type_array))
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_object_array_length(children); i++) {
        struct json_object *child = json_object_array_get_idx(children, i);

        status = json_object_is_type(child, json_type_object)
                     ? read_node(builder, node, child, error)
                     : error_set(error, STATUS_INVALID, "A node of the plan is not an object.");
    }
    return status;
}

enum status plan_postgresql_read(struct plan_builder *builder, struct json_object *document, struct error *error)
{
    struct json_object *plan = NULL;

    if (json_object_is_type(document, json_type_array) && json_object_array_length(document) > 0)
        document = json_object_array_get_idx(document, 0);
    if (!json_object_is_type(document, json_type_object) || !json_object_object_get_ex(document, "Plan", &plan) ||
        !json_object_is_type(plan, json_type_object))
        return error_set(error, STATUS_INVALID, "The JSON is not a plan of PostgreSQL.");
    return read_node(builder, NULL, plan, error);
}
