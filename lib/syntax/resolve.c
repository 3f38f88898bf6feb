/* Names bound to tables; see resolve.h. */
#include "syntax/resolve.h"

#include "base/vector.h"

/* Common table expressions in sight, the nearest first. */
struct cte {
    const struct cte *next;
    struct text name;
    const struct syntax_node *node;
};

struct resolver {
    struct resolution *out;
    enum sql_dialect dialect;
    size_t steps;
    struct arena *arena;
};

typedef const struct syntax_node node;

static void visit(struct resolver *r, node *at, struct block *block, const struct cte *ctes);
static void visit_query(struct resolver *r, node *query, struct block *outer, const struct cte *ctes);

static struct text name_of(struct resolver *r, node *ident)
{
    return schema_name_of(r->dialect, ident, r->arena);
}

static bool is_name(struct resolver *r, struct text one, struct text other)
{
    r->steps++;
    return text_equal(one, other);
}

/* ---- the columns of a query in FROM ---- */

typedef VECTOR(struct text) label_list;

/* The SELECT or VALUES that names a query's columns: the leftmost one. */
static node *first_query(node *query)
{
    while (query != NULL && (query->kind == SYNTAX_SET_OPERATION || query->kind == SYNTAX_QUERY_PAREN))
        query = query->items[QUERY_BODY];
    return query;
}

static struct text label_of(struct resolver *r, node *target)
{
    node *value = target->items[0];

    if (target->items[1] != NULL)
        return name_of(r, target->items[1]);
    while (value->kind == SYNTAX_CAST_COLONS || value->kind == SYNTAX_FIELD) {
        if (value->kind == SYNTAX_FIELD && value->items[1]->kind == SYNTAX_IDENT)
            return name_of(r, value->items[1]);
        value = value->items[0];
    }
    if (value->kind == SYNTAX_CALL)
        value = value->items[CALL_NAME];
    if (value->kind == SYNTAX_NAME)
        return name_of(r, value->items[value->count - 1]);
    return TEXT("");
}

static bool is_star(node *target)
{
    node *value = target->items[0];

    return value->kind == SYNTAX_STAR ||
           (value->kind == SYNTAX_NAME && value->items[value->count - 1]->kind == SYNTAX_STAR) ||
           (value->kind == SYNTAX_FIELD && value->items[1]->kind == SYNTAX_STAR);
}

static bool labels_of_source(struct resolver *r, const struct source *source, label_list *labels)
{
    if (source->table != NULL) {
        for (size_t i = 0; i < source->table->columns.count && labels->count < RESOLVE_LABELS_MAX; i++)
            *vector_push(labels, r->arena) = source->table->columns.items[i].name;
        return true;
    }
    for (size_t i = 0; i < source->label_count && labels->count < RESOLVE_LABELS_MAX; i++)
        *vector_push(labels, r->arena) = source->labels[i];
    return source->has_all_labels;
}

static const struct block *block_so_far(struct resolver *r, node *query)
{
    for (size_t i = r->out->blocks.count; i-- > 0 && r->steps < RESOLVE_STEPS_MAX; r->steps++)
        if (r->out->blocks.items[i]->query == query)
            return r->out->blocks.items[i];
    return NULL;
}

/* *: the columns of all sources, which are known if the query was visited. False: there may be others. */
static bool labels_of_star(struct resolver *r, node *query, node *target, label_list *labels)
{
    const struct block *block = block_so_far(r, query);
    node *value = target->items[0];
    bool is_all = block != NULL && !block->has_more_sources && value->kind != SYNTAX_FIELD;
    struct text wanted =
        value->kind == SYNTAX_NAME && value->count > 1 ? name_of(r, value->items[value->count - 2]) : TEXT("");

    for (size_t i = 0; block != NULL && i < block->sources.count; i++)
        if (wanted.size == 0 || is_name(r, block->sources.items[i].name, wanted))
            is_all &= labels_of_source(r, &block->sources.items[i], labels);
    return is_all;
}

/* False: there may be other columns. */
static bool labels_of_query(struct resolver *r, node *query, label_list *labels)
{
    node *targets;
    bool is_all = true;

    query = first_query(query);
    if (query == NULL || query->kind != SYNTAX_SELECT || r->steps > RESOLVE_STEPS_MAX)
        return false;
    targets = query->items[SELECT_TARGETS];
    for (uint32_t i = 0; targets != NULL && i < targets->count && labels->count < RESOLVE_LABELS_MAX; i++) {
        if (is_star(targets->items[i]))
            is_all &= labels_of_star(r, query, targets->items[i], labels);
        else
            *vector_push(labels, r->arena) = label_of(r, targets->items[i]);
    }
    r->steps += labels->count;
    return is_all && labels->count < RESOLVE_LABELS_MAX;
}

