/* MySQL's plans as a tree of operations: the second version of EXPLAIN FORMAT=JSON (from 8.3 on), and FORMAT=TREE and
 * EXPLAIN ANALYZE, whose lines are turned into the same JSON:
 *
 *     -> Filter: (t.a > 5)  (cost=2.5 rows=3) (actual time=0.05..0.06 rows=2 loops=1)
 *         -> Table scan on t  (cost=2.5 rows=10) (actual time=0.04..0.05 rows=10 loops=1)
 *
 * What an operation does stands in its sentence in both. A filter right above a table's scan becomes part of the scan,
 * as it is in all other plans. */
#include <math.h>
#include <string.h>

#include "plan/plan_lines.h"

static const struct {
    const char *beginning, *label;
    enum plan_kind kind;
} operation_table[] = {
    {"Table scan on <", "Read temporary table", PLAN_KIND_UNSET},
    {"Table scan", "Table scan", PLAN_KIND_SEQ_SCAN},
    {"Index scan", "Full index scan", PLAN_KIND_INDEX_SCAN},
    {"Covering index scan", "Full index scan", PLAN_KIND_INDEX_SCAN},
    {"Index lookup", "Index lookup", PLAN_KIND_INDEX_SCAN},
    {"Covering index lookup", "Index lookup", PLAN_KIND_INDEX_SCAN},
    {"Single-row", "Unique index lookup", PLAN_KIND_INDEX_SCAN},
    {"Index range scan", "Index range scan", PLAN_KIND_INDEX_SCAN},
    {"Covering index range scan", "Index range scan", PLAN_KIND_INDEX_SCAN},
    {"Multi-range index lookup", "Index lookup", PLAN_KIND_INDEX_SCAN},
    {"Intersect rows sorted by row ID", "Index merge", PLAN_KIND_INDEX_MERGE},
    {"Nested loop", NULL, PLAN_KIND_NESTED_LOOP},
    {"Inner hash join", NULL, PLAN_KIND_HASH_JOIN},
    {"Left hash join", NULL, PLAN_KIND_HASH_JOIN},
    {"Hash ", NULL, PLAN_KIND_HASH_JOIN},
    {"Sort", NULL, PLAN_KIND_SORT},
    {"Aggregate using temporary table", NULL, PLAN_KIND_TEMPORARY_TABLE},
    {"Temporary table", NULL, PLAN_KIND_TEMPORARY_TABLE},
    {"Materialize", NULL, PLAN_KIND_MATERIALIZE},
    {"Union materialize", NULL, PLAN_KIND_MATERIALIZE},
    {"Group aggregate", NULL, PLAN_KIND_AGGREGATE},
    {"Aggregate", NULL, PLAN_KIND_AGGREGATE},
    {"Limit", NULL, PLAN_KIND_LIMIT},
    {"Select #", "Subquery", PLAN_KIND_SUBQUERY},
    {"Zero rows (Impossible", "Zero rows", PLAN_KIND_NOTHING},
};

/* Where the words of an operation end and its tables and conditions begin. */
static struct text words_of(struct text operation)
{
    static const char *const ends[] = {": ", " on ", " (", " using ", " over "};
    struct text words = operation;

    if (text_starts(operation, TEXT("Aggregate using")))
        return TEXT("Aggregate using temporary table");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const char *found = memmem(words.data, words.size, ends[i], strlen(ends[i]));

        if (found != NULL)
            words.size = (size_t)(found - words.data);
    }
    return words;
}

static size_t row_of(struct text operation)
{
    size_t row = 0;

    while (row < sizeof operation_table / sizeof operation_table[0] &&
           !text_starts(operation, text_of(operation_table[row].beginning)))
        row++;
    return row;
}

static bool is_row(size_t row)
{
    return row < sizeof operation_table / sizeof operation_table[0];
}

static enum plan_kind kind_of(struct text operation)
{
    size_t row = row_of(operation);

    return is_row(row) ? operation_table[row].kind : PLAN_KIND_UNSET;
}

/* The name behind `words`, up to a space: " on t1 using". */
static struct text name_behind(struct text operation, const char *words)
{
    const char *found = memmem(operation.data, operation.size, words, strlen(words));
    struct text name;

    if (found == NULL)
        return (struct text){NULL, 0};
    name.data = found + strlen(words);
    name.size = (size_t)(operation.data + operation.size - name.data);
    found = memchr(name.data, ' ', name.size);
    if (found != NULL)
        name.size = (size_t)(found - name.data);
    return name;
}

static struct json_object *inputs_of(const struct json_object *object)
{
    struct json_object *inputs = NULL;

