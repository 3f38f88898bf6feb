/* Comparing two plans; see compare.h. */
#include "plan/compare.h"

#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

#include "plan/compare_internal.h"

static const char *const change_names[PLAN_CHANGE_COUNT] = {
    [PLAN_CHANGE_UNSET] = "",           [PLAN_CHANGE_ACCESS] = "access",    [PLAN_CHANGE_INDEX] = "index",
    [PLAN_CHANGE_JOIN] = "join_method", [PLAN_CHANGE_ORDER] = "join_order", [PLAN_CHANGE_OPERATION] = "operation",
    [PLAN_CHANGE_ADDED] = "added",      [PLAN_CHANGE_REMOVED] = "removed",
};

/* What a node is for, whatever the method. Nodes with the same work over the same relations are the same step of two
 * plans. A node with none of these has its label. */
enum work { WORK_UNSET, WORK_JOIN, WORK_SORT, WORK_AGGREGATE, WORK_PART };

static const struct {
    const char *label;
    bool is_beginning;
    enum work work;
} works[] = {
    {"Nested Loop", true, WORK_JOIN},
    {"Nested loop", true, WORK_JOIN},
    {"Block nested loop", false, WORK_JOIN},
    {"Sort", false, WORK_SORT},
    {"Incremental Sort", false, WORK_SORT},
    {"Filesort", false, WORK_SORT},
    {"Aggregate", false, WORK_AGGREGATE},
    {"HashAggregate", false, WORK_AGGREGATE},
    {"GroupAggregate", false, WORK_AGGREGATE},
    {"MixedAggregate", false, WORK_AGGREGATE},
    /* Parts of the node above them, with which they come and go. */
    {"Hash", false, WORK_PART},
    {"Bitmap Index Scan", false, WORK_PART},
    {"BitmapAnd", false, WORK_PART},
    {"BitmapOr", false, WORK_PART},
};

const char *plan_change_name(enum plan_change_kind kind)
{
    return change_names[kind < PLAN_CHANGE_COUNT ? kind : PLAN_CHANGE_UNSET];
}

/* The label without the name of a subplan, whose number is made up for one plan. */
static struct text own_label(const struct plan_node *node)
{
    static const struct text names[] = {TEXT(" (SubPlan "), TEXT(" (InitPlan "), TEXT(" (CTE ")};
    struct text label = node->label;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *name = memmem(label.data, label.size, names[i].data, names[i].size);

        if (name != NULL && name > label.data)
            label.size = (size_t)(name - label.data);
    }
    return label;
}

static enum work work_of(const struct plan_node *node)
{
    struct text label = own_label(node);

    if (!text_take_off(&label, TEXT("Parallel ")) && !text_take_off(&label, TEXT("Partial ")))
        text_take_off(&label, TEXT("Finalize "));
    /* "Hash Join", "Merge Left Join" */
    if (text_ends(label, TEXT(" Join")) && label.size > strlen(" Join"))
        return WORK_JOIN;
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++)
        if (works[i].is_beginning ? text_starts(label, text_of(works[i].label))
                                  : text_equal(label, text_of(works[i].label)))
            return works[i].work;
    return WORK_UNSET;
}

bool compare_is_join(const struct plan_node *node)
{
    return work_of(node) == WORK_JOIN;
}

/* ---- matching ---- */

static uint64_t hash(struct text text, uint64_t seed)
{
    return text.size == 0 ? seed : XXH3_64bits_withSeed(text.data, text.size, seed);
}

/* A relation is known by its name without the schema, which EXPLAIN tells only if it is asked to, and by its alias. */
static uint64_t relation_key(const struct plan_node *node)
{
    struct text name = node->relation;
    const char *dot = memrchr(name.data, '.', name.size);

    if (dot != NULL && dot + 1 < name.data + name.size)
        name = (struct text){dot + 1, (size_t)(name.data + name.size - dot - 1)};
    return hash(node->alias, hash(name, 1));
}

struct keyed {
    uint64_t key;
    size_t at;
};

