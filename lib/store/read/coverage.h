/* How much of a database's time is attributed to statements, and what looking at it costs. Everything returned lives in
 * `arena`. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_COVERAGE_H
#define POTTO_STORE_READ_COVERAGE_H

#include "facts/coverage.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { COVERAGE_STEPS_MAX = 300 };

/* One step of the chart. Without looks there is none: what happened then is not known. */
struct coverage_step {
    int64_t at_us;
    struct coverage_fact fact; /* basis COVERAGE_BASIS_UNKNOWN: of another one than the report's, or none */
    int64_t look_count, look_cost_us;
    int64_t session_cost_us; /* of looks at sessions (store/read/waits.h) */
    int64_t looked_s;        /* of time that has passed */
};

struct coverage_report {
    int32_t step_s;
    struct coverage_step *steps; /* by ascending time */
    size_t step_count;
    struct coverage_step total; /* of all steps; its basis is the newest that is known */
};

/* Of the connections in `scope`, which is of one. SQL: sql/coverage_steps.sql */
enum status store_coverage_report(struct store *store, const struct scope *scope, const struct period *period,
                                  struct arena *arena, struct coverage_report *out_report, struct error *error);

/* The share of one processor that looks cost the database; below 0: nobody looked. */
double store_coverage_cost_share(const struct coverage_step *step);

#endif