    return json_object_object_get_ex(object, "inputs", &inputs) && json_object_is_type(inputs, json_type_array) ? inputs
                                                                                                                : NULL;
}

static struct json_object *first_input(const struct json_object *object)
{
    struct json_object *inputs = inputs_of(object);

    return inputs == NULL || json_object_array_length(inputs) == 0 ? NULL : json_object_array_get_idx(inputs, 0);
}

static struct text copied(struct plan_builder *builder, struct text text)
{
    return text.size == 0 ? (struct text){NULL, 0}
                          : (struct text){arena_string(builder->arena, text.data, text.size), text.size};
}

static struct text behind(struct text text, const char *words)
{
    const char *found = text.size == 0 ? NULL : memmem(text.data, text.size, words, strlen(words));

    if (found == NULL)
        return (struct text){NULL, 0};
    found += strlen(words);
    return (struct text){found, (size_t)(text.data + text.size - found)};
}

/* Rows, loops and conditions of an operation; `filter` is the filter above a scan, or NULL. */
static void read_details(struct plan_builder *builder, const struct json_object *object,
                         const struct json_object *filter, struct text operation, struct plan_details *details)
{
    const struct json_object *last = filter == NULL ? object : filter;
    double read = plan_json_number(object, "actual_rows", -1), kept = plan_json_number(last, "actual_rows", -1);
    double expected = plan_json_number(object, "estimated_rows", -1);
    double passing = plan_json_number(last, "estimated_rows", -1);
    enum plan_kind kind = kind_of(operation);

    plan_details_init(details);
    plan_details_number(details, PLAN_LOOPS, plan_json_number(last, "actual_loops", -1));
    plan_details_number(details, PLAN_ROWS, kept);
    if (filter != NULL) {
        struct text sentence = plan_json_text(builder->arena, filter, "operation");

        plan_details_number(details, PLAN_FILTER_REMOVED, kept >= 0 ? fmax(read - kept, 0) : -1);
        if (expected > 0 && passing >= 0)
            plan_details_number(details, PLAN_FILTERED_PERCENT, fmin(passing / expected, 1) * 100);
        text_take_off(&sentence, TEXT("Filter: "));
        details->words[PLAN_WORD_FILTER] = sentence;
    }
    if (kind == PLAN_KIND_SORT)
        details->words[PLAN_WORD_SORT_KEY] = copied(builder, behind(operation, ": "));
    if (kind == PLAN_KIND_INDEX_SCAN && !text_starts(operation, TEXT("Index scan")) &&
        !text_starts(operation, TEXT("Covering index scan")))
        details->words[PLAN_WORD_INDEX_CONDITION] = copied(builder, behind(operation, " using "));
    if (kind == PLAN_KIND_HASH_JOIN)
        details->words[PLAN_WORD_JOIN_CONDITION] = copied(builder, behind(operation, " ("));
    if (kind == PLAN_KIND_NOTHING)
        details->words[PLAN_WORD_MESSAGE] = copied(builder, behind(operation, " ("));
    if (kind == PLAN_KIND_SUBQUERY && memmem(operation.data, operation.size, "dependent", 9) != NULL)
        plan_details_number(details, PLAN_IS_DEPENDENT, 1);
    if (kind == PLAN_KIND_SUBQUERY) { /* a heading has no numbers */
        plan_details_number(details, PLAN_LOOPS, plan_json_number(first_input(object), "actual_loops", -1));
        plan_details_number(details, PLAN_ROWS, plan_json_number(first_input(object), "actual_rows", -1));
    }
}

static struct text label_of(struct plan_builder *builder, struct text operation)
{
    size_t row = row_of(operation);

    if (is_row(row) && operation_table[row].label != NULL)
        return text_of(operation_table[row].label);
    return copied(builder, words_of(operation));
}

static void set_condition(struct plan_builder *builder, struct plan_node *node, struct text operation,
                          const struct plan_details *details)
{
    struct text filter = details->words[PLAN_WORD_FILTER], own = behind(operation, ": ");

    if (filter.size > 0)
        node->condition = text_of(arena_printf(builder->arena, "filter: %s", filter.data));
    else if (details->words[PLAN_WORD_INDEX_CONDITION].size > 0)
        node->condition = details->words[PLAN_WORD_INDEX_CONDITION];
    else if (details->words[PLAN_WORD_JOIN_CONDITION].size > 0)
        node->condition =
            text_of(arena_printf(builder->arena, "join: (%s", details->words[PLAN_WORD_JOIN_CONDITION].data));
    else
        node->condition = copied(builder, own);
}

