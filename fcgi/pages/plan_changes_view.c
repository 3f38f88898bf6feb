/* See plan_changes_view.h. */
#include "fcgi/pages/plan_changes_view.h"

#include "fcgi/pages/plan_view.h"
#include "fcgi/pages/query_view.h"

/* A change of plan: a step of the history, and the one before it. */
struct change {
    const struct plan_step *before, *after;
    struct text before_json, after_json;
    bool is_compared; /* both plans are there and can be read */
    struct plan before_tree, after_tree;
    struct plan_comparison comparison;
};

static const char *const kind_words[PLAN_CHANGE_COUNT] = {
    [PLAN_CHANGE_ACCESS] = "access", [PLAN_CHANGE_INDEX] = "index",         [PLAN_CHANGE_JOIN] = "join",
    [PLAN_CHANGE_ORDER] = "order",   [PLAN_CHANGE_OPERATION] = "operation", [PLAN_CHANGE_ADDED] = "added",
    [PLAN_CHANGE_REMOVED] = "gone",
};

static const char *const difference_classes[DIFFERENCE_COUNT] = {
    [DIFFERENCE_UNSET] = "",
    [DIFFERENCE_NONE] = "",
    [DIFFERENCE_SLOWER] = "warn",
    [DIFFERENCE_FASTER] = "good",
};

static void compare(const struct page *page, struct change *change)
{
    enum plan_dialect dialect = plan_view_dialect(page, change->after->plan.connection_id);

    if (change->before == NULL)
        return;
    change->is_compared =
        plan_read(dialect, change->before_json, page->arena, &change->before_tree, NULL) == STATUS_OK &&
        plan_read(dialect, change->after_json, page->arena, &change->after_tree, NULL) == STATUS_OK;
    if (change->is_compared)
        plan_compare(&(struct plan_side){&change->before_tree, plan_has_values(&change->before->plan)},
                     &(struct plan_side){&change->after_tree, plan_has_values(&change->after->plan)}, page->arena,
                     &change->comparison);
}

/* ---- words ---- */

static const char *difference_words(const struct plan_step *step, struct arena *arena)
{
    switch (step->difference) {
    case DIFFERENCE_SLOWER:
        return arena_printf(arena, "%.2g times slower", step->change_ratio);
    case DIFFERENCE_FASTER:
        return arena_printf(arena, "%.2g times faster", 1 / step->change_ratio);
    case DIFFERENCE_NONE:
        return "no difference to be seen";
    default:
        return step->is_back_and_forth ? "plans take turns" : step->is_comparable ? "too early to tell" : "not known";
    }
}

/* What the change did to the time, as sentences. */
static const char *effect_of(const struct plan_step *step, struct arena *arena)
{
    char before[FORMAT_BYTES], after[FORMAT_BYTES];

    format_duration(sums_mean_ms(&step->before.sums), before);
    format_duration(sums_mean_ms(&step->after.sums), after);
    switch (step->difference) {
    case DIFFERENCE_SLOWER:
        return arena_printf(arena, "It takes %.2g times as long since: %s in the mean before, %s after.",
                            step->change_ratio, before, after);
    case DIFFERENCE_FASTER:
        return arena_printf(arena, "It is %.2g times as fast since: %s in the mean before, %s after.",
                            1 / step->change_ratio, before, after);
    case DIFFERENCE_NONE:
        return arena_printf(arena,
                            "No difference to be seen in its time: %s in the mean before, %s after, which is within "
                            "what its intervals differ by themselves.",
                            before, after);
    default:
        break;
    }
    if (step->is_back_and_forth)
        return "Its plans take turns, so the times before and after hold those of both.";
    if (!step->is_comparable)
        return "Too few executions were counted around the change to tell whether it takes longer.";
    return arena_printf(arena, "%s in the mean before, %s after; too few intervals are over to tell that from chance.",
                        before, after);
}

/* The change that tells the most. */
static const char *sentence_of(const struct change *change, struct arena *arena)
{
    struct text sentence;

    if (change->before == NULL)
        return "The plan before it is further back";
    if (!change->is_compared)
        return "Another plan; the two cannot be compared";
    if (change->comparison.change_count == 0)
        return "Another plan with the same steps";
    sentence = change->comparison.changes[0].sentence;
    return arena_printf(arena, "%.*s", (int)sentence.size, sentence.data);
}

/* ---- parts ---- */

static struct text database_name(const struct page *page, int64_t connection_id)
{
    const struct connection *connection = page_connection(page, connection_id);