/* Names that an alias gives to the first columns. */
static void labels_rename(struct resolver *r, node *names, label_list *labels)
{
    for (uint32_t i = 0; names != NULL && i < names->count; i++) {
        node *name = names->items[i]->kind == SYNTAX_COLUMN_DEF ? names->items[i]->items[0] : names->items[i];

        if (i < labels->count)
            labels->items[i] = name_of(r, name);
        else if (labels->count < RESOLVE_LABELS_MAX)
            *vector_push(labels, r->arena) = name_of(r, name);
    }
}

static void source_labels(struct resolver *r, struct source *source, node *query, node *names, node *more_names)
{
    label_list labels = {0};

    source->query = query;
    source->has_all_labels = query != NULL && labels_of_query(r, query, &labels);
    labels_rename(r, names, &labels);
    labels_rename(r, more_names, &labels);
    source->labels = labels.items;
    source->label_count = labels.count;
}

/* ---- FROM ---- */

static struct source *source_add(struct resolver *r, struct block *block, node *at, node *alias, bool is_optional)
{
    struct source *source = vector_add(&block->sources, RESOLVE_SOURCES_MAX, r->arena);

    if (source == NULL) {
        block->has_more_sources = true;
        return NULL;
    }
    *source = (struct source){.node = at, .is_optional = is_optional};
    if (alias != NULL && alias->items[0] != NULL)
        source->name = name_of(r, alias->items[0]);
    return source;
}

static const struct cte *cte_find(struct resolver *r, const struct cte *ctes, struct text name)
{
    for (; ctes != NULL; ctes = ctes->next)
        if (is_name(r, ctes->name, name))
            return ctes;
    return NULL;
}

static void table_add(struct resolver *r, node *at, struct block *block, const struct cte *ctes, bool is_optional)
{
    node *name = at->items[TABLE_NAME], *alias = at->items[TABLE_ALIAS];
    struct source *source = source_add(r, block, at, alias, is_optional);
    uint32_t count = name->count;
    struct text table_name, schema_name;
    const struct cte *cte;

    if (source == NULL)
        return;
    if (count > 1 && name->items[count - 1]->kind == SYNTAX_STAR) /* DELETE t.* FROM … */
        count--;
    table_name = name_of(r, name->items[count - 1]);
    schema_name = count > 1 ? name_of(r, name->items[count - 2]) : TEXT("");
    if (source->name.size == 0)
        source->name = table_name;
    cte = count == 1 ? cte_find(r, ctes, table_name) : NULL;
    if (cte != NULL) {
        node *body = cte->node->items[CTE_BODY];

        source_labels(r, source, body, cte->node->items[CTE_COLUMNS], syntax_item(alias, 1));
        if (!syntax_is_query(body))
            source->has_all_labels = false;
        return;
    }
    r->steps += r->out->schema == NULL ? 0 : r->out->schema->tables.count;
    source->table = schema_table_find(r->out->schema, schema_name, table_name);
    if (source->table != NULL && syntax_item(alias, 1) != NULL)
        source->table = NULL; /* its columns have other names here */
}

