/* EXPLAIN's text form, read back into its JSON form.
 *
 * A node is a line that ends with its cost in brackets; the column at which it begins tells its parent. Lines between
 * are properties of the node above ("Filter: …"), or name what the next node is to it ("CTE t", "InitPlan 1"). */
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "logs/auto_explain.h"

enum { DEPTH_MAX = 120 };

struct level {
    size_t column; /* where the node's label begins */
    bool has_children;
};

struct plan_text {
    struct buffer json;
    struct json_writer writer; /* of the node at hand */
    struct level levels[DEPTH_MAX];
    size_t depth, nodes;
    struct text subplan; /* what the next node is to its parent; data NULL: a child like others */
    int64_t *rows;
    struct arena *arena;
};

/* ---- the words of a label ---- */

/* Beginnings of labels that stand for a member of their own. */
static const struct {
    struct text words;
    const char *key, *value; /* value NULL: true */
} beginnings[] = {
    {{"Parallel ", 9}, "Parallel Aware", NULL},
    {{"Async ", 6}, "Async Capable", NULL},
    {{"Partial ", 8}, "Partial Mode", "Partial"},
    {{"Finalize ", 9}, "Partial Mode", "Finalize"},
};

/* Labels whose type has another name. */
static const struct {
    struct text label;
    const char *type, *key, *value;
} renamed[] = {
    {{"HashAggregate", 13}, "Aggregate", "Strategy", "Hashed"},
    {{"GroupAggregate", 14}, "Aggregate", "Strategy", "Sorted"},
    {{"MixedAggregate", 14}, "Aggregate", "Strategy", "Mixed"},
    {{"Aggregate", 9}, "Aggregate", "Strategy", "Plain"},
    {{"Insert", 6}, "ModifyTable", "Operation", "Insert"},
    {{"Update", 6}, "ModifyTable", "Operation", "Update"},
    {{"Delete", 6}, "ModifyTable", "Operation", "Delete"},
    {{"Merge", 5}, "ModifyTable", "Operation", "Merge"},
};

/* What follows " on ". Other scans are of relations. */
static const struct {
    struct text label;
    const char *key; /* NULL: it has an alias alone */
} scans[] = {
    {{"Function Scan", 13}, "Function Name"},
    {{"CTE Scan", 8}, "CTE Name"},
    {{"WorkTable Scan", 14}, "CTE Name"},
    {{"Table Function Scan", 19}, "Table Function Name"},
    {{"Subquery Scan", 13}, NULL},
    {{"Values Scan", 11}, NULL},
    {{"Named Tuplestore Scan", 21}, "Tuplestore Name"},
};

static const struct text joins[] = {{"Nested Loop", 11}, {"Hash", 4}, {"Merge", 5}};

static const struct {
    struct text name;
    bool is_number;
} properties[] = {
    {{"Filter", 6}, false},           {{"Index Cond", 10}, false},
    {{"Recheck Cond", 12}, false},    {{"Hash Cond", 9}, false},
    {{"Merge Cond", 10}, false},      {{"Join Filter", 11}, false},
    {{"TID Cond", 8}, false},         {{"One-Time Filter", 15}, false},
    {{"Sort Key", 8}, false},         {{"Group Key", 9}, false},
    {{"Cache Key", 9}, false},        {{"Sort Method", 11}, false},
    {{"Heap Fetches", 12}, true},     {{"Rows Removed by Filter", 22}, true},
    {{"Workers Planned", 15}, true},  {{"Rows Removed by Join Filter", 27}, true},
    {{"Workers Launched", 16}, true}, {{"Rows Removed by Index Recheck", 29}, true},
};

static struct text without(struct text text, size_t bytes_at_end)
{
    text.size -= bytes_at_end;
    return text;
}

/* An empty name is not written. */
static void write_name(struct json_writer *json, const char *key, struct text name)
{
    if (name.size > 0)
        json_member_text(json, key, name);
}

/* A name without its quotes; *text becomes what follows it and its blank. */
static struct text take_identifier(struct text *text, struct arena *arena)
{
    size_t end = 0, size = 0;
    bool is_quoted = false;
    char *name = arena_alloc(arena, text->size + 1);

    for (; end < text->size && (is_quoted || text->data[end] != ' '); end++) {
        if (text->data[end] != '"')
            name[size++] = text->data[end];
        else if (is_quoted && end + 1 < text->size && text->data[end + 1] == '"')
            name[size++] = text->data[end++];
        else
            is_quoted = !is_quoted;
    }
    text->data += end;
    text->size -= end;
    text_take_off(text, TEXT(" "));
    return size == 0 ? (struct text){NULL, 0} : (struct text){name, size};
}

/* What follows a part of a text; false: the text has no such part. */
static bool find_part(struct text text, const char *part, struct text *out_after)
{
    const char *found = text.size == 0 ? NULL : memmem(text.data, text.size, part, strlen(part));

    if (found != NULL)
        *out_after = (struct text){found + strlen(part), (size_t)(text.data + text.size - found) - strlen(part)};
    return found != NULL;
}

