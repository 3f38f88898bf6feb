/* The state of collection as a whole, for /health and /metrics: counts and ages over all organizations, without any
 * tenant's data. */
#ifndef POTTO_STORE_UPKEEP_HEALTH_H
#define POTTO_STORE_UPKEEP_HEALTH_H

#include "store/scope/store.h"

enum { STORE_BACKLOG_MAX = 100000 };

struct store_health {
    int64_t daemons_online, daemons; /* online: sent a heartbeat in the last 3 minutes */
    int64_t agents_online, agents;
    int64_t daemon_seen_at_us;     /* the last heartbeat of any daemon; INT64_MIN: never */
    int64_t connections_monitored; /* active, and collected by a daemon */
    int64_t connections_failed;    /* those of them whose last run failed */
    double collection_lag_s;       /* of the most overdue connection */
    int64_t rollup_backlog;        /* deltas not yet rolled up; at most STORE_BACKLOG_MAX */
    int64_t rollups_set_aside;     /* connections whose deltas could not be rolled up */
    double rollup_lag_s;           /* age of the oldest of them; 0: none */
};

/* Errors: STATUS_UNAVAILABLE. SQL: sql/health_read.sql */
enum status store_health_read(struct store *store, struct arena *arena, struct store_health *out_health,
                              struct error *error);

#endif
