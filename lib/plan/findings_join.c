/* Rules about joins and subqueries. Each says when it holds; thresholds stand in findings_rules.c. */
#include <math.h>

#include "plan/findings_internal.h"

/* The table that a side of a join reads. */
static const char *side_name(const struct finding *finding, const struct plan_node *node)
{
    while (node != NULL && node->relation.size == 0)
        node = node->first_child;
    return node == NULL ? "the inner side" : finding_name(finding, node->relation, "the inner side");
}

enum finding_severity find_nested_loop_costly(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double loops = finding_loops(node);
    enum finding_severity severity = finding_level(finding, loops);

    if (!finding_is_inner(node) || severity == FINDING_SEVERITY_UNSET || node->total_ms < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    if (severity == FINDING_CRITICAL && node->total_ms < 10 * finding->rule->least)
        severity = FINDING_WARNING;
    finding->table = side_name(finding, node);
    finding_say(finding, "%s is read %s times, once for each outer row, which takes %s.", finding->table,
                finding_count(finding, loops), finding_ms(finding, node->total_ms));
    finding->columns = condition_columns(plan_word(node, PLAN_WORD_INDEX_CONDITION), node, finding->arena);
    finding->saves_share = finding_all_share(finding);
    return severity;
}

enum finding_severity find_nested_loop_inner_scan(struct finding *finding)
{
    enum { REPEATS_MIN = 100 };
    const struct plan_node *node = finding->node;
    bool is_run = finding->plan->has_actuals;
    double loops, read;
    enum finding_severity severity;

    /* A scan that was run so often was repeated, also below a LIMIT or in a subquery. */
    if (!is_run && !finding_is_inner(node))
        return FINDING_SEVERITY_UNSET;
    loops = is_run ? finding_loops(node) : finding_outer_rows_expected(node);
    /* The cost of a scan is about a hundredth of its rows. */
    read = is_run                                              ? finding_read(node)
           : finding->plan->dialect == PLAN_DIALECT_POSTGRESQL ? loops * node->cost * 50
                                                               : loops * node->rows;
    severity = finding_level(finding, read);
    if (severity == FINDING_SEVERITY_UNSET || loops < REPEATS_MIN || plan_word(node, PLAN_WORD_RANGE_CHECKED).size > 0)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "The whole table is read %s times, once for each outer row%s: some %s rows.",
                finding_count(finding, loops), is_run ? "" : " that is expected", finding_count(finding, read));
    finding->columns = condition_columns(plan_word(node, PLAN_WORD_FILTER), node, finding->arena);
    if (finding->columns[0] == '\0' && node->parent != NULL)
        finding->columns = condition_columns(plan_word(node->parent, PLAN_WORD_JOIN_FILTER), node, finding->arena);
    finding->saves_share = finding_all_share(finding);
    return severity;
}

enum finding_severity find_join_buffer(struct finding *finding)
{
    const struct plan_node *node = finding->node, *block = node->parent;
    bool is_block = block != NULL && block->kind == PLAN_KIND_BLOCK_NESTED_LOOP;
    double rows = finding->plan->has_actuals ? finding_read(node) : node->rows;
    enum finding_severity severity = finding_level(finding, rows);

    if (severity == FINDING_SEVERITY_UNSET || (!is_block && plan_word(node, PLAN_WORD_JOIN_BUFFER).size == 0))
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Joins without an index: %s rows of %s are compared with all rows of the other side.",
                finding_count(finding, rows), finding_name(finding, node->relation, "the table"));
    finding->columns = condition_columns(plan_word(is_block ? block : node, PLAN_WORD_FILTER), node, finding->arena);
    finding->saves_share = finding_own_share(finding);
    if (is_block && finding->plan->has_actuals)
        finding->saves_share = finding_share(finding, fmax(block->own_ms, 0) + fmax(node->own_ms, 0));
    return severity;
}

