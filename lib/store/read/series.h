/* What charts draw: one fingerprint by bucket. Everything returned lives in `arena`. Errors: STATUS_UNAVAILABLE when
 * the store is away. */
#ifndef POTTO_STORE_READ_SERIES_H
#define POTTO_STORE_READ_SERIES_H

#include "facts/sums.h"
#include "sql/sql_hash.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* One bucket of the period's resolution that has data. A bucket without data has no point: a gap. */
struct series_point {
    int64_t bucket_us;
    struct sums sums;                /* calls, slow_calls, total_ms */
    int64_t active_connection_count; /* with calls in the bucket; overview series alone */
    double p95_ms; /* of samples, within 5 %; 0: only counters are known, or it is an overview series */
};
struct series {
    struct series_point *points; /* by ascending time, added up over connections */
    size_t count;
};

enum status store_query_series(struct store *store, const struct scope *scope, struct sql_hash hash,
                               const struct period *period, struct arena *arena, struct series *out_series,
                               struct error *error);

#endif
