/* Plans of a fingerprint over time, and what each changed; see plan_history.h. */
#include "store/read/plan_history.h"

#include "store/read/plan_flip.h"
#include "store/read/plan_internal.h"
#include "store/scope/statement.h"

/* Of all plans of a page. An agent's plan has up to 256 KiB: 500 of them do not fit into an answer. */
enum { PLAN_PAGE_BYTES_MAX = 8 * 1024 * 1024 };

static void compare_times(struct plan_step *step, struct difference_side before, struct difference_side after)
{
    step->is_comparable =
        before.calls >= DIFFERENCE_CALLS_MIN && after.calls >= DIFFERENCE_CALLS_MIN && before.mean_ms > 0;
    if (step->is_comparable)
        step->change_ratio = after.mean_ms / before.mean_ms;
    if (!step->is_back_and_forth)
        step->difference = difference_of(&before, &after);
}

/* The columns of one side: `first` is its calls. Both sides have the same columns in the same order. */
enum { SIDE_CALLS, SIDE_TOTAL_MS, SIDE_INTERVALS, SIDE_LOG_MEAN, SIDE_LOG_DEVIATION, SIDE_HISTOGRAM };
enum { BEFORE = QUERY_PLAN_HISTORY_CALLS_BEFORE, AFTER = QUERY_PLAN_HISTORY_CALLS_AFTER };
_Static_assert(QUERY_PLAN_HISTORY_HISTOGRAM_BEFORE == BEFORE + SIDE_HISTOGRAM &&
                   QUERY_PLAN_HISTORY_HISTOGRAM_AFTER == AFTER + SIDE_HISTOGRAM &&
                   QUERY_PLAN_HISTORY_LOG_MEAN_BEFORE == BEFORE + SIDE_LOG_MEAN &&
                   QUERY_PLAN_HISTORY_LOG_MEAN_AFTER == AFTER + SIDE_LOG_MEAN,
               "columns of a side in their order");

static struct difference_side read_side(const PGresult *result, int row, int first, struct plan_times *out_times)
{
    struct distribution distribution = {{0}};

    out_times->sums = (struct sums){.calls = row_int64(result, row, first + SIDE_CALLS),
                                    .total_ms = row_double(result, row, first + SIDE_TOTAL_MS)};
    if (distribution_add_bytes(&distribution, row_text(result, row, first + SIDE_HISTOGRAM)))
        out_times->percentiles = distribution_percentiles(&distribution);
    return (struct difference_side){.calls = out_times->sums.calls,
                                    .mean_ms = sums_mean_ms(&out_times->sums),
                                    .intervals = row_int64(result, row, first + SIDE_INTERVALS),
                                    .log_mean = row_double(result, row, first + SIDE_LOG_MEAN),
                                    .log_deviation = row_double(result, row, first + SIDE_LOG_DEVIATION)};
}

static void read_step(const PGresult *result, int row, struct arena *arena, struct plan_step *out)
{
    struct difference_side before, after;

    *out = (struct plan_step){
        .plan = {.plan_hash = row_hash(result, row, QUERY_PLAN_HISTORY_PLAN_HASH),
                 .connection_id = row_int64(result, row, QUERY_PLAN_HISTORY_DATABASE_CONNECTION_ID),
                 .first_seen_us = row_time(result, row, QUERY_PLAN_HISTORY_FIRST_SEEN_AT),
                 .last_seen_us = row_time(result, row, QUERY_PLAN_HISTORY_LAST_SEEN_AT),
                 .provenance = plan_provenance_of(row_text(result, row, QUERY_PLAN_HISTORY_PROVENANCE)),
                 .total_cost = row_double(result, row, QUERY_PLAN_HISTORY_TOTAL_COST)},
        .has_previous = !row_is_null(result, row, QUERY_PLAN_HISTORY_PREVIOUS_HASH),
        .is_back_and_forth = row_bool(result, row, QUERY_PLAN_HISTORY_IS_BACK_AND_FORTH),
    };
    out->plan.plan = query_plan_close(row_json(result, row, QUERY_PLAN_HISTORY_PLAN), &out->plan, arena);
    if (!out->has_previous)
        return;
    out->previous_hash = row_hash(result, row, QUERY_PLAN_HISTORY_PREVIOUS_HASH);
    before = read_side(result, row, BEFORE, &out->before);
    after = read_side(result, row, AFTER, &out->after);
    compare_times(out, before, after);
}

const struct plan_step *plan_history_find(const struct plan_history *history, int64_t connection_id,
                                          struct sql_hash plan_hash)
{
    for (size_t i = 0; i < history->count; i++)
        if (history->steps[i].plan.connection_id == connection_id &&
            sql_hash_equal(history->steps[i].plan.plan_hash, plan_hash))
            return &history->steps[i];
    return NULL;
}

enum status store_plan_history(struct store *store, const struct scope *scope, struct sql_hash hash,
                               const struct query_plan *after, int limit, struct arena *arena,
                               struct plan_history *out_history, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct plan_history history = {0};
    PGresult *result;
    enum status status = store_query_check_seen(store, scope, hash, arena, error);

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
    params_int32(&params, PLAN_NEAR_S);
    params_int32(&params, PLAN_BACK_AND_FORTH_S);
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
