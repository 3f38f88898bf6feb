/* Cutting a period; see tiers.h. */
#include "store/read/tiers.h"

#include "base/clock.h"
#include "store/scope/statement.h"

/* Cut the whole steps out of the middle. False: no whole step lies within. */
static bool cut(const struct tier *whole, int64_t step_us, struct tier *out_before, struct tier *out_middle,
                struct tier *out_after)
{
    int64_t first_us = clock_floor(whole->from_us + step_us - 1, step_us), last_us = clock_floor(whole->to_us, step_us);

    if (first_us >= last_us)
        return false;
    *out_before = (struct tier){whole->from_us, first_us};
    *out_middle = (struct tier){first_us, last_us};
    *out_after = (struct tier){last_us, whole->to_us};
    return true;
}

void tiers_make(const struct period *period, struct tier out_tiers[TIERS])
{
    const int64_t hour_us = 3600 * CLOCK_SECOND_US, day_us = 24 * hour_us;
    struct tier whole = {period->from_us, period->to_us}, before, after;
    struct tier tiers[TIERS];

    for (int i = 0; i < TIERS; i++)
        tiers[i] = (struct tier){period->to_us, period->to_us};
    if (cut(&whole, day_us, &before, &tiers[2], &after)) {
        if (!cut(&before, hour_us, &tiers[0], &tiers[1], &tiers[3]))
            tiers[0] = before;
        if (!cut(&after, hour_us, &tiers[4], &tiers[3], &tiers[4]))
            tiers[4] = after;
    } else if (!cut(&whole, hour_us, &tiers[0], &tiers[1], &tiers[4])) {
        tiers[0] = whole;
    }
    for (int i = 0; i < TIERS; i++)
        out_tiers[i] = tiers[i];
}

void tiers_make_one(int64_t from_us, int64_t to_us, int32_t resolution_s, struct tier out_tiers[TIERS])
{
    int index = resolution_s >= 86400 ? 2 : resolution_s >= 3600 ? 1 : 0;

    for (int i = 0; i < TIERS; i++)
        out_tiers[i] = (struct tier){to_us, to_us};
    out_tiers[index].from_us = from_us;
}

void params_tiers(struct db_params *params, const struct tier tiers[TIERS])
{
    for (int i = 0; i < TIERS; i++) {
        params_time(params, tiers[i].from_us);
        params_time(params, tiers[i].to_us);
    }
}

void params_period_tiers(struct db_params *params, const struct period *period)
{
    struct tier tiers[TIERS];

    tiers_make(period, tiers);
    params_tiers(params, tiers);
}
