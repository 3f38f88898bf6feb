/* An organization's schedule: does potto-collector collect from its databases by itself, and how often at most? Without
 * a row in collector_schedules it does, from each connection at the connection's own interval. */
#ifndef POTTO_STORE_JOBS_SCHEDULER_H
#define POTTO_STORE_JOBS_SCHEDULER_H

#include "base/engine.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { SCHEDULER_INTERVAL_MINUTES_MAX = 1440, SCHEDULER_INTERVAL_MINUTES_USUAL = 5 };

/* Every connection becomes due at once. interval_minutes: the least time between two runs of any connection; 0: the
 * usual one, which does not hold for connections whose interval somebody chose. STATUS_CONFLICT: the schedule runs
 * already. SQL: sql/scheduler_start.sql */
enum status store_scheduler_start(struct store *store, const struct scope *scope, int interval_minutes,
                                  struct text remote_address, struct arena *arena, struct error *error);
/* STATUS_CONFLICT: the schedule does not run. SQL: sql/scheduler_stop.sql */
enum status store_scheduler_stop(struct store *store, const struct scope *scope, struct text remote_address,
                                 struct arena *arena, struct error *error);

/* What the schedule does with the visible connections of one engine that a collector reaches. Times INT64_MIN: never.
 */
struct scheduler_engine {
    int64_t failing_count;                  /* monitored connections whose last run failed */
    int64_t last_run_at_us, next_run_at_us; /* next_run_at_us: of monitored connections; not in the past */
    int64_t paused_count;                   /* monitored connections that nothing is collected from until a time */
    int64_t waiting_count;                  /* those that are due and wait for a thread of a collector */
    int64_t total_found;                    /* statements and samples found by all runs so far */
};
struct scheduler_status {
    bool is_running;
    int interval_minutes;                               /* 0: each connection's own; the schedule never stopped */
    int64_t collectors_online;                          /* daemons alive; with 0 nothing is collected */
    struct scheduler_engine engines[ENGINE_KIND_COUNT]; /* by kind; only of engines that a collector asks */
};
/* SQL: sql/scheduler_status.sql */
enum status store_scheduler_status(struct store *store, const struct scope *scope, struct arena *arena,
                                   struct scheduler_status *out_status, struct error *error);

#endif
