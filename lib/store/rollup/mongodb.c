/* The fold of MongoDB reports; see mongodb.h. */
#include "store/rollup/mongodb.h"

#include "base/clock.h"
#include "store/scope/statement.h"

enum { ROWS_MAX = 5000, ROWS_MIN = 100 };
#define FOLD_US (3 * CLOCK_SECOND_US)

static enum status fold(struct store *store, int rows_max, struct arena *arena, int64_t *out_deltas,
                        struct error *error)
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
    params_int32(&params, rows_max);
    if (status == STATUS_OK && is_ours)
        status = store_run(store, SQL(mongodb_fold), &params, arena, &result, error);
    if (status == STATUS_OK && is_ours)
        deltas = row_int64(result, 0, MONGODB_FOLD_FOLDED_COUNT);
    status = store_end(store, status, error);
    *out_deltas = status == STATUS_OK ? deltas : 0;
    return status;
}

enum status store_mongodb_fold(struct store *store, int *rows_max, struct arena *arena, int64_t *out_deltas,
                               struct error *error)
{
    int rows = *rows_max > 0 ? *rows_max : ROWS_MAX;
    int64_t started_us = clock_monotonic_us(), took_us;
    struct error failure = {0};
    enum status status = fold(store, rows, arena, out_deltas, &failure);

    took_us = clock_monotonic_us() - started_us;
    if (status == STATUS_TIMEOUT && rows > ROWS_MIN) {
        *rows_max = rows / 8 > ROWS_MIN ? rows / 8 : ROWS_MIN;
        return STATUS_OK;
    }
    if (status == STATUS_OK && took_us < FOLD_US / 2 && *out_deltas > rows / 2)
        *rows_max = rows * 2 < ROWS_MAX ? rows * 2 : ROWS_MAX;
    if (status != STATUS_OK && error != NULL)
        *error = failure;
    return status;
}
