/* Plans of every engine as one tree; see plan.h. */
#include "plan/plan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/buffer.h"
#include "base/engine.h"
#include "plan/plan_internal.h"

static const struct {
    enum engine_kind engine;
    enum plan_dialect dialect;
    enum status (*read)(struct plan_builder *builder, struct json_object *document, struct error *error);
} dialect_table[] = {
    {ENGINE_POSTGRESQL, PLAN_DIALECT_POSTGRESQL, plan_postgresql_read},
    {ENGINE_MYSQL, PLAN_DIALECT_MYSQL, plan_mysql_read},
};

static void put_document(void *document)
{
    json_object_put(document);
}

static enum status parse(struct text json, struct arena *arena, struct json_object **out_document, struct error *error)
{
    struct json_tokener *tokener;
    struct json_object *document;
    enum json_tokener_error said;

    if (json.size > PLAN_JSON_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "The plan is larger than %d bytes.", PLAN_JSON_BYTES_MAX);
    tokener = json_tokener_new_ex(PLAN_JSON_DEPTH_MAX);
    if (tokener == NULL)
        abort();
    document = json_tokener_parse_ex(tokener, json.data, (int)json.size);
    said = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (said == json_tokener_error_depth)
        return error_set(error, STATUS_TOO_LARGE, "The plan is nested too deeply.");
    if (document == NULL) {
        error_set(error, STATUS_MALFORMED, "The plan is not JSON.");
        return error_detail(error, "%s", json_tokener_error_desc(said));
    }
    arena_defer(arena, put_document, document);
    *out_document = document;
    return STATUS_OK;
}

static bool is_negative(double value)
{
    return value < 0 || !isfinite(value);
}

/* The inner side of a nested loop has the cost of one pass, but in MySQL's first format, which lists all tables. */
static bool has_cost_of_one_loop(const struct plan_node *node)
{
    return node->kind == PLAN_KIND_NESTED_LOOP && !text_equal(node->label, TEXT("Nested loop"));
}

/* The cost of each node, or where it has none that of the nodes below it, for share_out(). */
static void cost_known(const struct plan_builder *builder)
{
    for (size_t i = builder->node_count; i > 0; i--) {
        struct plan_node *node = builder->nodes[i - 1];
        double sum = 0;

        for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling)
            sum = fmin(sum + child->cost_share, DBL_MAX);
        node->cost_share = is_negative(node->cost) ? sum : node->cost;
    }
}

/* Set the cost shares of a node and all nodes below it, which together take `budget` of the plan's `total`. Shares are
 * computed from the root down, so that those of a plan add up to 1. The engine's costs do not: below a LIMIT a node has
 * the cost of a full run, and the inner side of a nested loop has the cost of one pass. */
static void share_out(const struct plan_node *node, double budget, double total)
{
    double left = budget;

    for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling) {
        double cost = child->cost_share; /* as cost_known() left it */
        bool is_repeated = has_cost_of_one_loop(node) && child != node->first_child;
        double loops = is_repeated && node->first_child->rows > 1 ? node->first_child->rows : 1;
        double taken = fmin(cost * loops, left);

        share_out(child, taken, total);
        left -= taken;
    }
    ((struct plan_node *)node)->cost_share = total > 0 ? left / total : 0;
}

static void hash_text(XXH3_state_t *state, struct text text)
{
    uint64_t size = text.size;

    XXH3_128bits_update(state, &size, sizeof size);
    if (text.size > 0)
        XXH3_128bits_update(state, text.data, text.size);
}

static struct plan_hash hash_of(const struct plan_builder *builder)
{
    struct plan_hash hash;
    XXH3_state_t *state = XXH3_createState();
    XXH128_canonical_t canonical;

    if (state == NULL)
        abort();
    XXH3_128bits_reset(state);
    for (size_t i = 0; i < builder->node_count; i++) {
        const struct plan_node *node = builder->nodes[i];
        int32_t depth = node->depth;

        XXH3_128bits_update(state, &depth, sizeof depth);
        hash_text(state, node->label);
        hash_text(state, node->relation);
        hash_text(state, node->index);
    }
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    XXH3_freeState(state);
    memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}

enum plan_dialect plan_dialect_of(struct text engine)
{
    const struct engine *known = engine_of(engine);

    for (size_t i = 0; known != NULL && i < sizeof dialect_table / sizeof dialect_table[0]; i++)
        if (dialect_table[i].engine == known->kind)
            return dialect_table[i].dialect;
    return PLAN_DIALECT_UNSET;
}

/* PostgreSQL's total leaves out planning; a plan without EXPLAIN's summary has the root's time alone. */
static double statement_ms(const struct plan_node *root)
{
    double execution_ms = plan_number(root, PLAN_EXECUTION_MS), planning_ms = plan_number(root, PLAN_PLANNING_MS);

    if (execution_ms < root->total_ms)
        execution_ms = root->total_ms;
    return execution_ms < 0 ? -1 : execution_ms + fmax(planning_ms, 0);
}

