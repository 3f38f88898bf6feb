/* See plan_flip.h. */
#include "store/read/plan_flip.h"

#include "store/scope/statement.h"

enum status store_plan_flip_list(struct store *store, const struct scope *scope, const struct sql_hash *hashes,
                                 size_t count, struct arena *arena, struct plan_flip *out_flips, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    memset(out_flips, 0, count * sizeof *out_flips);
    if (count == 0)
        return STATUS_OK;
    params_hash_array(&params, hashes, count);
    params_int32(&params, PLAN_BACK_AND_FORTH_S);
    status = store_read(store, scope, SQL(plan_flip_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        for (size_t i = 0; i < count; i++)
            if (sql_hash_equal(hashes[i], row_hash(result, row, PLAN_FLIP_LIST_SQL_HASH)))
                out_flips[i] = (struct plan_flip){
                    .plan_count = row_int64(result, row, PLAN_FLIP_LIST_PLAN_COUNT),
                    .connection_id = row_int64(result, row, PLAN_FLIP_LIST_DATABASE_CONNECTION_ID),
                    .first_changed_us = row_time(result, row, PLAN_FLIP_LIST_FIRST_CHANGED_AT),
                    .last_changed_us = row_time(result, row, PLAN_FLIP_LIST_LAST_CHANGED_AT),
                    .is_back_and_forth = row_bool(result, row, PLAN_FLIP_LIST_IS_BACK_AND_FORTH),
                };
    return status;
}
