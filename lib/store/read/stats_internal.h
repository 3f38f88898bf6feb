/* For store_stats*.c alone. */
#ifndef POTTO_STORE_READ_STATS_INTERNAL_H
#define POTTO_STORE_READ_STATS_INTERNAL_H

#include "store/read/query_packs.h"
#include "store/read/stats.h"

/* What a filter picks, of its period; packed_until_us is still to be set. values: enum pack_values. */
static inline struct pack_request stats_packs(const struct stats_filter *filter, unsigned values)
{
    return (struct pack_request){.connection_id = filter->connection_id,
                                 .engine = filter->engine,
                                 .team_id = filter->team_id,
                                 .period = &filter->period,
                                 .values = values};
}

#endif