    return connection == NULL ? TEXT("a database") : connection->name;
}

static void set_mean(struct page_data *data, const char *name, const struct sums *sums)
{
    if (sums->calls > 0)
        page_set_duration(data, name, sums_mean_ms(sums));
    else
        page_set_string(data, name, "\xe2\x80\x93");
}

static void fill_step(const struct page *page, struct page_data *row, const struct change *change, bool is_current)
{
    const struct plan_step *step = change->after;
    char hex[SQL_HASH_HEX_BYTES];

    page_set_string(row, "SENTENCE", sentence_of(change, page->arena));
    page_show(row, "IS_CURRENT", is_current);
    page_show(row, "NO_LINK", !change->is_compared);
    if (change->is_compared)
        page_set(page_section(row, "HAS_LINK"), "LINK",
                 page_link_change(page, "change", text_of(sql_hash_format(step->plan.plan_hash, hex))));
    if (change->is_compared && change->comparison.change_count > 1)
        page_set_int64(page_section(row, "MORE"), "COUNT",
                       (int64_t)(change->comparison.change_count + change->comparison.more_changes - 1));
    page_set_time(page, row, "WHEN", step->plan.first_seen_us);
    page_set(row, "DATABASE", database_name(page, step->plan.connection_id));
    set_mean(row, "MEAN_BEFORE", &step->before.sums);
    set_mean(row, "MEAN_AFTER", &step->after.sums);
    page_set_string(row, "DIFFERENCE", difference_words(step, page->arena));
    page_set_string(row, "DIFFERENCE_CLASS", difference_classes[step->difference]);
}

static void set_estimate(struct page_data *row, const char *name, const struct plan_node *node, double value)
{
    char text[FORMAT_BYTES];

    page_set_string(row, name, node == NULL || value < 0 ? "\xe2\x80\x93" : format_count(value, text));
}

static void fill_relations(struct page_data *data, const struct plan_comparison *comparison)
{
    struct page_data *table;

    if (comparison->relation_count == 0)
        return;
    table = page_section(data, "HAS_RELATIONS");
    for (size_t i = 0; i < comparison->relation_count; i++) {
        const struct plan_relation *relation = &comparison->relations[i];
        const struct plan_node *before = relation->before, *after = relation->after;
        struct page_data *row = page_section(table, "RELATION");

        page_set(row, "NAME", relation->name);
        set_estimate(row, "ROWS_BEFORE", before, before == NULL ? -1 : before->rows);
        set_estimate(row, "ROWS_AFTER", after, after == NULL ? -1 : after->rows);
        set_estimate(row, "COST_BEFORE", before, before == NULL ? -1 : before->cost);
        set_estimate(row, "COST_AFTER", after, after == NULL ? -1 : after->cost);
    }
    if (comparison->more_relations > 0)
        page_set_int64(page_section(table, "MORE_RELATIONS"), "COUNT", (int64_t)comparison->more_relations);
}

static void fill_side(const struct page *page, struct page_data *data, const char *title, const struct query_plan *plan,
                      const struct plan *tree, const enum plan_mark *marks, const char *alone)
{
    struct page_data *side = page_section(data, "SIDE");
    struct plan_findings findings;

    page_set_string(side, "TITLE", title);
    plan_view_about(side, plan, tree->total_cost);
    page_set_time(page, side, "FIRST_SEEN", plan->first_seen_us);
    page_set_time(page, side, "LAST_SEEN", plan->last_seen_us);
    plan_find(tree, page->arena, &findings);
    plan_view_tree(page, side, tree, &findings, marks, alone);
}

static void fill_percentiles(struct page_data *data, const struct plan_step *step)
{
    const struct percentiles *before = &step->before.percentiles, *after = &step->after.percentiles;
    struct page_data *shown;

    page_show(data, "NO_PERCENTILES", before->calls == 0 && after->calls == 0);
    if (before->calls == 0 || after->calls == 0)
        return;
    shown = page_section(data, "PERCENTILES");
    page_set_duration(shown, "BEFORE", before->p95_ms);
    page_set_duration(shown, "AFTER", after->p95_ms);
    page_set_count(shown, "COUNT_BEFORE", (double)before->calls);
    page_set_count(shown, "COUNT_AFTER", (double)after->calls);
}

