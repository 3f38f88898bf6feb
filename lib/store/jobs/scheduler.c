/* An organization's schedule of collection; see scheduler.h. */
#include "store/jobs/scheduler.h"

#include "store/admin/audit.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum status store_scheduler_start(struct store *store, const struct scope *scope, int interval_minutes,
                                  struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->user_id);
    params_int32(&params, interval_minutes == 0 ? SCHEDULER_INTERVAL_MINUTES_USUAL : interval_minutes);
    params_bool(&params, interval_minutes == 0);
    params_text(&params, audit_address(remote_address, arena));
    store_administer(store); /* connections that the admin does not see become due, too */
    status = store_read(store, scope, SQL(scheduler_start), &params, arena, &result, error);
    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_CONFLICT, "The scheduler is running already.");
    return status;
}

enum status store_scheduler_stop(struct store *store, const struct scope *scope, struct text remote_address,
                                 struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    audit_params(&params, scope, remote_address);
    status = store_read(store, scope, SQL(scheduler_stop), &params, arena, &result, error);
    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_CONFLICT, "The scheduler is not running.");
    return status;
}

enum status store_scheduler_status(struct store *store, const struct scope *scope, struct arena *arena,
                                   struct scheduler_status *out_status, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text names[ENGINE_KIND_COUNT];
    PGresult *rows;
    enum status status;

    params_text_array(&params, names, engine_collected(names));
    status = store_read(store, scope, SQL(scheduler_status), &params, arena, &rows, error);
    if (status != STATUS_OK)
        return status;
    out_status->is_running = row_bool(rows, 0, SCHEDULER_STATUS_IS_RUNNING);
    out_status->interval_minutes = (int)row_int64(rows, 0, SCHEDULER_STATUS_INTERVAL_MINUTES);
    out_status->collectors_online = row_int64(rows, 0, SCHEDULER_STATUS_COLLECTORS_ONLINE);
    for (int kind = 0; kind < ENGINE_KIND_COUNT; kind++)
        out_status->engines[kind] = (struct scheduler_engine){.last_run_at_us = INT64_MIN, .next_run_at_us = INT64_MIN};
    for (int row = 0; row < PQntuples(rows); row++)
        out_status->engines[engine_of(row_text(rows, row, SCHEDULER_STATUS_NAME))->kind] =
            (struct scheduler_engine){.failing_count = row_int64(rows, row, SCHEDULER_STATUS_FAILING),
                                      .last_run_at_us = row_time(rows, row, SCHEDULER_STATUS_LAST_RUN_AT),
                                      .next_run_at_us = row_time(rows, row, SCHEDULER_STATUS_NEXT_RUN_AT),
                                      .total_found = row_int64(rows, row, SCHEDULER_STATUS_TOTAL_FOUND),
                                      .paused_count = row_int64(rows, row, SCHEDULER_STATUS_PAUSED),
                                      .waiting_count = row_int64(rows, row, SCHEDULER_STATUS_WAITING)};
    return STATUS_OK;
}