static struct plan_node *add_node(struct plan_builder *builder, struct plan_node *parent,
                                  const struct json_object *object, const struct json_object *filter,
                                  struct text operation)
{
    struct plan_node *node = plan_builder_add(builder, parent, label_of(builder, operation));
    const struct json_object *last = filter == NULL ? object : filter;
    struct plan_details details;
    double ms = plan_json_number(last, "actual_last_row_ms", -1);

    if (node == NULL)
        return NULL;
    read_details(builder, object, filter, operation, &details);
    plan_details_keep(&details, builder, node);
    node->kind = kind_of(operation);
    node->relation = plan_json_text(builder->arena, object, "alias");
    if (node->relation.size == 0)
        node->relation = plan_json_text(builder->arena, object, "table_name");
    if (node->relation.size == 0)
        node->relation = copied(builder, name_behind(operation, " on "));
    node->index = plan_json_text(builder->arena, object, "index_name");
    if (node->index.size == 0 && node->kind == PLAN_KIND_INDEX_SCAN)
        node->index = copied(builder, name_behind(operation, " using "));
    if (node->kind == PLAN_KIND_INDEX_MERGE)
        node->index = TEXT("intersect");
    node->rows = plan_json_number(object, "estimated_rows", -1);
    node->cost = plan_json_number(last, "estimated_total_cost", -1);
    if (ms >= 0 && details.numbers[PLAN_LOOPS] >= 0 && ms * details.numbers[PLAN_LOOPS] <= PLAN_NUMBER_MAX)
        node->total_ms = ms * details.numbers[PLAN_LOOPS];
    set_condition(builder, node, operation, &details);
    return node;
}

static enum status read_operation(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                                  struct error *error);

static enum status read_inputs(struct plan_builder *builder, struct plan_node *node, const struct json_object *object,
                               size_t from, struct error *error)
{
    struct json_object *inputs = inputs_of(object);
    enum status status = STATUS_OK;

    for (size_t i = from; status == STATUS_OK && inputs != NULL && i < json_object_array_length(inputs); i++)
        status = read_operation(builder, node, json_object_array_get_idx(inputs, i), error);
    return status;
}

static bool is_scan(const struct json_object *object, struct plan_builder *builder)
{
    enum plan_kind kind =
        object == NULL ? PLAN_KIND_UNSET : kind_of(plan_json_text(builder->arena, object, "operation"));

    return kind == PLAN_KIND_SEQ_SCAN || kind == PLAN_KIND_INDEX_SCAN || kind == PLAN_KIND_INDEX_MERGE;
}

/* JSON has a heading at the operation below it: "Select #2 (subquery in condition; dependent)". */
static struct plan_node *add_heading(struct plan_builder *builder, struct plan_node *parent,
                                     const struct json_object *object, struct text heading)
{
    struct plan_node *node = plan_builder_add(builder, parent, TEXT("Subquery"));
    struct plan_details details;

    if (node == NULL)
        return NULL;
    plan_details_init(&details);
    plan_details_number(&details, PLAN_LOOPS, plan_json_number(object, "actual_loops", -1));
    plan_details_number(&details, PLAN_ROWS, plan_json_number(object, "actual_rows", -1));
    if (memmem(heading.data, heading.size, "dependent", 9) != NULL)
        plan_details_number(&details, PLAN_IS_DEPENDENT, 1);
    plan_details_keep(&details, builder, node);
    node->kind = PLAN_KIND_SUBQUERY;
    return node;
}

static enum status read_operation(struct plan_builder *builder, struct plan_node *parent, struct json_object *object,
                                  struct error *error)
{
    struct text operation, heading;
    struct json_object *below = NULL;
    struct plan_node *node;
    bool is_filtered_scan;

    if (!json_object_is_type(object, json_type_object))
        return error_set(error, STATUS_INVALID, "A node of the plan is not an object.");
    operation = plan_json_text(builder->arena, object, "operation");
    heading = plan_json_text(builder->arena, object, "heading");
    if (operation.size == 0)
        return error_set(error, STATUS_INVALID, "A node of the plan has no operation.");
    if (parent != NULL && text_starts(heading, TEXT("Select #"))) {
        parent = add_heading(builder, parent, object, heading);
        if (parent == NULL)
            return STATUS_TOO_LARGE;
    }
    if (text_equal(operation, TEXT("Hash")) && parent != NULL) /* a heading of TREE */
        return read_inputs(builder, parent, object, 0, error);
    below = text_starts(operation, TEXT("Filter: ")) ? first_input(object) : NULL;
    is_filtered_scan = is_scan(below, builder);
    if (is_filtered_scan)
        node = add_node(builder, parent, below, object, plan_json_text(builder->arena, below, "operation"));
    else
        node = add_node(builder, parent, object, NULL, operation);
    if (node == NULL)
        return STATUS_TOO_LARGE;
    if (is_filtered_scan && read_inputs(builder, node, below, 0, error) != STATUS_OK)
        return STATUS_INVALID;
    return read_inputs(builder, node, object, is_filtered_scan ? 1 : 0, error);
}

