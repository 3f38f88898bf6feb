/* MariaDB's and MySQL's EXPLAIN FORMAT=JSON: {"query_block": {…}}, operations as nested members. */
#include <math.h>
#include <string.h>

#include "plan/plan_internal.h"

static enum status read_members(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                                struct error *error);

/* Members that are operations. Other members that hold objects are searched for operations. */
static const struct {
    const char *key, *label;
    enum plan_kind kind;
} operation_table[] = {
    {"query_block", "Subquery", PLAN_KIND_SUBQUERY},
    {"union_result", "Union", PLAN_KIND_UNSET},
    {"except_result", "Except", PLAN_KIND_UNSET},
    {"intersect_result", "Intersect", PLAN_KIND_UNSET},
    {"unit_result", "Set operation", PLAN_KIND_UNSET},
    {"filesort", "Filesort", PLAN_KIND_SORT},
    {"temporary_table", "Temporary table", PLAN_KIND_TEMPORARY_TABLE},
    {"read_sorted_file", "Read sorted file", PLAN_KIND_UNSET},
    {"nested_loop", "Nested loop", PLAN_KIND_NESTED_LOOP},
    {"block-nl-join", "Block nested loop", PLAN_KIND_BLOCK_NESTED_LOOP},
    {"ordering_operation", "Order", PLAN_KIND_UNSET},
    {"grouping_operation", "Group", PLAN_KIND_UNSET},
    {"duplicates_removal", "Distinct", PLAN_KIND_UNSET},
    {"duplicate_removal", "Distinct", PLAN_KIND_UNSET},
    {"window_functions_computation", "Window functions", PLAN_KIND_WINDOW},
    {"windowing", "Window functions", PLAN_KIND_WINDOW},
    {"buffer_result", "Buffer result", PLAN_KIND_UNSET},
    {"materialized", "Materialize", PLAN_KIND_MATERIALIZE},
    {"materialized_from_subquery", "Materialize", PLAN_KIND_MATERIALIZE},
    {"expression_cache", "Expression cache", PLAN_KIND_MEMOIZE},
};

static const struct {
    const char *access, *label;
    enum plan_kind kind;
} access_table[] = {
    {"ALL", "Table scan", PLAN_KIND_SEQ_SCAN},
    {"index", "Full index scan", PLAN_KIND_INDEX_SCAN},
    {"range", "Index range scan", PLAN_KIND_INDEX_SCAN},
    {"ref", "Index lookup", PLAN_KIND_INDEX_SCAN},
    {"ref_or_null", "Index lookup or NULL", PLAN_KIND_INDEX_SCAN},
    {"eq_ref", "Unique index lookup", PLAN_KIND_INDEX_SCAN},
    {"const", "Constant row", PLAN_KIND_UNSET},
    {"system", "Constant row", PLAN_KIND_UNSET},
    {"fulltext", "Full-text search", PLAN_KIND_INDEX_SCAN},
    {"index_merge", "Index merge", PLAN_KIND_INDEX_MERGE},
    {"unique_subquery", "Unique index lookup in subquery", PLAN_KIND_INDEX_SCAN},
    {"index_subquery", "Index lookup in subquery", PLAN_KIND_INDEX_SCAN},
};

static const struct plan_number_key number_keys[] = {
    {"filtered", PLAN_FILTERED_PERCENT}, {"rows_produced_per_join", PLAN_ROWS_JOINED}, {"r_loops", PLAN_LOOPS},
    {"r_output_rows", PLAN_ROWS},        {"r_sort_passes", PLAN_SORT_PASSES},
};

static const struct plan_word_key word_keys[] = {
    {"attached_condition", PLAN_WORD_FILTER},
    {"index_condition", PLAN_WORD_INDEX_CONDITION},
    {"possible_keys", PLAN_WORD_POSSIBLE_KEYS},
    {"using_join_buffer", PLAN_WORD_JOIN_BUFFER},
    {"sort_key", PLAN_WORD_SORT_KEY},
    {"range_checked_for_each_record", PLAN_WORD_RANGE_CHECKED},
    {"message", PLAN_WORD_MESSAGE},
};

