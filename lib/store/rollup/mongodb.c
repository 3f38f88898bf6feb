/* The fold of MongoDB reports; see mongodb.h. */
#include "store/rollup/mongodb.h"

#include "store/scope/statement.h"

enum status store_mongodb_fold(struct store *store, struct arena *arena, int64_t *out_deltas, struct error *error)
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
    params_int32(&params, MONGODB_FOLD_ROWS_MAX);
    if (status == STATUS_OK && is_ours)
        status = store_run(store, SQL(mongodb_fold), &params, arena, &result, error);
    if (status == STATUS_OK && is_ours)
        deltas = row_int64(result, 0, MONGODB_FOLD_FOLDED_COUNT);
    status = store_end(store, status, error);
    if (status == STATUS_OK)
        *out_deltas = deltas;
    return status;
}
