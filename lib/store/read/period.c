/* Periods; see period.h. */
#include <stdbool.h>

#include "base/clock.h"
#include "facts/retention.h"
#include "store/read/period.h"

enum { HOUR_S = 3600, DAY_S = 86400, FINE_MAX_S = 26 * HOUR_S, HOURLY_MAX_S = 62 * DAY_S };

/* The years 1900 to 2999: a period that is rounded outwards, and the period before one, still have years of four
 * digits. */
#define FIRST_US (-INT64_C(2208988800) * CLOCK_SECOND_US)
#define END_US   (INT64_C(32503680000) * CLOCK_SECOND_US)

static struct {
    int64_t sample_days, fine_days, hour_days;
} kept;

void period_set_retention(int64_t sample_days, int64_t fine_days, int64_t hour_days)
{
    kept.sample_days = sample_days;
    kept.fine_days = fine_days;
    kept.hour_days = hour_days;
}

int64_t period_kept_from(int32_t resolution_s, int64_t now_us)
{
    int64_t days = resolution_s >= HOUR_S ? kept.hour_days : resolution_s > 0 ? kept.fine_days : kept.sample_days;

    /* Clocks differ: count a day more as deleted. */
    return days == 0 ? FIRST_US : retention_from_us(days, now_us) + DAY_S * CLOCK_SECOND_US;
}

static int32_t resolution_of(int64_t from_us, int64_t length_s, int64_t now_us)
{
    if (length_s > HOURLY_MAX_S || from_us < retention_from_us(kept.hour_days, now_us))
        return DAY_S;
    return length_s > FINE_MAX_S || from_us < retention_from_us(kept.fine_days, now_us) ? HOUR_S
                                                                                        : PERIOD_RESOLUTION_MIN_S;
}

enum status period_make(int64_t from_us, int64_t to_us, int64_t now_us, struct period *out_period, struct error *error)
{
    bool has_from = from_us != INT64_MIN, has_to = to_us != INT64_MIN;
    struct period period;
    int64_t length_s, step_us;

    if (!has_to)
        to_us = has_from && from_us > now_us ? from_us + PERIOD_DEFAULT_S * CLOCK_SECOND_US : now_us;
    if (!has_from)
        from_us = to_us - PERIOD_DEFAULT_S * CLOCK_SECOND_US;
    if (from_us >= to_us)
        return error_field(error, has_from ? "from" : "to", "must be earlier than the end of the period");
    if (from_us < FIRST_US || to_us > END_US)
        return error_field(error, from_us < FIRST_US && has_from ? "from" : "to", "must lie in the years 1900 to 2999");
    length_s = (to_us - from_us) / CLOCK_SECOND_US;
    if (length_s > (int64_t)PERIOD_MAX_DAYS * DAY_S)
        return error_field(error, "from", "a period has at most %d days", PERIOD_MAX_DAYS);
    period.resolution_s = resolution_of(from_us, length_s, now_us);
    step_us = period.resolution_s * CLOCK_SECOND_US;
    period.from_us = clock_floor(from_us, step_us);
    period.to_us = clock_floor(to_us + step_us - 1, step_us);
    *out_period = period;
    return STATUS_OK;
}
