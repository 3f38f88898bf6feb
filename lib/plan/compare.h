/* What changed between two plans of one statement, and why, as far as the plans themselves tell. Pure.
 *
 * Nodes are matched by the relations below them. So a join whose method changed is one change, and so is a relation
 * that another index reads. Time and memory grow with the nodes of the plans alone. */
#ifndef POTTO_PLAN_COMPARE_H
#define POTTO_PLAN_COMPARE_H

#include "plan/plan.h"

enum {
    PLAN_CHANGES_MAX = 40,   /* told one by one; the others are counted */
    PLAN_RELATIONS_MAX = 40, /* told one by one, those with the most cost */
    PLAN_REASONS_MAX = 6,
};
#define PLAN_ROWS_MOVED 2.0 /* times that an estimate of rows moves, from which it may be why a plan changed */

enum plan_change_kind {
    PLAN_CHANGE_UNSET,
    PLAN_CHANGE_ACCESS,    /* a relation is read in another way */
    PLAN_CHANGE_INDEX,     /* a relation is read in the same way by another index */
    PLAN_CHANGE_JOIN,      /* the same relations are joined by another method */
    PLAN_CHANGE_ORDER,     /* relations are joined in another order; one change for the whole plan */
    PLAN_CHANGE_OPERATION, /* a sort or an aggregate is done in another way */
    PLAN_CHANGE_ADDED,
    PLAN_CHANGE_REMOVED,
    PLAN_CHANGE_COUNT
};
/* As in the API: "access", "index", "join_method", "join_order", "operation", "added", "removed". */
const char *plan_change_name(enum plan_change_kind kind);

struct plan_change {
    enum plan_change_kind kind;
    const struct plan_node *before, *after; /* NULL: the node is not in that plan; both: PLAN_CHANGE_ORDER */
    struct text sentence;                   /* "orders is read by Seq Scan; before by Index Scan using orders_pkey." */
};

/* A relation in both plans, or in one of them. */
struct plan_relation {
    struct text name;                       /* with its alias: "orders o" */
    const struct plan_node *before, *after; /* how it is read; NULL: that plan does not read it */
    double rows_ratio; /* estimate after by estimate before; 0: the two are not of the same thing, or not known */
};

enum plan_reason_kind {
    PLAN_REASON_UNSET,
    PLAN_REASON_ROWS,          /* estimates of rows moved: statistics or data */
    PLAN_REASON_INDEX_MISSING, /* the earlier way was cheaper, and is not open any more */
    PLAN_REASON_INDEX_NEW,     /* a way that was not open before is cheaper */
    PLAN_REASON_SETTINGS,      /* settings that were recorded with the plans differ */
    PLAN_REASON_VALUES,        /* one plan was made for given values, the other for any */
    PLAN_REASON_UNKNOWN,       /* the plans do not tell */
    PLAN_REASON_COUNT
};
/* As in the API: "rows", "index_missing", "index_new", "settings", "values", "unknown". */
const char *plan_reason_name(enum plan_reason_kind kind);

struct plan_reason {
    enum plan_reason_kind kind;
    struct text sentence;
};

struct plan_side {
    const struct plan *plan;
    bool has_values; /* it was made for an execution's values, not for parameters */
};

/* Of a node, beside the other plan. */
enum plan_mark {
    PLAN_MARK_UNSET,   /* it does its work there in the same way */
    PLAN_MARK_CHANGED, /* it does its work there in another way */
    PLAN_MARK_ALONE,   /* it is not there */
};

struct plan_comparison {
    bool is_same;                      /* one shape: nothing below but relations */
    const struct plan_change *changes; /* what costs most first */
    size_t change_count;
    size_t more_changes; /* that are not listed */
    const struct plan_relation *relations;
    size_t relation_count;
    size_t more_relations;
    const struct plan_reason *reasons; /* at least one, unless is_same */
    size_t reason_count;
    const enum plan_mark *before_marks, *after_marks; /* one for each node of the plan */
};

/* Both plans are of one dialect. Memory: everything lives in `arena`. The nodes are those of the plans. */
void plan_compare(const struct plan_side *before, const struct plan_side *after, struct arena *arena,
                  struct plan_comparison *out_comparison);

#endif