static void from_add(struct resolver *r, node *at, struct block *block, const struct cte *ctes, bool is_optional)
{
    struct source *source;

    switch (at->kind) {
    case SYNTAX_TABLE:
        table_add(r, at, block, ctes, is_optional);
        break;
    case SYNTAX_DERIVED: {
        node *query = at->items[0]->items[0];

        /* Without LATERAL it does not see what stands beside it. */
        visit_query(r, query, at->text.size > 0 ? block : block->outer, ctes);
        source = source_add(r, block, at, at->items[1], is_optional);
        if (source != NULL)
            source_labels(r, source, query, syntax_item(at->items[1], 1), NULL);
        break;
    }
    case SYNTAX_TABLE_FUNCTION:
        visit(r, at->items[0], block, ctes);
        source = source_add(r, block, at, at->items[2], is_optional);
        if (source != NULL && source->name.size == 0 && at->items[0]->kind == SYNTAX_CALL) {
            node *name = at->items[0]->items[CALL_NAME];

            source->name = name_of(r, name->items[name->count - 1]);
        }
        if (source != NULL)
            source_labels(r, source, NULL, syntax_item(at->items[2], 1), NULL);
        break;
    case SYNTAX_JOIN: {
        enum syntax_form form = (enum syntax_form)at->form;
        bool is_full = form == FORM_FULL || form == FORM_NATURAL_FULL;

        from_add(r, at->items[JOIN_LEFT], block, ctes,
                 is_optional || is_full || form == FORM_RIGHT || form == FORM_NATURAL_RIGHT);
        from_add(r, at->items[JOIN_RIGHT], block, ctes,
                 is_optional || is_full || form == FORM_LEFT || form == FORM_NATURAL_LEFT);
        visit(r, at->items[JOIN_ON], block, ctes);
        break;
    }
    default: /* lists, parentheses, USING of DELETE, braces */
        for (uint32_t i = 0; i < at->count; i++)
            if (at->items[i] != NULL && at->items[i]->kind != SYNTAX_ALIAS)
                from_add(r, at->items[i], block, ctes, is_optional);
    }
}

/* ---- names ---- */

static bool source_has(struct resolver *r, const struct source *source, struct text name,
                       const struct schema_column **out_column, bool *out_may_have)
{
    *out_column = NULL;
    *out_may_have = false;
    if (source->table != NULL) {
        r->steps += source->table->columns.count;
        *out_column = schema_column_find(source->table, name);
        return *out_column != NULL;
    }
    for (size_t i = 0; i < source->label_count; i++)
        if (is_name(r, source->labels[i], name))
            return true;
    *out_may_have = !source->has_all_labels;
    return false;
}

/* Search one query's sources. True: the answer is final, known or not. */
static bool bind_in(struct resolver *r, struct block *block, struct text qualifier, struct text name,
                    struct binding *binding)
{
    size_t found = 0, possible = 0;
    bool is_named = false;

    for (size_t i = 0; i < block->sources.count; i++) {
        const struct source *source = &block->sources.items[i];
        const struct schema_column *column;
        bool may_have, has;

        if (qualifier.size > 0 && !is_name(r, source->name, qualifier))
            continue;
        is_named |= qualifier.size > 0;
        has = source_has(r, source, name, &column, &may_have);
        has |= qualifier.size > 0 && may_have; /* no other source can be meant */
        if (!has && !may_have)
            continue;
        found += has;
        possible++;
        if (found == has) { /* the first that has it, or, before any has it, one that may */
            binding->source_index = i;
            binding->column = column;
        }
    }
    if (possible == 0 && !block->has_more_sources)
        return is_named;
    binding->block = block;
    if (found > 1)
        binding->state = BINDING_AMBIGUOUS;
    else if (found == 0 ? possible == 1 && block->outer == NULL && !block->has_more_sources : possible == 1)
        binding->state = binding->column != NULL ? BINDING_COLUMN : BINDING_SOURCE;
    else
        binding->state = BINDING_UNKNOWN;
    return true;
}

static void bind(struct resolver *r, node *reference, struct block *block)
{
    struct binding binding = {.reference = reference, .state = BINDING_UNKNOWN};
    uint32_t count = reference->count;
    struct text name, qualifier;

    if (reference->items[count - 1]->kind == SYNTAX_STAR)
        return;
    name = name_of(r, reference->items[count - 1]);
    qualifier = count > 1 ? name_of(r, reference->items[count - 2]) : TEXT("");
    for (struct block *at = block; at != NULL; at = at->outer) {
        if (r->steps > RESOLVE_STEPS_MAX) {
            r->out->is_cut = true;
            break;
        }
        if (!bind_in(r, at, qualifier, name, &binding))
            continue;
        if (binding.state == BINDING_COLUMN || binding.state == BINDING_SOURCE)
            for (struct block *inner = block; inner != at; inner = inner->outer)
                if (inner->reference == NULL)
                    inner->reference = reference;
        break;
    }
    *vector_push(&r->out->bindings, r->arena) = binding;
}

/* ---- walking ---- */

static void visit_all(struct resolver *r, node *at, struct block *block, const struct cte *ctes)
{
    for (uint32_t i = 0; i < at->count; i++)
        visit(r, at->items[i], block, ctes);
}