/* Is a subquery of PostgreSQL run once and its result hashed? */
static bool is_hashed(const struct plan_node *subplan)
{
    struct text name = plan_word(subplan, PLAN_WORD_SUBPLAN), conditions;
    char hashed[128];

    conditions = subplan->parent == NULL ? (struct text){NULL, 0} : plan_word(subplan->parent, PLAN_WORD_FILTER);
    if (name.size == 0 || name.size > 100)
        return false;
    memcpy(hashed, "hashed ", 7);
    memcpy(hashed + 7, name.data, name.size);
    hashed[7 + name.size] = '\0';
    return condition_contains(conditions, hashed);
}

static bool is_not_in(struct text filter, bool is_hashed_one)
{
    return condition_contains(filter, is_hashed_one ? "NOT (hashed SubPlan" : "NOT (SubPlan") ||
           (condition_contains(filter, "NOT (ANY") && condition_contains(filter, "hashed SubPlan") == is_hashed_one &&
            condition_contains(filter, "SubPlan"));
}

/* The rows that a query block is expected to make of its tables; < 0: it has none. `without`: a subquery in it. */
static double block_rows(const struct plan_node *block, const struct plan_node *without)
{
    double rows = -1;

    for (const struct plan_node *child = block->first_child; child != NULL; child = child->next_sibling) {
        double own = finding_is_scan(child) ? finding_rows_expected(child) : -1;
        double joined = plan_number(child, PLAN_ROWS_JOINED);

        if (child == without || child->kind == PLAN_KIND_SUBQUERY || child->kind == PLAN_KIND_MEMOIZE)
            continue;
        if (joined >= 0)
            rows = joined;
        else if (own >= 0)
            rows = fmin(fmax(rows, 1) * own, PLAN_NUMBER_MAX);
        else if (rows < 0)
            rows = block_rows(child, without);
    }
    return rows;
}

/* MySQL marks a subquery that depends on the outer row; MariaDB gives it a cache. It stands below the table that it is
 * a condition of, or beside the tables of the query. */
static double dependent_runs(const struct plan_node *subquery)
{
    const struct plan_node *node = subquery, *outer = subquery->parent;
    bool is_cached = outer->kind == PLAN_KIND_MEMOIZE;

    if (!is_cached && !(plan_number(subquery, PLAN_IS_DEPENDENT) > 0))
        return -1;
    if (is_cached && outer->parent != NULL) {
        node = outer;
        outer = outer->parent;
    }
    return finding_is_scan(outer) ? outer->rows : block_rows(outer, node);
}

/* How often a subquery is run, or will be. */
static double subquery_runs(const struct finding *finding)
{
    const struct plan_node *node = finding->node;

    if (finding->plan->has_actuals)
        return finding_loops(node);
    if (finding->plan->dialect == PLAN_DIALECT_MYSQL)
        return dependent_runs(node);
    /* For each row before the filter that has the subquery; what passes the filter is at least known. */
    return node->parent->rows;
}

enum finding_severity find_subplan_per_row(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    bool is_postgresql = finding->plan->dialect == PLAN_DIALECT_POSTGRESQL;
    double runs;
    enum finding_severity severity;

    if (node->parent == NULL)
        return FINDING_SEVERITY_UNSET;
    if (is_postgresql && (!finding_is_relation(node, "SubPlan") || is_hashed(node) ||
                          is_not_in(plan_word(node->parent, PLAN_WORD_FILTER), false)))
        return FINDING_SEVERITY_UNSET;
    if (!is_postgresql && node->kind != PLAN_KIND_SUBQUERY)
        return FINDING_SEVERITY_UNSET;
    runs = subquery_runs(finding);
    severity = finding_level(finding, runs);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding->table = side_name(finding, node);
    finding_say(finding, "A subquery over %s is %s %s times, once for each row outside of it.", finding->table,
                finding->plan->has_actuals ? "run" : "expected to be run", finding_count(finding, runs));
    /* Costs leave out how often a subquery is run, MySQL's everywhere. */
    if (is_postgresql || finding->plan->has_actuals)
        finding->saves_share = finding_all_share(finding);
    if (is_postgresql && !finding->plan->has_actuals && finding->saves_share >= 0)
        finding->saves_share = fmin(finding->saves_share * runs, 1);
    return severity;
}

