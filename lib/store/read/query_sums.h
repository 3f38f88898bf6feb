/* For lib/store alone: what cells of a page of fingerprints add up to. */
#ifndef POTTO_STORE_READ_QUERY_SUMS_H
#define POTTO_STORE_READ_QUERY_SUMS_H

#include "store/read/query.h"

/* Reads and sets calls to max_ms, mean_ms, time_share of everything_ms, percentiles (where asked for), connections and,
 * with_sparks, spark_ms of `count` summaries, whose hashes are set. packed_until_us as query_packs_until() gives it. */
struct sums_request {
    int64_t connection_id; /* 0: all */
    struct text engine;    /* data NULL: all */
    int64_t team_id;       /* 0: all */
    struct period period;
    int64_t packed_until_us;
    double everything_ms;
    bool with_percentiles, with_sparks;
};
enum status query_sums_read(struct store *store, const struct scope *scope, const struct sums_request *request,
                            struct query_summary *summaries, size_t count, struct arena *arena, struct error *error);

/* Counters know the mean of all executions, samples the slowest one seen: less than the mean is not the slowest, and 0.
 */
double query_max_ms(double sampled_max_ms, double mean_ms);

#endif
