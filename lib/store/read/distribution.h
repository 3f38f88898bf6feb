/* Distributions of durations, added up as the store sends them, and the percentiles that they give
 * (facts/histogram.h). */
#ifndef POTTO_STORE_READ_DISTRIBUTION_H
#define POTTO_STORE_READ_DISTRIBUTION_H

#include <stdbool.h>

#include "base/text.h"
#include "facts/histogram.h"

/* Of executions that were seen one by one, each within 5 %. Counters have no distribution: where they count every
 * execution, these are of the samples alone, and most samples are slow. */
struct percentiles {
    int64_t calls; /* how many executions they are of; 0: none, and the rest means nothing */
    double p50_ms, p95_ms, p99_ms;
};

struct distribution {
    int64_t counts[HISTOGRAM_BINS];
};

/* Add a rollup's bigint[], in PostgreSQL's binary form. data NULL adds nothing. */
void distribution_add_array(struct distribution *distribution, struct text array);

/* Add what the SQL function histogram_bytes() makes. data NULL adds nothing. False: the bytes are malformed. */
bool distribution_add_bytes(struct distribution *distribution, struct text bytes);

struct percentiles distribution_percentiles(const struct distribution *distribution);

#endif
