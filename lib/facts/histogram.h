/* Distributions of durations that can be added up: counts in fixed bins whose bounds grow by a tenth each, from 1 µs
 * to 10^7 s. Whatever was merged, in whatever order, a quantile is within 5 % of the exact one.
 *
 * Bin 0 holds what is shorter than 1 µs; bin n from 0.001 ms * 1.1^(n-1) up to, not including, 0.001 ms * 1.1^n; the
 * last one everything longer. The bounds are written out in histogram.c and in migrations/functions/histogram_bin.sql,
 * so that the store and the programs put a duration into the same bin on every machine.
 *
 * Packed, as in the store: one entry for each bin that is not empty, ascending, `bin << 40 | count`. Pure. */
#ifndef POTTO_FACTS_HISTOGRAM_H
#define POTTO_FACTS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { HISTOGRAM_BINS = 316, HISTOGRAM_COUNT_BITS = 40 };
#define HISTOGRAM_COUNT_MAX ((INT64_C(1) << HISTOGRAM_COUNT_BITS) - 1) /* of one bin; more are counted as so many */

struct histogram {
    const int64_t *entries;
    size_t count; /* of entries; 0: no distribution is known */
};

/* Not a number and what is below zero are of bin 0. */
int histogram_bin(double duration_ms);
/* What a duration of this bin is told as: the middle on a logarithmic scale; 0 for bin 0. */
double histogram_bin_ms(int bin);

static inline int64_t histogram_entry(int bin, int64_t count)
{
    return (int64_t)bin << HISTOGRAM_COUNT_BITS | (count < HISTOGRAM_COUNT_MAX ? count : HISTOGRAM_COUNT_MAX);
}

int64_t histogram_calls(struct histogram histogram); /* durations in it */

/* The smallest duration that at least `quantile` (0 to 1) of them do not pass; NAN for an empty one. */
double histogram_quantile_ms(struct histogram histogram, double quantile);

#endif
