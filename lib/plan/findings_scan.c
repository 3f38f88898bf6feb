/* Rules about reading tables and indexes. Each says when it holds; thresholds stand in findings_rules.c. */
#include <math.h>

#include "plan/findings_internal.h"

static struct text filter_of(const struct plan_node *node)
{
    return plan_word(node, PLAN_WORD_FILTER);
}

/* Is a table or an index read from end to end? */
static bool reads_all(const struct finding *finding)
{
    const struct plan_node *node = finding->node;

    if (node->kind == PLAN_KIND_SEQ_SCAN || text_equal(node->label, TEXT("Full index scan")))
        return true;
    return finding->plan->dialect == PLAN_DIALECT_POSTGRESQL &&
           (node->kind == PLAN_KIND_INDEX_SCAN || node->kind == PLAN_KIND_INDEX_ONLY_SCAN) &&
           plan_word(node, PLAN_WORD_INDEX_CONDITION).size == 0;
}

/* What a scan that reads too much could save: its own time but for the part that it keeps. */
static void save_removed(struct finding *finding, double removed_share)
{
    double own = finding_own_share(finding);

    finding->saves_share = own < 0 ? -1 : own * fmin(removed_share, 1);
    finding->columns = condition_columns(filter_of(finding->node), finding->node, finding->arena);
}

static enum finding_severity judge_removed(struct finding *finding, double removed)
{
    double read = finding_read(finding->node);
    enum finding_severity severity;

    if (read < finding->rule->least || removed <= 0)
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, removed / read);
    if (severity != FINDING_SEVERITY_UNSET)
        finding_say(finding, "Reads %s rows and keeps %s: %s are dropped by %s.", finding_count(finding, read),
                    finding_count(finding, read - removed), finding_percent(finding, removed / read),
                    finding_cut(finding, filter_of(finding->node)));
    save_removed(finding, removed / read);
    return severity;
}

/* An index costs each write of its table: a scan that takes a small part of the statement is left alone. How many rows
 * a scan reads is only guessed from its cost, wrongly where they are wide: a cheap one must be most of the statement.
 */
static bool is_worth_a_scan(const struct finding *finding)
{
    static const double share_min = 0.1, cheap_share_min = 0.5, cheap_cost = 1000;
    bool is_cheap = !finding->plan->has_actuals && finding->plan->dialect == PLAN_DIALECT_POSTGRESQL &&
                    finding->node->cost < cheap_cost;

    return finding->saves_share < 0 || finding->saves_share >= (is_cheap ? cheap_share_min : share_min);
}

/* MySQL expects a tenth of the rows where it knows nothing of a column that is compared by "=", for each value of a
 * list, and a ninth by BETWEEN. What it knows less of is less. */
static bool is_guess(const struct plan_node *node)
{
    static const double ninth_percent = 11.12, list_percent_max = 50;
    double passing = plan_number(node, PLAN_FILTERED_PERCENT);
    bool is_list = condition_contains(filter_of(node), " in (");

    return passing >= 0 && (passing <= ninth_percent ||
                            (is_list && passing <= list_percent_max && fabs(remainder(passing, 10)) < 0.006));
}

enum finding_severity find_seq_scan_keeps_few(struct finding *finding)
{
    enum { REPEATS_MIN = 100 }; /* a scan repeated so often is nested_loop_inner_scan */

    enum finding_severity severity;

    if (finding_loops(finding->node) >= REPEATS_MIN)
        return FINDING_SEVERITY_UNSET;
    severity = judge_removed(finding, finding_removed(finding->node, PLAN_FILTER_REMOVED));
    return is_worth_a_scan(finding) ? severity : FINDING_SEVERITY_UNSET;
}

/* PostgreSQL does not say how many rows a table has, but what a scan costs: a page costs 1, a row 0.01 and its filter
 * at least 0.0025. A row of a table takes some 28 bytes more than what the scan gives of it. */