static enum status build(enum plan_dialect dialect, struct json_object *document, struct arena *arena,
                         struct plan *out_plan, struct error *error)
{
    struct plan_builder builder = {.arena = arena};
    struct plan plan = {.dialect = dialect};
    enum status status = STATUS_INVALID;

    builder.nodes = arena_alloc_array(arena, PLAN_NODES_MAX, sizeof(struct plan_node *));
    for (size_t i = 0; i < sizeof dialect_table / sizeof dialect_table[0]; i++)
        if (dialect_table[i].dialect == dialect)
            status = dialect_table[i].read(&builder, document, error);
    if (builder.is_too_large)
        return error_set(error, STATUS_TOO_LARGE, "The plan has more than %d nodes or is nested deeper than %d.",
                         PLAN_NODES_MAX, PLAN_DEPTH_MAX);
    if (status != STATUS_OK || builder.node_count == 0)
        return error_set(error, STATUS_INVALID, "This is not a plan that Potto reads.");

    plan.nodes = (const struct plan_node *const *)builder.nodes;
    plan.node_count = builder.node_count;
    for (size_t i = 0; i < builder.node_count; i++)
        plan.has_actuals |= plan_number(builder.nodes[i], PLAN_LOOPS) >= 0;
    plan.total_cost = is_negative(builder.nodes[0]->cost) ? -1 : builder.nodes[0]->cost;
    cost_known(&builder);
    share_out(plan.nodes[0], fmax(plan.total_cost, 0), plan.total_cost);
    plan_times_fill(builder.nodes, builder.node_count);
    plan.total_ms = statement_ms(plan.nodes[0]);
    plan.hash = hash_of(&builder);
    *out_plan = plan;
    return STATUS_OK;
}

enum status plan_read(enum plan_dialect dialect, struct text json, struct arena *arena, struct plan *out_plan,
                      struct error *error)
{
    struct json_object *document = NULL;
    enum status status = parse(json, arena, &document, error);

    return status == STATUS_OK ? build(dialect, document, arena, out_plan, error) : status;
}

static enum plan_dialect dialect_of_document(const struct json_object *document)
{
    static const char *const mysql_keys[] = {"query_block", "query_plan", "operation"};

    for (size_t i = 0; json_object_is_type(document, json_type_object) && i < sizeof mysql_keys / sizeof mysql_keys[0];
         i++)
        if (json_object_object_get_ex(document, mysql_keys[i], NULL))
            return PLAN_DIALECT_MYSQL;
    return PLAN_DIALECT_POSTGRESQL;
}

enum status plan_read_pasted(enum plan_dialect dialect, struct text pasted, struct arena *arena, struct plan *out_plan,
                             struct error *error)
{
    struct json_object *document = NULL;
    enum status status;
    struct text plan;

    if (pasted.size > PLAN_JSON_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "The plan is larger than %d bytes.", PLAN_JSON_BYTES_MAX);
    plan = plan_paste_clean(pasted, arena);
    if (plan.size > 0 && (plan.data[0] == '{' || plan.data[0] == '[')) {
        status = parse(plan, arena, &document, error);
        if (dialect == PLAN_DIALECT_UNSET && status == STATUS_OK)
            dialect = dialect_of_document(document);
        return status == STATUS_OK ? build(dialect, document, arena, out_plan, error) : status;
    }
    if (dialect == PLAN_DIALECT_UNSET)
        dialect = plan_mysql_is_tree_text(plan) ? PLAN_DIALECT_MYSQL : PLAN_DIALECT_POSTGRESQL;
    status = dialect == PLAN_DIALECT_MYSQL ? plan_mysql_tree_parse(plan, arena, &document, error)
                                           : plan_postgresql_parse(plan, arena, &document, error);
    if (status != STATUS_OK)
        return status;
    arena_defer(arena, put_document, document);
    return build(dialect, document, arena, out_plan, error);
}

static bool is_usable(double number)
{
    return isfinite(number) && number >= 0 && number <= PLAN_NUMBER_MAX;
}

double plan_number(const struct plan_node *node, enum plan_number name)
{
    for (size_t i = 0; i < node->number_count; i++)
        if (node->numbers[i].name == name)
            return node->numbers[i].value;
    return -1;
}

size_t plan_node_number(const struct plan *plan, const struct plan_node *node)
{
    size_t at = 0;

    while (at + 1 < plan->node_count && plan->nodes[at] != node)
        at++;
    return at;
}

struct text plan_word(const struct plan_node *node, enum plan_word name)
{
    for (size_t i = 0; i < node->word_count; i++)
        if (node->words[i].name == name)
            return node->words[i].value;
    return (struct text){NULL, 0};
}

/* ---- for the readers ---- */

struct plan_node *plan_builder_add(struct plan_builder *builder, struct plan_node *parent, struct text label)
{
    struct plan_node *node;
    const struct plan_node **link;

