/* PostgreSQL's EXPLAIN (FORMAT JSON): [{"Plan": {…, "Plans": [{…}]}}]. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "plan/plan_internal.h"

static struct text member(struct plan_builder *builder, const struct json_object *object, const char *key)
{
    return plan_json_text(builder->arena, object, key);
}

/* The label that EXPLAIN's text form shows: "Parallel Seq Scan", "Hash Left Join", "HashAggregate". */
static struct text label_of(struct plan_builder *builder, const struct json_object *object, struct text type)
{
    struct json_object *is_parallel = NULL;
    struct text join = member(builder, object, "Join Type"), subplan = member(builder, object, "Subplan Name");
    struct text operation = member(builder, object, "Operation");
    const char *name = type.data, *prefix = "";

    if (text_equal(type, TEXT("Aggregate"))) {
        name = plan_json_is(object, "Strategy", "Hashed")   ? "HashAggregate"
               : plan_json_is(object, "Strategy", "Sorted") ? "GroupAggregate"
               : plan_json_is(object, "Strategy", "Mixed")  ? "MixedAggregate"
                                                            : "Aggregate";
        prefix = plan_json_is(object, "Partial Mode", "Partial")    ? "Partial "
                 : plan_json_is(object, "Partial Mode", "Finalize") ? "Finalize "
                                                                    : "";
    } else if (join.size > 0 && !text_equal(join, TEXT("Inner"))) {
        if (text_equal(type, TEXT("Nested Loop")))
            name = arena_printf(builder->arena, "Nested Loop %s Join", join.data);
        else if (type.size > 5 && strcmp(type.data + type.size - 5, " Join") == 0)
            name = arena_printf(builder->arena, "%.*s %s Join", (int)type.size - 5, type.data, join.data);
    } else if (text_equal(type, TEXT("ModifyTable")) && operation.size > 0) {
        name = operation.data;
    } else if (plan_json_is(object, "Scan Direction", "Backward")) {
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

static const struct {
    const char *type;
    enum plan_kind kind;
} kind_table[] = {
    {"Seq Scan", PLAN_KIND_SEQ_SCAN},
    {"Index Scan", PLAN_KIND_INDEX_SCAN},
    {"Index Only Scan", PLAN_KIND_INDEX_ONLY_SCAN},
    {"Bitmap Heap Scan", PLAN_KIND_BITMAP_HEAP_SCAN},
    {"Nested Loop", PLAN_KIND_NESTED_LOOP},
    {"Hash Join", PLAN_KIND_HASH_JOIN},
    {"Merge Join", PLAN_KIND_MERGE_JOIN},
    {"Hash", PLAN_KIND_HASH},
    {"Sort", PLAN_KIND_SORT},
    {"Incremental Sort", PLAN_KIND_SORT},
    {"Aggregate", PLAN_KIND_AGGREGATE},
    {"Unique", PLAN_KIND_UNIQUE},
    {"Materialize", PLAN_KIND_MATERIALIZE},
    {"Memoize", PLAN_KIND_MEMOIZE},
    {"Limit", PLAN_KIND_LIMIT},
    {"CTE Scan", PLAN_KIND_CTE_SCAN},
    {"Foreign Scan", PLAN_KIND_FOREIGN_SCAN},
    {"Append", PLAN_KIND_APPEND},
    {"Merge Append", PLAN_KIND_APPEND},
    {"Gather", PLAN_KIND_GATHER},
    {"Gather Merge", PLAN_KIND_GATHER},
    {"LockRows", PLAN_KIND_LOCK_ROWS},
    {"WindowAgg", PLAN_KIND_WINDOW},
};

static enum plan_kind kind_of(const struct json_object *object, struct text type)
{
    bool is_hashed = plan_json_is(object, "Strategy", "Hashed") || plan_json_is(object, "Strategy", "Mixed");

    if (text_equal(type, TEXT("Aggregate")) && is_hashed)
        return PLAN_KIND_HASH_AGGREGATE;
    if (text_equal(type, TEXT("Result")) && plan_json_is(object, "One-Time Filter", "false"))
        return PLAN_KIND_NOTHING;
    for (size_t i = 0; i < sizeof kind_table / sizeof kind_table[0]; i++)
        if (text_equal(type, text_of(kind_table[i].type)))
            return kind_table[i].kind;
    return PLAN_KIND_UNSET;
}

static const struct plan_number_key number_keys[] = {
    {"Plan Width", PLAN_WIDTH_BYTES},
    {"Actual Rows", PLAN_ROWS},
    {"Actual Loops", PLAN_LOOPS},
    {"Rows Removed by Filter", PLAN_FILTER_REMOVED},
    {"Rows Removed by Join Filter", PLAN_JOIN_FILTER_REMOVED},
    {"Rows Removed by Index Recheck", PLAN_RECHECK_REMOVED},
    {"Heap Fetches", PLAN_HEAP_FETCHES},
    {"Exact Heap Blocks", PLAN_EXACT_BLOCKS},
    {"Lossy Heap Blocks", PLAN_LOSSY_BLOCKS},
    {"Workers Planned", PLAN_WORKERS_PLANNED},
    {"Workers Launched", PLAN_WORKERS_LAUNCHED},
    {"Original Hash Batches", PLAN_HASH_BATCHES_PLANNED},
    {"Peak Memory Usage", PLAN_MEMORY_KB},
    {"Temp Read Blocks", PLAN_TEMP_READ},
    {"Temp Written Blocks", PLAN_TEMP_WRITTEN},
    {"Shared Read Blocks", PLAN_SHARED_READ},
    {"Cache Hits", PLAN_CACHE_HITS},
    {"Cache Misses", PLAN_CACHE_MISSES},
    {"Cache Evictions", PLAN_CACHE_EVICTIONS},
};

/* These stand at each worker, too. The most of any process counts: each has work_mem for itself. */
static const struct plan_number_key worker_number_keys[] = {
    {"Sort Space Used", PLAN_SORT_KB},
    {"Hash Batches", PLAN_HASH_BATCHES},
    {"HashAgg Batches", PLAN_HASH_BATCHES},
    {"Disk Usage", PLAN_DISK_KB},
};

static const struct plan_word_key word_keys[] = {
    {"Filter", PLAN_WORD_FILTER},
    {"Index Cond", PLAN_WORD_INDEX_CONDITION},
    {"Recheck Cond", PLAN_WORD_INDEX_CONDITION},
    {"Join Filter", PLAN_WORD_JOIN_FILTER},
    {"Hash Cond", PLAN_WORD_JOIN_CONDITION},
    {"Merge Cond", PLAN_WORD_JOIN_CONDITION},
    {"Sort Key", PLAN_WORD_SORT_KEY},
    {"Group Key", PLAN_WORD_GROUP_KEY},
    {"Sort Method", PLAN_WORD_SORT_METHOD},
    {"Sort Space Type", PLAN_WORD_SORT_SPACE},
    {"Subplan Name", PLAN_WORD_SUBPLAN},
    {"Parent Relationship", PLAN_WORD_RELATIONSHIP},
    {"Remote SQL", PLAN_WORD_REMOTE_SQL},
};

static void read_worker_numbers(const struct json_object *object, struct plan_details *details)
{
    for (size_t i = 0; i < sizeof worker_number_keys / sizeof worker_number_keys[0]; i++) {
        double value = plan_json_number(object, worker_number_keys[i].key, -1);

        if (value > details->numbers[worker_number_keys[i].name])
            plan_details_number(details, worker_number_keys[i].name, value);
    }
}

static void read_workers(struct json_object *object, struct plan_details *details)
{
    struct json_object *workers = NULL;

    read_worker_numbers(object, details);
    if (!json_object_object_get_ex(object, "Workers", &workers) || !json_object_is_type(workers, json_type_array))
        return;
    for (size_t i = 0; i < json_object_array_length(workers); i++) {
        struct json_object *worker = json_object_array_get_idx(workers, i);

        if (!json_object_is_type(worker, json_type_object))
            continue;
        read_worker_numbers(worker, details);
        if (plan_json_is(worker, "Sort Space Type", "Disk"))
            details->words[PLAN_WORD_SORT_SPACE] = TEXT("Disk");
    }
}

static void read_details(struct plan_builder *builder, struct json_object *object, struct plan_details *details)
{
    for (size_t i = 0; i < sizeof number_keys / sizeof number_keys[0]; i++)
        plan_details_number(details, number_keys[i].name, plan_json_number(object, number_keys[i].key, -1));
    for (size_t i = 0; i < sizeof word_keys / sizeof word_keys[0]; i++)
        if (details->words[word_keys[i].name].size == 0)
            details->words[word_keys[i].name] = plan_json_list(builder->arena, object, word_keys[i].key);
    read_workers(object, details);
}

/* PostgreSQL gives the mean time of a loop. In a parallel part the loops are those of all processes, which run at the
 * same time. */
static double total_ms(const struct json_object *object, const struct plan_details *details, double processes)
{
    double loop_ms = plan_json_number(object, "Actual Total Time", -1), loops = details->numbers[PLAN_LOOPS];
    double total;

    if (loop_ms < 0 || loops < 0)
        return -1;
    total = loop_ms * loops / fmax(1, fmin(processes, loops));
    return total <= PLAN_NUMBER_MAX ? total : -1;
}

/* "enable_seqscan = off, work_mem = 64kB" */
static struct text settings_of(struct plan_builder *builder, struct json_object *document)
{
    struct json_object *settings = NULL;
    struct text all;
    struct buffer out;

    if (!json_object_object_get_ex(document, "Settings", &settings) || !json_object_is_type(settings, json_type_object))
        return (struct text){NULL, 0};
    buffer_init(&out, PLAN_JSON_BYTES_MAX);
    json_object_object_foreach(settings, name, value)
    {
        if (!json_object_is_type(value, json_type_string))
            continue;
        buffer_append_string(&out, out.size_bytes > 0 ? ", " : "");
        buffer_append_string(&out, name);
        buffer_append_string(&out, " = ");
        buffer_append_string(&out, json_object_get_string(value));
    }
    all = (struct text){arena_string(builder->arena, out.data, out.size_bytes), out.size_bytes};
    buffer_free(&out);
    return all;
}

/* What a plan says of the whole statement is kept at its root. */
static void read_statement(struct plan_builder *builder, struct json_object *document, struct plan_details *details)
{
    struct json_object *jit = NULL, *timing = NULL, *triggers = NULL;

    plan_details_number(details, PLAN_PLANNING_MS, plan_json_number(document, "Planning Time", -1));
    plan_details_number(details, PLAN_EXECUTION_MS, plan_json_number(document, "Execution Time", -1));
    if (json_object_object_get_ex(document, "JIT", &jit) && json_object_object_get_ex(jit, "Timing", &timing)) {
        plan_details_number(details, PLAN_JIT_FUNCTIONS, plan_json_number(jit, "Functions", -1));
        plan_details_number(details, PLAN_JIT_MS, plan_json_number(timing, "Total", -1));
    }
    if (json_object_object_get_ex(document, "Triggers", &triggers) && json_object_is_type(triggers, json_type_array))
        for (size_t i = 0; i < json_object_array_length(triggers); i++) {
            struct json_object *trigger = json_object_array_get_idx(triggers, i);
            double ms = plan_json_number(trigger, "Time", -1);

            if (ms <= details->numbers[PLAN_TRIGGER_MS])
                continue;
            plan_details_number(details, PLAN_TRIGGER_MS, ms);
            plan_details_number(details, PLAN_TRIGGER_CALLS, plan_json_number(trigger, "Calls", -1));
            details->words[PLAN_WORD_TRIGGER] = plan_json_text(builder->arena, trigger, "Trigger Name");
            details->words[PLAN_WORD_TRIGGER_CONSTRAINT] = plan_json_text(builder->arena, trigger, "Constraint Name");
            details->words[PLAN_WORD_TRIGGER_RELATION] = plan_json_text(builder->arena, trigger, "Relation");
        }
    details->words[PLAN_WORD_SETTINGS] = settings_of(builder, document);
}

/* `document` is what the root stands in; NULL below the root. */
static struct plan_node *add_node(struct plan_builder *builder, struct plan_node *parent, struct json_object *document,
                                  struct json_object *object, struct text type, double *processes)
{
    struct plan_node *node = plan_builder_add(builder, parent, label_of(builder, object, type));
    struct plan_details details;

    if (node == NULL)
        return NULL;
    node->kind = kind_of(object, type);
    node->relation = relation_of(builder, object);
    node->alias = member(builder, object, "Alias");
    if (text_equal(node->alias, member(builder, object, "Relation Name")))
        node->alias = (struct text){NULL, 0};
    node->index = member(builder, object, "Index Name");
    node->rows = plan_json_number(object, "Plan Rows", -1);
    node->cost = plan_json_number(object, "Total Cost", -1);
    for (size_t i = 0; i < sizeof condition_table / sizeof condition_table[0]; i++)
        plan_json_condition(builder->arena, object, condition_table[i].key, condition_table[i].name, &node->condition);
    plan_details_init(&details);
    read_details(builder, object, &details);
    if (document != NULL)
        read_statement(builder, document, &details);
    plan_details_keep(&details, builder, node);
    node->total_ms = total_ms(object, &details, *processes);
    if (node->kind == PLAN_KIND_GATHER && details.numbers[PLAN_WORKERS_LAUNCHED] > 0)
        *processes = details.numbers[PLAN_WORKERS_LAUNCHED] + 1; /* the leader works, too */
    return node;
}

static enum status read_node(struct plan_builder *builder, struct plan_node *parent, struct json_object *document,
                             struct json_object *object, double processes, struct error *error)
{
    struct text type = member(builder, object, "Node Type");
    struct json_object *children = NULL;
    struct plan_node *node;
    enum status status = STATUS_OK;

    if (type.size == 0)
        return error_set(error, STATUS_INVALID, "A node of the plan has no type.");
    node = add_node(builder, parent, document, object, type, &processes);
    if (node == NULL)
        return STATUS_TOO_LARGE;

    if (!json_object_object_get_ex(object, "Plans", &children) || !json_object_is_type(children, json_type_array))
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_object_array_length(children); i++) {
        struct json_object *child = json_object_array_get_idx(children, i);

        status = json_object_is_type(child, json_type_object)
                     ? read_node(builder, node, NULL, child, processes, error)
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
    return read_node(builder, NULL, document, plan, 1, error);
}
