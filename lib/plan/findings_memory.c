/* Rules about sorting, hashing and temporary data. Each says when it holds; thresholds stand in findings_rules.c. */
#include <math.h>

#include "plan/findings_internal.h"

enum { BLOCK_BYTES = 8192, KB = 1024 };

static bool is_on_disk(const struct plan_node *sort)
{
    return text_equal(plan_word(sort, PLAN_WORD_SORT_SPACE), TEXT("Disk"));
}

enum finding_severity find_sort_on_disk(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double kb = plan_number(node, PLAN_SORT_KB);

    if (!is_on_disk(node) || kb < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Sorts %s rows by %s on disk, %s.", finding_count(finding, fmax(finding_rows(node), 0)),
                finding_cut(finding, plan_word(node, PLAN_WORD_SORT_KEY)), finding_bytes(finding, kb * KB));
    /* Rows take two to three times as much memory as on disk. */
    finding->amount = finding_bytes(finding, kb * KB * 3);
    finding->columns = finding_cut(finding, plan_word(node, PLAN_WORD_SORT_KEY));
    finding->saves_share = finding_own_share(finding);
    return finding_level(finding, kb);
}

static bool is_below_limit(const struct plan_node *node)
{
    const struct plan_node *parent = node->parent;

    while (parent != NULL && (parent->kind == PLAN_KIND_GATHER || parent->kind == PLAN_KIND_UNSET))
        parent = parent->parent;
    return parent != NULL && parent->kind == PLAN_KIND_LIMIT;
}

enum finding_severity find_sort_large_expected(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double rows = finding_rows_expected(node), width = plan_number(node, PLAN_WIDTH_BYTES), bytes = rows * width;
    enum finding_severity severity = rows < 0 || width < 0 ? FINDING_SEVERITY_UNSET : finding_level(finding, bytes);

    if (severity == FINDING_SEVERITY_UNSET || is_below_limit(node)) /* which keeps the first few in memory */
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Sorts %s rows of %s bytes, %s, by %s.", finding_count(finding, rows),
                finding_count(finding, width), finding_bytes(finding, bytes),
                finding_cut(finding, plan_word(node, PLAN_WORD_SORT_KEY)));
    finding->amount = finding_bytes(finding, bytes * 2);
    finding->columns = finding_cut(finding, plan_word(node, PLAN_WORD_SORT_KEY));
    finding->saves_share = finding_own_share(finding);
    return severity;
}

enum finding_severity find_sort_wide_rows(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double width = plan_number(node, PLAN_WIDTH_BYTES), rows = finding_rows(node);
    enum finding_severity severity = finding_level(finding, width);

    if (severity == FINDING_SEVERITY_UNSET || !is_on_disk(node) || rows < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Sorts %s rows of %s bytes each: the sort carries every column that is asked for.",
                finding_count(finding, rows), finding_count(finding, width));
    finding->saves_share = finding_own_share(finding);
    return severity;
}

enum finding_severity find_sorts_by_random(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    struct text key = plan_word(node, PLAN_WORD_SORT_KEY);
    const struct plan_node *below = node->first_child;
    double rows = 0;

    if (!condition_contains(key, "random()") && !condition_contains(key, "rand()"))
        return FINDING_SEVERITY_UNSET;
    while (below != NULL && rows <= 0) {
        rows = finding->plan->has_actuals ? finding_rows(below) : below->rows;
        below = below->first_child;
    }
    if (rows < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Makes a random number for each of %s rows and sorts them by it.",
                finding_count(finding, rows));
    finding->saves_share = finding_all_share(finding);
    return finding_only_level(finding);
}