static void fill_comparison(const struct page *page, struct page_data *part, const struct change *change)
{
    const struct plan_comparison *comparison = &change->comparison;
    struct page_data *data = page_section(part, "COMPARED");

    page_set(data, "DATABASE", database_name(page, change->after->plan.connection_id));
    page_set_ago(page, data, "WHEN", change->after->plan.first_seen_us);
    page_show(data, "IS_SAME", comparison->change_count == 0);
    for (size_t i = 0; i < comparison->change_count; i++) {
        struct page_data *row = page_section(data, "CHANGE");

        page_set_string(row, "KIND", kind_words[comparison->changes[i].kind]);
        page_set(row, "SENTENCE", comparison->changes[i].sentence);
    }
    if (comparison->more_changes > 0)
        page_set_int64(page_section(data, "MORE_CHANGES"), "COUNT", (int64_t)comparison->more_changes);
    for (size_t i = 0; i < comparison->reason_count; i++)
        page_set(page_section(data, "REASON"), "SENTENCE", comparison->reasons[i].sentence);
    page_set_string(data, "EFFECT", effect_of(change->after, page->arena));
    fill_percentiles(data, change->after);
    fill_relations(data, comparison);
    fill_side(page, data, "Before", &change->before->plan, &change->before_tree, comparison->before_marks, "gone");
    fill_side(page, data, "After", &change->after->plan, &change->after_tree, comparison->after_marks, "new");
}

static void fill_notice(const struct page *page, const struct plan_flip *flip, const struct change *change)
{
    const struct plan_step *step = change->after;
    struct page_data *notice = page_section(page->body, "PLAN_CHANGED");

    page_show(notice, "IS_WORSE", step->difference == DIFFERENCE_SLOWER);
    page_set_string(notice, "WHAT",
                    flip->is_back_and_forth ? "Its plan changes back and forth, last" : "Its plan changed");
    page_set(notice, "DATABASE", database_name(page, step->plan.connection_id));
    page_set(notice, "DATABASE_LINK", page_link_connection(page, step->plan.connection_id));
    page_set_ago(page, notice, "WHEN", flip->is_back_and_forth ? flip->last_changed_us : step->plan.first_seen_us);
    page_show(notice, "NO_SENTENCE", !change->is_compared);
    if (change->is_compared)
        page_set_string(page_section(notice, "HAS_SENTENCE"), "SENTENCE", sentence_of(change, page->arena));
    page_set_string(notice, "EFFECT", effect_of(step, page->arena));
}

/* ---- all of it ---- */

static size_t find_changes(const struct page *page, const struct plan_history *history, const struct text *texts,
                           struct change *out)
{
    size_t count = 0;

    for (size_t i = 0; i < history->count; i++) {
        const struct plan_step *step = &history->steps[i];

        if (!step->has_previous)
            continue;
        out[count] =
            (struct change){.after = step,
                            .before = plan_history_find(history, step->plan.connection_id, step->previous_hash),
                            .after_json = texts[i]};
        if (out[count].before != NULL)
            out[count].before_json = texts[out[count].before - history->steps];
        compare(page, &out[count++]);
    }
    return count;
}

static const struct change *choose(struct page *page, const struct change *changes, size_t count)
{
    struct text named = request_query(page->request, "change");
    struct sql_hash hash;

    if (sql_hash_parse(named, &hash))
        for (size_t i = 0; i < count; i++)
            if (changes[i].is_compared && sql_hash_equal(changes[i].after->plan.plan_hash, hash)) {
                link_state_set(&page->state, "change", named);
                return &changes[i];
            }
    for (size_t i = 0; i < count; i++)
        if (changes[i].is_compared)
            return &changes[i];
    return NULL;
}

void plan_changes_view_show(struct page *page, const struct plan_flip *flip, const struct plan_history *history,
                            const struct text *texts)
{
    struct change *changes = arena_alloc_array(page->arena, history->count, sizeof *changes);
    size_t count = find_changes(page, history, texts, changes);
    const struct change *chosen = choose(page, changes, count);
    struct page_data *part;

    if (count == 0)
        return;
    part = page_include(page->body, "PLAN_CHANGES", "plan_changes.tpl");
    for (size_t i = 0; i < count; i++)
        fill_step(page, page_section(part, "STEP"), &changes[i], &changes[i] == chosen);
    if (history->has_more)
        page_set_int64(page_section(part, "HAS_MORE"), "COUNT", (int64_t)count);
    if (chosen != NULL)
        fill_comparison(page, part, chosen);
    for (size_t i = 0; i < count; i++)
        if (changes[i].after->plan.connection_id == flip->connection_id && query_view_has_flip(page, flip)) {
            fill_notice(page, flip, &changes[i]);
            return;
        }
}
