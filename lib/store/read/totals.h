/* What connections ran in a period, all together: from their segments, and from five-minute rollups where no segment
 * is. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_TOTALS_H
#define POTTO_STORE_READ_TOTALS_H

#include "facts/sums.h"
#include "store/read/distribution.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

struct totals {
    struct sums sums;                /* calls, slow_calls, total_ms */
    int64_t active_connection_count; /* with calls in the period */
    struct percentiles percentiles;  /* zero unless asked for */
};

/* segmented_until_us as segments_until() gives it.
 * SQL: sql/query_totals_read.sql */
enum status totals_read(struct store *store, const struct scope *scope, const struct period *period,
                        int64_t segmented_until_us, bool with_percentiles, struct arena *arena,
                        struct totals *out_totals, struct error *error);

#endif
