/* Judging findings by the corpus's labels. */
#include "tests/plans/corpus.h"

#include "plan/findings.h"

/* For each label: the rules that name what was done or what came of it at its place, and those whose finding is true of
 * such a plan without naming the cause. Written from the labels, and corrected by the plans of the first two groups. */
static const struct {
    const char *label, *names, *follows;
} labels[] = {
    {"index_dropped", "seq_scan_keeps_few seq_scan_keeps_few_expected full_index_scan",
     "index_filter_removes unused_possible_key"},
    {"index_invalid", "seq_scan_keeps_few seq_scan_keeps_few_expected", ""},
    {"index_ignored", "seq_scan_keeps_few seq_scan_keeps_few_expected unused_possible_key", ""},
    {"index_forced", "index_filter_removes", "full_index_scan"},
    {"join_index_dropped", "join_reads_all join_buffer nested_loop_inner_scan",
     "seq_scan_keeps_few seq_scan_keeps_few_expected"},
    {"inner_index_dropped", "nested_loop_inner_scan limit_reads_along_index index_filter_removes",
     "subplan_per_row seq_scan_keeps_few seq_scan_keeps_few_expected nested_loop_costly"},
    {"index_column_dropped", "index_filter_removes seq_scan_keeps_few seq_scan_keeps_few_expected",
     "full_index_scan unused_possible_key"},
    {"index_order_wrong", "full_index_scan", "index_filter_removes"},
    {"index_split", "index_merge index_filter_removes", ""},
    {"order_by_limit", "limit_reads_along_index seq_scan_keeps_few full_index_scan",
     "index_filter_removes filesort_large"},
    {"order_index_dropped", "limit_sorts_many filesort_large", ""},
    {"group_index_dropped", "temporary_table_large filesort_large", ""},
    {"statistics_stale", "misestimate_nested_loop misestimate_spills",
     "nested_loop_costly nested_loop_inner_scan materialize_reread join_filter_drops seq_scan_keeps_few"},
    {"statistics_dropped", "misestimate_nested_loop misestimate_spills",
     "nested_loop_costly nested_loop_inner_scan materialize_reread index_filter_removes"},
    {"distinct_values_wrong", "memoize_misses", "nested_loop_costly"},
    {"sort_memory_cut", "sort_on_disk filesort_passes", "filesort_large sort_wide_rows"},
    {"hash_memory_cut", "hash_batches sort_on_disk", "misestimate_spills"},
    {"group_memory_cut", "hash_aggregate_on_disk sort_on_disk", "misestimate_spills"},
    {"bitmap_memory_cut", "bitmap_lossy", "recheck_removes"},
    {"materialize_memory_cut", "temp_blocks", ""},
    {"wide_rows_sorted", "sort_wide_rows", "sort_on_disk"},
    {"cast_column", "cast_on_column",
     "seq_scan_keeps_few seq_scan_keeps_few_expected unused_possible_key full_index_scan index_filter_removes"},
    {"implicit_conversion", "cast_on_column unused_possible_key",
     "seq_scan_keeps_few seq_scan_keeps_few_expected full_index_scan index_filter_removes"},
    {"function_on_column", "function_on_column cast_on_column",
     "seq_scan_keeps_few seq_scan_keeps_few_expected unused_possible_key full_index_scan index_filter_removes"},
    {"expression_on_column", "function_on_column",
     "seq_scan_keeps_few seq_scan_keeps_few_expected unused_possible_key full_index_scan index_filter_removes"},
    {"leading_wildcard", "leading_wildcard",
     "seq_scan_keeps_few seq_scan_keeps_few_expected full_index_scan index_filter_removes"},
    {"offset", "offset_large", "sort_on_disk"},
    {"not_in", "not_in_subplan", "subplan_per_row materialize_reread seq_scan_keeps_few seq_scan_keeps_few_expected"},
    {"correlated_subplan", "subplan_per_row", "nested_loop_costly"},
    {"visibility_lost", "heap_fetches", ""},
    {"workers_missing", "workers_missing", "seq_scan_keeps_few"},
    {"jit", "jit_long", ""},
    {"join_without_equality", "join_filter_drops materialize_reread join_buffer nested_loop_inner_scan",
     "cartesian_product join_reads_all range_checked"},
    {"range_checked", "range_checked", "join_buffer nested_loop_inner_scan"},
    {"charset_differs", "join_buffer nested_loop_inner_scan range_checked", "unused_possible_key full_index_scan"},
    {"join_buffer_off", "nested_loop_inner_scan", "join_reads_all"},
    {"or_over_tables", "or_filter_late", "join_filter_drops"},
    {"join_condition_dropped", "cartesian_product",
     "materialize_reread nested_loop_inner_scan join_buffer seq_scan_keeps_few seq_scan_keeps_few_expected"},
    {"cte_fence", "cte_filter_late", "temp_blocks"},
    {"derived_not_merged", "derived_materialized", "temporary_table_large filesort_large full_index_scan"},
    {"partition_key_hidden", "partitions_scanned partitions_read",
     "seq_scan_keeps_few seq_scan_keeps_few_expected function_on_column full_index_scan index_filter_removes"},
    {"foreign_key_index_dropped", "foreign_key_without_index", ""},
    {"trigger_added", "trigger_long", ""},
    {"planner_setting", "planner_switched_off",
     "seq_scan_keeps_few seq_scan_keeps_few_expected nested_loop_inner_scan nested_loop_costly materialize_reread "
     "join_reads_all"},
    {"cost_setting", "planner_switched_off seq_scan_keeps_few seq_scan_keeps_few_expected", ""},
    {"order_by_random", "sorts_by_random", "filesort_large limit_sorts_many temporary_table_large"},
    {"union_instead_of_all", "union_removes_nothing", "hash_aggregate_on_disk sort_on_disk"},
    {"distinct_needless", "distinct_removes_nothing", "sort_on_disk hash_aggregate_on_disk"},
    {"row_locked", "lock_rows_waits", ""},
    {"contradiction", "never_true", ""},
    {"old_transaction", "old_row_versions", "seq_scan_keeps_few index_filter_removes"},
};

