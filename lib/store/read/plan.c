/* Plans of a fingerprint; see plan.h. */
#include "store/read/plan.h"

#include "store/read/plan_internal.h"
#include "store/scope/literal_internal.h"
#include "store/scope/statement.h"

enum { PLAN_LIST_MAX = 20 };

const struct literal_text *query_plan_close(struct text json, const struct query_plan *plan, struct arena *arena)
{
    bool has_values = plan->provenance != PLAN_PROVENANCE_GENERIC_PLAN;

    return literal_text_close((struct literal_text){.kind = has_values ? LITERAL_KIND_LISTED : LITERAL_KIND_VALUELESS,
                                                    .connection_id = plan->connection_id,
                                                    .text = json},
                              arena);
}

enum status store_query_plan_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                  struct arena *arena, struct query_plan_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct query_plan_list list = {0};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    params_int32(&params, PLAN_LIST_MAX);
    status = store_read(store, scope, SQL(query_plan_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = (size_t)PQntuples(result);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++) {
        list.items[i] = (struct query_plan){
            .plan_hash = row_hash(result, (int)i, QUERY_PLAN_LIST_PLAN_HASH),
            .connection_id = row_int64(result, (int)i, QUERY_PLAN_LIST_DATABASE_CONNECTION_ID),
            .first_seen_us = row_time(result, (int)i, QUERY_PLAN_LIST_FIRST_SEEN_AT),
            .last_seen_us = row_time(result, (int)i, QUERY_PLAN_LIST_LAST_SEEN_AT),
            .provenance = plan_provenance_of(row_text(result, (int)i, QUERY_PLAN_LIST_PROVENANCE)),
            .total_cost = row_double(result, (int)i, QUERY_PLAN_LIST_TOTAL_COST),
        };
        list.items[i].plan = query_plan_close(row_json(result, (int)i, QUERY_PLAN_LIST_PLAN), &list.items[i], arena);
    }
    *out_list = list;
    return STATUS_OK;
}
