/* Checks of what is joined with what, and of what keys make needless. */
#include "advise/examine.h"

#include <stdio.h>

/* ---- what a query's conditions say about its sources ---- */

struct graph {
    struct examiner *e;
    const struct block *block;
    uint16_t groups[RESOLVE_SOURCES_MAX]; /* of sources that a condition connects; the group is its first source */
    bool is_sure;                         /* every name was bound for certain */
};

static uint16_t group_of(const struct graph *graph, size_t index)
{
    while (graph->groups[index] != index)
        index = graph->groups[index];
    return (uint16_t)index;
}

static void connect(struct graph *graph, size_t one, size_t other)
{
    uint16_t left = group_of(graph, one), right = group_of(graph, other);

    if (left < right)
        graph->groups[right] = left;
    else
        graph->groups[left] = right;
}

/* Connect all sources that a condition names, with the first of them in *io_first (SIZE_MAX: none yet). */
static void connect_names(struct graph *graph, node *at, size_t *io_first)
{
    const struct binding *binding;

    if (at == NULL)
        return;
    if (at->kind == SYNTAX_RAW)
        graph->is_sure = false;
    if (at->kind == SYNTAX_NAME && (binding = resolve_binding(graph->e->names, at)) != NULL) {
        if (resolve_source(binding) == NULL) {
            graph->is_sure = false;
        } else if (binding->block == graph->block) {
            if (*io_first != SIZE_MAX)
                connect(graph, *io_first, binding->source_index);
            *io_first = binding->source_index;
        }
    }
    for (uint32_t i = 0; i < at->count; i++)
        connect_names(graph, at->items[i], io_first);
}

/* A condition with a constant: the source may be a single row, and a product with it is meant. */
static bool is_pinned(node *part)
{
    return part->kind == SYNTAX_BINARY && part->form == FORM_EQUAL &&
           (is_constant(part->items[0]) || is_constant(part->items[1]));
}

static void connect_condition(struct graph *graph, node *condition)
{
    node *parts[PARTS_MAX];
    size_t count = conjuncts(condition, parts, PARTS_MAX);

    graph->is_sure &= count < PARTS_MAX;
    graph->e->is_cut |= count >= PARTS_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t first = SIZE_MAX;

        connect_names(graph, parts[i], &first);
        if (first != SIZE_MAX && is_pinned(parts[i]))
            connect(graph, first, 0);
    }
}

/* The range of sources that a part of FROM has: [*io_next before, *io_next after). */
static void connect_from(struct graph *graph, node *at, size_t *io_next)
{
    size_t first = *io_next;

    switch (at->kind) {
    case SYNTAX_TABLE:
        (*io_next)++;
        break;
    case SYNTAX_DERIVED: /* its rows may be one, or hang on what stands before it */
    case SYNTAX_TABLE_FUNCTION:
        connect(graph, 0, first);
        (*io_next)++;
        break;
    case SYNTAX_JOIN: {
        size_t middle;

        connect_from(graph, at->items[JOIN_LEFT], io_next);
        middle = *io_next;
        connect_from(graph, at->items[JOIN_RIGHT], io_next);
        if (middle < *io_next && first < middle &&
            (at->form != FORM_INNER || at->items[JOIN_USING] != NULL || at->items[JOIN_ON] == NULL))
            connect(graph, first, middle); /* as it was meant */
        break;
    }
    default:
        for (uint32_t i = 0; i < at->count; i++)
            if (at->items[i] != NULL && at->items[i]->kind != SYNTAX_ALIAS && at->items[i]->kind != SYNTAX_RAW)
                connect_from(graph, at->items[i], io_next);
    }
}

static void connect_ons(struct graph *graph, node *at)
{
    if (at == NULL || at->kind == SYNTAX_DERIVED)
        return;
    if (at->kind == SYNTAX_JOIN)
        connect_condition(graph, at->items[JOIN_ON]);
    for (uint32_t i = 0; i < at->count; i++)
        if (at->kind != SYNTAX_JOIN || i < JOIN_ON)
            connect_ons(graph, at->items[i]);
}

