/* Time: microseconds since 1970-01-01 00:00:00 UTC in an int64_t, and RFC 3339. */
#ifndef POTTO_BASE_CLOCK_H
#define POTTO_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { CLOCK_RFC3339_BYTES = 40 }; /* room for any time we print, with its NUL */

#define CLOCK_SECOND_US INT64_C(1000000)
/* PostgreSQL's binary timestamps count from 2000-01-01. */
#define CLOCK_POSTGRES_EPOCH_US INT64_C(946684800000000)

int64_t clock_now_us(void);       /* wall clock */
int64_t clock_monotonic_us(void); /* for durations; never goes back */

/* RFC 3339 (and ISO 8601 with a blank for the T). An offset is required unless
 * `is_offset_optional`, then UTC is meant. Years 0001 to 9999 (in UTC too), real days only,
 * a leap second is taken as the second after; more than six decimals are cut. */
bool clock_parse(struct text text, bool is_offset_optional, int64_t *out_time_us);

/* "2025-11-02T10:30:00Z", with ".123456" if there are microseconds; returns `out`. */
char *clock_format(int64_t time_us, char out[CLOCK_RFC3339_BYTES]);

#endif
