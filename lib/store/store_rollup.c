/* Folding deltas into rollups, and what is done once an hour; see collect.h. */
#include "store/collect.h"

/* Begin, and take the lock that `lock` names. *out_is_ours false: another collector has it; no transaction
 * is open then. */
static enum status begin_locked(struct store *store, const struct store_sql *lock, struct arena *arena,
                                bool *out_is_ours, struct error *error)
{
    PGresult *result;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = store_run(store, lock, NULL, 1, arena, &result, error);
    *out_is_ours = status == STATUS_OK && row_bool(result, 0, 0);
    if (!*out_is_ours)
        store_rollback(store);
    return status;
}

static enum status end(struct store *store, enum status status, struct error *error)
{
    if (status == STATUS_OK)
        status = store_commit(store, error);
    if (status != STATUS_OK)
        store_rollback(store);
    return status;
}

enum status store_rollup_fold(struct store *store, int max, struct arena *arena, int64_t *out_count,
                              struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    bool is_ours;
    int64_t count = 0;
    enum status status = begin_locked(store, SQL(rollup_lock), arena, &is_ours, error);

    if (status == STATUS_OK && is_ours) {
        params_int32(&params, max);
        status = store_run(store, SQL(rollup_fold), &params, 1, arena, &result, error);
        if (status == STATUS_OK)
            count = row_int64(result, 0, 0);
        status = end(store, status, error);
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

enum status store_upkeep(struct store *store, struct arena *arena, struct error *error)
{
    PGresult *result;
    bool is_ours;
    enum status status = begin_locked(store, SQL(upkeep_lock), arena, &is_ours, error);

    if (status != STATUS_OK || !is_ours)
        return status;
    status = store_run(store, SQL(upkeep_partitions), NULL, 1, arena, &result, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(upkeep_batches), NULL, 0, arena, NULL, error);
    return end(store, status, error);
}
