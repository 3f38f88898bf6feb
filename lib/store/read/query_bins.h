/* For lib/store alone: distributions added up as the store sends them, and what percentiles they give
 * (store/histogram.h). */
#ifndef POTTO_STORE_READ_QUERY_BINS_H
#define POTTO_STORE_READ_QUERY_BINS_H

#include "facts/histogram.h"
#include "store/read/query.h"

struct bin_sums {
    int64_t counts[HISTOGRAM_BINS];
};

/* A rollup's bigint[], in PostgreSQL's binary form; data NULL adds nothing. */
void bin_sums_add_array(struct bin_sums *sums, struct text array);

/* What histogram_bytes() of migrations/functions/histogram_bytes.sql makes; data NULL adds nothing. False: it is not
 * that. */
bool bin_sums_add_bytes(struct bin_sums *sums, struct text bytes);

struct percentiles bin_sums_percentiles(const struct bin_sums *sums);

#endif