enum finding_severity find_not_in_subplan(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    struct text filter = plan_word(node, PLAN_WORD_FILTER);
    bool is_plain = is_not_in(filter, false);
    double rows = finding->plan->has_actuals ? finding_read(node) : finding_rows_expected(node);
    const struct plan_node *subplan = node->first_child;

    if (rows < finding->rule->least || (!is_plain && !is_not_in(filter, true)))
        return FINDING_SEVERITY_UNSET;
    while (subplan != NULL && !finding_is_relation(subplan, "SubPlan"))
        subplan = subplan->next_sibling;
    finding_say(finding, "NOT IN over a subquery: %s for %s rows.",
                is_plain ? "the whole result is searched anew" : "a hash of the whole result is asked",
                finding_count(finding, rows));
    finding->table = subplan == NULL ? "the subquery's table" : side_name(finding, subplan);
    if (is_plain)
        finding->saves_share = finding_all_share(finding);
    return finding_level(finding, is_plain ? 2 : 1);
}

enum finding_severity find_materialize_reread(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double loops = finding_loops(node), rows = finding_rows(node);
    enum finding_severity severity = finding_level(finding, loops);

    if (severity == FINDING_SEVERITY_UNSET || rows < finding->rule->least || finding_is_relation(node, "SubPlan"))
        return FINDING_SEVERITY_UNSET;
    finding->table = side_name(finding, node);
    finding_say(finding, "What was read of %s is gone through %s times, %s rows in all.", finding->table,
                finding_count(finding, loops), finding_count(finding, rows));
    finding->columns = node->parent == NULL
                           ? ""
                           : condition_columns(plan_word(node->parent, PLAN_WORD_JOIN_FILTER),
                                               node->first_child == NULL ? node : node->first_child, finding->arena);
    finding->saves_share = finding_share(
        finding, node->total_ms < 0 || node->parent == NULL ? -1 : node->total_ms + fmax(node->parent->own_ms, 0));
    return severity;
}

/* Of the index's condition and the filter together: those whose values may depend on each other. */
static const char *all_columns(const struct finding *finding, const struct plan_node *scan)
{
    struct text index = plan_word(scan, PLAN_WORD_INDEX_CONDITION), filter = plan_word(scan, PLAN_WORD_FILTER);
    const char *both =
        arena_printf(finding->arena, "%s AND %s", finding_cut(finding, index), finding_cut(finding, filter));

    return condition_columns(text_of(both), scan, finding->arena);
}

enum finding_severity find_misestimate_nested_loop(struct finding *finding)
{
    const struct plan_node *join = finding->node, *outer = finding_side(join, false), *inner;
    double expected, actual, inner_share;

    inner = outer == NULL ? NULL : finding_side(join, true);
    if (inner == NULL || !finding_is_inner(inner))
        return FINDING_SEVERITY_UNSET;
    expected = finding_rows_expected(outer);
    actual = plan_number(outer, PLAN_ROWS);
    inner_share = finding_share(finding, inner->total_ms);
    if (expected < 0 || finding_rows(outer) < finding->rule->least || inner_share < 0.2 ||
        finding_loops(inner) < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding->node = outer;
    finding->table = side_name(finding, outer);
    finding_say(finding, "%s rows of %s were expected and %s came; for each of them %s was read.",
                finding_count(finding, expected), finding->table, finding_count(finding, actual),
                side_name(finding, inner));
    finding->columns = all_columns(finding, outer);
    finding->saves_share = inner_share;
    return finding_level(finding, actual / fmax(expected, 1));
}

/* What a join drops after it has put rows together, of all that it put together. */
static double dropped(const struct plan_node *join)
{
    return finding_removed(join, PLAN_JOIN_FILTER_REMOVED) + finding_removed(join, PLAN_FILTER_REMOVED);
}

/* How many pairs a nested loop without an index is expected to put together; else what it made. */
static double pairs_expected(const struct plan_node *join)
{
    const struct plan_node *outer = finding_side(join, false), *inner = outer == NULL ? NULL : finding_side(join, true);
    double made = finding_rows_expected(join);

    while (inner != NULL && inner->kind == PLAN_KIND_MATERIALIZE)
        inner = inner->first_child;
    if (inner == NULL || join->kind != PLAN_KIND_NESTED_LOOP || plan_word(inner, PLAN_WORD_INDEX_CONDITION).size > 0)
        return made;
    return fmax(finding_rows_expected(outer), 0) * fmax(finding_rows_expected(inner), 0);
}

static enum finding_severity judge_dropped(struct finding *finding, bool is_or)
{
    const struct plan_node *join = finding->node;
    struct text condition = plan_word(join, PLAN_WORD_JOIN_FILTER);
    bool is_run = finding->plan->has_actuals;
    double removed = is_run ? dropped(join) : pairs_expected(join) - finding_rows_expected(join);
    double all = fmax(is_run ? finding_rows(join) : finding_rows_expected(join), 0) + removed;
    enum finding_severity severity;