/* "Hash Left Join": the type "Hash Join" and the kind of join. */
static bool write_join(struct json_writer *json, struct text label, struct arena *arena)
{
    if (!text_ends(label, TEXT(" Join")))
        return false;
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        struct text kind = without(label, 5);

        if (!text_take_off(&kind, joins[i]))
            continue;
        json_member_string(json, "Node Type", i == 0 ? "Nested Loop" : arena_printf(arena, "%s Join", joins[i].data));
        json_member_text(json, "Join Type", kind.size > 1 ? text_trim(kind) : TEXT("Inner"));
        return true;
    }
    return false;
}

static void write_type(struct json_writer *json, struct text label, struct arena *arena)
{
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (text_equal(label, renamed[i].label)) {
            json_member_string(json, "Node Type", renamed[i].type);
            json_member_string(json, renamed[i].key, renamed[i].value);
            return;
        }
    if (write_join(json, label, arena))
        return;
    if (text_equal(label, TEXT("Nested Loop")))
        json_member_string(json, "Join Type", "Inner");
    if (text_ends(label, TEXT(" Backward"))) {
        json_member_string(json, "Scan Direction", "Backward");
        label = without(label, 9);
    }
    if (text_starts(label, TEXT("SetOp")) || text_starts(label, TEXT("HashSetOp")))
        label = TEXT("SetOp");
    if (text_starts(label, TEXT("Custom Scan ")))
        label = TEXT("Custom Scan");
    write_name(json, "Node Type", label);
}

/* What the scan reads: "item", "item i", "public.item i". */
static void write_relation(struct json_writer *json, struct text label, struct text name, struct text alias)
{
    const char *key = "Relation Name";

    for (size_t i = 0; i < sizeof scans / sizeof scans[0]; i++)
        if (text_equal(label, scans[i].label))
            key = scans[i].key;
    if (key != NULL)
        write_name(json, key, name);
    write_name(json, "Alias", alias.size > 0 ? alias : name);
}

static void write_label(struct plan_text *plan, struct text label)
{
    struct json_writer *json = &plan->writer;
    struct text on, index, name, alias;

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (text_take_off(&label, beginnings[i].words)) {
            if (beginnings[i].value == NULL)
                json_member_bool(json, beginnings[i].key, true);
            else
                json_member_string(json, beginnings[i].key, beginnings[i].value);
        }
    if (find_part(label, " using ", &index)) {
        label.size = (size_t)(index.data - label.data) - 7;
        write_name(json, "Index Name", take_identifier(&index, plan->arena));
        on = index;
        if (!text_take_off(&on, TEXT("on ")))
            on.size = 0;
    } else if (find_part(label, " on ", &on)) {
        label.size = (size_t)(on.data - label.data) - 4;
    } else {
        on = (struct text){NULL, 0};
    }
    write_type(json, label, plan->arena);
    if (on.size == 0)
        return;
    name = take_identifier(&on, plan->arena);
    alias = take_identifier(&on, plan->arena);
    if (text_equal(label, TEXT("Bitmap Index Scan")))
        write_name(json, "Index Name", name);
    else
        write_relation(json, label, name, alias);
}

/* ---- numbers ---- */

/* "cost=0.28" within brackets, as a number; false: it is not there. */
static bool find_number(struct text text, const char *name, double *out_number)
{
    struct text after;
    size_t size = 0;

    if (!find_part(text, name, &after))
        return false;
    while (size < after.size && size < 30 &&
           ((after.data[size] >= '0' && after.data[size] <= '9') ||
            (after.data[size] == '.' && size + 1 < after.size && after.data[size + 1] != '.')))
        size++;
    return text_to_double((struct text){after.data, size}, out_number);
}

static void write_numbers(struct plan_text *plan, struct text numbers)
{
    static const struct {
        const char *name, *key;
    } estimates[] = {{"cost=", "Startup Cost"}, {"..", "Total Cost"}, {"rows=", "Plan Rows"}, {"width=", "Plan Width"}},
      measures[] = {{"time=", "Actual Startup Time"},
                    {"..", "Actual Total Time"},
                    {"rows=", "Actual Rows"},
                    {"loops=", "Actual Loops"}};
    struct text actual;
    double number = 0, rows = -1, loops = 1;

    for (size_t i = 0; i < sizeof estimates / sizeof estimates[0]; i++)
        if (find_number(numbers, estimates[i].name, &number))
            json_member_double(&plan->writer, estimates[i].key, number);
    if (find_part(numbers, "(never executed)", &actual)) {
        json_member_double(&plan->writer, "Actual Rows", 0);
        json_member_double(&plan->writer, "Actual Loops", 0);
    } else if (find_part(numbers, "(actual ", &actual)) {
        for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
            if (find_number(actual, measures[i].name, &number))
                json_member_double(&plan->writer, measures[i].key, number);
        if (plan->nodes == 0 && find_number(actual, "rows=", &rows)) {
            find_number(actual, "loops=", &loops);
            rows = rows * loops + 0.5;
            *plan->rows = rows <= (double)SAMPLE_ROWS_MAX ? (int64_t)rows : -1;
        }
    }
}

