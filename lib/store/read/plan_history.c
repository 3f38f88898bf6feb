/* Plans of a fingerprint over time, and what each changed; see plan_history.h. */
#include "store/read/plan_history.h"

#include "store/read/plan_internal.h"
#include "store/scope/statement.h"

/* Of all plans of a page. An agent's plan has up to 256 KiB: 500 of them do not fit into an answer. */
enum { PLAN_PAGE_BYTES_MAX = 8 * 1024 * 1024 };

static enum status check_seen(struct store *store, const struct scope *scope, struct sql_hash hash, struct arena *arena,
                              struct error *error)
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

static void compare_means(struct plan_step *step)
{
    if (step->before.calls < PLAN_CALLS_MIN || step->after.calls < PLAN_CALLS_MIN || !(sums_mean_ms(&step->before) > 0))
        return;
    step->is_comparable = true;
    step->change_ratio = sums_mean_ms(&step->after) / sums_mean_ms(&step->before);
    step->is_regression = step->change_ratio >= PLAN_REGRESSION_RATIO;
}

static void read_step(const PGresult *result, int row, struct arena *arena, struct plan_step *out)
{
    *out = (struct plan_step){
        .plan = {.plan_hash = row_hash(result, row, QUERY_PLAN_HISTORY_PLAN_HASH),
                 .connection_id = row_int64(result, row, QUERY_PLAN_HISTORY_DATABASE_CONNECTION_ID),
                 .first_seen_us = row_time(result, row, QUERY_PLAN_HISTORY_FIRST_SEEN_AT),
                 .last_seen_us = row_time(result, row, QUERY_PLAN_HISTORY_LAST_SEEN_AT),
                 .provenance = plan_provenance_of(row_text(result, row, QUERY_PLAN_HISTORY_PROVENANCE)),
                 .total_cost = row_double(result, row, QUERY_PLAN_HISTORY_TOTAL_COST)},
        .has_previous = !row_is_null(result, row, QUERY_PLAN_HISTORY_PREVIOUS_HASH),
        .before = {.calls = row_int64(result, row, QUERY_PLAN_HISTORY_CALLS_BEFORE),
                   .total_ms = row_double(result, row, QUERY_PLAN_HISTORY_TOTAL_MS_BEFORE)},
        .after = {.calls = row_int64(result, row, QUERY_PLAN_HISTORY_CALLS_AFTER),
                  .total_ms = row_double(result, row, QUERY_PLAN_HISTORY_TOTAL_MS_AFTER)},
    };
    out->plan.plan = query_plan_close(row_json(result, row, QUERY_PLAN_HISTORY_PLAN), &out->plan, arena);
    if (out->has_previous)
        out->previous_hash = row_hash(result, row, QUERY_PLAN_HISTORY_PREVIOUS_HASH);
    compare_means(out);
}

enum status store_plan_history(struct store *store, const struct scope *scope, struct sql_hash hash,
                               const struct query_plan *after, int limit, struct arena *arena,
                               struct plan_history *out_history, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct plan_history history = {0};
    PGresult *result;
    enum status status = check_seen(store, scope, hash, arena, error);

    if (status != STATUS_OK)
        return status;
    params_hash(&params, hash);
    params_int32(&params, PLAN_FINE_KEPT_S);
    params_int32(&params, PLAN_WINDOW_S);
    params_int32(&params, limit + 1);
    if (after != NULL) {
        params_time(&params, after->first_seen_us);
        params_int64(&params, after->connection_id);
        params_hash(&params, after->plan_hash);
    } else {
        for (int i = 0; i < 3; i++)
            params_null(&params);
    }
    params_int64(&params, PLAN_PAGE_BYTES_MAX);
    status = store_read(store, scope, SQL(query_plan_history), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    history.count = row_page_count(result, limit, &history.has_more);
    history.steps = arena_alloc_array(arena, history.count, sizeof *history.steps);
    for (size_t i = 0; i < history.count; i++) {
        /* The plans from here on are too many bytes for one page. */
        if (row_is_null(result, (int)i, QUERY_PLAN_HISTORY_PLAN)) {
            history.count = i;
            history.has_more = true;
            break;
        }
        read_step(result, (int)i, arena, &history.steps[i]);
    }
    *out_history = history;
    return STATUS_OK;
}
