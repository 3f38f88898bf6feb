/* A half-open period [from, to) and the bucket width that suits a chart of it. */
#ifndef POTTO_STORE_READ_PERIOD_H
#define POTTO_STORE_READ_PERIOD_H

#include <stdint.h>

#include "base/error.h"

enum { PERIOD_DEFAULT_S = 86400, PERIOD_MAX_DAYS = 3660, PERIOD_RESOLUTION_MIN_S = 300 };

struct period {
    int64_t from_us, to_us;
    /* Of the rollups that answer it: 300 up to 26 hours, 3600 up to 62 days, else 86400; wider where narrower ones are
     * not kept any more. */
    int32_t resolution_s;
};

/* How many days samples, five-minute rollups and hourly rollups are kept; 0 (the default): for ever. A program sets it
 * at its start. */
void period_set_retention(int64_t sample_days, int64_t fine_days, int64_t hour_days);

/* The time from which on all are still kept at `now_us`: rollups of a width (300 or 3600), or samples (0). */
int64_t period_kept_from(int32_t resolution_s, int64_t now_us);

/* Check the order and the length, round outwards to the resolution. from/to INT64_MIN: the default,
 * the last 24 hours. Errors: STATUS_INVALID with fields from, to. */
enum status period_make(int64_t from_us, int64_t to_us, int64_t now_us, struct period *out_period, struct error *error);

#endif
