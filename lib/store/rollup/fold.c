/* One fold; see fold.h. A connection that is set aside has its deltas moved away first. */
#include "store/rollup/fold.h"

enum { MOVED_MAX = 20000, KEPT_MAX = 100000 };

struct lock {
    bool is_ours;
    const int64_t *held; /* connections that are set aside */
    size_t held_count;
};

/* Begin a transaction and take the lock of folding. If another collector has the lock, is_ours is false and no
 * transaction is open. */
static enum status begin_locked(struct store *store, struct arena *arena, struct lock *out_lock, struct error *error)
{
    PGresult *result;
    enum status status = store_begin(store, error);

    *out_lock = (struct lock){.is_ours = false};
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_lock), NULL, arena, &result, error);
    if (status == STATUS_OK && row_bool(result, 0, ROLLUP_LOCK_IS_OURS)) {
        out_lock->is_ours = true;
        out_lock->held = row_int64_array(result, 0, ROLLUP_LOCK_HELD, arena, &out_lock->held_count);
    } else {
        store_rollback(store);
    }
    return status;
}

static enum status move_held(struct store *store, const int64_t *held, size_t count, struct arena *arena,
                             struct error *error)
{
    struct db_params params = {.arena = arena};

    if (count == 0)
        return STATUS_OK;
    params_int64_array(&params, held, count);
    params_int32(&params, MOVED_MAX);
    params_int64(&params, KEPT_MAX);
    return store_run(store, SQL(rollup_set_aside_move), &params, arena, NULL, error);
}

static void bind_ids(struct db_params *params, const struct rollup_piece *pieces, size_t count)
{
    int64_t *ids = arena_alloc_array(params->arena, count, sizeof *ids);

    for (size_t i = 0; i < count; i++)
        ids[i] = pieces[i].connection_id;
    params_int64_array(params, ids, count);
}

void rollup_bind_pieces(struct db_params *params, const struct rollup_piece *pieces, size_t count)
{
    int64_t *rows_max = arena_alloc_array(params->arena, count, sizeof *rows_max);

    for (size_t i = 0; i < count; i++)
        rows_max[i] = pieces[i].rows_max;
    bind_ids(params, pieces, count);
    params_int64_array(params, rows_max, count);
}

static enum status fold(struct store *store, const struct rollup_pick *pick, const struct lock *lock,
                        struct arena *arena, int64_t *out_deltas, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    rollup_bind_pieces(&params, pick->pieces, pick->count);
    params_time(&params, pick->from_us);
    params_time(&params, pick->to_us);
    params_int64_array(&params, lock->held, lock->held_count);
    status = store_run(store, SQL(rollup_fold), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_deltas = row_int64(result, 0, ROLLUP_FOLD_FOLDED_COUNT);
    return status == STATUS_OK ? rollup_refresh_segments(store, arena, error) : status;
}

enum status rollup_refresh_segments(struct store *store, struct arena *arena, struct error *error)
{
    PGresult *result;

    return store_run(store, SQL(query_segments_refresh), NULL, arena, &result, error);
}

enum status rollup_fold_once(struct store *store, const struct rollup_pick *pick, struct arena *arena,
                             int64_t *out_deltas, struct error *error)
{
    struct lock lock;
    int64_t deltas = 0;
    enum status status = begin_locked(store, arena, &lock, error);

    if (status == STATUS_OK && lock.is_ours) {
        status = move_held(store, lock.held, lock.held_count, arena, error);
        if (status == STATUS_OK)
            status = fold(store, pick, &lock, arena, &deltas, error);
        status = store_end(store, status, error);
    }
    if (status == STATUS_OK)
        *out_deltas = deltas;
    return status;
}

enum status rollup_segments_try(struct store *store, const struct rollup_piece *pieces, size_t count,
                                struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct lock lock;
    PGresult *result;
    enum status status = begin_locked(store, arena, &lock, error);

    bind_ids(&params, pieces, count);
    if (status == STATUS_OK && lock.is_ours)
        status = store_run(store, SQL(query_segments_try), &params, arena, &result, error);
    store_rollback(store);
    return status;
}

enum status rollup_set_aside(struct store *store, const struct rollup_aside *aside, struct arena *arena,
                             struct error *error)
{
    struct db_params params = {.arena = arena};
    struct lock lock;
    enum status status = begin_locked(store, arena, &lock, error);

    if (status != STATUS_OK || !lock.is_ours)
        return status;
    params_int64(&params, aside->organization_id);
    params_int64(&params, aside->connection_id);
    params_text(&params, aside->reason);
    params_bool(&params, aside->holds_segments);
    status = store_run(store, SQL(rollup_set_aside_add), &params, arena, NULL, error);
    if (status == STATUS_OK)
        status = move_held(store, &aside->connection_id, 1, arena, error);
    return store_end(store, status, error);
}

enum status store_rollup_aside_list(struct store *store, int64_t connection_id, struct arena *arena,
                                    struct rollup_aside **out_list, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct rollup_aside *list;
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    status = store_run(store, SQL(rollup_set_aside_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *list);
    for (int row = 0; row < PQntuples(result); row++)
        list[row] = (struct rollup_aside){
            .organization_id = row_int64(result, row, ROLLUP_SET_ASIDE_LIST_ORGANIZATION_ID),
            .connection_id = row_int64(result, row, ROLLUP_SET_ASIDE_LIST_DATABASE_CONNECTION_ID),
        };
    *out_list = list;
    *out_count = (size_t)PQntuples(result);
    return STATUS_OK;
}

enum status rollup_begin_long(struct store *store, struct arena *arena, struct error *error)
{
    PGresult *result;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = store_set_limit(store, STORE_LIMIT_LONG_MS, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_lock_wait), NULL, arena, &result, error);
    return status;
}

enum status store_rollup_retry(struct store *store, const struct rollup_aside *aside, struct arena *arena,
                               int64_t *out_deltas, struct error *error)
{
    struct db_params params = {.arena = arena};
    const struct lock nobody = {.is_ours = true};
    struct rollup_piece piece = {aside->organization_id, aside->connection_id, .rows_max = INT32_MAX};
    const struct rollup_pick pick = {&piece, 1, ROLLUP_FROM_US, ROLLUP_TO_US};
    int64_t deltas = 0;
    PGresult *result;
    enum status status = rollup_begin_long(store, arena, error);

    params_int64(&params, aside->organization_id);
    params_int64(&params, aside->connection_id);
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_set_aside_return), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = fold(store, &pick, &nobody, arena, &deltas, error);
    status = store_end(store, status, error);
    if (status == STATUS_OK)
        *out_deltas = deltas;
    return status;
}
