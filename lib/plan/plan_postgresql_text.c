/* PostgreSQL's EXPLAIN as text, turned into the JSON that it would have written:
 *
 *     Limit  (cost=0.42..8.44 rows=1 width=4) (actual time=0.011..0.012 rows=1 loops=1)
 *       ->  Index Scan using t_pkey on t  (cost=0.42..8.44 rows=1 width=4) (actual time=…)
 *             Index Cond: (id = 7)
 *     Planning Time: 0.1 ms
 *     Execution Time: 0.2 ms
 *
 * The first line with a cost is the root; what a log has before it is left out. */
#include <string.h>

#include "plan/plan_lines.h"

struct reading {
    struct json_object *document, *root, *node; /* node: whose details follow; NULL: nobody's */
    struct plan_line_stack stack;
    struct text subplan; /* the heading before a node: "SubPlan 1" */
    size_t subplan_indent;
};

static bool contains(struct text text, const char *words)
{
    return text.size > 0 && memmem(text.data, text.size, words, strlen(words)) != NULL;
}

/* ---- a node's line ---- */

/* A name as SQL writes it, with or without quotes and a schema; unquoted where it is one name. */
static struct text take_name(struct text *rest)
{
    struct text name = *rest;
    bool is_quoted = false;
    size_t size = 0;

    while (size < rest->size && (is_quoted || rest->data[size] != ' ')) {
        is_quoted ^= rest->data[size] == '"';
        size++;
    }
    name.size = size;
    rest->data += size;
    rest->size -= size;
    *rest = text_trim(*rest);
    if (size > 2 && name.data[0] == '"' && memchr(name.data + 1, '"', size - 2) == NULL && name.data[size - 1] == '"')
        return (struct text){name.data + 1, size - 2};
    return name;
}

/* The first of `words` in a title, as " on "; *title becomes what stands before it. Where both are one text, it becomes
 * the rest. */
static bool take_behind(struct text *title, const char *words, struct text *out_rest)
{
    const char *found = memmem(title->data, title->size, words, strlen(words));
    struct text rest;

    if (found == NULL)
        return false;
    rest.data = found + strlen(words);
    rest.size = (size_t)(title->data + title->size - rest.data);
    title->size = (size_t)(found - title->data);
    *out_rest = rest;
    return true;
}

static const struct {
    const char *type, *key; /* of a scan: the member for the name behind "on" */
} name_table[] = {
    {"Bitmap Index Scan", "Index Name"},      {"CTE Scan", "CTE Name"},
    {"WorkTable Scan", "CTE Name"},           {"Function Scan", "Function Name"},
    {"Table Function Scan", "Function Name"}, {"Named Tuplestore Scan", "Tuplestore Name"},
};

static void set_names(struct json_object *node, struct text type, struct text on)
{
    const char *key = "Relation Name";
    struct text name = take_name(&on);

    for (size_t i = 0; i < sizeof name_table / sizeof name_table[0]; i++)
        if (text_equal(type, text_of(name_table[i].type)))
            key = name_table[i].key;
    if (text_equal(type, TEXT("Subquery Scan")) ||
        text_equal(type, TEXT("Values Scan"))) { /* these have an alias alone */
        plan_json_set_text(node, "Alias", name);
        return;
    }
    plan_json_set_text(node, key, name);
    if (!text_equal(text_of(key), TEXT("Index Name")))
        plan_json_set_text(node, "Alias", on.size > 0 ? take_name(&on) : name);
}

static const struct {
    const char *title, *strategy;
} aggregate_table[] = {
    {"HashAggregate", "Hashed"}, {"GroupAggregate", "Sorted"}, {"MixedAggregate", "Mixed"}, {"Aggregate", "Plain"}};

static const char *const operations[] = {"Insert", "Update", "Delete", "Merge"};

