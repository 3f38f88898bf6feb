/* For lib/store/read alone: what each fingerprint adds up to in a period: from segments, the columnar blocks of one
 * connection and one tile of time, and from five-minute rollups in the remainders of the tiling. */
#ifndef POTTO_STORE_READ_SEGMENTS_H
#define POTTO_STORE_READ_SEGMENTS_H

#include "facts/sums.h"
#include "store/read/tiling.h"
#include "store/scope/scope.h"

/* What is wanted beside the fingerprints that ran, and the load of each connection. Each value is some more bytes of
 * each segment. */
enum segment_values {
    SEGMENT_TIME = 1,
    SEGMENT_CALLS = 2,
    SEGMENT_SLOW_CALLS = 4,
    SEGMENT_DETAILS = 8,      /* max_ms, rows_examined, rows_returned */
    SEGMENT_CONNECTIONS = 16, /* all sums of a connection, not of its fingerprints */
    SEGMENT_LOCKS = 32,       /* lock_us */
};

struct segment_request {
    const struct period *period;
    int64_t segmented_until_us;
    unsigned values; /* enum segment_values */
};

/* One fingerprint under its id in the organization. What was not asked for is 0. */
struct fingerprint_sums {
    struct sums sums; /* blocks are 0: segments do not have them of fingerprints */
    uint32_t fingerprint_id;
};
struct segment_sums {
    struct fingerprint_sums *items; /* that ran in the period, by ascending id */
    size_t count;
    int64_t connection_id; /* segments_read_each alone */
    struct sums totals;    /* of all of them; more than the load with SEGMENT_CONNECTIONS */
};

/* Over all connections. SQL: sql/query_segments_read.sql */
enum status segments_read(struct store *store, const struct scope *scope, const struct segment_request *request,
                          struct arena *arena, struct segment_sums *out_sums, struct error *error);

/* Of each connection that ran anything, by ascending connection id. SQL: sql/query_segments_read.sql */
enum status segments_read_each(struct store *store, const struct scope *scope, const struct segment_request *request,
                               struct arena *arena, struct segment_sums **out_sums, size_t *out_count,
                               struct error *error);

#endif
