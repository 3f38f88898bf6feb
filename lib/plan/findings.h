/* What is wrong with a plan: rules over the nodes of a tree, all of them rows of one table (findings_rules.c).
 * Pure functions; the numbers of a plan are hostile and never trusted.
 *
 * A rule says what harms the statement. What is odd but takes no time is no finding: a finding whose share of the time
 * is known to be below FINDING_SHARE_MIN is dropped. */
#ifndef POTTO_PLAN_FINDINGS_H
#define POTTO_PLAN_FINDINGS_H

#include "base/buffer.h"
#include "base/json_write.h"
#include "plan/plan.h"

enum {
    FINDINGS_MAX = 100,        /* of a plan; the gravest are kept */
    FINDINGS_OF_RULE_MAX = 10, /* of a plan */
    FINDINGS_NOT_EXAMINED_MAX = 4,
};

#define FINDING_SHARE_MIN 0.05

enum finding_severity { FINDING_SEVERITY_UNSET, FINDING_NOTE, FINDING_WARNING, FINDING_CRITICAL };

struct plan_finding {
    const char *rule;  /* stable name, "seq_scan_keeps_few"; static */
    const char *title; /* one sentence for people; static */
    enum finding_severity severity;
    const struct plan_node *node; /* the root where the finding is about the whole statement; never NULL */
    struct text evidence;         /* with this plan's numbers: "Reads 1,000,000 rows, keeps 12." */
    struct text remedy;           /* what to do, with the names of table, columns, index, setting */
    double saves_share;           /* at most so much of the statement's time, 0..1; of its cost where the statement was
                                   * not run; < 0: unknown */
};

struct plan_findings {
    const struct plan_finding *items; /* gravest first, then by share, then as the nodes stand */
    size_t count;
    size_t left_out;                                     /* found, but beyond the bounds above */
    const char *not_examined[FINDINGS_NOT_EXAMINED_MAX]; /* sentences: what could not be examined, and why */
    size_t not_examined_count;
};

/* Memory: in `arena`, in proportion to the plan. */
void plan_find(const struct plan *plan, struct arena *arena, struct plan_findings *out_findings);

const char *finding_severity_name(enum finding_severity severity); /* "note", "warning", "critical"; static */

/* The members "findings", "findings_left_out" and "not_examined" of an object that the caller began. A finding's node
 * is told by its number among the plan's nodes, from 0, and by label, relation and index. */
void plan_findings_write(const struct plan *plan, const struct plan_findings *findings, struct json_writer *json);

/* The table of rules as Markdown. */
void plan_rules_write(struct buffer *out);

#endif