/* PostgreSQL sets columns of the first table alone. */
static void visit_assignment(struct resolver *r, node *at, struct block *block, const struct cte *ctes)
{
    size_t count = block == NULL ? 0 : block->sources.count;

    if (count > 1 && r->dialect != SQL_DIALECT_MYSQL && block->query->kind == SYNTAX_UPDATE)
        block->sources.count = 1;
    visit(r, at->items[0], block, ctes);
    if (block != NULL)
        block->sources.count = count;
    visit(r, at->items[1], block, ctes);
}

static void visit(struct resolver *r, node *at, struct block *block, const struct cte *ctes)
{
    if (at == NULL)
        return;
    switch (at->kind) {
    case SYNTAX_NAME:
        bind(r, at, block);
        break;
    case SYNTAX_SELECT:
    case SYNTAX_SET_OPERATION:
    case SYNTAX_QUERY_PAREN:
    case SYNTAX_VALUES:
    case SYNTAX_TABLE_QUERY:
    case SYNTAX_INSERT:
    case SYNTAX_UPDATE:
    case SYNTAX_DELETE:
        visit_query(r, at, block, ctes);
        break;
    case SYNTAX_TYPE:
    case SYNTAX_TYPED_LITERAL:
    case SYNTAX_ALIAS:
    case SYNTAX_COLUMN_DEF:
        break;
    case SYNTAX_COLLATE:
    case SYNTAX_TARGET:
    case SYNTAX_CAST:
    case SYNTAX_CAST_COLONS:
    case SYNTAX_FIELD:
        visit(r, at->items[0], block, ctes);
        break;
    case SYNTAX_CALL:
        for (uint32_t i = 1; i < at->count; i++)
            visit(r, at->items[i], block, ctes);
        break;
    case SYNTAX_NAMED_ARGUMENT:
        visit(r, at->items[1], block, ctes);
        break;
    case SYNTAX_ASSIGN:
        visit_assignment(r, at, block, ctes);
        break;
    default:
        visit_all(r, at, block, ctes);
    }
}

static const struct cte *ctes_add(struct resolver *r, node *with, struct block *outer, const struct cte *ctes)
{
    node *list = syntax_item(with, 0);

    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        struct cte *cte = arena_alloc(r->arena, sizeof *cte);
        node *body = list->items[i]->items[CTE_BODY];

        *cte = (struct cte){ctes, name_of(r, list->items[i]->items[CTE_NAME]), list->items[i]};
        visit_query(r, body, outer, with->form == FORM_RECURSIVE ? cte : ctes);
        ctes = cte;
    }
    return ctes;
}

static struct block *block_add(struct resolver *r, node *query, struct block *outer)
{
    struct block *block = arena_zalloc(r->arena, sizeof *block);

    block->query = query;
    block->outer = outer;
    *vector_push(&r->out->blocks, r->arena) = block;
    return block;
}

/* ORDER BY's names may be labels of the select list, which come first where they stand alone. */
static void visit_tail(struct resolver *r, node *query, struct block *block, const struct cte *ctes)
{
    node *order = syntax_tail(query, SYNTAX_ORDER), *list = syntax_item(order, 0);
    label_list labels = {0};

    if (list == NULL)
        return;
    labels_of_query(r, query, &labels);
    for (uint32_t i = 0; i < list->count; i++) {
        node *value = list->items[i]->items[0];
        bool is_alone = value->kind == SYNTAX_NAME && value->count == 1, is_label = false;
        struct text name = is_alone ? name_of(r, value->items[0]) : TEXT("");

        for (size_t k = 0; is_alone && k < labels.count && !is_label && r->steps < RESOLVE_STEPS_MAX; k++)
            is_label = is_name(r, labels.items[k], name);
        if (!is_label && query->kind == SYNTAX_SELECT)
            visit(r, value, block, ctes);
    }
}

/* FROM, then everything in [from, to) of the statement's items. */
static void visit_block(struct resolver *r, node *query, struct block *outer, const struct cte *ctes,
                        const size_t *tables, size_t table_count)
{
    struct block *block = block_add(r, query, outer);
    node *tail = query->items[QUERY_TAIL];

    for (size_t i = 0; i < table_count; i++)
        if (query->items[tables[i]] != NULL)
            from_add(r, query->items[tables[i]], block, ctes, false);
    for (uint32_t i = QUERY_BODY; i < query->count; i++) {
        bool is_table = false;

        for (size_t k = 0; k < table_count; k++)
            is_table |= tables[k] == i;
        if (!is_table) /* what INSERT takes its rows from does not see its table */
            visit(r, query->items[i], query->kind == SYNTAX_INSERT && i == INSERT_SOURCE ? outer : block, ctes);
    }
    if (query->kind == SYNTAX_SELECT)
        visit_tail(r, query, block, ctes);
    else
        visit(r, tail, block, ctes);
}