static void set_type(struct json_object *node, struct text type)
{
    static const char *const joins[] = {"Nested Loop", "Hash", "Merge"};

    for (size_t i = 0; i < sizeof aggregate_table / sizeof aggregate_table[0]; i++)
        if (text_equal(type, text_of(aggregate_table[i].title))) {
            plan_json_set_text(node, "Strategy", text_of(aggregate_table[i].strategy));
            type = TEXT("Aggregate");
            break;
        }
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (text_equal(type, text_of(operations[i]))) {
            plan_json_set_text(node, "Operation", type);
            type = TEXT("ModifyTable");
        }
    for (size_t i = 0; text_ends(type, TEXT(" Join")) && i < sizeof joins / sizeof joins[0]; i++) {
        struct text kind = {type.data, type.size - strlen(" Join")};

        if (!text_take_off(&kind, text_of(joins[i])))
            continue;
        kind = text_trim(kind);
        plan_json_set_text(node, "Join Type", kind);
        type = i == 0 ? TEXT("Nested Loop") : i == 1 ? TEXT("Hash Join") : TEXT("Merge Join");
    }
    plan_json_set_text(node, "Node Type", type.size > 0 ? type : TEXT("Unknown"));
}

/* "Parallel Index Scan Backward using i on s.t a" */
static void set_title(struct json_object *node, struct text title)
{
    struct text using = {NULL, 0}, on = {NULL, 0};

    text_take_off(&title, TEXT("Async "));
    if (text_take_off(&title, TEXT("Parallel ")))
        json_object_object_add(node, "Parallel Aware", json_object_new_boolean(1));
    if (text_take_off(&title, TEXT("Partial ")))
        plan_json_set_text(node, "Partial Mode", TEXT("Partial"));
    else if (text_take_off(&title, TEXT("Finalize ")))
        plan_json_set_text(node, "Partial Mode", TEXT("Finalize"));
    if (take_behind(&title, " on ", &on) && take_behind(&title, " using ", &using))
        plan_json_set_text(node, "Index Name", take_name(&using));
    if (text_ends(title, TEXT(" Backward"))) {
        title.size -= strlen(" Backward");
        plan_json_set_text(node, "Scan Direction", TEXT("Backward"));
    }
    title = text_trim(title);
    if (on.size > 0)
        set_names(node, title, on);
    set_type(node, title);
}

/* Where the numbers of a node's line begin. */
static struct text numbers_of(struct text line)
{
    static const char *const beginnings[] = {"(cost=", "(actual ", "(never executed)"};

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        const char *found = memmem(line.data, line.size, beginnings[i], strlen(beginnings[i]));

        if (found != NULL)
            return (struct text){found, (size_t)(line.data + line.size - found)};
    }
    return (struct text){line.data + line.size, 0};
}

static void set_numbers(struct json_object *node, struct text numbers)
{
    struct text costs = numbers, actual = numbers;
    const char *dots;

    if (take_behind(&costs, "(actual ", &actual)) {
        plan_json_set_number(node, "Actual Rows", plan_line_number(actual, "rows="));
        plan_json_set_number(node, "Actual Loops", plan_line_number(actual, "loops="));
        dots = contains(actual, "time=") ? memmem(actual.data, actual.size, "..", 2) : NULL;
        if (dots != NULL)
            plan_json_set_number(
                node, "Actual Total Time",
                plan_line_number((struct text){dots, (size_t)(actual.data + actual.size - dots)}, ".."));
    } else if (contains(numbers, "(never executed)")) {
        plan_json_set_number(node, "Actual Rows", 0);
        plan_json_set_number(node, "Actual Loops", 0);
    }
    if (!text_take_off(&costs, TEXT("(cost=")))
        return;
    dots = memmem(costs.data, costs.size, "..", 2);
    if (dots != NULL)
        plan_json_set_number(node, "Total Cost",
                             plan_line_number((struct text){dots, (size_t)(costs.data + costs.size - dots)}, ".."));
    plan_json_set_number(node, "Plan Rows", plan_line_number(costs, "rows="));
    plan_json_set_number(node, "Plan Width", plan_line_number(costs, "width="));
}