static void write_buffers(struct json_writer *json, struct text text)
{
    static const struct {
        const char *kind, *name, *key;
    } counts[] = {
        {"shared ", "hit=", "Shared Hit Blocks"},         {"shared ", "read=", "Shared Read Blocks"},
        {"shared ", "dirtied=", "Shared Dirtied Blocks"}, {"shared ", "written=", "Shared Written Blocks"},
        {"temp ", "read=", "Temp Read Blocks"},           {"temp ", "written=", "Temp Written Blocks"},
    };

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct text kind, rest;
        double number = 0;

        if (!find_part(text, counts[i].kind, &kind))
            continue;
        if (find_part(kind, ", ", &rest))
            kind.size = (size_t)(rest.data - kind.data) - 2;
        if (find_number(kind, counts[i].name, &number))
            json_member_double(json, counts[i].key, number);
    }
}

/* ---- lines ---- */

static void close_levels(struct plan_text *plan, size_t column)
{
    while (plan->depth > 0 && plan->levels[plan->depth - 1].column >= column) {
        plan->depth--;
        buffer_append_string(&plan->json, plan->levels[plan->depth].has_children ? "]}" : "}");
    }
}

/* False: the plan is too deep, or this is no plan. */
static bool add_node(struct plan_text *plan, size_t column, struct text label, struct text numbers)
{
    close_levels(plan, plan->nodes == 0 ? 0 : column);
    if (plan->depth == DEPTH_MAX || plan->nodes == PLAN_TEXT_NODES_MAX || (plan->depth == 0 && plan->nodes > 0))
        return false;
    if (plan->depth > 0) {
        struct level *parent = &plan->levels[plan->depth - 1];

        buffer_append_string(&plan->json, parent->has_children ? "," : ",\"Plans\":[");
        parent->has_children = true;
    }
    json_writer_init(&plan->writer, &plan->json);
    json_object_begin(&plan->writer);
    write_label(plan, label);
    if (plan->subplan.data != NULL)
        json_member_text(&plan->writer, "Subplan Name", plan->subplan);
    write_numbers(plan, numbers);
    plan->subplan = (struct text){NULL, 0};
    plan->levels[plan->depth++] = (struct level){.column = column};
    plan->nodes++;
    return true;
}

static void take_property(struct plan_text *plan, size_t column, struct text line)
{
    const struct level *level = &plan->levels[plan->depth - 1];
    struct text name = line, value;

    if (!find_part(line, ": ", &value)) {
        if (text_starts(line, TEXT("CTE ")) || text_starts(line, TEXT("InitPlan ")) ||
            text_starts(line, TEXT("SubPlan ")))
            plan->subplan = line;
        return;
    }
    if (level->has_children || column != level->column + 2)
        return;
    name.size = (size_t)(value.data - line.data) - 2;
    if (text_equal(name, TEXT("Buffers")))
        write_buffers(&plan->writer, value);
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        double number = 0;

        if (!text_equal(name, properties[i].name))
            continue;
        if (!properties[i].is_number)
            json_member_text(&plan->writer, properties[i].name.data, value);
        else if (find_number(line, ": ", &number))
            json_member_double(&plan->writer, properties[i].name.data, number);
    }
}

static bool take_line(struct plan_text *plan, struct text line)
{
    size_t column = 0;
    struct text numbers;

    while (column < line.size && line.data[column] == ' ')
        column++;
    line.data += column;
    line.size -= column;
    if (plan->nodes > 0 && text_take_off(&line, TEXT("->  ")))
        column += 4;
    else if (plan->nodes > 0) {
        take_property(plan, column, line);
        return true;
    }
    if (!find_part(line, "  (cost=", &numbers) && !find_part(line, "  (actual ", &numbers))
        return plan->nodes > 0;
    numbers.size += (size_t)(numbers.data - line.data);
    numbers.data = line.data;
    find_part(line, "  (", &numbers);
    numbers.data--;
    numbers.size++;
    return add_node(plan, column, (struct text){line.data, (size_t)(numbers.data - line.data) - 2}, numbers);
}

struct text plan_text_to_json(struct text text, struct arena *arena, int64_t *out_rows)
{
    struct plan_text plan = {.arena = arena, .rows = out_rows};
    struct text line, json = {NULL, 0};
    bool is_plan = true;

    buffer_init(&plan.json, LOGS_PLAN_BYTES_MAX);
    buffer_append_string(&plan.json, "{\"Plan\":");
    while (is_plan && text_split(&text, '\n', &line))
        is_plan = take_line(&plan, line);
    close_levels(&plan, 0);
    buffer_append_string(&plan.json, "}");
    if (is_plan && plan.nodes > 0 && !plan.json.has_failed)
        json = (struct text){arena_copy(arena, plan.json.data, plan.json.size_bytes), plan.json.size_bytes};
    buffer_free(&plan.json);
    return json;
}
