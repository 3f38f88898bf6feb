/* Folding deltas into rollups, and making rollups again; see rollup.h. */
#include "store/rollup/rollup.h"

#include "base/clock.h"
#include "store/scope/statement.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

/* Nothing is known of how many rows come out of the statement's parts: a join that tries each with each would be
 * chosen. */
#define REBUILD_SETTINGS                                                                                               \
    "SET LOCAL statement_timeout = '30min'; SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off"

enum { PIECE_DAYS_MAX = 31, PIECE_SAMPLES_MAX = 50000 };

/* Begin, and take the lock that `lock` names. *out_is_ours false: another collector has it; no transaction
 * is open then. */
static enum status begin_locked(struct store *store, const struct db_sql *lock, struct arena *arena, bool *out_is_ours,
                                struct error *error)
{
    PGresult *result;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = store_run(store, lock, NULL, arena, &result, error);
    *out_is_ours = status == STATUS_OK && row_bool(result, 0, ROW_ONLY_COLUMN);
    if (!*out_is_ours)
        store_rollback(store);
    return status;
}

/* Packs are never behind the rollups that a transaction leaves (migrations/010_segments.sql). */
static enum status refresh_packs(struct store *store, struct arena *arena, struct error *error)
{
    PGresult *result;

    return store_run(store, SQL(query_segments_refresh), NULL, arena, &result, error);
}

enum status store_rollup_fold(struct store *store, int max, struct arena *arena, int64_t *out_count,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    bool is_ours;
    int64_t count = 0;
    enum status status = begin_locked(store, SQL(rollup_lock), arena, &is_ours, error);

    if (status == STATUS_OK && is_ours) {
        params_int32(&params, max);
        status = store_run(store, SQL(rollup_fold), &params, arena, &result, error);
        if (status == STATUS_OK)
            count = row_int64(result, 0, ROLLUP_FOLD_FOLDED_COUNT);
        if (status == STATUS_OK)
            status = refresh_packs(store, arena, error);
        status = store_end(store, status, error);
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

/* What PostgreSQL takes for all of time: the years 0001 to 9999, as samples have them. */
static int64_t bound(int64_t time_us)
{
    return time_us == INT64_MIN   ? -INT64_C(62135596800) * CLOCK_SECOND_US
           : time_us == INT64_MAX ? INT64_C(253402300800) * CLOCK_SECOND_US
                                  : time_us;
}

enum status store_rollup_piece_list(struct store *store, const struct rollup_days *wanted, struct arena *arena,
                                    struct rollup_piece **out_pieces, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct rollup_piece *pieces;
    size_t count = 0;
    PGresult *result;
    /* All samples are read for their days. */
    enum status status = store_script(store, "SET statement_timeout = '1h'", error);

    params_time(&params, bound(wanted->from_us));
    params_time(&params, bound(wanted->to_us));
    params_int64(&params, wanted->connection_id);
    params_bool(&params, wanted->is_legacy);
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_rebuild_days), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = store_script(store, "RESET statement_timeout", error);
    if (status != STATUS_OK)
        return status;
    pieces = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *pieces);
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t day_us = row_time(result, row, ROLLUP_REBUILD_DAYS_AT);
        struct rollup_piece day = {.organization_id = row_int64(result, row, ROLLUP_REBUILD_DAYS_ORGANIZATION_ID),
                                   .connection_id = row_int64(result, row, ROLLUP_REBUILD_DAYS_ID),
                                   .from_us = day_us,
                                   .to_us = day_us + DAY_US,
                                   .days = 1,
                                   .samples = row_int64(result, row, ROLLUP_REBUILD_DAYS_SAMPLES)};
        struct rollup_piece *last = count > 0 ? &pieces[count - 1] : NULL;

        if (last != NULL && last->connection_id == day.connection_id && last->days < PIECE_DAYS_MAX &&
            last->samples + day.samples <= PIECE_SAMPLES_MAX) {
            last->to_us = day.to_us;
            last->days++;
            last->samples += day.samples;
        } else {
            pieces[count++] = day;
        }
    }
    *out_pieces = pieces;
    *out_count = count;
    return STATUS_OK;
}

enum status store_rollup_rebuild(struct store *store, const struct rollup_piece *piece,
                                 const struct retention *retention, struct arena *arena,
                                 struct rollup_rebuilt *out_rebuilt, struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t now_us = clock_now_us();
    PGresult *result;
    enum status status = store_begin(store, error);

    /* The lock is held by a statement of its own, so that the next one's snapshot is of after the last fold. */
    if (status == STATUS_OK)
        status = store_script(store, REBUILD_SETTINGS, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_lock_wait), NULL, arena, &result, error);
    params_int64(&params, piece->organization_id);
    params_int64(&params, piece->connection_id);
    params_time(&params, piece->from_us);
    params_time(&params, piece->to_us);
    params_time(&params, bound(retention_from_us(retention->fine_days, now_us)));
    params_time(&params, bound(retention_from_us(retention->hour_days, now_us)));
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_rebuild), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = refresh_packs(store, arena, error);
    status = store_end(store, status, error);
    if (status == STATUS_OK)
        *out_rebuilt = (struct rollup_rebuilt){.changed = row_int64(result, 0, ROLLUP_REBUILD_CHANGE_COUNT),
                                               .samples = row_int64(result, 0, ROLLUP_REBUILD_SAMPLE_COUNT)};
    return status;
}
