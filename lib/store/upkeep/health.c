/* Counts and ages; see health.h. */
#include "store/upkeep/health.h"

enum status store_health_read(struct store *store, struct arena *arena, struct store_health *out_health,
                              struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int32(&params, STORE_BACKLOG_MAX);
    status = store_run(store, SQL(health_read), &params, 10, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_health = (struct store_health){
        .daemons_online = row_int64(result, 0, 0),
        .daemons = row_int64(result, 0, 1),
        .agents_online = row_int64(result, 0, 2),
        .agents = row_int64(result, 0, 3),
        .daemon_seen_at_us = row_time(result, 0, 4),
        .connections_monitored = row_int64(result, 0, 5),
        .connections_failed = row_int64(result, 0, 6),
        .collection_lag_s = row_double(result, 0, 7),
        .rollup_backlog = row_int64(result, 0, 8),
        .rollup_lag_s = row_double(result, 0, 9),
    };
    return STATUS_OK;
}
