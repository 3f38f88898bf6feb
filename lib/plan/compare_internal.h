/* Shared by compare.c, which finds what changed, and compare_reasons.c, which says why. */
#ifndef POTTO_PLAN_COMPARE_INTERNAL_H
#define POTTO_PLAN_COMPARE_INTERNAL_H

#include <stdint.h>

#include "base/vector.h"
#include "plan/compare.h"

#define NOT_MATCHED SIZE_MAX

/* One of the two plans. Each array has a place for each of its nodes. */
struct compared {
    const struct plan *plan;
    bool has_values;
    size_t *parent; /* NOT_MATCHED: the root */
    size_t *match;  /* the node of the other plan that does the same work; NOT_MATCHED: none */
    uint64_t *relations_below;
    bool *is_partial; /* its estimate of rows is that of one pass or one worker */
    enum plan_mark *marks;
};

struct comparing {
    struct arena *arena;
    struct compared before, after;
    bool is_other_order;
    VECTOR(struct plan_change) changes;
};

bool compare_is_join(const struct plan_node *node);
/* The relations below a node that both plans read, in the order of the plan: "orders o, customers and 3 more". */
const char *compare_relations_below(const struct compared *side, size_t at, struct arena *arena);
/* The index that reads a relation, its own or that of the bitmap below it; data NULL: none. */
struct text compare_index_of(const struct plan_node *node);
/* A name, short enough for a sentence. */
struct text compare_cut(struct text name);
/* The estimate of rows of all workers together; < 0: not known, or of one pass. */
double compare_rows(const struct compared *side, size_t at);
/* How an estimate of rows moved; 0: the two are not of the same thing. */
double compare_rows_ratio(const struct comparing *comparing, size_t before_at, size_t after_at);

/* Fills reasons and reason_count. */
void compare_give_reasons(const struct comparing *comparing, struct plan_comparison *out);

#endif
