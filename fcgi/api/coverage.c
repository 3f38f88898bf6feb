/* GET /api/v1/monitoring/connections/{id}/coverage: how much of the time of a database's statements is attributed, why
 * the rest is not, and what looking costs the database. */
#include <math.h>

#include "fcgi/api/query_params.h"
#include "fcgi/coverage_words.h"
#include "fcgi/handlers.h"
#include "store/admin/connection.h"
#include "store/read/coverage.h"

static double rounded(double value)
{
    return round(value * 1e6) / 1e6;
}

/* Below 0: not known. */
static void share_member(struct json_writer *json, const char *key, double share)
{
    if (share < 0)
        json_member_null(json, key);
    else
        json_member_double(json, key, rounded(share));
}

/* Times are null where the server tells none. */
static void seconds_member(struct json_writer *json, const char *key, const struct coverage_fact *fact, double ms)
{
    if (fact->basis == COVERAGE_BASIS_ACTIVE_TIME || fact->basis == COVERAGE_BASIS_STATEMENTS)
        json_member_double(json, key, rounded(ms / 1000));
    else
        json_member_null(json, key);
}

static void write_sums(struct json_writer *json, const struct coverage_step *step)
{
    const struct coverage_fact *fact = &step->fact;

    json_member_double(json, "covered_s", rounded((double)fact->covered_us / 1e6));
    seconds_member(json, "server_s", fact, fact->server_ms);
    seconds_member(json, "attributed_s", fact, fact->attributed_ms);
    share_member(json, "attributed_share", coverage_share(fact));
    seconds_member(json, "counted_s", fact, coverage_counted_ms(fact));
    share_member(json, "counted_share", coverage_counted_share(fact));
    json_member_int64(json, "look_count", step->look_count);
    share_member(json, "look_cost_share", store_coverage_cost_share(step));
}

static void write_gap(struct json_writer *json, const char *cause, const char *remedy, const struct coverage_fact *fact,
                      double ms)
{
    json_object_begin(json);
    json_member_string(json, "cause", cause);
    json_member_double(json, "seconds", rounded(ms / 1000));
    share_member(json, "share", fact->server_ms > 0 ? fmax(ms, 0) / fact->server_ms : -1);
    json_member_string(json, "remedy", remedy[0] == '\0' ? NULL : remedy);
    json_object_end(json);
}

static void write_gaps(struct json_writer *json, const struct coverage_fact *fact, struct text engine)
{
    double unknown_ms = coverage_unknown_ms(fact);

    json_key(json, "gaps");
    json_array_begin(json);
    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        if (fact->gaps_ms[gap] != 0)
            write_gap(json, coverage_gap_name((enum coverage_gap)gap),
                      coverage_gap_remedy((enum coverage_gap)gap, engine), fact, fact->gaps_ms[gap]);
    if (unknown_ms > 0)
        write_gap(json, "unknown", "", fact, unknown_ms);
    json_array_end(json);
}

static void write_report(struct json_writer *json, const struct coverage_report *report,
                         const struct connection *connection, const struct period *period)
{
    const struct coverage_fact *fact = &report->total.fact;

    json_object_begin(json);
    json_member_int64(json, "connection_id", connection->id);
    json_member_period(json, period);
    json_member_int64(json, "step_s", report->step_s);
    json_member_string(json, "basis", coverage_basis_name(fact->basis));
    write_sums(json, &report->total);
    if (fact->server_calls > 0)
        json_member_int64(json, "server_calls", fact->server_calls);
    else
        json_member_null(json, "server_calls");
    json_member_int64(json, "attributed_calls", fact->attributed_calls);
    json_member_int64(json, "first_looks", fact->first_looks);
    json_member_int64(json, "evictions", fact->evictions);
    write_gaps(json, fact, connection->engine);
    json_key(json, "points");
    json_array_begin(json);
    for (size_t i = 0; i < report->step_count; i++) {
        json_object_begin(json);
        json_member_time(json, "timestamp", report->steps[i].at_us);
        write_sums(json, &report->steps[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

enum status monitoring_coverage(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    static const char *const params[] = {"from", "to", NULL};
    struct coverage_report report;
    struct connection connection;
    struct period period;
    int64_t connection_id, from_us, to_us;
    enum status status = param_path_connection(request, params, &connection_id, error);

    if (status != STATUS_OK)
        return status;
    param_period(request, &period, &from_us, &to_us, error);
    status = params_status(STATUS_OK, error);
    if (status == STATUS_OK)
        status = store_connection_get(request->store, scope, connection_id, request->arena, &connection, error);
    if (status == STATUS_OK)
        status = store_coverage_report(request->store, store_scope_narrow_to(scope, connection_id, request->arena),
                                       &period, request->arena, &report, error);
    if (status == STATUS_OK)
        write_report(response_json(response, 200), &report, &connection, &period);
    return status;
}