static double rows_of_cost(const struct plan_node *node)
{
    double width = fmax(plan_number(node, PLAN_WIDTH_BYTES), 0);

    return node->cost / (0.0125 + (width + 28) / 8192);
}

/* 812,345 as 800,000. */
static double first_digit(double number)
{
    double power = pow(10, floor(log10(fmax(number, 1))));

    return floor(number / power) * power;
}

enum finding_severity find_seq_scan_keeps_few_expected(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    bool is_postgresql = finding->plan->dialect == PLAN_DIALECT_POSTGRESQL;
    double kept = finding_rows_expected(node), read = is_postgresql ? rows_of_cost(node) : node->rows;
    enum finding_severity severity;

    if (filter_of(node).size == 0 || condition_has_subquery(filter_of(node)) || kept < 0 ||
        !(read >= finding->rule->least) || read > PLAN_NUMBER_MAX)
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, is_guess(node) ? finding->rule->warning : 1 - fmin(kept / read, 1));
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Reads %s%s rows and is expected to keep %s: %s.", is_postgresql ? "about " : "",
                finding_count(finding, is_postgresql ? first_digit(read) : read), finding_count(finding, kept),
                finding_cut(finding, filter_of(node)));
    save_removed(finding, 1 - fmin(kept / read, 1));
    return is_worth_a_scan(finding) ? severity : FINDING_SEVERITY_UNSET;
}

/* Without ANALYZE, PostgreSQL tells of a bitmap alone how many rows its index gives. */
static enum finding_severity judge_bitmap_expected(struct finding *finding)
{
    const struct plan_node *node = finding->node, *bitmap = node->first_child;
    double kept = finding_rows_expected(node), read = bitmap == NULL ? -1 : bitmap->rows;
    enum finding_severity severity;

    if (finding->plan->dialect != PLAN_DIALECT_POSTGRESQL || node->kind != PLAN_KIND_BITMAP_HEAP_SCAN || kept < 0 ||
        !(read >= finding->rule->least && read <= PLAN_NUMBER_MAX) || filter_of(node).size == 0)
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, 1 - fmin(kept / read, 1));
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Reads %s rows by the index and is expected to keep %s: %s.", finding_count(finding, read),
                finding_count(finding, kept), finding_cut(finding, filter_of(node)));
    save_removed(finding, 1 - fmin(kept / read, 1));
    return severity;
}

enum finding_severity find_index_filter_removes(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    bool is_postgresql = finding->plan->dialect == PLAN_DIALECT_POSTGRESQL;

    if (!finding->plan->has_actuals)
        return judge_bitmap_expected(finding);
    /* An index read for its order alone is limit_reads_along_index or full_index_scan. */
    if (is_postgresql && node->kind != PLAN_KIND_BITMAP_HEAP_SCAN &&
        plan_word(node, PLAN_WORD_INDEX_CONDITION).size == 0)
        return FINDING_SEVERITY_UNSET;
    /* A lookup of one row reads no less with a longer index. */
    if (text_equal(node->label, TEXT("Full index scan")) || finding_read(node) <= finding_loops(node))
        return FINDING_SEVERITY_UNSET;
    return judge_removed(finding, finding_removed(node, PLAN_FILTER_REMOVED));
}

enum finding_severity find_full_index_scan(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double read = finding->plan->has_actuals ? finding_read(node) : node->rows;

    /* Without a condition all entries are needed: the index is the smallest copy of the table. A subquery's value is no
     * condition that an index could have. */
    if (!text_equal(node->label, TEXT("Full index scan")) || read < finding->rule->least || filter_of(node).size == 0 ||
        condition_has_subquery(filter_of(node)))
        return FINDING_SEVERITY_UNSET;
    if (finding->plan->has_actuals && finding_removed(node, PLAN_FILTER_REMOVED) * 2 < read)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Reads all %s entries of the index %s.", finding_count(finding, read),
                finding_name(finding, node->index, "of the table"));
    finding->saves_share = finding_own_share(finding);
    finding->columns = condition_columns(filter_of(node), node, finding->arena);
    return finding_level(finding, read);
}