/* MySQL says that it sorts, not how much: the rows of the tables from `below` on. */
static double rows_below(const struct finding *finding, const struct plan_node *below)
{
    double rows = -1;

    for (; rows < 0 && below != NULL; below = below->first_child) {
        if (!finding_is_scan(below))
            continue;
        rows = 1;
        for (const struct plan_node *table = below; table != NULL; table = table->next_sibling) {
            double joined = plan_number(table, PLAN_ROWS_JOINED), own = finding_rows_expected(table);

            if (finding->plan->has_actuals)
                rows = fmax(rows, finding_rows(table));
            else
                rows = joined >= 0 ? joined : fmin(rows * fmax(own, 0), PLAN_NUMBER_MAX);
        }
    }
    return rows;
}

/* What a sort takes. A temporary table may hold few groups of many rows: how many is known where it was run. */
static double filesort_rows(const struct finding *finding)
{
    const struct plan_node *below = finding->node->first_child;

    if (below != NULL && below->kind == PLAN_KIND_TEMPORARY_TABLE)
        return finding->plan->has_actuals ? finding_rows(finding->node) : -1;
    return fmax(rows_below(finding, below), finding->plan->has_actuals ? finding_rows(finding->node) : -1);
}

enum finding_severity find_filesort_large(struct finding *finding)
{
    double rows = filesort_rows(finding);
    enum finding_severity severity = finding_level(finding, rows);

    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Sorts %s%s rows%s%s.", finding->plan->has_actuals ? "" : "an expected ",
                finding_count(finding, rows), plan_word(finding->node, PLAN_WORD_SORT_KEY).size > 0 ? " by " : "",
                finding_cut(finding, plan_word(finding->node, PLAN_WORD_SORT_KEY)));
    finding->columns = finding_cut(finding, plan_word(finding->node, PLAN_WORD_SORT_KEY));
    finding->saves_share = finding_own_share(finding);
    /* The first few of many are kept without a sort of all; the rows are read for nothing. */
    if (finding->plan->has_actuals && finding_rows(finding->node) * 10 < rows)
        finding->saves_share = finding_all_share(finding);
    return severity;
}

enum finding_severity find_filesort_passes(struct finding *finding)
{
    double passes = plan_number(finding->node, PLAN_SORT_PASSES);
    enum finding_severity severity = finding_level(finding, passes);

    if (severity == FINDING_SEVERITY_UNSET || finding_rows(finding->node) < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "%s rows did not fit into the sort buffer: they were merged from disk in %s passes.",
                finding_count(finding, fmax(finding_rows(finding->node), 0)), finding_count(finding, passes));
    finding->saves_share = finding_own_share(finding);
    return severity;
}

enum finding_severity find_hash_batches(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double batches = plan_number(node, PLAN_HASH_BATCHES), kb = fmax(plan_number(node, PLAN_MEMORY_KB), 64);
    double own_ms = node->own_ms < 0 || node->parent == NULL ? -1 : node->own_ms + fmax(node->parent->own_ms, 0);
    enum finding_severity severity = finding_level(finding, batches);

    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "The hash of %s rows did not fit into memory: it was split into %s batches on disk.",
                finding_count(finding, fmax(finding_rows(node->first_child == NULL ? node : node->first_child), 0)),
                finding_count(finding, batches));
    finding->amount = finding_bytes(finding, kb * KB * batches);
    finding->saves_share = finding_share(finding, own_ms);
    return severity;
}

enum finding_severity find_hash_aggregate_on_disk(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double disk_kb = plan_number(node, PLAN_DISK_KB), batches = plan_number(node, PLAN_HASH_BATCHES);
    enum finding_severity severity = finding_level(finding, disk_kb);

    if (severity == FINDING_SEVERITY_UNSET || disk_kb < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "%s groups did not fit into memory: %s went to disk in %s batches.",
                finding_count(finding, fmax(finding_rows(node), 0)), finding_bytes(finding, disk_kb * KB),
                finding_count(finding, fmax(batches, 1)));
    finding->amount = finding_bytes(finding, fmax(plan_number(node, PLAN_MEMORY_KB), 4096) * KB * 2 + disk_kb * KB * 2);
    finding->columns = finding_cut(finding, plan_word(node, PLAN_WORD_GROUP_KEY));
    finding->saves_share = finding_own_share(finding);
    return severity;
}