static bool is_true(const struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

/* MariaDB counts the rows before a table's condition, and the part of them that passes it. */
static void read_actual_rows(const struct json_object *object, struct plan_details *details)
{
    double rows = plan_json_number(object, "r_rows", -1), passing = plan_json_number(object, "r_filtered", 100);

    if (rows < 0 || passing < 0 || passing > 100)
        return;
    plan_details_number(details, PLAN_ROWS, rows * passing / 100);
    plan_details_number(details, PLAN_FILTER_REMOVED, rows - rows * passing / 100);
}

/* MariaDB's cache of a subquery tells the share of hits. */
static void read_cache(const struct json_object *object, struct plan_details *details)
{
    double hit_percent = plan_json_number(object, "r_hit_ratio", -1), loops = details->numbers[PLAN_LOOPS];

    if (loops < 0 || hit_percent < 0 || hit_percent > 100)
        return;
    plan_details_number(details, PLAN_CACHE_HITS, loops * hit_percent / 100);
    plan_details_number(details, PLAN_CACHE_MISSES, loops - loops * hit_percent / 100);
}

static void read_details(struct plan_builder *builder, struct json_object *object, struct plan_details *details)
{
    struct json_object *partitions = NULL, *statistics = NULL, *costs = NULL;

    plan_details_init(details);
    for (size_t i = 0; i < sizeof number_keys / sizeof number_keys[0]; i++)
        plan_details_number(details, number_keys[i].name, plan_json_number(object, number_keys[i].key, -1));
    for (size_t i = 0; i < sizeof word_keys / sizeof word_keys[0]; i++)
        details->words[word_keys[i].name] = plan_json_list(builder->arena, object, word_keys[i].key);
    read_actual_rows(object, details);
    read_cache(object, details);
    if (json_object_object_get_ex(object, "partitions", &partitions) &&
        json_object_is_type(partitions, json_type_array))
        plan_details_number(details, PLAN_PARTITIONS, (double)json_object_array_length(partitions));
    if (json_object_object_get_ex(object, "r_engine_stats", &statistics))
        plan_details_number(details, PLAN_OLD_VERSIONS, plan_json_number(statistics, "old_rows_read", -1));
    if (json_object_object_get_ex(object, "cost_info", &costs))
        plan_details_number(details, PLAN_COST_JOINED, plan_json_number(costs, "prefix_cost", -1));
    plan_details_number(details, PLAN_USES_FILESORT, is_true(object, "using_filesort") ? 1 : -1);
    plan_details_number(details, PLAN_USES_TEMPORARY_TABLE, is_true(object, "using_temporary_table") ? 1 : -1);
}

/* MariaDB gives a table's own time in two parts, and so that of a join buffer. The second part of a table that is
 * sorted has the sorting, too, which the sort says itself. */
static void set_times(struct plan_node *node, const struct json_object *object)
{
    double own_ms = plan_json_number(object, "r_table_time_ms", plan_json_number(object, "r_unpack_time_ms", -1));
    double other_ms = plan_json_number(object, "r_other_time_ms", 0);
    double total_ms = plan_json_number(object, "r_total_time_ms", -1);
    bool is_sorted = node->parent != NULL && node->parent->kind == PLAN_KIND_SORT && node->parent->total_ms >= 0;

    if (own_ms >= 0 && other_ms >= 0 && own_ms + other_ms <= PLAN_NUMBER_MAX)
        node->own_ms = own_ms + (is_sorted ? 0 : other_ms);
    else if (total_ms >= 0 && total_ms <= PLAN_NUMBER_MAX)
        node->total_ms = total_ms;
}

/* A condition that no row can meet. (A lookup that found no row says "… noticed after reading const tables".) */
static bool is_never_true(struct text message)
{
    return text_equal(message, TEXT("Impossible WHERE")) || text_equal(message, TEXT("Impossible HAVING")) ||
           text_equal(message, TEXT("Impossible ON condition"));
}

/* MySQL has `cost_info`, MariaDB 11 has `cost`; earlier versions of MariaDB have no cost. A table's cost is what it
 * adds to that of the tables joined before it. */
static double cost_of(const struct json_object *object, const struct plan_node *node)
{
    struct json_object *info = NULL;
    double joined, before = 0, read, both;

    if (!json_object_object_get_ex(object, "cost_info", &info))
        return plan_json_number(object, "cost", -1);
    read = plan_json_number(info, "read_cost", -1);
    if (read < 0)
        return plan_json_number(info, "query_cost", plan_json_number(info, "sort_cost", -1));
    joined = plan_number(node, PLAN_COST_JOINED);
    for (const struct plan_node *other = node->parent == NULL ? node : node->parent->first_child; other != node;
         other = other->next_sibling)
        before = fmax(before, plan_number(other, PLAN_COST_JOINED));
    if (joined > before)
        return joined - before;
    both = read + plan_json_number(info, "eval_cost", 0);
    return isfinite(both) ? both : -1;
}

/* MariaDB: {"intersect": [{"range": {"key": "a"}}, {"range": {"key": "b"}}]} as "intersect(a, b)" */
static struct text merged_indexes(struct plan_builder *builder, const struct json_object *object)
{
    enum { INDEXES_MAX = 8 };
    struct json_object *merge = NULL, *range = NULL;
    const char *all = "";
    int count = 0;

    if (!json_object_object_get_ex(object, "index_merge", &merge) || !json_object_is_type(merge, json_type_object))
        return (struct text){NULL, 0};
    json_object_object_foreach(merge, method, parts)
    {
        if (all[0] != '\0' || !json_object_is_type(parts, json_type_array))
            continue;
        for (size_t i = 0; i < json_object_array_length(parts) && count < INDEXES_MAX; i++) {
            struct text key = {NULL, 0};

            if (json_object_object_get_ex(json_object_array_get_idx(parts, i), "range", &range))
                key = plan_json_text(builder->arena, range, "key");
            if (key.size > 0)
                all = arena_printf(builder->arena, "%s%s%s", all, count++ > 0 ? ", " : "", key.data);
        }
        all = arena_printf(builder->arena, "%s(%s)", method, all);
    }
    return text_of(all);
}

/* `within` is the object of which a table is a member: MariaDB's "range-checked-for-each-record", or any other. */
static enum status read_table(struct plan_builder *builder, struct plan_node *parent, const struct json_object *within,
                              struct json_object *object, struct error *error)
{
    struct arena *arena = builder->arena;
    struct text access = plan_json_text(arena, object, "access_type");
    struct text label = access;
    struct plan_details details;
    struct plan_node *node;
    enum plan_kind kind = PLAN_KIND_UNSET;

    for (size_t i = 0; i < sizeof access_table / sizeof access_table[0]; i++)
        if (text_equal(access, text_of(access_table[i].access))) {
            label = text_of(access_table[i].label);
            kind = access_table[i].kind;
        }
    if (label.size == 0) /* a message such as "Impossible WHERE" */
        label = plan_json_text(arena, object, "message");
    if (label.size == 0)
        label = TEXT("Table");
    node = plan_builder_add(builder, parent, label);
    if (node == NULL)
        return STATUS_TOO_LARGE;
    read_details(builder, object, &details);
    if (json_object_object_get_ex(within, "r_keys", NULL) || json_object_object_get_ex(within, "keys", NULL))
        details.words[PLAN_WORD_RANGE_CHECKED] = plan_json_list(arena, within, "keys");
    plan_details_keep(&details, builder, node);
    set_times(node, object);
    node->kind = is_never_true(details.words[PLAN_WORD_MESSAGE]) ? PLAN_KIND_NOTHING : kind;
    node->relation = plan_json_text(arena, object, "table_name");
    node->index = plan_json_text(arena, object, "key");
    if (node->index.size == 0 && kind == PLAN_KIND_INDEX_MERGE)
        node->index = merged_indexes(builder, object);
    node->rows = plan_json_number(object, "rows", plan_json_number(object, "rows_examined_per_scan", -1));
    node->cost = cost_of(object, node);
    plan_json_condition(arena, object, "index_condition", "index", &node->condition);
    plan_json_condition(arena, object, "ref", "lookup by", &node->condition);
    plan_json_condition(arena, object, "attached_condition", "filter", &node->condition);
    return read_members(builder, node, object, error);
}

/* MySQL names the operation, and says apart whether it sorts or makes a table. */
static enum plan_kind kind_of(const struct plan_node *node, enum plan_kind kind)
{
    if (is_never_true(plan_word(node, PLAN_WORD_MESSAGE)))
        return PLAN_KIND_NOTHING;
    if (kind != PLAN_KIND_UNSET || node->parent == NULL)
        return node->parent == NULL ? PLAN_KIND_UNSET : kind;
    return plan_number(node, PLAN_USES_FILESORT) > 0          ? PLAN_KIND_SORT
           : plan_number(node, PLAN_USES_TEMPORARY_TABLE) > 0 ? PLAN_KIND_TEMPORARY_TABLE
                                                              : PLAN_KIND_UNSET;
}

/* `within` is the object of which `value` is a member. */
static enum status read_operation(struct plan_builder *builder, struct plan_node *parent, size_t operation,
                                  const struct json_object *within, struct json_object *value, struct error *error)
{
    bool is_array = json_object_is_type(value, json_type_array);
    struct plan_node *node = parent;
    struct plan_details details;
    enum status status;

    /* MariaDB writes a nested loop even around a single table. */
    if (parent == NULL || !is_array || json_object_array_length(value) != 1) {
        node = plan_builder_add(builder, parent, text_of(parent == NULL ? "Query" : operation_table[operation].label));
        if (node == NULL)
            return STATUS_TOO_LARGE;
        if (!is_array) {
            node->cost = cost_of(value, node);
            plan_json_condition(builder->arena, value, "sort_key", "sort by", &node->condition);
            plan_json_condition(builder->arena, value, "having_condition", "having", &node->condition);
            plan_json_condition(builder->arena, value, "attached_condition", "join", &node->condition);
            read_details(builder, value, &details);
            plan_details_number(&details, PLAN_IS_DEPENDENT, is_true(within, "dependent") ? 1 : -1);
            plan_details_keep(&details, builder, node);
            set_times(node, value);
        }
        node->kind = kind_of(node, operation_table[operation].kind);
    }
    status = read_members(builder, node, value, error);
    if (status == STATUS_OK && node->kind == PLAN_KIND_SORT && node->cost >= 0) /* what the sort adds */
        for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling)
            node->cost = fmin(node->cost + fmax(child->cost, 0), PLAN_NUMBER_MAX);
    return status;
}