enum finding_severity find_bitmap_lossy(struct finding *finding)
{
    double lossy = plan_number(finding->node, PLAN_LOSSY_BLOCKS);
    double exact = fmax(plan_number(finding->node, PLAN_EXACT_BLOCKS), 0);
    double removed = finding_removed(finding->node, PLAN_RECHECK_REMOVED), read = finding_read(finding->node);

    if (lossy < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding,
                "The bitmap did not fit into work_mem: of %s of %s blocks it knows only that they hold some row, and "
                "%s rows were read for nothing.",
                finding_count(finding, lossy), finding_count(finding, lossy + exact), finding_count(finding, removed));
    finding->saves_share = finding_own_share(finding);
    if (finding->saves_share >= 0 && read > 0)
        finding->saves_share *= fmin(removed / read, 1);
    finding->amount = finding_bytes(finding, (lossy + exact) * 64);
    return finding_level(finding, lossy / (lossy + exact));
}

enum finding_severity find_recheck_removes(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double removed = finding_removed(node, PLAN_RECHECK_REMOVED), read = finding_read(node);

    if (removed < finding->rule->least || plan_number(node, PLAN_LOSSY_BLOCKS) > 0)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "The index gives %s rows that do not meet its condition, %s of those that it gives: %s.",
                finding_count(finding, removed), finding_percent(finding, removed / read),
                finding_cut(finding, plan_word(node, PLAN_WORD_INDEX_CONDITION)));
    save_removed(finding, removed / read);
    return finding_level(finding, removed / read);
}

enum finding_severity find_heap_fetches(struct finding *finding)
{
    double fetches = plan_number(finding->node, PLAN_HEAP_FETCHES), read = finding_read(finding->node);

    if (fetches < finding->rule->least || read <= 0)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "For %s of %s rows the table was read after all, to see whether they are visible.",
                finding_count(finding, fetches), finding_count(finding, fmax(read, fetches)));
    finding->saves_share = finding_own_share(finding);
    return finding_level(finding, fetches / fmax(read, fetches));
}

/* Down the outer sides, to the scan that gives the order. */
static const struct plan_node *ordering_scan(const struct plan_node *limit)
{
    const struct plan_node *node = finding_side(limit, false);

    while (node != NULL && !finding_is_scan(node)) {
        bool keeps_order = node->kind == PLAN_KIND_UNSET || node->kind == PLAN_KIND_NESTED_LOOP ||
                           node->kind == PLAN_KIND_GATHER || node->kind == PLAN_KIND_MEMOIZE;

        node = keeps_order ? finding_side(node, false) : NULL;
    }
    return node;
}

/* Without ANALYZE, what a scan is expected to read for a limit is known by its cost: a row costs at most a page that is
 * read at random, 4, and little else. */
static double read_along_expected(const struct plan_node *limit)
{
    static const double row_cost_max = 4.1;
    double loops = finding_is_inner(limit) ? finding_outer_rows_expected(limit) : 1;

    return limit->cost >= 0 && loops >= 0 ? fmin(limit->cost * fmax(loops, 1) / row_cost_max, PLAN_NUMBER_MAX) : -1;
}

enum finding_severity find_limit_reads_along_index(struct finding *finding)
{
    const struct plan_node *limit = finding->node, *scan = ordering_scan(limit);
    bool is_run = finding->plan->has_actuals;
    enum finding_severity severity;
    double removed;

