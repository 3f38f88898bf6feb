/* Time: microseconds since 1970-01-01 00:00:00 UTC in an int64_t, and RFC 3339. */
#ifndef POTTO_BASE_CLOCK_H
#define POTTO_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { CLOCK_RFC3339_BYTES = 40 }; /* holds any time that clock_format writes, with its NUL */

#define CLOCK_SECOND_US INT64_C(1000000)
/* The first and the last microsecond of the years 1 to 9999. */
#define CLOCK_FIRST_US (-INT64_C(62135596800) * CLOCK_SECOND_US)
#define CLOCK_LAST_US  (INT64_C(253402300800) * CLOCK_SECOND_US - 1)
/* PostgreSQL's binary timestamps count from 2000-01-01. */
#define CLOCK_POSTGRES_EPOCH_US INT64_C(946684800000000)

int64_t clock_now_us(void);       /* wall clock */
int64_t clock_monotonic_us(void); /* for durations; never goes back */

/* How long to wait after `failure_count` failures in a row: min_ms after the first, doubled by each further one, up to
 * max_ms. */
int64_t clock_backoff_ms(int failure_count, int64_t min_ms, int64_t max_ms);

/* Where the step begins that a time lies in. Steps of up to a day begin at midnight UTC, steps of several days at
 * 2000-01-01, as the SQL function segment_start() has it. */
int64_t clock_floor(int64_t time_us, int64_t step_us);

/* Parse RFC 3339, or ISO 8601 with a blank for the T. A time without an offset
 * is UTC if `is_offset_optional`, else an error. Years are 0001 to 9999, also after
 * conversion to UTC, and the day must exist. A leap second counts as the second after it. Decimals after
 * the sixth are ignored. */
bool clock_parse(struct text text, bool is_offset_optional, int64_t *out_time_us);

/* "2025-11-02T10:30:00Z", with ".123456" if there are microseconds; returns `out`. */
char *clock_format(int64_t time_us, char out[CLOCK_RFC3339_BYTES]);

#endif
