/* Reading what collecting costs; see overhead.h. */
#include "store/read/overhead.h"

#include "base/clock.h"
#include "store/scope/statement.h"

double overhead_percent(const struct overhead_span *span, double cost_us)
{
    return span->span_s > 0 ? 100 * cost_us / (span->span_s * CLOCK_SECOND_US) : 0;
}

enum status store_overhead_get(struct store *store, const struct scope *scope, int64_t connection_id,
                               struct arena *arena, struct overhead_report *out_report, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *row;
    enum status status;

    params_int64(&params, connection_id);
    params_int32(&params, OVERHEAD_SPAN_S);
    status = store_read(store, scope, SQL(overhead_get), &params, arena, &row, error);
    if (status != STATUS_OK)
        return status;
    *out_report = (struct overhead_report){
        .recent = {.span_s = row_double(row, 0, OVERHEAD_GET_RECENT_S),
                   .cost = {.cycles_us = row_double(row, 0, OVERHEAD_GET_RECENT_CYCLES_US),
                            .plans_us = row_double(row, 0, OVERHEAD_GET_RECENT_PLANS_US),
                            .sessions_us = row_double(row, 0, OVERHEAD_GET_RECENT_SESSIONS_US)},
                   .watched_s = row_double(row, 0, OVERHEAD_GET_RECENT_WATCHED_S),
                   .looks = row_double(row, 0, OVERHEAD_GET_RECENT_LOOKS)},
        .day = {.span_s = row_double(row, 0, OVERHEAD_GET_DAY_S),
                .cost = {.cycles_us = row_double(row, 0, OVERHEAD_GET_DAY_CYCLES_US),
                         .plans_us = row_double(row, 0, OVERHEAD_GET_DAY_PLANS_US),
                         .sessions_us = row_double(row, 0, OVERHEAD_GET_DAY_SESSIONS_US)},
                .watched_s = row_double(row, 0, OVERHEAD_GET_DAY_WATCHED_S),
                .looks = row_double(row, 0, OVERHEAD_GET_DAY_LOOKS)},
        .stage = row_int64(row, 0, OVERHEAD_GET_STAGE),
        .held_back_since_us = row_time(row, 0, OVERHEAD_GET_HELD_BACK_SINCE)};
    return STATUS_OK;
}