    if (condition.size == 0)
        condition = plan_word(join, PLAN_WORD_FILTER);
    if (condition.size == 0 || condition_has_or(condition) != is_or || !(removed >= finding->rule->least))
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, removed / all);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "Joins %s%s pairs of rows and drops %s of them: %s.", is_run ? "" : "an expected ",
                finding_count(finding, all), finding_count(finding, removed), finding_cut(finding, condition));
    /* Costs count reading the inner side for each outer row as its own. */
    finding->saves_share = is_run ? finding_own_share(finding) : finding_all_share(finding);
    return severity;
}

enum finding_severity find_join_filter_drops(struct finding *finding)
{
    return judge_dropped(finding, false);
}

enum finding_severity find_or_filter_late(struct finding *finding)
{
    return judge_dropped(finding, true);
}

/* What a side gives in one loop. */
static double side_rows(const struct finding *finding, const struct plan_node *side)
{
    return finding->plan->has_actuals ? plan_number(side, PLAN_ROWS) : finding_rows_expected(side);
}

enum finding_severity find_cartesian_product(struct finding *finding)
{
    const struct plan_node *join = finding->node, *outer = finding_side(join, false), *inner, *scan;
    double made, left, right;

    inner = outer == NULL ? NULL : finding_side(join, true);
    if (inner == NULL || plan_word(join, PLAN_WORD_JOIN_FILTER).size > 0 || inner->kind == PLAN_KIND_MEMOIZE)
        return FINDING_SEVERITY_UNSET;
    scan = inner->kind == PLAN_KIND_MATERIALIZE && inner->first_child != NULL ? inner->first_child : inner;
    if (plan_word(scan, PLAN_WORD_INDEX_CONDITION).size > 0 && scan == inner)
        return FINDING_SEVERITY_UNSET; /* by the outer row */
    made = side_rows(finding, join);
    left = side_rows(finding, outer);
    right = side_rows(finding, inner);
    if (left < 2 || right < 2 || fabs(made - left * right) > 0.01 * left * right + 1)
        return FINDING_SEVERITY_UNSET;
    finding_say(finding, "Each of %s rows of %s is put together with each of %s of %s: %s rows.",
                finding_count(finding, left), side_name(finding, outer), finding_count(finding, right),
                side_name(finding, inner), finding_count(finding, made));
    finding->table = side_name(finding, inner);
    finding->saves_share = finding_all_share(finding);
    return finding_level(finding, made);
}

enum finding_severity find_memoize_misses(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double hits = plan_number(node, PLAN_CACHE_HITS), misses = plan_number(node, PLAN_CACHE_MISSES);
    double evictions = fmax(plan_number(node, PLAN_CACHE_EVICTIONS), 0);
    enum finding_severity severity;

    if (hits < 0 || misses < 0 || hits + misses < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, misses / (hits + misses));
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding->table = side_name(finding, node);
    finding_say(finding, "The cache of %s answered %s of %s lookups and threw out %s entries for lack of memory.",
                finding->table, finding_count(finding, hits), finding_count(finding, hits + misses),
                finding_count(finding, evictions));
    finding->saves_share = finding_all_share(finding); /* for as many values, another join would have been chosen */
    return severity;
}

