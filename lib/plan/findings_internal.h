/* Shared by findings.c, the table of rules and the rules' conditions. */
#ifndef POTTO_PLAN_FINDINGS_INTERNAL_H
#define POTTO_PLAN_FINDINGS_INTERNAL_H

#include "plan/condition.h"
#include "plan/findings.h"

/* One rule at one node. The check fills the second part. */
struct finding {
    const struct plan *plan;
    const struct plan_node *node;
    const struct finding_rule *rule;
    struct arena *arena;

    struct text evidence;
    const char *table, *index, *columns, *amount; /* for the remedy; NULL: of the node, or none */
    double saves_share;                           /* < 0: unknown */
};

enum finding_needs {
    NEEDS_NOTHING,
    NEEDS_ACTUALS,
    WITHOUT_ACTUALS, /* guesses what another rule knows when the statement was run */
};

struct finding_rule {
    const char *name, *title;
    /* Sentences. {table}, {index}, {columns} and {amount} become the node's, or what the check set. */
    const char *remedy;
    unsigned dialects; /* bits of enum plan_dialect */
    unsigned kinds;    /* bits of enum plan_kind; 0: the root alone, for the whole statement */
    enum finding_needs needs;
    enum finding_severity (*check)(struct finding *finding); /* FINDING_SEVERITY_UNSET: not found */
    double least;                                            /* below it nothing is found; `least_of` says of what */
    const char *least_of;                                    /* NULL: no least */
    double note, warning, critical;                          /* of what `level_of` says; 0: there is no such level */
    const char *level_of;                                    /* NULL: always the one level that is set */
};

extern const struct finding_rule finding_rules[];
extern const size_t finding_rule_count;

/* ---- what checks ask ---- */

/* The severity of `value` by the rule's levels. */
enum finding_severity finding_level(const struct finding *finding, double value);
/* The only level of a rule without a measure. */
enum finding_severity finding_only_level(const struct finding *finding);

double finding_loops(const struct plan_node *node);                             /* < 0: unknown */
double finding_rows(const struct plan_node *node);                              /* made in all loops; < 0: unknown */
double finding_removed(const struct plan_node *node, enum plan_number what);    /* in all loops; 0: none or unknown */
double finding_read(const struct plan_node *node);                              /* rows before its filters */
double finding_rows_expected(const struct plan_node *node);                     /* of one loop, after the filter; < 0 */
double finding_share(const struct finding *finding, double part_ms);            /* of the statement's time; < 0 */
double finding_own_share(const struct finding *finding);                        /* of time or cost */
double finding_all_share(const struct finding *finding);                        /* with everything below */
double finding_own_number(const struct plan_node *node, enum plan_number name); /* without the nodes below */
/* PostgreSQL names the sides; else the first child is the outer one. NULL: there is none. */
const struct plan_node *finding_side(const struct plan_node *join, bool is_inner);
bool finding_is_inner(const struct plan_node *node);              /* below a nested loop, run for each outer row */
double finding_outer_rows_expected(const struct plan_node *node); /* for an inner side: the loops it will have */
bool finding_is_relation(const struct plan_node *node, const char *relationship);
bool finding_is_scan(const struct plan_node *node);

/* ---- what checks say ---- */

void finding_say(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *finding_count(const struct finding *finding, double number);  /* "1,234,567" */
const char *finding_percent(const struct finding *finding, double share); /* "99.9 %" */
const char *finding_ms(const struct finding *finding, double ms);         /* "1.2 s" */
const char *finding_bytes(const struct finding *finding, double bytes);   /* "12 MB" */
const char *finding_cut(const struct finding *finding, struct text text); /* at most 200 bytes of a condition */
const char *finding_name(const struct finding *finding, struct text name, const char *otherwise);

/* ---- the checks, by file ---- */

#define FINDING_CHECKS(check)                                                                                          \
    check(seq_scan_keeps_few) check(seq_scan_keeps_few_expected) check(index_filter_removes) check(full_index_scan)    \
        check(bitmap_lossy) check(recheck_removes) check(heap_fetches) check(limit_reads_along_index) check(           \
            offset_large) check(unused_possible_key) check(range_checked) check(index_merge) check(partitions_read)    \
            check(partitions_scanned) check(foreign_filter_local) check(cte_filter_late) check(old_row_versions)       \
                check(never_true) check(function_on_column) check(cast_on_column) check(leading_wildcard)              \
                    check(nested_loop_costly) check(nested_loop_inner_scan) check(join_buffer) check(subplan_per_row)  \
                        check(not_in_subplan) check(materialize_reread) check(misestimate_nested_loop)                 \
                            check(join_filter_drops) check(or_filter_late) check(cartesian_product)                    \
                                check(memoize_misses) check(derived_materialized) check(sort_on_disk)                  \
                                    check(sort_large_expected) check(sort_wide_rows) check(sorts_by_random)            \
                                        check(filesort_large) check(filesort_passes) check(hash_batches)               \
                                            check(hash_aggregate_on_disk) check(temp_blocks) check(misestimate_spills) \
                                                check(temporary_table_large) check(distinct_removes_nothing)           \
                                                    check(union_removes_nothing) check(workers_missing)                \
                                                        check(jit_long) check(planning_long) check(trigger_long)       \
                                                            check(foreign_key_without_index)                           \
                                                                check(planner_switched_off) check(lock_rows_waits)     \
                                                                    check(limit_sorts_many) check(join_reads_all)

#define FINDING_CHECK_DECLARE(name) enum finding_severity find_##name(struct finding *finding);
FINDING_CHECKS(FINDING_CHECK_DECLARE)

#endif