    if (builder->node_count == PLAN_NODES_MAX || (parent != NULL && parent->depth + 1 >= PLAN_DEPTH_MAX)) {
        builder->is_too_large = true;
        return NULL;
    }
    node = arena_zalloc(builder->arena, sizeof *node);
    node->label = label.size > 0 ? label : TEXT("(unnamed)");
    node->rows = -1;
    node->cost = -1;
    node->total_ms = -1;
    node->own_ms = -1;
    node->parent = parent;
    if (parent != NULL) {
        node->depth = parent->depth + 1;
        link = &parent->first_child;
        while (*link != NULL)
            link = (const struct plan_node **)&(*link)->next_sibling;
        *link = node;
    }
    builder->nodes[builder->node_count++] = node;
    return node;
}

void plan_details_init(struct plan_details *details)
{
    for (size_t i = 0; i < PLAN_NUMBER_COUNT; i++)
        details->numbers[i] = -1;
    memset(details->words, 0, sizeof details->words);
}

void plan_details_number(struct plan_details *details, enum plan_number name, double value)
{
    if (is_usable(value))
        details->numbers[name] = value;
}

void plan_details_keep(const struct plan_details *details, struct plan_builder *builder, struct plan_node *node)
{
    struct plan_number_value numbers[PLAN_NUMBER_COUNT];
    struct plan_word_value words[PLAN_WORD_COUNT];

    for (int i = 0; i < PLAN_NUMBER_COUNT; i++)
        if (details->numbers[i] >= 0)
            numbers[node->number_count++] = (struct plan_number_value){(enum plan_number)i, details->numbers[i]};
    for (int i = 0; i < PLAN_WORD_COUNT; i++)
        if (details->words[i].size > 0)
            words[node->word_count++] = (struct plan_word_value){(enum plan_word)i, details->words[i]};
    if (node->number_count > 0)
        node->numbers = arena_copy(builder->arena, numbers, node->number_count * sizeof numbers[0]);
    if (node->word_count > 0)
        node->words = arena_copy(builder->arena, words, node->word_count * sizeof words[0]);
}

/* Up to a NUL, which no name and no condition of an engine has. */
static struct text copy_string(struct arena *arena, const struct json_object *value)
{
    const char *string = json_object_get_string((struct json_object *)value);

    return text_of(arena_string(arena, string, strlen(string)));
}

struct text plan_json_text(struct arena *arena, const struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
        return (struct text){NULL, 0};
    return copy_string(arena, value);
}

double plan_json_number(const struct json_object *object, const char *key, double fallback)
{
    struct json_object *value = NULL;
    double number = fallback;

    if (!json_object_object_get_ex(object, key, &value))
        return fallback;
    if (json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int))
        number = json_object_get_double(value);
    else if (json_object_is_type(value, json_type_string) &&
             !text_to_double(text_of(json_object_get_string(value)), &number))
        return fallback;
    return isfinite(number) ? number : fallback;
}

/* The texts of an array with ", " between them, or a text; what is neither is left out. */
static void append_items(struct buffer *out, struct json_object *value)
{
    size_t before = out->size_bytes;

    if (json_object_is_type(value, json_type_string))
        buffer_append_string(out, json_object_get_string(value));
    for (size_t i = 0; json_object_is_type(value, json_type_array) && i < json_object_array_length(value); i++) {
        struct json_object *item = json_object_array_get_idx(value, i);

        if (!json_object_is_type(item, json_type_string))
            continue;
        buffer_append_string(out, out->size_bytes > before ? ", " : "");
        buffer_append_string(out, json_object_get_string(item));
    }
}

struct text plan_json_list(struct arena *arena, const struct json_object *object, const char *key)
{
    struct json_object *value = NULL;
    struct text list = {NULL, 0};
    struct buffer all;

    if (!json_object_object_get_ex(object, key, &value))
        return list;
    buffer_init(&all, 2 * PLAN_JSON_BYTES_MAX);
    append_items(&all, value);
    if (all.size_bytes > 0)
        list = (struct text){arena_string(arena, all.data, all.size_bytes), all.size_bytes};
    buffer_free(&all);
    return list;
}

bool plan_json_is(const struct json_object *object, const char *key, const char *wanted)
{
    struct json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_string) &&
           strcmp(json_object_get_string(value), wanted) == 0;
}

void plan_json_condition(struct arena *arena, const struct json_object *object, const char *key, const char *name,
                         struct text *condition)
{
    struct json_object *value = NULL;
    struct buffer all;
    size_t named;

    if (!json_object_object_get_ex(object, key, &value))
        return;
    buffer_init(&all, 2 * PLAN_JSON_BYTES_MAX);
    buffer_append_text(&all, *condition);
    buffer_append_string(&all, all.size_bytes > 0 ? "; " : "");
    buffer_append_string(&all, name);
    buffer_append_string(&all, ": ");
    named = all.size_bytes;
    append_items(&all, value);
    if (all.size_bytes > named)
        *condition = (struct text){arena_string(arena, all.data, all.size_bytes), all.size_bytes};
    buffer_free(&all);
}
