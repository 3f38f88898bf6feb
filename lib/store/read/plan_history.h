/* Plans of a fingerprint over time, and what each of them changed. Everything returned lives in `arena`. Errors:
 * STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_PLAN_HISTORY_H
#define POTTO_STORE_READ_PLAN_HISTORY_H

#include "facts/difference.h"
#include "facts/sums.h"
#include "store/read/distribution.h"
#include "store/read/plan.h"

enum {
    PLAN_FINE_KEPT_S = 29 * 86400, /* five-minute buckets are there for so long */
    PLAN_WINDOW_S = 7 * 86400,     /* at most, before and after a change */
    PLAN_NEAR_S = 86400,           /* percentiles are of so much on each side */
};

/* What the statement took on one side of a change of plan. */
struct plan_times {
    struct sums sums; /* calls and total_ms */
    struct percentiles percentiles;
};

struct plan_step {
    struct query_plan plan;
    bool has_previous; /* it took the place of another plan on the same connection */
    struct sql_hash previous_hash;
    bool is_back_and_forth; /* a plan that came before it was seen again after it had come */
    struct plan_times before, after;
    bool is_comparable;
    double change_ratio;        /* mean after / mean before; with is_comparable */
    enum difference difference; /* unset also where plans go back and forth: each side has times of both */
};
struct plan_history {
    struct plan_step *steps; /* newest first */
    size_t count;
    bool has_more;
};

/* after: the last step of the page before, NULL: the first page. STATUS_ABSENT: no connection of the scope has ever run
 * it. SQL: sql/query_seen.sql, sql/query_plan_history.sql */
enum status store_plan_history(struct store *store, const struct scope *scope, struct sql_hash hash,
                               const struct query_plan *after, int limit, struct arena *arena,
                               struct plan_history *out_history, struct error *error);

/* The step of a plan on a connection; NULL: it is not in this part of the history. */
const struct plan_step *plan_history_find(const struct plan_history *history, int64_t connection_id,
                                          struct sql_hash plan_hash);

#endif
