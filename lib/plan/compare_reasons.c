/* Why a plan changed, as far as two plans tell it; see compare.h.
 *
 * A planner takes the cheapest way that it knows. With the same estimates of rows, an earlier plan that was much
 * cheaper than the later one is a way that is not open any more, and a later one that is much cheaper is a way that was
 * not open before. Where statistics drift, a plan changes when two ways cost about the same. */
#include <math.h>

#include "plan/compare_internal.h"

enum { MOVED_TOLD_MAX = 3 };
#define COST_DIFFERS 1.5  /* times that a plan costs, from which that is no drift of statistics */
#define ROWS_SAME    1.1  /* times that an estimate may move and still be the same */
#define ROWS_TELLING 10.0 /* an estimate below it moves by itself, as when a table is nearly empty */

static const char *const reason_names[PLAN_REASON_COUNT] = {
    [PLAN_REASON_UNSET] = "",
    [PLAN_REASON_ROWS] = "rows",
    [PLAN_REASON_INDEX_MISSING] = "index_missing",
    [PLAN_REASON_INDEX_NEW] = "index_new",
    [PLAN_REASON_SETTINGS] = "settings",
    [PLAN_REASON_VALUES] = "values",
    [PLAN_REASON_UNKNOWN] = "unknown",
};

const char *plan_reason_name(enum plan_reason_kind kind)
{
    return reason_names[kind < PLAN_REASON_COUNT ? kind : PLAN_REASON_UNSET];
}

/* What the two plans say about estimates. */
struct estimates {
    size_t comparable; /* estimates that both plans have of the same thing */
    double most_moved; /* times that one of them moved, up or down */
    size_t told;
    size_t at[MOVED_TOLD_MAX]; /* in the later plan: those that moved the most, most first */
    double factor[MOVED_TOLD_MAX];
};

static void add_reason(const struct comparing *comparing, struct plan_comparison *out, enum plan_reason_kind kind,
                       const char *sentence)
{
    struct plan_reason *reasons = (struct plan_reason *)out->reasons;

    if (reasons == NULL)
        out->reasons = reasons = arena_alloc_array(comparing->arena, PLAN_REASONS_MAX, sizeof *reasons);
    if (out->reason_count < PLAN_REASONS_MAX)
        reasons[out->reason_count++] = (struct plan_reason){.kind = kind, .sentence = text_of(sentence)};
}

static void note_moved(struct estimates *estimates, size_t at, double factor)
{
    size_t place = estimates->told < MOVED_TOLD_MAX ? estimates->told++ : MOVED_TOLD_MAX;

    for (; place > 0 && estimates->factor[place - 1] < factor; place--)
        if (place < MOVED_TOLD_MAX) {
            estimates->at[place] = estimates->at[place - 1];
            estimates->factor[place] = estimates->factor[place - 1];
        }
    if (place == MOVED_TOLD_MAX)
        return;
    estimates->at[place] = at;
    estimates->factor[place] = factor;
}

/* Relations, else joins: an estimate of a join moves because one of its relations did. */
static struct estimates read_estimates(const struct comparing *comparing, bool of_joins)
{
    const struct compared *before = &comparing->before, *after = &comparing->after;
    struct estimates estimates = {0};

    for (size_t at = 0; at < after->plan->node_count; at++) {
        const struct plan_node *node = after->plan->nodes[at];
        double ratio, most;

        if (after->match[at] == NOT_MATCHED || (of_joins ? !compare_is_join(node) : node->relation.size == 0))
            continue;
        ratio = compare_rows_ratio(comparing, after->match[at], at);
        if (!(ratio > 0))
            continue;
        estimates.comparable++;
        estimates.most_moved = fmax(estimates.most_moved, fmax(ratio, 1 / ratio));
        most = fmax(compare_rows(after, at), compare_rows(before, after->match[at]));
        if (fmax(ratio, 1 / ratio) >= PLAN_ROWS_MOVED && most >= ROWS_TELLING)
            note_moved(&estimates, at, fmax(ratio, 1 / ratio));
    }
    return estimates;
}

static const char *number(double value, struct arena *arena)
{
    return arena_printf(arena, value < 1e9 ? "%.0f" : "%.3g", value);
}

