/* Plans of a fingerprint; see query.h. */
#include "store/read/query.h"

enum { PLAN_LIST_MAX = 20 };

enum status store_query_plan_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                  int64_t connection_id, struct arena *arena, struct query_plan_list *out_list,
                                  struct error *error)
{
    struct store_params params = {.arena = arena};
    struct query_plan_list list = {0};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    params_int64(&params, connection_id);
    params_int32(&params, PLAN_LIST_MAX);
    status = store_read(store, scope, SQL(query_plan_list), &params, 7, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = (size_t)PQntuples(result);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct query_plan){
            .plan_hash = row_hash(result, (int)i, 0),
            .connection_id = row_int64(result, (int)i, 1),
            .first_seen_us = row_time(result, (int)i, 2),
            .last_seen_us = row_time(result, (int)i, 3),
            .plan = row_json(result, (int)i, 4),
            .provenance = row_text(result, (int)i, 5),
            .total_cost = row_double(result, (int)i, 6),
        };
    *out_list = list;
    return STATUS_OK;
}