    if (scan == NULL || (scan->kind != PLAN_KIND_INDEX_SCAN && scan->kind != PLAN_KIND_INDEX_ONLY_SCAN) ||
        plan_word(scan, PLAN_WORD_INDEX_CONDITION).size > 0 || filter_of(scan).size == 0)
        return FINDING_SEVERITY_UNSET;
    finding->node = scan;
    removed = is_run ? finding_removed(scan, PLAN_FILTER_REMOVED) : read_along_expected(limit);
    severity = finding_level(finding, removed);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "To find %s rows in the order of %s, %s%s others %s read and dropped: %s.",
                finding_count(finding, fmax(is_run ? finding_rows(limit) : limit->rows, 0)),
                finding_name(finding, scan->index, "an index"), is_run ? "" : "at least ",
                finding_count(finding, is_run ? removed : first_digit(removed)), is_run ? "were" : "will be",
                finding_cut(finding, filter_of(scan)));
    save_removed(finding, is_run ? removed / fmax(finding_read(scan), 1) : 1);
    return severity;
}

enum finding_severity find_offset_large(struct finding *finding)
{
    const struct plan_node *below = finding_side(finding->node, false);
    double given = finding_rows(finding->node), read = below == NULL ? -1 : finding_rows(below);
    enum finding_severity severity;

    if (given < 0 || read < 0)
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, read - given);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Makes %s rows, leaves out the first %s of them and gives %s.", finding_count(finding, read),
                finding_count(finding, read - given), finding_count(finding, given));
    finding->saves_share = finding_all_share(finding);
    if (finding->saves_share >= 0)
        finding->saves_share *= (read - given) / read;
    return severity;
}

enum finding_severity find_unused_possible_key(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    struct text keys = plan_word(node, PLAN_WORD_POSSIBLE_KEYS), filter = filter_of(node);
    double read = node->rows, dropped;
    double kept = finding->plan->has_actuals ? plan_number(node, PLAN_ROWS) : finding_rows_expected(node);

    /* With OR, an index on one side does not spare the other's rows. */
    if (keys.size == 0 || read < finding->rule->least || kept < 0 || filter.size == 0 || condition_has_or(filter) ||
        !reads_all(finding))
        return FINDING_SEVERITY_UNSET;
    dropped = 1 - fmin(kept / read, 1);
    /* Of a text that is compared with a number nothing is estimated. */
    if (!finding->plan->has_actuals && dropped < 0.01 && condition_equals_number(filter, node))
        dropped = finding->rule->warning;
    finding_say(finding, "Reads all %s rows although %s could serve: %s.", finding_count(finding, read),
                finding_cut(finding, keys), finding_cut(finding, filter));
    finding->index = finding_cut(finding, keys);
    save_removed(finding, dropped);
    return finding_level(finding, dropped);
}

enum finding_severity find_range_checked(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    struct text keys = plan_word(node, PLAN_WORD_RANGE_CHECKED);

    if (keys.size == 0 || node->rows < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding,
                "For each outer row the optimizer looks anew whether an index helps (%s); if not, it reads %s rows.",
                finding_cut(finding, keys), finding_count(finding, node->rows));
    finding->saves_share = finding_own_share(finding);
    return finding_level(finding, node->rows);
}

enum finding_severity find_index_merge(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double read = finding->plan->has_actuals ? finding_read(node) : node->rows;

    /* With the primary key, no index but that one is asked beside another. */
    if (!condition_contains(node->index, "intersect") || condition_contains(node->index, "PRIMARY"))
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Reads several indexes and intersects what they give: %s, %s rows.",
                finding_name(finding, node->index, "some"), finding_count(finding, read));
    finding->columns = condition_columns(filter_of(node), node, finding->arena);
    finding->saves_share = finding_own_share(finding);
    return finding_only_level(finding);
}

enum finding_severity find_partitions_read(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double partitions = plan_number(node, PLAN_PARTITIONS);
    enum finding_severity severity = finding_level(finding, partitions);

    if (severity == FINDING_SEVERITY_UNSET || filter_of(node).size == 0 || node->rows < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Reads %s partitions: %s does not tell which of them have the rows.",
                finding_count(finding, partitions), finding_cut(finding, filter_of(node)));
    finding->saves_share = finding_own_share(finding);
    return severity;
}