static int compare_keyed(const void *left_keyed, const void *right_keyed)
{
    const struct keyed *left = left_keyed, *right = right_keyed;

    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

static size_t list_keys(const struct compared *side, uint64_t (*key_of)(const struct compared *side, size_t at),
                        struct keyed *out)
{
    size_t count = 0;

    for (size_t at = 0; at < side->plan->node_count; at++) {
        uint64_t key = side->match[at] == NOT_MATCHED ? key_of(side, at) : 0;

        if (key != 0)
            out[count++] = (struct keyed){key, at};
    }
    if (count > 0)
        qsort(out, count, sizeof *out, compare_keyed);
    return count;
}

/* Match the nodes of both sides that have the same key: the first with the first, the second with the second. A node
 * whose key is 0 is left out. */
static void match(struct compared *before, struct compared *after,
                  uint64_t (*key_of)(const struct compared *side, size_t at), struct arena *arena)
{
    struct keyed *left = arena_alloc_array(arena, before->plan->node_count, sizeof *left);
    struct keyed *right = arena_alloc_array(arena, after->plan->node_count, sizeof *right);
    size_t left_count = list_keys(before, key_of, left), right_count = list_keys(after, key_of, right);

    for (size_t l = 0, r = 0; l < left_count && r < right_count;) {
        if (left[l].key == right[r].key) {
            before->match[left[l].at] = right[r].at;
            after->match[right[r].at] = left[l].at;
        }
        if (left[l].key == right[r].key)
            l++, r++;
        else if (left[l].key < right[r].key)
            l++;
        else
            r++;
    }
}

static uint64_t access_key(const struct compared *side, size_t at)
{
    const struct plan_node *node = side->plan->nodes[at];

    return node->relation.size == 0 ? 0 : relation_key(node) | 1;
}

static uint64_t step_key(const struct compared *side, size_t at)
{
    const struct plan_node *node = side->plan->nodes[at];
    enum work work = work_of(node);
    uint64_t relations = side->relations_below[at];

    if (node->relation.size > 0)
        return 0;
    /* A bitmap has no relation below it, but belongs to the one above it. */
    for (size_t above = side->parent[at]; relations == 0 && above != NOT_MATCHED; above = side->parent[above])
        if (side->plan->nodes[above]->relation.size > 0)
            relations = relation_key(side->plan->nodes[above]);
    if (work == WORK_UNSET || work == WORK_PART)
        return hash(own_label(node), relations) | 1;
    return hash((struct text){(const char *)&work, sizeof work}, relations) | 1;
}

/* ---- one side ---- */

static void compared_init(struct compared *side, const struct plan_side *given, struct arena *arena)
{
    const struct plan *plan = given->plan;
    size_t last[PLAN_DEPTH_MAX] = {0}; /* the last node at each depth */

    *side = (struct compared){.plan = plan, .has_values = given->has_values};
    side->parent = arena_alloc_array(arena, plan->node_count, sizeof *side->parent);
    side->match = arena_alloc_array(arena, plan->node_count, sizeof *side->match);
    side->relations_below = arena_alloc_array(arena, plan->node_count, sizeof *side->relations_below);
    side->is_partial = arena_alloc_array(arena, plan->node_count, sizeof *side->is_partial);
    side->marks = arena_alloc_array(arena, plan->node_count, sizeof *side->marks);
    for (size_t at = 0; at < plan->node_count; at++) {
        const struct plan_node *node = plan->nodes[at];

        last[node->depth] = at;
        side->match[at] = NOT_MATCHED;
        side->parent[at] = node->parent == NULL ? NOT_MATCHED : last[node->depth - 1];
        /* The inner side of a nested loop has the rows of one pass, and what is below a Gather those of one worker. */
        side->is_partial[at] =
            node->parent != NULL &&
            (side->is_partial[side->parent[at]] || text_starts(node->parent->label, TEXT("Gather")) ||
             (text_starts(node->parent->label, TEXT("Nested Loop")) && node != node->parent->first_child));
    }
}

/* A sum, so that it does not depend on the order. Relations that only one plan reads are left out, or no step above
 * them would be found in the other plan. */
static void add_up_relations(struct compared *side)
{
    for (size_t at = side->plan->node_count; at-- > 0;) {
        if (side->match[at] != NOT_MATCHED)
            side->relations_below[at] += relation_key(side->plan->nodes[at]);
        if (side->parent[at] != NOT_MATCHED)
            side->relations_below[side->parent[at]] += side->relations_below[at];
    }
}

struct text compare_index_of(const struct plan_node *node)
{
    for (int depth = 0; node != NULL && depth < PLAN_DEPTH_MAX; depth++) {
        if (node->index.size > 0)
            return node->index;
        node = node->first_child != NULL && work_of(node->first_child) == WORK_PART ? node->first_child : NULL;
    }
    return (struct text){NULL, 0};
}

/* ---- words ---- */

struct text compare_cut(struct text name)
{
    enum { NAME_BYTES_MAX = 80 };

    return text_cut_utf8(name, NAME_BYTES_MAX);
}

static struct text relation_name(const struct plan_node *node, struct arena *arena)
{
    struct text relation = compare_cut(node->relation), alias = compare_cut(node->alias);

    if (alias.size == 0)
        return relation;
    return text_of(arena_printf(arena, "%.*s %.*s", (int)relation.size, relation.data, (int)alias.size, alias.data));
}

/* "Index Scan using orders_pkey" */
static const char *way_of(const struct plan_node *node, struct arena *arena)
{
    struct text label = compare_cut(own_label(node)), index = compare_cut(compare_index_of(node));

    if (index.size == 0)
        return arena_printf(arena, "%.*s", (int)label.size, label.data);
    return arena_printf(arena, "%.*s using %.*s", (int)label.size, label.data, (int)index.size, index.data);
}

const char *compare_relations_below(const struct compared *side, size_t at, struct arena *arena)
{
    enum { NAMES_MAX = 5 };
    int depth = side->plan->nodes[at]->depth, count = 0;
    const char *names = "";

    for (size_t i = at; i < side->plan->node_count && (i == at || side->plan->nodes[i]->depth > depth); i++) {
        struct text name;

        if (side->plan->nodes[i]->relation.size == 0 || side->match[i] == NOT_MATCHED || count++ >= NAMES_MAX)
            continue;
        name = relation_name(side->plan->nodes[i], arena);
        names = arena_printf(arena, "%s%s%.*s", names, count == 1 ? "" : ", ", (int)name.size, name.data);
    }
    return count > NAMES_MAX ? arena_printf(arena, "%s and %d more", names, count - NAMES_MAX) : names;
}

/* ---- changes ---- */

static void add_change(struct comparing *comparing, enum plan_change_kind kind, const struct plan_node *before,
                       const struct plan_node *after, const char *sentence)
{
    struct plan_change *change = vector_push(&comparing->changes, comparing->arena);

    *change = (struct plan_change){.kind = kind, .before = before, .after = after, .sentence = text_of(sentence)};
}

static void tell_access(struct comparing *comparing, const struct plan_node *before, const struct plan_node *after)
{
    struct arena *arena = comparing->arena;
    bool is_index = text_equal(own_label(before), own_label(after));
    struct text name = relation_name(after, arena), old = compare_cut(compare_index_of(before)),
                new = compare_cut(compare_index_of(after));

    if (is_index && old.size > 0 && new.size > 0)
        add_change(comparing, PLAN_CHANGE_INDEX, before, after,
                   arena_printf(arena, "%.*s is read by index %.*s; before by %.*s.", (int)name.size, name.data,
                                (int)new.size, new.data, (int)old.size, old.data));
    else
        add_change(comparing, PLAN_CHANGE_ACCESS, before, after,
                   arena_printf(arena, "%.*s is read by %s; before by %s.", (int)name.size, name.data,
                                way_of(after, arena), way_of(before, arena)));
}

static void tell_step(struct comparing *comparing, const struct plan_node *before, size_t after_at)
{
    struct arena *arena = comparing->arena;
    const struct plan_node *after = comparing->after.plan->nodes[after_at];
    const char *now = way_of(after, arena), *then = way_of(before, arena);

    if (work_of(after) == WORK_JOIN)
        add_change(comparing, PLAN_CHANGE_JOIN, before, after,
                   arena_printf(arena, "%s: joined by %s; before by %s.",
                                compare_relations_below(&comparing->after, after_at, arena), now, then));
    else
        add_change(comparing, PLAN_CHANGE_OPERATION, before, after,
                   arena_printf(arena, "%s is done instead of %s.", now, then));
}

/* Pairs of nodes that do the same work in two ways. */
static void find_changed(struct comparing *comparing)
{
    struct compared *before = &comparing->before, *after = &comparing->after;

    for (size_t at = 0; at < after->plan->node_count; at++) {
        const struct plan_node *now = after->plan->nodes[at], *then;

        if (after->match[at] == NOT_MATCHED)
            continue;
        then = before->plan->nodes[after->match[at]];
        if (text_equal(own_label(now), own_label(then)) && text_equal(compare_index_of(now), compare_index_of(then)))
            continue;
        after->marks[at] = before->marks[after->match[at]] = PLAN_MARK_CHANGED;
        if (now->relation.size > 0)
            tell_access(comparing, then, now);
        else if (work_of(now) != WORK_PART)
            tell_step(comparing, then, at);
    }
}

/* Nodes of one side that have no pair. Joins without one are of another order, which is told once. */
static void find_alone(struct comparing *comparing, struct compared *side, enum plan_change_kind kind)
{
    struct arena *arena = comparing->arena;
    bool is_added = kind == PLAN_CHANGE_ADDED;

    for (size_t at = 0; at < side->plan->node_count; at++) {
        const struct plan_node *node = side->plan->nodes[at];
        struct text name = relation_name(node, arena);
        const char *sentence;

        if (side->match[at] != NOT_MATCHED)
            continue;
        side->marks[at] = PLAN_MARK_ALONE;
        if (work_of(node) == WORK_PART || (work_of(node) == WORK_JOIN && comparing->is_other_order))
            continue;
        if (node->relation.size > 0)
            sentence = arena_printf(arena, "%.*s is %s (%s).", (int)name.size, name.data,
                                    is_added ? "read now, and was not before" : "no longer read", way_of(node, arena));
        else
            sentence =
                arena_printf(arena, "%s %s.", way_of(node, arena), is_added ? "was added" : "is no longer there");
        add_change(comparing, kind, is_added ? NULL : node, is_added ? node : NULL, sentence);
    }
}

static size_t next_relation(const struct compared *side, size_t at)
{
    while (at < side->plan->node_count && (side->plan->nodes[at]->relation.size == 0 || side->match[at] == NOT_MATCHED))
        at++;
    return at;
}

/* Whether the relations that both plans read come in the same order. */
static void find_order(struct comparing *comparing)
{
    const struct compared *before = &comparing->before, *after = &comparing->after;
    size_t l = next_relation(before, 0), r = next_relation(after, 0);

    while (l < before->plan->node_count && r < after->plan->node_count && before->match[l] == r) {
        l = next_relation(before, l + 1);
        r = next_relation(after, r + 1);
    }
    if (l == before->plan->node_count || r == after->plan->node_count)
        return;
    comparing->is_other_order = true;
    add_change(comparing, PLAN_CHANGE_ORDER, NULL, NULL,
               arena_printf(comparing->arena, "The order of joins is %s; before %s.",
                            compare_relations_below(after, 0, comparing->arena),
                            compare_relations_below(before, 0, comparing->arena)));
}

static double share_of(const struct plan_change *change)
{
    return fmax(change->before == NULL ? 0 : change->before->cost_share,
                change->after == NULL ? 0 : change->after->cost_share);
}

/* What costs most first, then as the kinds go, then as they were found, which is as the plan goes. */
static int compare_changes(const void *left_change, const void *right_change)
{
    const struct plan_change *left = *(const struct plan_change *const *)left_change;
    const struct plan_change *right = *(const struct plan_change *const *)right_change;
    double left_share = share_of(left), right_share = share_of(right);

    if (left_share > right_share || left_share < right_share)
        return left_share > right_share ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return left < right ? -1 : left > right;
}

static void give_changes(struct comparing *comparing, struct plan_comparison *out)
{
    size_t count = comparing->changes.count;
    const struct plan_change **sorted = arena_alloc_array(comparing->arena, count, sizeof(struct plan_change *));
    struct plan_change *given;

    for (size_t i = 0; i < count; i++)
        sorted[i] = &comparing->changes.items[i];
    if (count > 0)
        qsort(sorted, count, sizeof(struct plan_change *), compare_changes);
    out->change_count = count < PLAN_CHANGES_MAX ? count : PLAN_CHANGES_MAX;
    out->more_changes = count - out->change_count;
    given = arena_alloc_array(comparing->arena, out->change_count, sizeof *given);
    for (size_t i = 0; i < out->change_count; i++)
        given[i] = *sorted[i];
    out->changes = given;
}

/* ---- relations ---- */

/* The rows of a parallel scan are those of one worker, by PostgreSQL's own arithmetic: the leader helps, the less the
 * more workers it has. < 0: not known, or they are the rows of one pass. */
static double rows_of_all_workers(const struct plan_node *node)
{
    double workers;

    if (!text_starts(node->label, TEXT("Parallel ")))
        return -1;
    for (const struct plan_node *below = node; below->parent != NULL; below = below->parent) {
        if (text_starts(below->parent->label, TEXT("Nested Loop")) && below != below->parent->first_child)
            return -1;
        if (!text_starts(below->parent->label, TEXT("Gather")))
            continue;
        workers = plan_number(below->parent, PLAN_WORKERS_PLANNED);
        return workers < 1 ? -1 : node->rows * (workers + fmax(1 - 0.3 * workers, 0));
    }
    return -1;
}

double compare_rows(const struct compared *side, size_t at)
{
    const struct plan_node *node = side->plan->nodes[at];

    return node->rows < 0 ? -1 : side->is_partial[at] ? rows_of_all_workers(node) : node->rows;
}

/* PostgreSQL estimates the rows that a relation or a join gives, whatever the way. MySQL and MariaDB estimate the rows
 * that are read, so the way must be the same. */
double compare_rows_ratio(const struct comparing *comparing, size_t before_at, size_t after_at)
{
    const struct plan_node *before = comparing->before.plan->nodes[before_at];
    const struct plan_node *after = comparing->after.plan->nodes[after_at];
    double then = compare_rows(&comparing->before, before_at), now = compare_rows(&comparing->after, after_at);

    if (then < 0 || now < 0)
        return 0;
    if (comparing->before.plan->dialect != PLAN_DIALECT_POSTGRESQL &&
        !(text_equal(own_label(before), own_label(after)) &&
          text_equal(compare_index_of(before), compare_index_of(after))))
        return 0;
    return fmax(now, 1) / fmax(then, 1);
}

static double highest_cost(const struct plan_relation *relation)
{
    return fmax(relation->before == NULL ? 0 : relation->before->cost,
                relation->after == NULL ? 0 : relation->after->cost);
}

static int compare_relations(const void *left_relation, const void *right_relation)
{
    const struct plan_relation *left = left_relation, *right = right_relation;
    double left_cost = highest_cost(left), right_cost = highest_cost(right);

    if (left_cost > right_cost || left_cost < right_cost)
        return left_cost > right_cost ? -1 : 1;
    return text_compare(left->name, right->name);
}

static void give_relations(const struct comparing *comparing, struct plan_comparison *out)
{
    const struct compared *before = &comparing->before, *after = &comparing->after;
    size_t count = 0, room = before->plan->node_count + after->plan->node_count;
    struct plan_relation *all = arena_alloc_array(comparing->arena, room, sizeof *all);

    for (size_t at = 0; at < before->plan->node_count; at++) {
        const struct plan_node *node = before->plan->nodes[at];
        size_t pair = before->match[at];

        if (node->relation.size > 0)
            all[count++] = (struct plan_relation){
                .name = relation_name(node, comparing->arena),
                .before = node,
                .after = pair == NOT_MATCHED ? NULL : after->plan->nodes[pair],
                .rows_ratio = pair == NOT_MATCHED ? 0 : compare_rows_ratio(comparing, at, pair),
            };
    }
    for (size_t at = 0; at < after->plan->node_count; at++)
        if (after->plan->nodes[at]->relation.size > 0 && after->match[at] == NOT_MATCHED)
            all[count++] = (struct plan_relation){.name = relation_name(after->plan->nodes[at], comparing->arena),
                                                  .after = after->plan->nodes[at]};
    if (count > 0)
        qsort(all, count, sizeof *all, compare_relations);
    out->relations = all;
    out->relation_count = count < PLAN_RELATIONS_MAX ? count : PLAN_RELATIONS_MAX;
    out->more_relations = count - out->relation_count;
}

void plan_compare(const struct plan_side *before, const struct plan_side *after, struct arena *arena,
                  struct plan_comparison *out_comparison)
{
    struct comparing comparing = {.arena = arena};
    struct plan_comparison comparison = {
        .is_same = memcmp(&before->plan->hash, &after->plan->hash, sizeof before->plan->hash) == 0};

    compared_init(&comparing.before, before, arena);
    compared_init(&comparing.after, after, arena);
    match(&comparing.before, &comparing.after, access_key, arena);
    add_up_relations(&comparing.before);
    add_up_relations(&comparing.after);
    match(&comparing.before, &comparing.after, step_key, arena);
    if (!comparison.is_same) {
        find_order(&comparing);
        find_changed(&comparing);
        find_alone(&comparing, &comparing.after, PLAN_CHANGE_ADDED);
        find_alone(&comparing, &comparing.before, PLAN_CHANGE_REMOVED);
    }
    give_changes(&comparing, &comparison);
    give_relations(&comparing, &comparison);
    if (!comparison.is_same)
        compare_give_reasons(&comparing, &comparison);
    comparison.before_marks = comparing.before.marks;
    comparison.after_marks = comparing.after.marks;
    *out_comparison = comparison;
}
