/* Cutting a period; see query_parts.h. */
#include "store/read/query_parts.h"

#include "base/clock.h"
#include "store/scope/statement.h"

#define ALIGNED_AT_US (INT64_C(946684800) * CLOCK_SECOND_US) /* 2000-01-01 UTC */

int64_t query_floor_to(int64_t time_us, int64_t step_us)
{
    int64_t remainder = (time_us - ALIGNED_AT_US) % step_us;

    return time_us - (remainder < 0 ? remainder + step_us : remainder);
}

/* Whole steps inside [from, to) become the middle; returns whether there are any. */
static bool cut(const struct query_part *whole, int64_t step_us, struct query_part *out_before,
                struct query_part *out_middle, struct query_part *out_after)
{
    int64_t first_us = query_floor_to(whole->from_us + step_us - 1, step_us),
            last_us = query_floor_to(whole->to_us, step_us);

    if (first_us >= last_us)
        return false;
    *out_before = (struct query_part){whole->from_us, first_us};
    *out_middle = (struct query_part){first_us, last_us};
    *out_after = (struct query_part){last_us, whole->to_us};
    return true;
}

void query_parts_make(const struct period *period, struct query_part out_parts[QUERY_PARTS])
{
    const int64_t hour_us = 3600 * CLOCK_SECOND_US, day_us = 24 * hour_us;
    struct query_part whole = {period->from_us, period->to_us}, before, after;
    struct query_part parts[QUERY_PARTS];

    for (int i = 0; i < QUERY_PARTS; i++)
        parts[i] = (struct query_part){period->to_us, period->to_us};
    if (cut(&whole, day_us, &before, &parts[2], &after)) {
        if (!cut(&before, hour_us, &parts[0], &parts[1], &parts[3]))
            parts[0] = before;
        if (!cut(&after, hour_us, &parts[4], &parts[3], &parts[4]))
            parts[4] = after;
    } else if (!cut(&whole, hour_us, &parts[0], &parts[1], &parts[4])) {
        parts[0] = whole;
    }
    for (int i = 0; i < QUERY_PARTS; i++)
        out_parts[i] = parts[i];
}

void query_parts_make_one(int64_t from_us, int64_t to_us, int32_t resolution_s,
                          struct query_part out_parts[QUERY_PARTS])
{
    int place = resolution_s >= 86400 ? 2 : resolution_s >= 3600 ? 1 : 0;

    for (int i = 0; i < QUERY_PARTS; i++)
        out_parts[i] = (struct query_part){to_us, to_us};
    out_parts[place].from_us = from_us;
}

void query_params_choose(struct db_params *params, int64_t connection_id, struct text engine)
{
    params_int64(params, connection_id);
    params_text(params, engine);
}

void query_params_part_list(struct db_params *params, const struct query_part parts[QUERY_PARTS])
{
    for (int i = 0; i < QUERY_PARTS; i++) {
        params_time(params, parts[i].from_us);
        params_time(params, parts[i].to_us);
    }
}

void query_params_parts(struct db_params *params, const struct period *period)
{
    struct query_part parts[QUERY_PARTS];

    query_parts_make(period, parts);
    query_params_part_list(params, parts);
}
