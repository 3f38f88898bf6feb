/* MariaDB's and MySQL's EXPLAIN FORMAT=JSON: {"query_block": {…}}, operations as nested members. */
#include <math.h>
#include <string.h>

#include "plan/plan_internal.h"

/* Reading a whole table is warned about from this number of rows on. */
#define FULL_SCAN_ROWS_MIN 1000.0

static enum status read_members(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                                struct error *error);

/* Members that are operations. Other members that hold objects are searched for operations. */
static const struct {
    const char *key, *label;
} operation_table[] = {
    {"query_block", "Subquery"},
    {"union_result", "Union"},
    {"except_result", "Except"},
    {"intersect_result", "Intersect"},
    {"unit_result", "Set operation"},
    {"filesort", "Filesort"},
    {"temporary_table", "Temporary table"},
    {"read_sorted_file", "Read sorted file"},
    {"nested_loop", "Nested loop"},
    {"block-nl-join", "Block nested loop"},
    {"ordering_operation", "Order"},
    {"grouping_operation", "Group"},
    {"duplicates_removal", "Distinct"},
    {"duplicate_removal", "Distinct"},
    {"window_functions_computation", "Window functions"},
    {"windowing", "Window functions"},
    {"buffer_result", "Buffer result"},
    {"materialized", "Materialize"},
    {"materialized_from_subquery", "Materialize"},
    {"expression_cache", "Expression cache"},
};

static const struct {
    const char *access, *label;
} access_table[] = {
    {"ALL", "Table scan"},
    {"index", "Full index scan"},
    {"range", "Index range scan"},
    {"ref", "Index lookup"},
    {"ref_or_null", "Index lookup or NULL"},
    {"eq_ref", "Unique index lookup"},
    {"const", "Constant row"},
    {"system", "Constant row"},
    {"fulltext", "Full-text search"},
    {"index_merge", "Index merge"},
    {"unique_subquery", "Unique index lookup in subquery"},
    {"index_subquery", "Index lookup in subquery"},
};

/* MySQL has `cost_info`, MariaDB 11 has `cost`; earlier versions of MariaDB have no cost. */
static double cost_of(const struct json_object *object)
{
    struct json_object *info = NULL;
    double read, both;

    if (!json_object_object_get_ex(object, "cost_info", &info))
        return plan_json_number(object, "cost", -1);
    read = plan_json_number(info, "read_cost", -1);
    if (read < 0)
        return plan_json_number(info, "query_cost", plan_json_number(info, "sort_cost", -1));
    both = read + plan_json_number(info, "eval_cost", 0);
    return isfinite(both) ? both : -1;
}

static enum status read_table(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                              struct error *error)
{
    struct arena *arena = builder->arena;
    struct text access = plan_json_text(arena, object, "access_type");
    struct text label = access;
    struct plan_node *node;
    bool has_possible_keys;

    for (size_t i = 0; i < sizeof access_table / sizeof access_table[0]; i++)
        if (text_equal(access, text_of(access_table[i].access)))
            label = text_of(access_table[i].label);
    if (label.size == 0) /* a message such as "Impossible WHERE" */
        label = plan_json_text(arena, object, "message");
    if (label.size == 0)
        label = TEXT("Table");
    node = plan_builder_add(builder, parent, label);
    if (node == NULL)
        return STATUS_TOO_LARGE;
    node->relation = plan_json_text(arena, object, "table_name");
    node->index = plan_json_text(arena, object, "key");
    node->rows = plan_json_number(object, "rows", plan_json_number(object, "rows_examined_per_scan", -1));
    node->cost = cost_of(object);
    plan_json_condition(arena, object, "index_condition", "index", &node->condition);
    plan_json_condition(arena, object, "ref", "lookup by", &node->condition);
    plan_json_condition(arena, object, "attached_condition", "filter", &node->condition);
    has_possible_keys = json_object_object_get_ex(object, "possible_keys", NULL);
    if (text_equal(access, TEXT("ALL")) && node->rows >= FULL_SCAN_ROWS_MIN) {
        plan_node_warn(node, "Reads the whole table");
        if (has_possible_keys)
            plan_node_warn(node, "Has an index that it does not use");
    }
    if (text_equal(access, TEXT("index")) && node->rows >= FULL_SCAN_ROWS_MIN)
        plan_node_warn(node, "Reads the whole index");
    if (parent != NULL && text_equal(parent->label, TEXT("Block nested loop")) && node->rows >= FULL_SCAN_ROWS_MIN)
        plan_node_warn(node, "Joined without an index");
    return read_members(builder, node, object, error);
}

static enum status read_operation(struct plan_builder *builder, struct plan_node *parent, const char *label,
                                  struct json_object *value, struct error *error)
{
    bool is_array = json_object_is_type(value, json_type_array);
    struct plan_node *node = parent;

    /* MariaDB writes a nested loop even around a single table. */
    if (parent == NULL || !is_array || json_object_array_length(value) != 1) {
        node = plan_builder_add(builder, parent, text_of(parent == NULL ? "Query" : label));
        if (node == NULL)
            return STATUS_TOO_LARGE;
        if (!is_array) {
            node->cost = cost_of(value);
            plan_json_condition(builder->arena, value, "sort_key", "sort by", &node->condition);
            plan_json_condition(builder->arena, value, "having_condition", "having", &node->condition);
            plan_json_condition(builder->arena, value, "attached_condition", "join", &node->condition);
        }
    }
    return read_members(builder, node, value, error);
}

static enum status read_member(struct plan_builder *builder, struct plan_node *parent, const char *key,
                               struct json_object *value, struct error *error)
{
    if (!json_object_is_type(value, json_type_object) && !json_object_is_type(value, json_type_array))
        return STATUS_OK;
    if (strcmp(key, "table") == 0 && json_object_is_type(value, json_type_object))
        return read_table(builder, parent, value, error);
    for (size_t i = 0; i < sizeof operation_table / sizeof operation_table[0]; i++)
        if (strcmp(key, operation_table[i].key) == 0)
            return read_operation(builder, parent, operation_table[i].label, value, error);
    return read_members(builder, parent, value, error);
}

static enum status read_members(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                                struct error *error)
{
    enum status status = STATUS_OK;

    if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; status == STATUS_OK && i < json_object_array_length(object); i++)
            status = read_member(builder, parent, "", json_object_array_get_idx(object, i), error);
        return status;
    }
    json_object_object_foreach(object, key, value)
    {
        if (status == STATUS_OK)
            status = read_member(builder, parent, key, value, error);
    }
    return status;
}

enum status plan_mysql_read(struct plan_builder *builder, struct json_object *document, struct error *error)
{
    struct json_object *block = NULL;

    if (!json_object_is_type(document, json_type_object) ||
        !json_object_object_get_ex(document, "query_block", &block) || !json_object_is_type(block, json_type_object))
        return error_set(error, STATUS_INVALID, "The JSON is not a plan of MariaDB or MySQL.");
    return read_operation(builder, NULL, "Query", block, error);
}
