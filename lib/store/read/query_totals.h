/* For lib/store alone: what connections ran in a period, all together: from their packs (migrations/010_segments.sql),
 * and from five-minute rollups at its edges. */
#ifndef POTTO_STORE_READ_QUERY_TOTALS_H
#define POTTO_STORE_READ_QUERY_TOTALS_H

#include "store/read/query.h"

struct query_totals {
    int64_t calls, slow_calls;
    double total_ms;
    int64_t active_connection_count; /* with calls in the period */
    struct percentiles percentiles;  /* zero unless asked for */
};

/* connection_id 0, engine data NULL, team_id 0: all. packed_until_us as query_packs_until() gives it.
 * SQL: sql/query_totals_read.sql */
enum status query_totals_read(struct store *store, const struct scope *scope, int64_t connection_id, struct text engine,
                              int64_t team_id, const struct period *period, int64_t packed_until_us,
                              bool with_percentiles, struct arena *arena, struct query_totals *out_totals,
                              struct error *error);

#endif