static void set_relationship(struct reading *reading, struct json_object *node)
{
    struct json_object *siblings = NULL, *parent;
    const char *relationship = "Outer";

    if (reading->subplan.size > 0) {
        relationship = text_starts(reading->subplan, TEXT("SubPlan")) ? "SubPlan" : "InitPlan";
        plan_json_set_text(node, "Subplan Name", reading->subplan);
    } else if (reading->stack.depth > 1) {
        parent = reading->stack.items[reading->stack.depth - 2].node;
        if (json_object_object_get_ex(parent, "Plans", &siblings))
            for (size_t i = 0; i < json_object_array_length(siblings); i++)
                if (plan_json_is(json_object_array_get_idx(siblings, i), "Parent Relationship", "Outer"))
                    relationship = "Inner";
        if (plan_json_is(parent, "Node Type", "Append") || plan_json_is(parent, "Node Type", "Merge Append"))
            relationship = "Member";
    }
    if (reading->stack.depth > 1)
        plan_json_set_text(node, "Parent Relationship", text_of(relationship));
    reading->subplan = (struct text){NULL, 0};
}

static enum status add_node(struct reading *reading, struct text line, size_t indent, struct error *error)
{
    struct json_object *node = json_object_new_object();
    struct text numbers = numbers_of(line), title = {line.data, (size_t)(numbers.data - line.data)};
    size_t below = reading->subplan.size > 0 ? reading->subplan_indent : indent;
    enum status status;

    text_take_off(&title, TEXT("->"));
    set_title(node, text_trim(title));
    set_numbers(node, numbers);
    if (reading->root == NULL) {
        json_object_object_add(reading->document, "Plan", node);
        reading->root = node;
        status = plan_line_push(&reading->stack, 0, 0, "Plans", node, error);
    } else {
        status = plan_line_push(&reading->stack, indent, below, "Plans", node, error);
    }
    if (status != STATUS_OK)
        return status;
    set_relationship(reading, node);
    reading->node = node;
    return STATUS_OK;
}

/* ---- details ---- */

static const struct {
    const char *name;
    bool is_number;
} detail_table[] = {
    {"Filter", false},
    {"Index Cond", false},
    {"Recheck Cond", false},
    {"Hash Cond", false},
    {"Merge Cond", false},
    {"Join Filter", false},
    {"One-Time Filter", false},
    {"TID Cond", false},
    {"Sort Key", false},
    {"Presorted Key", false},
    {"Group Key", false},
    {"Cache Key", false},
    {"Remote SQL", false},
    {"Rows Removed by Filter", true},
    {"Rows Removed by Join Filter", true},
    {"Rows Removed by Index Recheck", true},
    {"Heap Fetches", true},
    {"Workers Planned", true},
    {"Workers Launched", true},
};

static double largest(const struct json_object *node, const char *key, double value)
{
    double before = plan_json_number(node, key, -1);

    return value > before ? value : before;
}

/* "external merge  Disk: 12kB", also of a worker */
static void set_sort(struct json_object *node, struct text value)
{
    double disk_kb = plan_line_number(value, "Disk: "), memory_kb = plan_line_number(value, "Memory: ");
    struct text rest;

    if (disk_kb < 0 && plan_json_is(node, "Sort Space Type", "Disk"))
        return;
    plan_json_set_text(node, "Sort Space Type", disk_kb >= 0 ? TEXT("Disk") : TEXT("Memory"));
    plan_json_set_number(node, "Sort Space Used", disk_kb >= 0 ? largest(node, "Sort Space Used", disk_kb) : memory_kb);
    if (take_behind(&value, "  ", &rest))
        plan_json_set_text(node, "Sort Method", value);
}

/* "shared hit=1 read=2, temp read=3 written=4" */
static void set_buffers(struct json_object *node, struct text value)
{
    struct text part;

    while (text_split(&value, ',', &part)) {
        part = text_trim(part);
        if (text_starts(part, TEXT("shared "))) {
            plan_json_set_number(node, "Shared Read Blocks", plan_line_number(part, "read="));
        } else if (text_starts(part, TEXT("temp "))) {
            plan_json_set_number(node, "Temp Read Blocks", plan_line_number(part, "read="));
            plan_json_set_number(node, "Temp Written Blocks", plan_line_number(part, "written="));
        }
    }
}