void check_cartesian_join(struct examiner *e, node *at)
{
    struct graph graph = {.e = e, .block = resolve_block(e->names, at), .is_sure = true};
    size_t next = 0;

    if (graph.block != NULL && graph.block->has_more_sources)
        e->is_cut = true;
    if (graph.block == NULL || graph.block->sources.count < 2 || graph.block->has_more_sources)
        return;
    for (size_t i = 0; i < graph.block->sources.count; i++)
        graph.groups[i] = (uint16_t)i;
    connect_from(&graph, at->items[SELECT_FROM], &next);
    if (next != graph.block->sources.count)
        return;
    connect_ons(&graph, at->items[SELECT_FROM]);
    connect_condition(&graph, at->items[SELECT_WHERE]);
    for (size_t i = 1; graph.is_sure && i < graph.block->sources.count; i++)
        if (group_of(&graph, i) != group_of(&graph, 0)) {
            const struct source *one = &graph.block->sources.items[0], *other = &graph.block->sources.items[i];

            found(e, other->node, "No condition connects %.*s with %.*s: each row of one meets each of the other.",
                  (int)one->name.size, one->name.data, (int)other->name.size, other->name.data);
            return;
        }
}

/* ---- outer joins ---- */

/* The one source that an outer join adds, if it is a table; NULL: it is something else. */
static const struct source *optional_table(const struct examiner *e, node *join)
{
    node *right = join->items[JOIN_RIGHT];
    const struct block *block = e->block;

    for (size_t i = 0; join->form == FORM_LEFT && block != NULL && i < block->sources.count; i++)
        if (block->sources.items[i].node == right && right->kind == SYNTAX_TABLE)
            return &block->sources.items[i];
    return NULL;
}

void check_outer_join_undone(struct examiner *e, node *at)
{
    const struct source *source = optional_table(e, at);
    node *parts[PARTS_MAX];
    size_t count;

    if (source == NULL || e->block->query->kind != SYNTAX_SELECT)
        return;
    count = conjuncts(e->block->query->items[SELECT_WHERE], parts, PARTS_MAX);
    e->is_cut |= count >= PARTS_MAX;
    for (size_t i = 0; i < count; i++) {
        bool is_rejecting =
            parts[i]->kind == SYNTAX_BINARY && parts[i]->form >= FORM_EQUAL && parts[i]->form <= FORM_GREATER_EQUAL;

        for (size_t side = 0; is_rejecting && side < 2; side++)
            if (source_of(e, parts[i]->items[side]) == source) {
                found(e, at, "%s drops the rows that the outer join adds.", shown(e, parts[i]));
                return;
            }
    }
}

/* Is the name used below `at`, but for `left_out`? What cannot be bound counts as used. */
static bool is_used(const struct examiner *e, node *at, node *left_out, const struct source *source)
{
    const struct binding *binding;

    if (at == NULL || at == left_out)
        return false;
    if (at->kind == SYNTAX_STAR || at->kind == SYNTAX_RAW || at->kind == SYNTAX_LOCK)
        return true;
    if (at->kind == SYNTAX_NAME && (binding = resolve_binding(e->names, at)) != NULL)
        return resolve_source(binding) == NULL || resolve_source(binding) == source;
    if (at->kind == SYNTAX_CALL && at->items[CALL_ARGUMENTS] != NULL &&
        at->items[CALL_ARGUMENTS]->kind == SYNTAX_STAR) {
        for (uint32_t i = CALL_TAIL; i < at->count; i++)
            if (is_used(e, at->items[i], left_out, source))
                return true;
        return false;
    }
    for (uint32_t i = 0; i < at->count; i++)
        if (is_used(e, at->items[i], left_out, source))
            return true;
    return false;
}

/* Has the table a key that the list of names covers? NULLs do not matter to equality. */
static bool covers_key(const struct schema_table *table, const struct text *names, size_t count, bool needs_not_null)
{
    for (size_t i = 0; i < table->keys.count; i++) {
        const struct schema_key *key = &table->keys.items[i];
        size_t covered = 0;

        if (!key->is_unique || key->is_partial || key->is_expression)
            continue;
        for (size_t k = 0; k < key->column_count; k++) {
            const struct schema_column *column = schema_column_find(table, key->columns[k]);
            bool is_there = false;

            for (size_t n = 0; n < count && !is_there; n++)
                is_there = text_equal(names[n], key->columns[k]);
            covered += is_there && (!needs_not_null || (column != NULL && column->is_not_null));
        }
        if (key->column_count > 0 && covered == key->column_count)
            return true;
    }
    return false;
}

