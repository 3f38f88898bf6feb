/* What collecting costs the server of a connection, and what is held back because of its overhead budget
 * (facts/overhead.h). Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_OVERHEAD_H
#define POTTO_STORE_READ_OVERHEAD_H

#include "facts/overhead.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* In a span of time up to now. */
struct overhead_span {
    double span_s; /* since the five minutes of the first cost in it; 0: there was none */
    struct overhead_cost cost;
    double watched_s, looks; /* at sessions, and for how long they stand */
};

struct overhead_report {
    struct overhead_span recent; /* ten minutes, and what has passed of the five after them */
    struct overhead_span day;
    int64_t stage;
    int64_t held_back_since_us; /* INT64_MIN: nothing is held back */
};

/* In percent of one processor; 0 where span_s is. */
double overhead_percent(const struct overhead_span *span, double cost_us);

/* Of a visible connection. SQL: sql/overhead_get.sql */
enum status store_overhead_get(struct store *store, const struct scope *scope, int64_t connection_id,
                               struct arena *arena, struct overhead_report *out_report, struct error *error);

#endif