/* What a derived table is filled from, where it is filled whole: its key is no condition on its tables. */
static double filled_rows(const struct finding *finding, const struct plan_node *materialize)
{
    const struct plan_node *node = materialize->first_child;

    while (node != NULL && !finding_is_scan(node))
        node = node->first_child;
    if (node == NULL || (node->kind != PLAN_KIND_SEQ_SCAN && !text_equal(node->label, TEXT("Full index scan"))))
        return -1;
    return finding->plan->has_actuals ? finding_read(node) : node->rows;
}

enum finding_severity find_derived_materialized(struct finding *finding)
{
    const struct plan_node *node = finding->node, *table = node->parent;
    double rows;
    enum finding_severity severity;

    /* A derived table stands above what fills it. */
    if (table == NULL || (table->kind != PLAN_KIND_SEQ_SCAN && table->kind != PLAN_KIND_INDEX_SCAN))
        return FINDING_SEVERITY_UNSET;
    if (table->kind == PLAN_KIND_SEQ_SCAN)
        rows = finding->plan->has_actuals ? finding_read(table) : table->rows;
    else
        rows = filled_rows(finding, node);
    severity = finding_level(finding, rows);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding->node = table;
    finding->table = finding_name(finding, table->relation, "the derived table");
    finding_say(finding,
                table->kind == PLAN_KIND_SEQ_SCAN
                    ? "%s is filled with %s rows first and then read without an index."
                    : "%s is filled from %s rows first, and then few of them are looked up.",
                finding->table, finding_count(finding, rows));
    finding->saves_share = finding_all_share(finding);
    return severity;
}

/* A side of a hash or merge join that is a table read in full. */
static const struct plan_node *scan_of_side(const struct plan_node *side)
{
    while (side != NULL && (side->kind == PLAN_KIND_HASH || side->kind == PLAN_KIND_SORT))
        side = side->first_child;
    return side != NULL && side->kind == PLAN_KIND_SEQ_SCAN ? side : NULL;
}

static double rows_in_all(const struct finding *finding, const struct plan_node *node)
{
    return finding->plan->has_actuals ? finding_rows(node) : finding_rows_expected(node);
}

enum finding_severity find_join_reads_all(struct finding *finding)
{
    const struct plan_node *join = finding->node;
    double joined = rows_in_all(finding, join);

    for (int i = 0; i < 2; i++) {
        const struct plan_node *side = finding_side(join, i == 0), *other = finding_side(join, i != 0);
        const struct plan_node *scan = scan_of_side(side);
        double rows = scan == NULL ? -1 : rows_in_all(finding, scan), needed;
        enum finding_severity severity;

        if (scan == NULL || other == NULL || rows < finding->rule->least)
            continue;
        needed = fmax(joined, rows_in_all(finding, other)); /* that many lookups at least */
        finding->columns = condition_columns(plan_word(join, PLAN_WORD_JOIN_CONDITION), scan, finding->arena);
        severity = joined < 0 || needed < 0 || finding->columns[0] == '\0' ? FINDING_SEVERITY_UNSET
                                                                           : finding_level(finding, 1 - needed / rows);
        if (severity == FINDING_SEVERITY_UNSET)
            continue;
        finding->node = scan;
        finding_say(finding, "Reads all %s rows of %s to join %s of them: %s.", finding_count(finding, rows),
                    finding_name(finding, scan->relation, "the table"), finding_count(finding, joined),
                    finding_cut(finding, plan_word(join, PLAN_WORD_JOIN_CONDITION)));
        finding->saves_share = finding_all_share(finding);
        return severity;
    }
    return FINDING_SEVERITY_UNSET;
}
