/* GET /api/v1/monitoring/connections/{id}/waits: what the sessions of a database waited for, and who kept them
 * waiting. */
#include <math.h>

#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "store/read/waits.h"

static const char *const params[] = {"from", "to", "group_by", "sql_hash", "limit", NULL};
static const char *const groupings[] = {"wait_class", "wait", "statement", "user", "host", "application", NULL};

static void param_group_by(const struct request *request, const char **out_group_by, struct error *error)
{
    struct text value = request_query(request, "group_by");

    *out_group_by = groupings[0];
    if (value.size == 0)
        return;
    for (int i = 0; groupings[i] != NULL; i++)
        if (text_equal(value, text_of(groupings[i]))) {
            *out_group_by = groupings[i];
            return;
        }
    error_field(error, "group_by", "must be wait_class, wait, statement, user, host or application");
}

static void param_hash(const struct request *request, struct sql_hash *out_hash, struct error *error)
{
    struct text value = request_query(request, "sql_hash");

    if (value.size > 0 && !sql_hash_parse(value, out_hash))
        error_field(error, "sql_hash", "must be 32 hexadecimal digits");
}

static enum status read_filter(const struct request *request, const struct scope *scope, int64_t *out_connection_id,
                               struct waits_filter *out_filter, struct error *error)
{
    struct waits_filter filter = {.group_max = WAITS_GROUPS_MAX / 2};
    int64_t limit = filter.group_max, from_us, to_us;
    enum status status = param_path_connection(request, params, out_connection_id, error);

    if (status != STATUS_OK)
        return status;
    param_period(request, &filter.period, &from_us, &to_us, error);
    param_group_by(request, &filter.group_by, error);
    param_hash(request, &filter.hash, error);
    if (request_query_int64(request, "limit", 1, WAITS_GROUPS_MAX, &limit, error))
        filter.group_max = (int)limit;
    *out_filter = filter;
    status = params_status(STATUS_OK, error);
    return status == STATUS_OK ? param_connection_check(scope, *out_connection_id, error) : status;
}

/* Session time as average active sessions, and as seconds. */
static double rounded(double value)
{
    return round(value * 1e4) / 1e4;
}

static double share_of(double part, double whole)
{
    return whole > 0 ? rounded(part / whole) : 0;
}

static void hash_member(struct json_writer *json, const char *key, bool is_known, struct sql_hash hash)
{
    if (is_known)
        json_member_hash(json, key, hash);
    else
        json_member_null(json, key);
}

static void write_group(struct json_writer *json, const struct waits_group *group, double watched_ms, double all_ms)
{
    json_object_begin(json);
    json_member_bool(json, "is_rest", group->is_rest);
    json_member_string(json, "wait_class",
                       group->wait_class == WAIT_CLASS_UNSET ? NULL : wait_class_name(group->wait_class));
    json_member_text_or_null(json, "wait_event", group->event);
    hash_member(json, "sql_hash", group->has_statement, group->hash);
    json_member_text_or_null(json, "fingerprint", group->fingerprint);
    json_member_text_or_null(json, "name", group->name);
    json_member_double(json, "session_s", rounded(group->session_ms / 1000));
    json_member_double(json, "average_active_sessions", share_of(group->session_ms, watched_ms));
    json_member_double(json, "share", share_of(group->session_ms, all_ms));
    json_object_end(json);
}

static void write_step(struct json_writer *json, const struct waits_report *report, size_t step)
{
    const struct waits_step *at = &report->steps[step];

    json_object_begin(json);
    json_member_time(json, "timestamp", at->at_us);
    json_member_double(json, "watched_s", rounded((double)at->watched_ms / 1000));
    json_key(json, "average_active_sessions");
    json_array_begin(json);
    for (size_t i = 0; i < report->groups.count; i++)
        json_double(json, share_of(report->groups.items[i].step_ms[step], (double)at->watched_ms));
    json_array_end(json);
    json_object_end(json);
}

static void write_root(struct json_writer *json, const struct waits_root *root)
{
    json_object_begin(json);
    json_member_string(json, "root_state", block_state_name(root->state));
    hash_member(json, "root_sql_hash", root->has_root, root->root_hash);
    json_member_text_or_null(json, "root_fingerprint", root->root_fingerprint);
    json_member_text_or_null(json, "root_user", root->user);
    json_member_text_or_null(json, "root_application", root->application);
    hash_member(json, "sql_hash", root->has_statement, root->hash);
    json_member_text_or_null(json, "fingerprint", root->fingerprint);
    json_member_double(json, "session_s", rounded(root->session_ms / 1000));
    json_member_int64(json, "max_depth", root->depth_max);
    json_member_int64(json, "max_waiters", root->waiters_max);
    json_member_time(json, "first_at", root->first_us);
    json_member_time(json, "last_at", root->last_us);
    json_object_end(json);
}

/* What holds for the whole period. */
static void write_totals(struct json_writer *json, const struct waits_report *report, const struct waits_totals *totals)
{
    double all_ms = report->groups.session_ms;

    json_member_int64(json, "step_s", report->step_s);
    json_member_double(json, "watched_s", rounded(totals->watched_ms / 1000));
    json_member_int64(json, "look_count", totals->look_count);
    json_member_double(json, "look_cost_share",
                       totals->watched_ms > 0 ? round(totals->cost_us / totals->watched_ms * 1e3) / 1e6 : 0);
    json_member_double(json, "session_s", rounded(all_ms / 1000));
    if (totals->watched_ms > 0)
        json_member_double(json, "average_active_sessions", share_of(all_ms, totals->watched_ms));
    else
        json_member_null(json, "average_active_sessions");
}

static void write_watch(struct json_writer *json, const struct waits_watch *watch)
{
    json_key(json, "watch");
    json_object_begin(json);
    json_member_text_or_null(json, "state", watch->state);
    json_member_text_or_null(json, "problem", watch->problem);
    json_member_text_or_null(json, "remedy", watch->remedy);
    json_member_time(json, "ended_at", watch->ended_us);
    json_object_end(json);
}

enum status monitoring_waits(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    struct waits_report report;
    struct waits_filter filter = {0};
    struct json_writer *json;
    int64_t connection_id;
    struct waits_watch watch = {.ended_us = INT64_MIN};
    struct waits_totals totals;
    const struct scope *chosen;
    enum status status = read_filter(request, scope, &connection_id, &filter, error);

    if (status != STATUS_OK)
        return status;
    chosen = store_scope_narrow_to(scope, connection_id, request->arena);
    status = store_waits_report(request->store, chosen, &filter, request->arena, &report, error);
    if (status == STATUS_OK)
        status = store_waits_watch_get(request->store, chosen, connection_id, request->arena, &watch, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "connection_id", connection_id);
    json_member_string(json, "group_by", filter.group_by);
    json_member_period(json, &filter.period);
    totals = waits_totals(&report);
    write_totals(json, &report, &totals);
    write_watch(json, &watch);
    json_key(json, "groups");
    json_array_begin(json);
    for (size_t i = 0; i < report.groups.count; i++)
        write_group(json, &report.groups.items[i], totals.watched_ms, report.groups.session_ms);
    json_array_end(json);
    json_key(json, "points");
    json_array_begin(json);
    for (size_t i = 0; i < report.step_count; i++)
        write_step(json, &report, i);
    json_array_end(json);
    json_key(json, "blockers");
    json_array_begin(json);
    for (size_t i = 0; i < report.root_count; i++)
        write_root(json, &report.roots[i]);
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}
