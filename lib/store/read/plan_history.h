/* Plans of a fingerprint over time, and what each of them changed. Everything returned lives in `arena`. Errors:
 * STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_PLAN_HISTORY_H
#define POTTO_STORE_READ_PLAN_HISTORY_H

#include "facts/sums.h"
#include "store/read/plan.h"

enum {
    PLAN_FINE_KEPT_S = 29 * 86400, /* five-minute buckets are there for so long */
    PLAN_WINDOW_S = 7 * 86400,     /* at most, before and after a change */
    PLAN_CALLS_MIN = 5,            /* before and after, to say anything */
};
#define PLAN_REGRESSION_RATIO 1.2 /* of the means, from which a change is a regression */

struct plan_step {
    struct query_plan plan;
    bool has_previous; /* it took the place of another plan on the same connection */
    struct sql_hash previous_hash;
    struct sums before, after; /* calls and total_ms around the change */
    bool is_comparable, is_regression;
    double change_ratio; /* mean after / mean before; with is_comparable */
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

#endif
