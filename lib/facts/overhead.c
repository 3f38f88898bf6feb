/* The stages of holding back; see overhead.h. */
#include "facts/overhead.h"

#define LOOKS_SHARE 0.6

/* Plans first, since they are many statements and change seldom; then looks at sessions, whose rarer looks count for
 * more time each; cycles last, since counters lose nothing by a longer interval but the time at which they grew. */
static const struct overhead_stage stages[OVERHEAD_STAGE_COUNT] = {
    {.enters = 0, .leaves = 0, .makes_plans = true, .look_pause_ms = 1000, .interval_factor = 1},
    {.enters = 1, .leaves = 0.5, .look_pause_ms = 1000, .interval_factor = 1},
    {.enters = 1.1, .leaves = 0.9, .look_pause_ms = 2000, .interval_factor = 1},
    {.enters = 1.2, .leaves = 1, .look_pause_ms = 5000, .interval_factor = 1},
    {.enters = 1.3, .leaves = 1.1, .look_pause_ms = 10000, .interval_factor = 1},
    {.enters = 1.4, .leaves = 1.2, .look_pause_ms = 10000, .interval_factor = 2},
    {.enters = 1.6, .leaves = 1.3, .look_pause_ms = 10000, .interval_factor = 4},
    {.enters = 1.8, .leaves = 1.4, .look_pause_ms = 10000, .interval_factor = 8},
    {.enters = 2, .leaves = 1.6, .look_pause_ms = 10000, .interval_factor = 16},
};

double overhead_cost_sum_us(const struct overhead_cost *cost)
{
    return cost->cycles_us + cost->plans_us + cost->sessions_us;
}

int64_t overhead_looks_ppm(double budget_percent)
{
    int64_t ppm = (int64_t)(budget_percent * 1e4 * LOOKS_SHARE);

    return ppm < 1 ? 1 : ppm;
}

static int nearest(int64_t stage)
{
    return stage < 0 ? 0 : stage >= OVERHEAD_STAGE_COUNT ? OVERHEAD_STAGE_COUNT - 1 : (int)stage;
}

const struct overhead_stage *overhead_stage_of(int64_t stage)
{
    return &stages[nearest(stage)];
}

int overhead_stage_next(int64_t stage, double fill)
{
    int at = nearest(stage);

    if (at + 1 < OVERHEAD_STAGE_COUNT && fill >= stages[at + 1].enters)
        return at + 1;
    while (at > 0 && fill < stages[at].leaves)
        at--;
    return at;
}
