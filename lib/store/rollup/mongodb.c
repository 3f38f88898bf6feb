/* The fold of MongoDB reports; see mongodb.h. What is set aside stays where it is, since nothing reads across it. */
#include "store/rollup/mongodb.h"

#include "base/clock.h"
#include "store/rollup/isolate.h"
#include "store/scope/statement.h"

enum { ROWS_MAX = 5000, ROWS_MIN = 100 };
#define FOLD_US (3 * CLOCK_SECOND_US)

static enum status list_waiting(struct store *store, int rows_max, struct arena *arena, struct rollup_pick *out_pick,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    *out_pick = (struct rollup_pick){.pieces = NULL};
    params_int32(&params, rows_max);
    status = store_run(store, SQL(mongodb_waiting_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    out_pick->count = (size_t)PQntuples(result);
    out_pick->pieces = arena_alloc_array(arena, out_pick->count, sizeof *out_pick->pieces);
    for (int row = 0; row < PQntuples(result); row++)
        out_pick->pieces[row] =
            (struct rollup_piece){row_int64(result, row, MONGODB_WAITING_LIST_ORGANIZATION_ID),
                                  row_int64(result, row, MONGODB_WAITING_LIST_DATABASE_CONNECTION_ID),
                                  .rows_max = row_int64(result, row, MONGODB_WAITING_LIST_SHARE)};
    return STATUS_OK;
}

enum status rollup_fold_reports(struct store *store, const struct rollup_piece *pieces, size_t count,
                                struct arena *arena, int64_t *out_deltas, struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t deltas = 0;
    bool is_ours = false;
    PGresult *result;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = store_run(store, SQL(mongodb_fold_lock), NULL, arena, &result, error);
    if (status == STATUS_OK)
        is_ours = row_bool(result, 0, MONGODB_FOLD_LOCK_IS_OURS);
    rollup_bind_pieces(&params, pieces, count);
    if (status == STATUS_OK && is_ours)
        status = store_run(store, SQL(mongodb_fold), &params, arena, &result, error);
    if (status == STATUS_OK && is_ours)
        deltas = row_int64(result, 0, MONGODB_FOLD_FOLDED_COUNT);
    status = store_end(store, status, error);
    *out_deltas = status == STATUS_OK ? deltas : 0;
    return status;
}

enum status store_mongodb_fold(struct store *store, int *rows_max, bool is_stuck, struct arena *arena,
                               struct rollup_folded *out_folded, struct error *error)
{
    int rows = *rows_max > 0 ? *rows_max : ROWS_MAX;
    int64_t started_us = clock_monotonic_us(), took_us;
    struct error failure = {0};
    struct rollup_pick pick;
    enum status status = list_waiting(store, rows, arena, &pick, error);

    *out_folded = (struct rollup_folded){.deltas = 0};
    if (status != STATUS_OK || pick.count == 0)
        return status;
    status = rollup_fold_reports(store, pick.pieces, pick.count, arena, &out_folded->deltas, &failure);
    out_folded->has_more = out_folded->deltas > 0;
    took_us = clock_monotonic_us() - started_us;
    if (rollup_is_fault(status))
        return rollup_isolate_reports(store, &pick, is_stuck, &failure, arena, out_folded, error);
    if (status == STATUS_TIMEOUT && rows > ROWS_MIN) {
        *rows_max = rows / 8 > ROWS_MIN ? rows / 8 : ROWS_MIN;
        return STATUS_OK;
    }
    if (status == STATUS_OK && took_us < FOLD_US / 2 && out_folded->deltas > rows / 2)
        *rows_max = rows * 2 < ROWS_MAX ? rows * 2 : ROWS_MAX;
    if (status != STATUS_OK && error != NULL)
        *error = failure;
    return status;
}
