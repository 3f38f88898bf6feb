/* Making rollups again from samples; see rollup.h. */
#include "store/rollup/rollup.h"

#include "store/rollup/fold.h"
#include "store/scope/statement.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

/* PostgreSQL cannot estimate how many rows the parts of the statement return, and would choose nested loops that
 * compare every pair. */
#define REBUILD_SETTINGS "SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off"

enum { RANGE_DAYS_MAX = 31, RANGE_SAMPLES_MAX = 50000 };

static int64_t bound(int64_t time_us)
{
    return time_us == INT64_MIN ? ROLLUP_FROM_US : time_us == INT64_MAX ? ROLLUP_TO_US : time_us;
}

enum status store_rollup_range_list(struct store *store, const struct rollup_days *wanted, struct arena *arena,
                                    struct rollup_range **out_ranges, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct rollup_range *ranges;
    size_t count = 0;
    PGresult *result;
    /* The statement reads all samples to find their days. */
    enum status status = store_set_limit(store, STORE_LIMIT_LONG_MS, error);

    params_time(&params, bound(wanted->from_us));
    params_time(&params, bound(wanted->to_us));
    params_int64(&params, wanted->connection_id);
    params_bool(&params, wanted->is_legacy);
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_rebuild_days), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = store_set_limit(store, STORE_LIMIT_USUAL_MS, error);
    if (status != STATUS_OK)
        return status;
    ranges = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *ranges);
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t day_us = row_time(result, row, ROLLUP_REBUILD_DAYS_AT);
        struct rollup_range day = {.organization_id = row_int64(result, row, ROLLUP_REBUILD_DAYS_ORGANIZATION_ID),
                                   .connection_id = row_int64(result, row, ROLLUP_REBUILD_DAYS_ID),
                                   .from_us = day_us,
                                   .to_us = day_us + DAY_US,
                                   .days = 1,
                                   .samples = row_int64(result, row, ROLLUP_REBUILD_DAYS_SAMPLES)};
        struct rollup_range *last = count > 0 ? &ranges[count - 1] : NULL;

        if (last != NULL && last->connection_id == day.connection_id && last->days < RANGE_DAYS_MAX &&
            last->samples + day.samples <= RANGE_SAMPLES_MAX) {
            last->to_us = day.to_us;
            last->days++;
            last->samples += day.samples;
        } else {
            ranges[count++] = day;
        }
    }
    *out_ranges = ranges;
    *out_count = count;
    return STATUS_OK;
}

enum status store_rollup_rebuild(struct store *store, const struct rollup_range *range,
                                 const struct retention *retention, struct arena *arena,
                                 struct rollup_rebuilt *out_rebuilt, struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t now_us = clock_now_us();
    PGresult *result = NULL;
    enum status status = rollup_begin_long(store, arena, error);

    if (status == STATUS_OK)
        status = store_script(store, REBUILD_SETTINGS, error);
    params_int64(&params, range->organization_id);
    params_int64(&params, range->connection_id);
    params_time(&params, range->from_us);
    params_time(&params, range->to_us);
    params_time(&params, bound(retention_from_us(retention->fine_days, now_us)));
    params_time(&params, bound(retention_from_us(retention->hour_days, now_us)));
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_rebuild), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = rollup_refresh_segments(store, arena, error);
    status = store_end(store, status, error);
    if (status == STATUS_OK)
        *out_rebuilt = (struct rollup_rebuilt){.changed = row_int64(result, 0, ROLLUP_REBUILD_CHANGE_COUNT),
                                               .samples = row_int64(result, 0, ROLLUP_REBUILD_SAMPLE_COUNT)};
    return status;
}