void check_outer_join_dead(struct examiner *e, node *at)
{
    const struct source *source = optional_table(e, at);
    struct text names[16];
    node *parts[16];
    size_t count, name_count = 0;

    if (source == NULL || source->table == NULL || at->items[JOIN_ON] == NULL || e->block->query->kind != SYNTAX_SELECT)
        return;
    count = conjuncts(at->items[JOIN_ON], parts, 16);
    for (size_t i = 0; i < count; i++)
        for (size_t side = 0; parts[i]->kind == SYNTAX_BINARY && parts[i]->form == FORM_EQUAL && side < 2; side++) {
            const struct source *mine, *other;
            const struct schema_column *column = column_of(e, parts[i]->items[side], &mine);

            (void)column_of(e, parts[i]->items[1 - side], &other);
            if (column != NULL && mine == source && (other != source) && name_count < 16)
                names[name_count++] = column->name;
        }
    if (covers_key(source->table, names, name_count, false) && !is_used(e, e->block->query, at->items[JOIN_ON], source))
        found(e, at, "No column of %.*s is used, and its key gives at most one row.", (int)source->name.size,
              source->name.data);
}

/* ---- DISTINCT and UNION ---- */

/* Are the rows of this SELECT of one table different by a key that it selects? */
static bool has_key_in_targets(const struct examiner *e, node *query)
{
    const struct block *block = resolve_block(e->names, query);
    node *targets = query->items[SELECT_TARGETS];
    struct text names[64];
    size_t count = 0;

    if (block == NULL || block->sources.count != 1 || block->sources.items[0].table == NULL || targets == NULL ||
        query->items[SELECT_GROUP] != NULL)
        return false;
    for (uint32_t i = 0; i < targets->count && count < 64; i++) {
        const struct source *source;
        const struct schema_column *column = column_of(e, targets->items[i]->items[0], &source);

        if (targets->items[i]->items[0]->kind == SYNTAX_STAR)
            return covers_key(block->sources.items[0].table, names, 0, true);
        if (column != NULL && source == &block->sources.items[0])
            names[count++] = column->name;
    }
    return covers_key(block->sources.items[0].table, names, count, true);
}

void check_distinct_needless(struct examiner *e, node *at)
{
    if (at->form == FORM_DISTINCT && has_key_in_targets(e, at))
        found(e, at->items[SELECT_OPTIONS], "The select list has a key of the table: no two rows are the same.");
}

/* Two different constants in one place of both select lists: no row is in both. */
static bool are_disjoint(node *left, node *right)
{
    node *ours = left->items[SELECT_TARGETS], *theirs = right->items[SELECT_TARGETS];

    for (uint32_t i = 0; ours != NULL && theirs != NULL && i < ours->count && i < theirs->count; i++) {
        node *one = syntax_bare(ours->items[i]->items[0]), *other = syntax_bare(theirs->items[i]->items[0]);

        if (one->kind == SYNTAX_STAR || other->kind == SYNTAX_STAR)
            return false;
        if (one->kind == SYNTAX_LITERAL && other->kind == SYNTAX_LITERAL && one->form == other->form &&
            (one->form == FORM_STRING || one->form == FORM_NUMBER) && !text_equal_nocase(one->text, other->text))
            return true;
    }
    return false;
}

void check_union_for_union_all(struct examiner *e, node *at)
{
    node *left = at->items[SET_LEFT], *right = at->items[SET_RIGHT];

    if (at->form == FORM_UNION && left->kind == SYNTAX_SELECT && right->kind == SYNTAX_SELECT &&
        are_disjoint(left, right) && has_key_in_targets(e, left) && has_key_in_targets(e, right))
        found(e, at, "A constant tells the arms apart, and a key the rows of each: no two rows are the same.");
}