static const char *times(double factor, struct arena *arena)
{
    return factor < 100 ? arena_printf(arena, "%.3g", factor) : number(factor, arena);
}

static void tell_moved(const struct comparing *comparing, const struct estimates *estimates,
                       struct plan_comparison *out)
{
    struct arena *arena = comparing->arena;
    const struct compared *before = &comparing->before, *after = &comparing->after;

    for (size_t i = 0; i < estimates->told; i++) {
        size_t at = estimates->at[i];

        add_reason(comparing, out, PLAN_REASON_ROWS,
                   arena_printf(arena, "The estimate of rows of %s moved from %s to %s, %s times: %s.",
                                compare_relations_below(after, at, arena),
                                number(compare_rows(before, after->match[at]), arena),
                                number(compare_rows(after, at), arena), times(estimates->factor[i], arena),
                                before->has_values || after->has_values
                                    ? "its statistics or its data changed, or other values were asked for"
                                    : "its statistics or its data changed"));
    }
}

static bool uses_index(const struct plan *plan, struct text index)
{
    for (size_t i = 0; i < plan->node_count; i++)
        if (text_equal(plan->nodes[i]->index, index))
            return true;
    return false;
}

/* An index of `from` that read a relation of both plans, which `to` reads in another way, without that index. */
static bool find_index_left(const struct compared *from, const struct compared *to, struct text *out_index)
{
    for (size_t at = 0; at < from->plan->node_count; at++) {
        const struct plan_node *node = from->plan->nodes[at];
        struct text index = compare_index_of(node);

        if (node->relation.size > 0 && index.size > 0 && from->match[at] != NOT_MATCHED &&
            from->marks[at] != PLAN_MARK_UNSET && !uses_index(to->plan, index)) {
            *out_index = compare_cut(index);
            return true;
        }
    }
    return false;
}

/* Whether a list "a, b" has the name. */
static bool is_listed(struct text list, struct text name)
{
    struct text item;

    while (text_split(&list, ',', &item))
        if (text_equal(text_trim(item), name))
            return true;
    return false;
}

/* MySQL and MariaDB list the keys that could serve a table. An index that served it before and is not among them is not
 * there any more, or fits no longer. Returns whether something was told. */
static bool tell_possible_keys(const struct comparing *comparing, struct plan_comparison *out)
{
    const struct compared *before = &comparing->before, *after = &comparing->after;
    size_t told = out->reason_count;

    for (size_t at = 0; after->plan->dialect == PLAN_DIALECT_MYSQL && at < after->plan->node_count; at++) {
        const struct plan_node *now = after->plan->nodes[at], *then;
        struct text name, index;

        if (after->marks[at] != PLAN_MARK_CHANGED || now->relation.size == 0)
            continue;
        then = before->plan->nodes[after->match[at]];
        name = compare_cut(now->relation);
        index = compare_cut(then->index);
        if (is_listed(plan_word(then, PLAN_WORD_POSSIBLE_KEYS), then->index) &&
            !is_listed(plan_word(now, PLAN_WORD_POSSIBLE_KEYS), then->index))
            add_reason(comparing, out, PLAN_REASON_INDEX_MISSING,
                       arena_printf(comparing->arena,
                                    "Index %.*s is no longer among the keys that could serve %.*s: it was dropped or "
                                    "made invisible, or it fits the condition no longer.",
                                    (int)index.size, index.data, (int)name.size, name.data));
        index = compare_cut(now->index);
        if (is_listed(plan_word(now, PLAN_WORD_POSSIBLE_KEYS), now->index) &&
            !is_listed(plan_word(then, PLAN_WORD_POSSIBLE_KEYS), now->index))
            add_reason(comparing, out, PLAN_REASON_INDEX_NEW,
                       arena_printf(comparing->arena,
                                    "Index %.*s was not among the keys that could serve %.*s before: it was created or "
                                    "made visible.",
                                    (int)index.size, index.data, (int)name.size, name.data));
    }
    return out->reason_count > told;
}

