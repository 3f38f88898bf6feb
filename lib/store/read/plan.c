/* Plans of a fingerprint; see plan.h. */
#include "store/read/plan.h"

#include "sql/statement.h"
#include "store/read/plan_internal.h"
#include "store/scope/literal_internal.h"
#include "store/scope/statement.h"

enum { PLAN_LIST_MAX = 20 };

const struct literal_text *query_plan_close(struct text json, const struct query_plan *plan, struct arena *arena)
{
    return literal_text_close(
        (struct literal_text){.kind = plan_has_values(plan) ? LITERAL_KIND_LISTED : LITERAL_KIND_VALUELESS,
                              .connection_id = plan->connection_id,
                              .text = json},
        arena);
}

/* plan_hash: NULL: all plans. */
static enum status read_plans(struct store *store, const struct scope *scope, struct sql_hash hash,
                              const struct sql_hash *plan_hash, int limit, struct arena *arena,
                              struct query_plan_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct query_plan_list list = {0};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    if (plan_hash == NULL)
        params_null(&params);
    else
        params_hash(&params, *plan_hash);
    params_int32(&params, limit);
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

enum status store_query_plan_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                  struct arena *arena, struct query_plan_list *out_list, struct error *error)
{
    return read_plans(store, scope, hash, NULL, PLAN_LIST_MAX, arena, out_list, error);
}

enum status store_query_check_seen(struct store *store, const struct scope *scope, struct sql_hash hash,
                                   struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_seen), &params, arena, &result, error);
    if (status == STATUS_OK && !row_bool(result, 0, QUERY_SEEN_IS_SEEN))
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    return status;
}

enum status store_query_plan_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                 struct sql_hash plan_hash, struct arena *arena, struct query_plan *out_plan,
                                 struct error *error)
{
    struct query_plan_list list;
    enum status status = read_plans(store, scope, hash, &plan_hash, 1, arena, &list, error);

    if (status == STATUS_OK && list.count == 0)
        return error_set(error, STATUS_ABSENT, "There is no such plan.");
    if (status == STATUS_OK)
        *out_plan = list.items[0];
    return status;
}

enum status store_query_no_plan_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    struct text statement_kind, struct arena *arena, struct query_no_plan *out_reason,
                                    struct error *error)
{
    struct db_params params = {.arena = arena};
    struct query_no_plan reason = {.refusal = PLAN_REFUSAL_STATEMENT_KIND, .refused_us = INT64_MIN};
    PGresult *result;
    enum status status;

    *out_reason = reason;
    if (!text_equal(statement_kind, text_of(sql_kind_name(SQL_KIND_SELECT))))
        return STATUS_OK;
    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_plan_refusal), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    reason.refusal = PLAN_REFUSAL_NOT_COLLECTED;
    if (PQntuples(result) > 0) {
        reason.refusal = plan_refusal_of(row_text(result, 0, QUERY_PLAN_REFUSAL_REASON));
        reason.connection_id = row_int64(result, 0, QUERY_PLAN_REFUSAL_DATABASE_CONNECTION_ID);
        if (!row_is_null(result, 0, QUERY_PLAN_REFUSAL_CODE))
            reason.code = row_text(result, 0, QUERY_PLAN_REFUSAL_CODE);
        if (!row_is_null(result, 0, QUERY_PLAN_REFUSAL_REFUSED_AT))
            reason.refused_us = row_time(result, 0, QUERY_PLAN_REFUSAL_REFUSED_AT);
    }
    *out_reason = reason;
    return STATUS_OK;
}
