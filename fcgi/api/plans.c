/* GET /api/v1/slow-queries/fingerprints/{hash}/plans: plans over time, and the effect of each change of plan. */
#include "base/clock.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "fcgi/request/literals.h"
#include "store/read/plan_history.h"
#include "store/read/summary.h"

static const char LIST[] = "fingerprint-plans";

static enum status read_cursor(const struct request *request, struct query_plan *out_after, bool *out_is_given,
                               struct error *error)
{
    struct cursor cursor;
    enum status status = cursor_read(request, LIST, 4, &cursor, out_is_given, error);

    if (status != STATUS_OK || !*out_is_given)
        return status;
    if (!cursor_is_time(cursor.numbers[0]))
        return error_set(error, STATUS_MALFORMED, "The cursor is not one of this list.");
    *out_after = (struct query_plan){.first_seen_us = cursor.numbers[0],
                                     .connection_id = cursor.numbers[1],
                                     .plan_hash = cursor_take_hash(&cursor.numbers[2])};
    return STATUS_OK;
}

static struct text next_cursor(const struct plan_history *history, struct arena *arena)
{
    struct cursor cursor = {.number_count = 4};
    const struct query_plan *last;

    if (!history->has_more || history->count == 0)
        return (struct text){NULL, 0};
    last = &history->steps[history->count - 1].plan;
    cursor.numbers[0] = last->first_seen_us;
    cursor.numbers[1] = last->connection_id;
    cursor_put_hash(&cursor.numbers[2], last->plan_hash);
    return cursor_write(LIST, &cursor, arena);
}

/* Write what changed with this plan; null for the first plan of its connection. */
static void write_change(struct json_writer *json, const struct plan_step *step)
{
    json_key(json, "change");
    if (!step->has_previous) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    json_member_hash(json, "previous_plan_hash", step->previous_hash);
    json_member_time(json, "changed_at", step->plan.first_seen_us);
    sums_side_write(json, "before", &step->before);
    sums_side_write(json, "after", &step->after);
    if (step->is_comparable)
        json_member_double(json, "mean_ratio", stats_share(step->change_ratio));
    else
        json_member_null(json, "mean_ratio");
    json_member_bool(json, "is_regression", step->is_regression);
    json_object_end(json);
}

static enum status open_plans(const struct request *request, const struct scope *scope,
                              const struct plan_history *history, const struct text **out_plans, struct error *error)
{
    const struct literal_text **plans = arena_alloc_array(request->arena, history->count, sizeof *plans);

    for (size_t i = 0; i < history->count; i++)
        plans[i] = history->steps[i].plan.plan;
    return literals_open(request, scope, plans, history->count, out_plans, error);
}

/* *hash may be the MD5 by which systems before Potto name the statement, and becomes its own hash. */
static enum status read_history(const struct request *request, const struct scope *scope, struct sql_hash *hash,
                                const struct query_plan *after, int limit, struct plan_history *out_history,
                                struct error *error)
{
    enum status status =
        store_plan_history(request->store, scope, *hash, after, limit, request->arena, out_history, error);

    if (status != STATUS_ABSENT)
        return status;
    *error = (struct error){0};
    status = store_query_find_by_md5(request->store, scope, *hash, request->arena, hash, error);
    return status == STATUS_OK
               ? store_plan_history(request->store, scope, *hash, after, limit, request->arena, out_history, error)
               : status;
}

enum status fingerprint_plans(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const char *const allowed[] = {"connection_id", "limit", "cursor", NULL};
    struct plan_history history;
    const struct text *plans;
    struct query_plan after;
    struct sql_hash hash;
    struct json_writer *json;
    const struct scope *chosen;
    int64_t regressions = 0;
    int limit = LIST_LIMIT_DEFAULT;
    bool has_cursor = false;
    enum status status;

    if (!sql_hash_parse(request_path_param(request, "hash"), &hash))
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    request_query_only(request, allowed, error);
    param_limit(request, &limit, error);
    status = param_connections(request, scope, (struct connection_filter){0}, &chosen, error);
    if (status == STATUS_OK)
        status = read_cursor(request, &after, &has_cursor, error);
    if (status == STATUS_OK)
        status = read_history(request, chosen, &hash, has_cursor ? &after : NULL, limit, &history, error);
    if (status == STATUS_OK)
        status = open_plans(request, scope, &history, &plans, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_hash(json, "sql_hash", hash);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < history.count; i++) {
        json_object_begin(json);
        plan_members_write(json, &history.steps[i].plan, plans[i]);
        write_change(json, &history.steps[i]);
        json_object_end(json);
        regressions += history.steps[i].is_regression;
    }
    json_array_end(json);
    json_member_int64(json, "regression_count", regressions);
    json_member_next_cursor(json, next_cursor(&history, request->arena));
    json_object_end(json);
    return STATUS_OK;
}