static void tell_settings(const struct comparing *comparing, struct plan_comparison *out)
{
    enum { SETTINGS_BYTES_MAX = 400 };
    struct text before = plan_word(comparing->before.plan->nodes[0], PLAN_WORD_SETTINGS);
    struct text after = plan_word(comparing->after.plan->nodes[0], PLAN_WORD_SETTINGS);

    if (text_equal(before, after))
        return;
    before = before.size == 0 ? TEXT("none is recorded") : text_cut_utf8(before, SETTINGS_BYTES_MAX);
    after = after.size == 0 ? TEXT("none is recorded") : text_cut_utf8(after, SETTINGS_BYTES_MAX);
    add_reason(comparing, out, PLAN_REASON_SETTINGS,
               arena_printf(comparing->arena, "Settings differ. Before: %.*s. Now: %.*s.", (int)before.size,
                            before.data, (int)after.size, after.data));
}

/* Another join may be why an index is not used, or the other way round. */
static bool has_other_joins(const struct comparing *comparing)
{
    for (size_t i = 0; i < comparing->changes.count; i++)
        if (comparing->changes.items[i].kind == PLAN_CHANGE_JOIN ||
            comparing->changes.items[i].kind == PLAN_CHANGE_ORDER)
            return true;
    return false;
}

/* The earlier plan was cheaper. */
static void tell_way_closed(const struct comparing *comparing, double then, double now, struct plan_comparison *out)
{
    struct arena *arena = comparing->arena;
    struct text index = {NULL, 0};
    bool has_index = find_index_left(&comparing->before, &comparing->after, &index);
    const char *cheaper = arena_printf(
        arena,
        "Estimates of rows are the same, and the earlier plan was cheaper (cost %s, now %s). So that way is not "
        "open any more:",
        number(then, arena), number(now, arena));

    if (has_index && !has_other_joins(comparing))
        add_reason(comparing, out, PLAN_REASON_INDEX_MISSING,
                   arena_printf(arena,
                                "%s index %.*s was dropped or is invalid, or a setting keeps the planner from it.",
                                cheaper, (int)index.size, index.data));
    else
        add_reason(
            comparing, out, PLAN_REASON_UNKNOWN,
            arena_printf(arena,
                         "%s a setting keeps the planner from it, or something that it needs is gone%s%.*s. Which "
                         "of them can't be told from the plans.",
                         cheaper, has_index ? ", as may be index " : "", (int)index.size, has_index ? index.data : ""));
}

/* With the same estimates. */
static void tell_ways(const struct comparing *comparing, struct plan_comparison *out)
{
    struct arena *arena = comparing->arena;
    double then = comparing->before.plan->total_cost, now = comparing->after.plan->total_cost;
    struct text index;

    if (!(then > 0) || !(now > 0))
        return;
    if (now > then * COST_DIFFERS)
        tell_way_closed(comparing, then, now, out);
    else if (now < then / COST_DIFFERS && find_index_left(&comparing->after, &comparing->before, &index))
        add_reason(comparing, out, PLAN_REASON_INDEX_NEW,
                   arena_printf(arena,
                                "Estimates of rows are the same, and the later plan is cheaper (cost %s, before %s). "
                                "So that way was not open before: index %.*s was created or became valid, or a setting "
                                "changed.",
                                number(now, arena), number(then, arena), (int)index.size, index.data));
}

void compare_give_reasons(const struct comparing *comparing, struct plan_comparison *out)
{
    struct estimates relations = read_estimates(comparing, false), joins = read_estimates(comparing, true);
    bool is_of_values = comparing->before.has_values != comparing->after.has_values;

    if (is_of_values)
        add_reason(
            comparing, out, PLAN_REASON_VALUES,
            comparing->after.has_values
                ? "The later plan was made for the values of one execution, the earlier one for any values. That "
                  "alone can give another plan."
                : "The earlier plan was made for the values of one execution, the later one for any values. That "
                  "alone can give another plan.");
    tell_settings(comparing, out);
    if (tell_possible_keys(comparing, out))
        return;
    if (relations.told > 0)
        tell_moved(comparing, &relations, out);
    else if (joins.told > 0)
        tell_moved(comparing, &joins, out);
    else if (out->reason_count == 0 && relations.comparable + joins.comparable > 0 &&
             fmax(relations.most_moved, joins.most_moved) <= ROWS_SAME)
        tell_ways(comparing, out);
    if (out->reason_count == 0)
        add_reason(comparing, out, PLAN_REASON_UNKNOWN,
                   "Why it changed can't be told from the plans alone: they show no estimate that moved, and no index "
                   "that had to come or go.");
}
