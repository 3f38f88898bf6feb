/* What collection costs the servers of a connection, and how it holds back where that is more than the connection's
 * overhead budget: a share of one processor. What it costs raises a level, which falls by the budget. Pure. */
#ifndef POTTO_FACTS_OVERHEAD_H
#define POTTO_FACTS_OVERHEAD_H

#include <stdbool.h>
#include <stdint.h>

/* Bounds of database_connections.overhead_budget_percent, and its default. */
#define OVERHEAD_PERCENT_MIN     0.05
#define OVERHEAD_PERCENT_MAX     10.0
#define OVERHEAD_PERCENT_DEFAULT 0.5

enum { OVERHEAD_SPAN_S = 600 }; /* a level is measured in what the budget allows in this time */
#define OVERHEAD_FILL_MAX 2.2   /* no level is higher, so that nobody holds back for long after one costly run */
enum { OVERHEAD_STRETCH_MAX_S = 3600 }; /* no interval is stretched beyond it */

/* What each kind of work cost, in microseconds of the server's time as lib/target measures it. */
struct overhead_cost {
    double cycles_us, plans_us, sessions_us; /* cycles without their plans */
};
double overhead_cost_sum_us(const struct overhead_cost *cost);

/* What looks at sessions may take of a budget, in millionths of a processor, at least 1. They are as rare as that makes
 * them, so the rest is for cycles and plans. */
int64_t overhead_looks_ppm(double budget_percent);

/* What a connection does in one stage of holding back. Stage 0 holds nothing back; each further one holds back what the
 * one before does, and more. */
struct overhead_stage {
    double enters; /* at a level of so many spans of the budget */
    double leaves; /* below this one */
    bool makes_plans;
    int32_t look_pause_ms;   /* between looks at sessions, at least */
    int32_t interval_factor; /* of the interval of cycles */
};

enum { OVERHEAD_STAGE_COUNT = 9 };

/* Of any number: that of the nearest stage. */
const struct overhead_stage *overhead_stage_of(int64_t stage);

/* The stage after `stage`, at a level of `fill` spans of the budget. It rises by one at a time, so that what is held
 * back first is held back first even after one costly run, and falls as far as the level does. */
int overhead_stage_next(int64_t stage, double fill);

#endif
