/* A half-open period [from, to) and the bucket width that suits a chart of it. */
#ifndef POTTO_STORE_PERIOD_H
#define POTTO_STORE_PERIOD_H

#include <stdint.h>

#include "base/error.h"

enum { PERIOD_DEFAULT_S = 86400, PERIOD_MAX_DAYS = 3660, PERIOD_RESOLUTION_MIN_S = 300 };

struct period {
    int64_t from_us, to_us;
    int32_t resolution_s; /* of the rollups that answer it: 300 up to 26 hours, 3600 up to 62 days, else 86400 */
};

/* Check the order and the length, round outwards to the resolution. from/to INT64_MIN: the default,
 * the last 24 hours. Errors: STATUS_INVALID with fields from, to. */
enum status period_make(int64_t from_us, int64_t to_us, int64_t now_us, struct period *out_period, struct error *error);

#endif