static enum status read_member(struct plan_builder *builder, struct plan_node *parent, const char *key,
                               const struct json_object *within, struct json_object *value, struct error *error)
{
    if (!json_object_is_type(value, json_type_object) && !json_object_is_type(value, json_type_array))
        return STATUS_OK;
    if (strcmp(key, "table") == 0 && json_object_is_type(value, json_type_object))
        return read_table(builder, parent, within, value, error);
    for (size_t i = 0; i < sizeof operation_table / sizeof operation_table[0]; i++)
        if (strcmp(key, operation_table[i].key) == 0)
            return read_operation(builder, parent, i, within, value, error);
    return read_members(builder, parent, value, error);
}

static enum status read_members(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                                struct error *error)
{
    enum status status = STATUS_OK;

    if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; status == STATUS_OK && i < json_object_array_length(object); i++)
            status = read_member(builder, parent, "", object, json_object_array_get_idx(object, i), error);
        return status;
    }
    json_object_object_foreach(object, key, value)
    {
        if (status == STATUS_OK)
            status = read_member(builder, parent, key, object, value, error);
    }
    return status;
}

enum status plan_mysql_read(struct plan_builder *builder, struct json_object *document, struct error *error)
{
    struct json_object *block = NULL;

    if (plan_mysql_is_tree(document))
        return plan_mysql_tree_read(builder, document, error);
    if (!json_object_is_type(document, json_type_object) ||
        !json_object_object_get_ex(document, "query_block", &block) || !json_object_is_type(block, json_type_object))
        return error_set(error, STATUS_INVALID, "The JSON is not a plan of MariaDB or MySQL.");
    return read_operation(builder, NULL, 0, document, block, error);
}