bool plan_mysql_is_tree(struct json_object *document)
{
    return json_object_is_type(document, json_type_object) &&
           !json_object_object_get_ex(document, "query_block", NULL) &&
           (json_object_object_get_ex(document, "query_plan", NULL) ||
            json_object_object_get_ex(document, "operation", NULL));
}

enum status plan_mysql_tree_read(struct plan_builder *builder, struct json_object *document, struct error *error)
{
    struct json_object *plan = NULL;

    return read_operation(builder, NULL, json_object_object_get_ex(document, "query_plan", &plan) ? plan : document,
                          error);
}

/* ---- text ---- */

bool plan_mysql_is_tree_text(struct text text)
{
    return text_starts(text_trim(text), TEXT("-> "));
}

/* Where the numbers of a line begin: the last "  (cost=" or "  (actual time=", since a condition may have any text. */
static struct text numbers_of(struct text line)
{
    static const char *const beginnings[] = {"  (cost=", "  (actual time=", "  (never executed)"};
    struct text numbers = {line.data + line.size, 0};

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        const char *found = memmem(line.data, line.size, beginnings[i], strlen(beginnings[i]));

        if (found != NULL && found < numbers.data)
            numbers = (struct text){found, (size_t)(line.data + line.size - found)};
    }
    return numbers;
}

/* The last of a pair, or the only one: "cost=1.5..2.5", "cost=2.5". */
static double last_of(struct text numbers, const char *name)
{
    struct text rest = behind(numbers, name);
    size_t size = 0;

    while (size < rest.size && rest.data[size] != ' ' && rest.data[size] != ')')
        size++;
    rest.size = size;
    if (rest.size > 0 && memmem(rest.data, rest.size, "..", 2) != NULL)
        return plan_line_number(rest, "..");
    return plan_line_number(numbers, name);
}

static struct json_object *node_of(struct text line)
{
    struct json_object *node = json_object_new_object();
    struct text numbers = numbers_of(line), costs = numbers, actual = behind(numbers, "(actual time=");
    struct text operation = {line.data, (size_t)(numbers.data - line.data)};

    text_take_off(&operation, TEXT("->"));
    plan_json_set_text(node, "operation", text_trim(operation));
    if (actual.size > 0) {
        costs.size -= actual.size;
        plan_json_set_number(node, "actual_last_row_ms",
                             last_of((struct text){actual.data - 5, actual.size + 5}, "time="));
        plan_json_set_number(node, "actual_rows", plan_line_number(actual, "rows="));
        plan_json_set_number(node, "actual_loops", plan_line_number(actual, "loops="));
    } else if (memmem(numbers.data, numbers.size, "(never executed)", 16) != NULL) {
        plan_json_set_number(node, "actual_rows", 0);
        plan_json_set_number(node, "actual_loops", 0);
    }
    plan_json_set_number(node, "estimated_total_cost", last_of(costs, "cost="));
    if (memmem(costs.data, costs.size, "(cost=", 6) != NULL)
        plan_json_set_number(node, "estimated_rows", plan_line_number(costs, "rows="));
    return node;
}

enum status plan_mysql_tree_parse(struct text text, struct arena *arena, struct json_object **out_document,
                                  struct error *error)
{
    struct plan_line_stack *stack = arena_zalloc(arena, sizeof *stack);
    struct json_object *document = NULL;
    enum status status = STATUS_OK;
    struct text line;

    while (status == STATUS_OK && text_split(&text, '\n', &line)) {
        size_t indent = plan_line_indent(line);
        struct json_object *node;

        line = text_trim(line);
        if (!text_starts(line, TEXT("->"))) /* a condition over several lines, or what a client wrote */
            continue;
        node = node_of(line);
        if (document == NULL)
            document = node;
        status = plan_line_push(stack, indent, indent, "inputs", node, error);
    }
    if (status == STATUS_OK && document == NULL)
        status = error_set(error, STATUS_INVALID, "The text is not a plan that Potto reads.");
    if (status != STATUS_OK) {
        json_object_put(document);
        return status;
    }
    *out_document = document;
    return STATUS_OK;
}