/* "Batches: 4 (originally 1)  Memory Usage: 40kB  Disk Usage: 8kB" of a Hash, an aggregate, or a worker of it. */
static void set_memory(struct json_object *node, struct text line)
{
    bool is_hash = plan_json_is(node, "Node Type", "Hash");
    const char *batches_key = is_hash ? "Hash Batches" : "HashAgg Batches";
    const char *batches = memmem(line.data, line.size, "Batches: ", 9);

    plan_json_set_number(node, "Peak Memory Usage", plan_line_number(line, "Memory Usage: "));
    plan_json_set_number(node, "Disk Usage", largest(node, "Disk Usage", plan_line_number(line, "Disk Usage: ")));
    if (batches == NULL)
        return;
    line.size = (size_t)(line.data + line.size - batches);
    line.data = batches;
    plan_json_set_number(node, batches_key, largest(node, batches_key, plan_line_number(line, "Batches: ")));
    if (is_hash) {
        double planned = plan_line_number(line, "(originally ");

        plan_json_set_number(node, "Original Hash Batches",
                             planned >= 0 ? planned : plan_line_number(line, "Batches: "));
    }
}

static void read_detail(struct reading *reading, struct text line)
{
    struct json_object *node = reading->node;
    struct text value, name;

    if (text_starts(line, TEXT("Worker "))) /* "Worker 0:  Sort Method: …" */
        take_behind(&line, ":  ", &line);
    value = line;
    if (!text_split(&value, ':', &name) || value.data == NULL)
        return;
    value = text_trim(value);
    for (size_t i = 0; i < sizeof detail_table / sizeof detail_table[0]; i++) {
        if (!text_equal(name, text_of(detail_table[i].name)))
            continue;
        if (detail_table[i].is_number)
            plan_json_set_number(node, detail_table[i].name, plan_line_number(line, ": "));
        else
            plan_json_set_text(node, detail_table[i].name, value);
    }
    if (text_equal(name, TEXT("Sort Method")))
        set_sort(node, value);
    else if (text_equal(name, TEXT("Buffers")))
        set_buffers(node, value);
    else if (text_equal(name, TEXT("Buckets")) || text_equal(name, TEXT("Batches")) ||
             text_equal(name, TEXT("Planned Partitions")))
        set_memory(node, line);
    else if (text_equal(name, TEXT("Heap Blocks"))) {
        plan_json_set_number(node, "Exact Heap Blocks", plan_line_number(value, "exact="));
        plan_json_set_number(node, "Lossy Heap Blocks", plan_line_number(value, "lossy="));
    } else if (text_equal(name, TEXT("Hits"))) {
        plan_json_set_number(node, "Cache Hits", plan_line_number(line, "Hits: "));
        plan_json_set_number(node, "Cache Misses", plan_line_number(line, "Misses: "));
        plan_json_set_number(node, "Cache Evictions", plan_line_number(line, "Evictions: "));
    }
}

/* ---- the statement's lines ---- */

static struct json_object *member_of(struct json_object *object, const char *key, bool is_array)
{
    struct json_object *member = NULL;

    if (!json_object_object_get_ex(object, key, &member)) {
        member = is_array ? json_object_new_array() : json_object_new_object();
        json_object_object_add(object, key, member);
    }
    return member;
}

/* "Trigger for constraint c on t: time=1.2 calls=3", "Trigger t on r: …" */
static void add_trigger(struct reading *reading, struct text line)
{
    struct json_object *trigger = json_object_new_object();
    struct text numbers = {NULL, 0}, relation = {NULL, 0};

    take_behind(&line, ": ", &numbers);
    plan_json_set_number(trigger, "Time", plan_line_number(numbers, "time="));
    plan_json_set_number(trigger, "Calls", plan_line_number(numbers, "calls="));
    if (take_behind(&line, " on ", &relation))
        plan_json_set_text(trigger, "Relation", relation);
    if (text_take_off(&line, TEXT("Trigger for constraint "))) {
        plan_json_set_text(trigger, "Constraint Name", line);
    } else {
        text_take_off(&line, TEXT("Trigger "));
        plan_json_set_text(trigger, "Trigger Name", line);
    }
    json_object_array_add(member_of(reading->document, "Triggers", true), trigger);
}