enum finding_severity find_temp_blocks(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double written = finding_own_number(node, PLAN_TEMP_WRITTEN);
    enum finding_severity severity = finding_level(finding, written);

    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Wrote %s of rows to temporary files, because they did not fit into work_mem.",
                finding_bytes(finding, written * BLOCK_BYTES));
    finding->amount = finding_bytes(finding, written * BLOCK_BYTES * 2);
    finding->saves_share = finding_own_share(finding);
    return severity;
}

static bool has_spilled(const struct plan_node *node)
{
    if (node->kind == PLAN_KIND_SORT)
        return is_on_disk(node);
    if (node->kind == PLAN_KIND_HASH)
        return plan_number(node, PLAN_HASH_BATCHES) > fmax(plan_number(node, PLAN_HASH_BATCHES_PLANNED), 1);
    return plan_number(node, PLAN_DISK_KB) > 0;
}

enum finding_severity find_misestimate_spills(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    const struct plan_node *counted = node->kind == PLAN_KIND_HASH_AGGREGATE ? node : node->first_child;
    double expected = counted == NULL ? -1 : finding_rows_expected(counted);
    double actual = counted == NULL ? -1 : plan_number(counted, PLAN_ROWS);
    enum finding_severity severity;

    if (expected < 0 || actual < finding->rule->least || !has_spilled(node))
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, actual / fmax(expected, 1));
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "%s rows were expected and %s came, more than fit into memory.",
                finding_count(finding, expected), finding_count(finding, actual));
    while (counted != NULL && counted->relation.size == 0)
        counted = counted->first_child;
    finding->table = counted == NULL ? NULL : finding_name(finding, counted->relation, NULL);
    finding->columns =
        counted == NULL ? "" : condition_columns(plan_word(counted, PLAN_WORD_FILTER), counted, finding->arena);
    finding->saves_share = finding_own_share(finding);
    return severity;
}

enum finding_severity find_temporary_table_large(struct finding *finding)
{
    const struct plan_node *node = finding->node, *sort = node->parent;
    double rows = finding_rows(node);
    enum finding_severity severity;

    /* MariaDB tells how many rows come out where they are sorted. */
    if (rows < 0 && sort != NULL && sort->kind == PLAN_KIND_SORT)
        rows = finding_rows(sort);
    if (rows < 0)
        rows = rows_below(finding, node->first_child);
    severity = finding_level(finding, rows);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Puts %s rows into a temporary table.", finding_count(finding, rows));
    finding->saves_share = finding_own_share(finding);
    return severity;
}

/* Rows that a node takes and gives, if it takes and gives the same number. */
static double unchanged_rows(const struct plan_node *node)
{
    double rows = finding_rows(node), below = node->first_child == NULL ? -1 : finding_rows(node->first_child);

    return rows >= 0 && rows >= below && rows <= below ? rows : -1;
}

enum finding_severity find_distinct_removes_nothing(struct finding *finding)
{
    double rows = unchanged_rows(finding->node);

    if (rows < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Looked for duplicates among %s rows and found none.", finding_count(finding, rows));
    finding->saves_share = finding_own_share(finding);
    if (finding->saves_share >= 0 && finding->node->first_child->kind == PLAN_KIND_SORT)
        finding->saves_share =
            finding_share(finding, finding->node->own_ms + fmax(finding->node->first_child->own_ms, 0));
    return finding_only_level(finding);
}

enum finding_severity find_union_removes_nothing(struct finding *finding)
{
    const struct plan_node *below = finding->node->first_child;

    while (below != NULL && below->kind == PLAN_KIND_SORT)
        below = below->first_child;
    if (below == NULL || below->kind != PLAN_KIND_APPEND)
        return FINDING_SEVERITY_UNSET;
    return find_distinct_removes_nothing(finding);
}
