/* For lib/store/read/stats*.c alone. */
#ifndef POTTO_STORE_READ_STATS_INTERNAL_H
#define POTTO_STORE_READ_STATS_INTERNAL_H

#include "store/read/segments.h"
#include "store/read/stats.h"

/* What a filter picks, of its period; segmented_until_us is still to be set. values: enum segment_values. */
static inline struct segment_request stats_segments(const struct stats_filter *filter, unsigned values)
{
    return (struct segment_request){.connection_id = filter->connection_id,
                                    .engine = filter->engine,
                                    .team_id = filter->team_id,
                                    .period = &filter->period,
                                    .values = values};
}

#endif
