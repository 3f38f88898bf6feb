/* One fold; see fold.h. A connection that is set aside has its deltas moved away first. */
#include "store/rollup/fold.h"

#include "store/scope/statement.h"

enum { MOVED_MAX = 20000, KEPT_MAX = 100000 };

struct turn {
    bool is_ours;
    const int64_t *held; /* connections that are set aside */
    size_t held_count;
};

/* Begin a transaction and take the lock of folding. If another collector has the lock, is_ours is false and no
 * transaction is open. */
static enum status begin_locked(struct store *store, struct arena *arena, struct turn *out_turn, struct error *error)
{
    PGresult *result;
    enum status status = store_begin(store, error);

    *out_turn = (struct turn){.is_ours = false};
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_lock), NULL, arena, &result, error);
    if (status == STATUS_OK && row_bool(result, 0, ROLLUP_LOCK_IS_OURS)) {
        out_turn->is_ours = true;
        out_turn->held = row_int64_array(result, 0, ROLLUP_LOCK_HELD, arena, &out_turn->held_count);
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

static enum status fold(struct store *store, int max, const int64_t *ids, size_t count, const struct turn *turn,
                        struct arena *arena, int64_t *out_deltas, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int32(&params, max);
    params_int64_array(&params, ids, count);
    params_int64_array(&params, turn->held, turn->held_count);
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

enum status rollup_fold_once(struct store *store, int max, const int64_t *ids, size_t count, struct arena *arena,
                             int64_t *out_deltas, struct error *error)
{
    struct turn turn;
    int64_t deltas = 0;
    enum status status = begin_locked(store, arena, &turn, error);

    if (status == STATUS_OK && turn.is_ours) {
        status = move_held(store, turn.held, turn.held_count, arena, error);
        if (status == STATUS_OK)
            status = fold(store, max, ids, count, &turn, arena, &deltas, error);
        status = store_end(store, status, error);
    }
    if (status == STATUS_OK)
        *out_deltas = deltas;
    return status;
}

enum status rollup_segments_try(struct store *store, const int64_t *ids, size_t count, struct arena *arena,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    struct turn turn;
    PGresult *result;
    enum status status = begin_locked(store, arena, &turn, error);

    params_int64_array(&params, ids, count);
    if (status == STATUS_OK && turn.is_ours)
        status = store_run(store, SQL(query_segments_try), &params, arena, &result, error);
    store_rollback(store);
    return status;
}

enum status rollup_set_aside(struct store *store, const struct rollup_aside *aside, struct arena *arena,
                             struct error *error)
{
    struct db_params params = {.arena = arena};
    struct turn turn;
    enum status status = begin_locked(store, arena, &turn, error);

    if (status != STATUS_OK || !turn.is_ours)
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
    const struct turn nobody = {.is_ours = true};
    int64_t deltas = 0;
    PGresult *result;
    enum status status = rollup_begin_long(store, arena, error);

    params_int64(&params, aside->organization_id);
    params_int64(&params, aside->connection_id);
    if (status == STATUS_OK)
        status = store_run(store, SQL(rollup_set_aside_return), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = fold(store, INT32_MAX, &aside->connection_id, 1, &nobody, arena, &deltas, error);
    status = store_end(store, status, error);
    if (status == STATUS_OK)
        *out_deltas = deltas;
    return status;
}
