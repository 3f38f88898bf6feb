/* The corpus of plans (corpus.jsonl.gz, made by corpus.py), and how rules are judged by it.
 *
 * A finding is right where the plan's label lists its rule and the finding's node is the faulty table's or stands above
 * it; any other finding is wrong, all findings of a healthy plan are. A fault is found where a right finding names its
 * cause. Notes count as all findings do. */
#ifndef POTTO_TESTS_PLANS_CORPUS_H
#define POTTO_TESTS_PLANS_CORPUS_H

#include <stdio.h>

#include "plan/plan.h"

struct corpus_plan {
    struct text id, group, engine, mode, label, table, done, statement; /* label of a healthy plan: data NULL */
    struct text plan;                                                   /* as the server gave it */
};

struct corpus {
    const struct corpus_plan *items;
    size_t count;
};

struct corpus_tally {
    size_t faulty, found; /* plans with a fault; those whose cause is named */
    size_t findings, right;
    size_t healthy, flagged; /* healthy plans; those with a finding */
};

/* Memory: in `arena`. False: the file is missing or is not a corpus; said on standard error. */
bool corpus_read(const char *path, struct arena *arena, struct corpus *out_corpus);

/* Is the node one of the faulty table's, or above one? */
bool corpus_is_at_fault(const struct corpus_plan *item, const struct plan_node *node);

/* Add the findings of a plan to the tally. `details`: where misses and wrong findings are told; NULL: nowhere. False:
 * the plan could not be read, or the label is unknown. */
bool corpus_score(const struct corpus_plan *item, struct arena *arena, FILE *details, struct corpus_tally *tally);

double corpus_precision(const struct corpus_tally *tally); /* 1 where nothing was found */
double corpus_recall(const struct corpus_tally *tally);    /* 1 where there was nothing to find */

#endif
