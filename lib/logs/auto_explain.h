/* What auto_explain writes after "duration: 1.5 ms  plan:". */
#ifndef POTTO_LOGS_AUTO_EXPLAIN_H
#define POTTO_LOGS_AUTO_EXPLAIN_H

#include "logs/logs.h"

struct auto_explain {
    struct text statement, parameters; /* data NULL: not told */
    struct text plan; /* {"Plan": {…}}; data NULL: of a format that is not read, too large, or no plan */
    int64_t rows;     /* that the plan's root gave; -1: not measured */
};

/* Errors: STATUS_INVALID (neither a statement nor a plan is in it). Memory: `arena`. */
enum status auto_explain_read(struct text text, struct arena *arena, struct auto_explain *out_explain);

/* A plan as text, from its first node on, as the JSON that EXPLAIN (FORMAT JSON) would have given, of what lib/plan
 * reads and what was measured. data NULL: it is none, or has more than PLAN_TEXT_NODES_MAX nodes. */
enum { PLAN_TEXT_NODES_MAX = 500 };
struct text plan_text_to_json(struct text text, struct arena *arena, int64_t *out_rows);

#endif