enum finding_severity find_partitions_scanned(struct finding *finding)
{
    double scanned = 0, empty = 0, empty_ms = 0;
    enum finding_severity severity;

    for (const struct plan_node *child = finding->node->first_child; child != NULL; child = child->next_sibling) {
        if (!finding_is_scan(child) || !(finding_loops(child) > 0))
            continue;
        scanned++;
        if (finding_rows(child) > 0)
            continue;
        empty++;
        empty_ms += fmax(child->total_ms, 0);
    }
    severity = scanned > 0 && empty / scanned >= finding->rule->least ? finding_level(finding, scanned)
                                                                      : FINDING_SEVERITY_UNSET;
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Reads %s tables or partitions, of which %s gave no row.", finding_count(finding, scanned),
                finding_count(finding, empty));
    finding->saves_share = finding_share(finding, empty_ms);
    return severity;
}

enum finding_severity find_foreign_filter_local(struct finding *finding)
{
    struct text remote = plan_word(finding->node, PLAN_WORD_REMOTE_SQL);
    enum finding_severity severity = judge_removed(finding, finding_removed(finding->node, PLAN_FILTER_REMOVED));

    if (severity != FINDING_SEVERITY_UNSET && remote.size > 0)
        finding_say(finding, "Fetches %s rows from the other server and drops %s of them here: %s.",
                    finding_count(finding, finding_read(finding->node)),
                    finding_count(finding, finding_removed(finding->node, PLAN_FILTER_REMOVED)),
                    finding_cut(finding, filter_of(finding->node)));
    return severity;
}

enum finding_severity find_cte_filter_late(struct finding *finding)
{
    enum finding_severity severity = judge_removed(finding, finding_removed(finding->node, PLAN_FILTER_REMOVED));

    finding->saves_share = finding_all_share(finding);
    return severity;
}

enum finding_severity find_old_row_versions(struct finding *finding)
{
    double old = plan_number(finding->node, PLAN_OLD_VERSIONS);
    double read = finding_read(finding->node);

    if (old < finding->rule->least || read <= 0)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "For %s of %s rows an older version was looked for in the undo log.",
                finding_count(finding, old), finding_count(finding, fmax(read, old)));
    finding->saves_share = finding_own_share(finding);
    return finding_level(finding, old / fmax(read, old));
}

enum finding_severity find_never_true(struct finding *finding)
{
    struct text message = plan_word(finding->node, PLAN_WORD_MESSAGE);

    finding_say(finding, "The condition is never true, so no row is read%s%s.", message.size > 0 ? ": " : "",
                finding_name(finding, message, ""));
    return finding_only_level(finding);
}

/* Is this a scan of many rows that an index on what the condition says could spare? */
static bool is_worth_an_index(struct finding *finding)
{
    static const double most = 0.8; /* of what another index finds */
    const struct plan_node *node = finding->node;
    double read = finding_read(node), removed = finding_removed(node, PLAN_FILTER_REMOVED);

    if (filter_of(node).size == 0 || condition_has_subquery(filter_of(node)))
        return false;
    if (finding->plan->has_actuals)
        return read >= finding->rule->least && removed > read * (reads_all(finding) ? 0.5 : most);
    return reads_all(finding) &&
           (finding->plan->dialect == PLAN_DIALECT_POSTGRESQL ? rows_of_cost(node) : node->rows) >=
               finding->rule->least;
}

enum finding_severity find_function_on_column(struct finding *finding)
{
    struct text function, column, filter = filter_of(finding->node);
    bool is_function;