/* "enable_seqscan = 'off', work_mem = '64kB'" */
static void add_settings(struct reading *reading, struct text line, struct arena *arena)
{
    struct json_object *settings = member_of(reading->document, "Settings", false);
    struct text setting, value;

    while (text_split(&line, ',', &setting)) {
        struct text name = text_trim(setting);

        if (!take_behind(&name, " = '", &value) || value.size == 0 || name.size == 0)
            continue;
        value.size -= text_ends(value, TEXT("'")) ? 1 : 0;
        plan_json_set_text(settings, arena_string(arena, name.data, name.size), value);
    }
}

/* True if the line is about the whole statement. */
static bool read_statement_line(struct reading *reading, struct text line, struct arena *arena)
{
    struct text value = line;

    if (text_take_off(&value, TEXT("Planning Time: ")) || text_take_off(&value, TEXT("Planning time: "))) {
        plan_json_set_number(reading->document, "Planning Time", plan_line_number(line, ": "));
    } else if (text_take_off(&value, TEXT("Execution Time: ")) || text_take_off(&value, TEXT("Execution time: "))) {
        plan_json_set_number(reading->document, "Execution Time", plan_line_number(line, ": "));
    } else if (text_starts(line, TEXT("Trigger ")) && contains(line, ": time=")) {
        add_trigger(reading, line);
    } else if (text_take_off(&value, TEXT("Settings: "))) {
        add_settings(reading, value, arena);
    } else if (text_equal(line, TEXT("JIT:"))) {
        member_of(reading->document, "JIT", false);
    } else if (!text_equal(line, TEXT("Planning:"))) {
        return false;
    }
    reading->node = NULL; /* details that follow are no node's */
    return true;
}

static void read_jit_line(struct reading *reading, struct text line)
{
    struct json_object *jit = NULL;

    if (!json_object_object_get_ex(reading->document, "JIT", &jit))
        return;
    if (text_starts(line, TEXT("Functions: ")))
        plan_json_set_number(jit, "Functions", plan_line_number(line, ": "));
    if (text_starts(line, TEXT("Timing: ")))
        plan_json_set_number(member_of(jit, "Timing", false), "Total", plan_line_number(line, "Total "));
}

static bool is_heading(struct text line)
{
    return text_starts(line, TEXT("SubPlan ")) || text_starts(line, TEXT("InitPlan ")) ||
           (text_starts(line, TEXT("CTE ")) && !contains(line, "(cost="));
}

static enum status read_line(struct reading *reading, struct text raw, struct arena *arena, struct error *error)
{
    size_t indent = plan_line_indent(raw);
    struct text line = text_trim(raw);

    if (line.size == 0)
        return STATUS_OK;
    if (reading->root == NULL || text_starts(line, TEXT("->")))
        return add_node(reading, line, indent, error);
    if (is_heading(line)) {
        reading->subplan = line;
        reading->subplan_indent = indent;
    } else if (!read_statement_line(reading, line, arena)) {
        if (reading->node != NULL)
            read_detail(reading, line);
        else
            read_jit_line(reading, line);
    }
    return STATUS_OK;
}

/* What stands before the first line with a cost is a log's. */
static struct text from_the_root(struct text text)
{
    struct text rest = text, line;

    for (struct text before = rest; text_split(&rest, '\n', &line); before = rest)
        if (numbers_of(line).size > 0)
            return before;
    return text;
}

/* A single line without numbers may be any text. */
static bool is_plan(const struct reading *reading)
{
    return reading->root != NULL &&
           (reading->stack.node_count > 1 || json_object_object_get_ex(reading->root, "Plan Rows", NULL) ||
            json_object_object_get_ex(reading->root, "Actual Loops", NULL));
}

enum status plan_postgresql_parse(struct text text, struct arena *arena, struct json_object **out_document,
                                  struct error *error)
{
    struct reading *reading = arena_zalloc(arena, sizeof *reading);
    enum status status = STATUS_OK;
    struct text line;

    reading->document = json_object_new_object();
    text = from_the_root(text);
    while (status == STATUS_OK && text_split(&text, '\n', &line))
        status = read_line(reading, line, arena, error);
    if (status == STATUS_OK && !is_plan(reading))
        status = error_set(error, STATUS_INVALID, "The text is not a plan that Potto reads.");
    if (status != STATUS_OK) {
        json_object_put(reading->document);
        return status;
    }
    *out_document = reading->document;
    return STATUS_OK;
}
