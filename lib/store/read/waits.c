/* Reading what sessions waited for; see waits.h. */
#include "store/read/waits.h"

#include "base/clock.h"
#include "store/scope/statement.h"

enum { FINE_S = 300, HOUR_S = 3600 };

/* Steps are whole buckets, and few enough for a chart. */
static void choose_steps(const struct period *period, struct waits_report *report)
{
    int64_t span_s = (period->to_us - period->from_us) / CLOCK_SECOND_US, buckets;

    report->resolution_s = period->resolution_s > FINE_S ? HOUR_S : FINE_S;
    buckets = (span_s + report->resolution_s - 1) / report->resolution_s;
    report->step_s = report->resolution_s * (int32_t)((buckets + WAITS_STEPS_MAX - 1) / WAITS_STEPS_MAX);
    if (report->step_s < report->resolution_s)
        report->step_s = report->resolution_s;
}

/* $3 to $5. */
static void bind_period(struct db_params *params, const struct waits_report *report, const struct period *period)
{
    params_int32(params, report->resolution_s);
    params_time(params, period->from_us);
    params_time(params, period->to_us);
}

static enum status read_steps(struct store *store, const struct scope *scope, const struct waits_filter *filter,
                              struct arena *arena, struct waits_report *report, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    bind_period(&params, report, &filter->period);
    params_int32(&params, report->step_s);
    status = store_read(store, scope, SQL(session_waits_steps), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    report->step_count = (size_t)PQntuples(result);
    report->steps = arena_alloc_array(arena, report->step_count, sizeof *report->steps);
    for (int row = 0; row < PQntuples(result); row++)
        report->steps[row] = (struct waits_step){.at_us = row_time(result, row, SESSION_WAITS_STEPS_STEP_AT),
                                                 .watched_ms = row_int64(result, row, SESSION_WAITS_STEPS_WATCHED_MS),
                                                 .look_count = row_int64(result, row, SESSION_WAITS_STEPS_LOOK_COUNT),
                                                 .cost_us = row_int64(result, row, SESSION_WAITS_STEPS_COST_US),
                                                 .session_ms = row_int64(result, row, SESSION_WAITS_STEPS_SESSION_MS)};
    return STATUS_OK;
}

static void begin_group(const PGresult *result, int row, const struct waits_filter *filter, struct arena *arena,
                        const struct waits_report *report, struct waits_group *out_group)
{
    *out_group =
        (struct waits_group){.is_rest = row_int64(result, row, SESSION_WAITS_POINTS_PLACE) > filter->group_max,
                             .wait_class = (enum wait_class)row_int64(result, row, SESSION_WAITS_POINTS_WAIT_CLASS),
                             .event = row_text(result, row, SESSION_WAITS_POINTS_EVENT),
                             .name = row_text(result, row, SESSION_WAITS_POINTS_NAME),
                             .has_statement = !row_is_null(result, row, SESSION_WAITS_POINTS_SQL_HASH),
                             .fingerprint = row_text(result, row, SESSION_WAITS_POINTS_FINGERPRINT),
                             .step_ms = arena_alloc_array(arena, report->step_count, sizeof *out_group->step_ms)};
    if (out_group->has_statement)
        out_group->hash = row_hash(result, row, SESSION_WAITS_POINTS_SQL_HASH);
}

/* Rows of a group are neighbours, by time; so one walk along the steps finds each row's. */
enum status store_waits_groups(struct store *store, const struct scope *scope, const struct waits_filter *filter,
                               const struct waits_report *report, struct arena *arena, struct waits_groups *out_groups,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    struct waits_groups groups = {.count = 0};
    struct waits_group *group = NULL;
    int64_t place = 0;
    size_t step = 0;
    PGresult *result;
    enum status status;

    bind_period(&params, report, &filter->period);
    params_hash(&params, filter->hash);
    params_string(&params, filter->group_by);
    params_int32(&params, report->step_s);
    params_int32(&params, filter->group_max);
    status = store_read(store, scope, SQL(session_waits_points), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    groups.items = arena_alloc_array(arena, WAITS_GROUPS_MAX + 1, sizeof *groups.items);
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t at_us = row_time(result, row, SESSION_WAITS_POINTS_STEP_AT);
        double ms = row_double(result, row, SESSION_WAITS_POINTS_SESSION_MS);

        if (group == NULL || row_int64(result, row, SESSION_WAITS_POINTS_PLACE) != place) {
            place = row_int64(result, row, SESSION_WAITS_POINTS_PLACE);
            group = &groups.items[groups.count++];
            begin_group(result, row, filter, arena, report, group);
            step = 0;
        }
        while (step < report->step_count && report->steps[step].at_us < at_us)
            step++;
        group->session_ms += ms;
        groups.session_ms += ms;
        if (step < report->step_count && report->steps[step].at_us == at_us)
            group->step_ms[step] += ms;
    }
    *out_groups = groups;
    return STATUS_OK;
}

static enum status read_roots(struct store *store, const struct scope *scope, const struct waits_filter *filter,
                              struct arena *arena, struct waits_report *report, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    bind_period(&params, report, &filter->period);
    params_hash(&params, filter->hash);
    params_int32(&params, WAITS_ROOTS_MAX);
    status = store_read(store, scope, SQL(session_blocks_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    report->root_count = (size_t)PQntuples(result);
    report->roots = arena_alloc_array(arena, report->root_count, sizeof *report->roots);
    for (int row = 0; row < PQntuples(result); row++) {
        struct waits_root *root = &report->roots[row];

        *root = (struct waits_root){.state = (enum block_state)row_int64(result, row, SESSION_BLOCKS_LIST_STATE),
                                    .has_root = !row_is_null(result, row, SESSION_BLOCKS_LIST_ROOT_HASH),
                                    .has_statement = !row_is_null(result, row, SESSION_BLOCKS_LIST_SQL_HASH),
                                    .root_fingerprint = row_text(result, row, SESSION_BLOCKS_LIST_ROOT_FINGERPRINT),
                                    .fingerprint = row_text(result, row, SESSION_BLOCKS_LIST_FINGERPRINT),
                                    .user = row_text(result, row, SESSION_BLOCKS_LIST_ROOT_USER),
                                    .application = row_text(result, row, SESSION_BLOCKS_LIST_ROOT_APPLICATION),
                                    .session_ms = row_double(result, row, SESSION_BLOCKS_LIST_SESSION_MS),
                                    .depth_max = row_int64(result, row, SESSION_BLOCKS_LIST_DEPTH_MAX),
                                    .waiters_max = row_int64(result, row, SESSION_BLOCKS_LIST_WAITERS_MAX),
                                    .first_us = row_time(result, row, SESSION_BLOCKS_LIST_FIRST_AT),
                                    .last_us = row_time(result, row, SESSION_BLOCKS_LIST_LAST_AT)};
        if (root->has_root)
            root->root_hash = row_hash(result, row, SESSION_BLOCKS_LIST_ROOT_HASH);
        if (root->has_statement)
            root->hash = row_hash(result, row, SESSION_BLOCKS_LIST_SQL_HASH);
    }
    return STATUS_OK;
}

enum status store_waits_report(struct store *store, const struct scope *scope, const struct waits_filter *filter,
                               struct arena *arena, struct waits_report *out_report, struct error *error)
{
    enum status status;

    *out_report = (struct waits_report){.step_count = 0};
    choose_steps(&filter->period, out_report);
    status = read_steps(store, scope, filter, arena, out_report, error);
    if (status == STATUS_OK)
        status = store_waits_groups(store, scope, filter, out_report, arena, &out_report->groups, error);
    if (status == STATUS_OK)
        status = read_roots(store, scope, filter, arena, out_report, error);
    return status;
}

struct waits_totals waits_totals(const struct waits_report *report)
{
    struct waits_totals totals = {.look_count = 0};

    for (size_t i = 0; i < report->step_count; i++) {
        totals.watched_ms += (double)report->steps[i].watched_ms;
        totals.cost_us += (double)report->steps[i].cost_us;
        totals.look_count += report->steps[i].look_count;
        totals.session_ms += (double)report->steps[i].session_ms;
    }
    return totals;
}

enum status store_waits_watch_get(struct store *store, const struct scope *scope, int64_t connection_id,
                                  struct arena *arena, struct waits_watch *out_watch, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    status = store_read(store, scope, SQL(session_watch_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_watch = (struct waits_watch){.ended_us = INT64_MIN};
    if (PQntuples(result) == 1)
        *out_watch = (struct waits_watch){.state = row_text(result, 0, SESSION_WATCH_GET_STATE),
                                          .problem = row_text(result, 0, SESSION_WATCH_GET_PROBLEM),
                                          .remedy = row_text(result, 0, SESSION_WATCH_GET_REMEDY),
                                          .ended_us = row_time(result, 0, SESSION_WATCH_GET_ENDED_AT)};
    return STATUS_OK;
}