    if (!is_worth_an_index(finding))
        return FINDING_SEVERITY_UNSET;
    is_function = condition_has_function(filter, finding->node, &function, &column);
    if (!is_function && !condition_has_arithmetic(filter, finding->node, &column))
        return FINDING_SEVERITY_UNSET;
    finding->columns = finding_cut(finding, column);
    if (is_function)
        finding->amount = arena_printf(finding->arena, "%s(%s)", finding_cut(finding, function), finding->columns);
    else
        finding->amount = arena_printf(finding->arena, "(%s \xe2\x80\xa6)", finding->columns);
    finding_say(finding, "%s is compared after %s%s, so that no index on it serves: %s.", finding->columns,
                is_function ? finding_cut(finding, function) : "it is reckoned with",
                is_function ? "() is applied to it" : "", finding_cut(finding, filter));
    finding->saves_share = finding_own_share(finding);
    return finding_only_level(finding);
}

enum finding_severity find_cast_on_column(struct finding *finding)
{
    struct text type, column;

    if (!is_worth_an_index(finding) || !condition_has_cast(filter_of(finding->node), finding->node, &column, &type))
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "%s is cast to %s before it is compared, so that no index on it serves: %s.",
                finding_cut(finding, column), finding_cut(finding, type),
                finding_cut(finding, filter_of(finding->node)));
    finding->columns = finding_cut(finding, column);
    finding->amount = finding_cut(finding, type);
    finding->saves_share = finding_own_share(finding);
    return finding_only_level(finding);
}

enum finding_severity find_leading_wildcard(struct finding *finding)
{
    struct text column;

    if (!is_worth_an_index(finding) ||
        !condition_has_leading_wildcard(filter_of(finding->node), finding->node, &column))
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "%s is searched by a pattern that no B-tree serves: %s.", finding_cut(finding, column),
                finding_cut(finding, filter_of(finding->node)));
    finding->columns = finding_cut(finding, column);
    finding->saves_share = finding_own_share(finding);
    return finding_only_level(finding);
}

/* The one scan below that gives a sort its rows; NULL: rows are joined or grouped before. */
static const struct plan_node *sorted_scan(const struct plan_node *limit)
{
    const struct plan_node *node = limit->first_child;

    while (node != NULL && node->kind == PLAN_KIND_GATHER)
        node = node->first_child;
    if (node == NULL || node->kind != PLAN_KIND_SORT)
        return NULL;
    node = node->first_child;
    while (node != NULL && node->kind == PLAN_KIND_GATHER)
        node = node->first_child;
    return node != NULL && node->kind == PLAN_KIND_SEQ_SCAN ? node : NULL;
}

static const struct plan_node *sort_below(const struct plan_node *limit)
{
    const struct plan_node *node = limit->first_child;

    while (node->kind != PLAN_KIND_SORT)
        node = node->first_child;
    return node;
}

enum finding_severity find_limit_sorts_many(struct finding *finding)
{
    enum { SORTED_FOR_EACH_MIN = 100 };
    const struct plan_node *limit = finding->node, *scan = sorted_scan(limit);
    bool is_run = finding->plan->has_actuals;
    double given = is_run ? finding_rows(limit) : limit->rows, sorted;
    struct text key;

    if (scan == NULL || given < 0)
        return FINDING_SEVERITY_UNSET;
    sorted = is_run ? finding_rows(scan) : finding_rows_expected(scan);
    key = plan_word(sort_below(limit), PLAN_WORD_SORT_KEY);
    if (sorted < given * SORTED_FOR_EACH_MIN || condition_contains(key, "("))
        return FINDING_SEVERITY_UNSET;
    finding->node = sort_below(limit);
    finding->table = finding_name(finding, scan->relation, "the table");
    finding->columns = finding_cut(finding, key);
    finding_say(finding, "Reads and sorts %s rows of %s by %s to give the first %s.", finding_count(finding, sorted),
                finding->table, finding->columns, finding_count(finding, given));
    finding->saves_share = finding_all_share(finding);
    return finding_level(finding, sorted);
}
