/* A plan that somebody pasted, into the API or the page. */
#ifndef POTTO_FCGI_PASTED_PLAN_H
#define POTTO_FCGI_PASTED_PLAN_H

#include "base/engine.h"
#include "plan/plan.h"

/* So that it fits into a request of 1 MiB with what is around it. */
enum { PASTED_PLAN_BYTES_MAX = 1000000 };

/* What is taken, as a sentence. */
#define PASTED_PLAN_EXPECTED                                                                                           \
    "Expected: EXPLAIN of PostgreSQL (text or JSON), of MySQL (FORMAT=JSON, FORMAT=TREE) or of MariaDB "               \
    "(FORMAT=JSON), "                                                                                                  \
    "with or without ANALYZE."

/* `engine`: a name of base/engine.h; empty: the plan tells. Memory: in `arena`.
 * Errors: STATUS_INVALID with a field error of "engine" or "plan": its plans are not read, or this is none;
 * STATUS_TOO_LARGE. */
enum status pasted_plan_read(struct text engine, struct text pasted, struct arena *arena, struct plan *out_plan,
                             struct error *error);

/* The engine of a plan. MariaDB's plans are MySQL's. */
const struct engine *pasted_plan_engine(const struct plan *plan);

#endif