static bool has_word(const char *words, const char *word)
{
    struct text rest = text_of(words), each;

    while (text_split(&rest, ' ', &each))
        if (text_equal(each, text_of(word)))
            return true;
    return false;
}

/* PostgreSQL's partitions have names that begin with their table's; the others' plans have one node for all. */
static bool reads_table(const struct plan_node *node, struct text table, bool has_partitions)
{
    if (node->relation.size > 0 &&
        (has_partitions ? text_starts(node->relation, table) : text_equal(node->relation, table)))
        return true;
    for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling)
        if (reads_table(child, table, has_partitions))
            return true;
    return false;
}

bool corpus_is_at_fault(const struct corpus_plan *item, const struct plan_node *node)
{
    bool is_postgresql = text_equal(item->engine, TEXT("postgresql"));
    struct text rest = item->table, table;

    /* What is said of the statement as a whole is said of the root; what never reads a table has no place. */
    if (node->parent == NULL || node->kind == PLAN_KIND_NOTHING)
        return true;
    while (text_split(&rest, ' ', &table))
        if (reads_table(node, table, is_postgresql))
            return true;
    return false;
}

/* Is a finding of the rule at the node right, and does it name the cause? False: the label is not listed; said on
 * standard error. */
static bool judge(const struct corpus_plan *item, const char *rule, const struct plan_node *node, bool *out_is_right,
                  bool *out_names_cause)
{
    *out_is_right = *out_names_cause = false;
    if (item->label.data == NULL)
        return true;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (text_equal(item->label, text_of(labels[i].label))) {
            bool is_there = corpus_is_at_fault(item, node);

            *out_names_cause = is_there && has_word(labels[i].names, rule);
            *out_is_right = *out_names_cause || (is_there && has_word(labels[i].follows, rule));
            return true;
        }
    fprintf(stderr, "%s: no such label is listed\n", item->id.data);
    return false;
}

static void tell(FILE *details, const char *what, const struct corpus_plan *item, const struct plan_finding *finding)
{
    if (details == NULL)
        return;
    fprintf(details, "%s %s: %s\n    %s\n", what, item->id.data, item->done.data, item->statement.data);
    if (finding != NULL)
        fprintf(details, "    %s at %s %s: %s\n", finding->rule, finding->node->label.data,
                finding->node->relation.data == NULL ? "" : finding->node->relation.data, finding->evidence.data);
}

bool corpus_score(const struct corpus_plan *item, struct arena *arena, FILE *details, struct corpus_tally *tally)
{
    struct plan_findings findings;
    struct plan plan = {0};
    struct error error = {0};
    bool is_found = false;

    if (plan_read_pasted(PLAN_DIALECT_UNSET, item->plan, arena, &plan, &error) != STATUS_OK) {
        fprintf(stderr, "%s: %s %s\n", item->id.data, error.message, error.detail);
        return false;
    }
    plan_find(&plan, arena, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        bool is_right, names_cause;

        if (!judge(item, findings.items[i].rule, findings.items[i].node, &is_right, &names_cause))
            return false;
        tally->findings++;
        tally->right += is_right;
        is_found |= names_cause;
        if (!is_right)
            tell(details, "wrong", item, &findings.items[i]);
    }
    tally->faulty += item->label.data != NULL;
    tally->healthy += item->label.data == NULL;
    tally->found += is_found;
    tally->flagged += item->label.data == NULL && findings.count > 0;
    if (item->label.data != NULL && !is_found)
        tell(details, "missed", item, NULL);
    return true;
}

static double share(size_t part, size_t all)
{
    return all == 0 ? 1 : (double)part / (double)all;
}

double corpus_precision(const struct corpus_tally *tally)
{
    return share(tally->right, tally->findings);
}

double corpus_recall(const struct corpus_tally *tally)
{
    return share(tally->found, tally->faulty);
}