static void visit_query(struct resolver *r, node *query, struct block *outer, const struct cte *ctes)
{
    static const size_t in_select[] = {SELECT_FROM}, in_insert[] = {INSERT_TABLE};
    static const size_t in_update[] = {UPDATE_TABLES, UPDATE_FROM}, in_delete[] = {DELETE_TABLES, DELETE_USING};
    static const size_t using_alone[] = {DELETE_USING};

    if (query == NULL || query->count <= QUERY_BODY)
        return;
    ctes = ctes_add(r, query->items[QUERY_WITH], outer, ctes);
    switch (query->kind) {
    case SYNTAX_SELECT:
        visit_block(r, query, outer, ctes, in_select, 1);
        break;
    case SYNTAX_INSERT:
        visit_block(r, query, outer, ctes, in_insert, 1);
        break;
    case SYNTAX_UPDATE:
        visit_block(r, query, outer, ctes, in_update, 2);
        break;
    case SYNTAX_DELETE: /* MySQL's targets stand in FROM once more */
        if (r->dialect == SQL_DIALECT_MYSQL && query->items[DELETE_USING] != NULL)
            visit_block(r, query, outer, ctes, using_alone, 1);
        else
            visit_block(r, query, outer, ctes, in_delete, 2);
        break;
    case SYNTAX_TABLE_QUERY:
        break;
    default:
        for (uint32_t i = QUERY_BODY; i < query->count; i++)
            visit(r, query->items[i], outer, ctes);
        visit_tail(r, query, outer, ctes);
    }
}

/* ---- the map ---- */

static uint64_t hash_of(node *at)
{
    uint64_t hash = (uint64_t)(uintptr_t)at * UINT64_C(0x9E3779B97F4A7C15);

    return hash ^ hash >> 29;
}

struct look_up {
    const struct resolution *in;
    node *wanted;
};

static bool is_wanted(const void *context, uint32_t index)
{
    const struct look_up *look_up = context;
    const struct resolution *in = look_up->in;

    return (index < in->bindings.count ? in->bindings.items[index].reference
                                       : in->blocks.items[index - in->bindings.count]->query) == look_up->wanted;
}

static uint32_t find(const struct resolution *in, node *wanted)
{
    size_t slot = (size_t)(hash_of(wanted) ^ hash_of(wanted) >> 32) & in->by_node.mask;
    const struct look_up look_up = {in, wanted};

    for (; in->by_node.slots[slot] != 0; slot = (slot + 1) & in->by_node.mask)
        if (is_wanted(&look_up, in->by_node.slots[slot] - 1))
            return in->by_node.slots[slot] - 1;
    return UINT32_MAX;
}

const struct binding *resolve_binding(const struct resolution *resolution, node *reference)
{
    uint32_t index = find(resolution, reference);

    return index < resolution->bindings.count ? &resolution->bindings.items[index] : NULL;
}

const struct source *resolve_source(const struct binding *binding)
{
    if (binding == NULL || (binding->state != BINDING_COLUMN && binding->state != BINDING_SOURCE))
        return NULL;
    return &binding->block->sources.items[binding->source_index];
}

const struct block *resolve_block(const struct resolution *resolution, node *query)
{
    uint32_t index = find(resolution, query);

    return index == UINT32_MAX || index < resolution->bindings.count
               ? NULL
               : resolution->blocks.items[index - resolution->bindings.count];
}

void syntax_resolve(const struct syntax_tree *tree, const struct schema *schema, struct arena *arena,
                    struct resolution *out_resolution)
{
    struct resolution resolution = {.tree = tree, .schema = schema, .arena = arena};
    struct resolver r = {&resolution, tree->dialect, 0, arena};
    size_t count;

    visit(&r, tree->root, NULL, NULL);
    count = resolution.bindings.count + resolution.blocks.count;
    resolution.by_node = map_new(count + 1, arena);
    for (size_t i = 0; i < count; i++) {
        node *at = i < resolution.bindings.count ? resolution.bindings.items[i].reference
                                                 : resolution.blocks.items[i - resolution.bindings.count]->query;

        map_add(&resolution.by_node, hash_of(at), is_wanted, &(struct look_up){&resolution, at}, (uint32_t)i);
    }
    *out_resolution = resolution;
}
