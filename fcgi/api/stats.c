/* GET /api/v1/stats/…: seven aggregates over a period, from rollups alone. */
#include <math.h>

#include "base/clock.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/handlers.h"

enum { CALLS_MIN_DEFAULT = 10 };
#define LEAST_SHARE_DEFAULT 0.1 /* of the mean: less is noise */

/* Starts the answer: {"period", "items": [ */
static struct json_writer *begin_items(struct response *response, const struct period *period)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    json_member_period(json, period);
    json_key(json, "items");
    json_array_begin(json);
    return json;
}

/* ---- overview ---- */

enum status stats_overview(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    static const char *const allowed[] = {STATS_PARAMS, NULL};
    struct stats_filter filter = {0};
    struct stats_overview overview;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK)
        status = store_stats_overview(request->store, scope, &filter, request->arena, &overview, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_period(json, &filter.period);
    json_member_int64(json, "database_count", overview.connection_count);
    json_member_int64(json, "active_database_count", overview.active_connection_count);
    json_member_int64(json, "fingerprint_count", overview.fingerprint_count);
    stats_sums_write(json, &overview.now);
    json_member_percentiles(json, &overview.percentiles);
    json_key(json, "previous");
    json_object_begin(json);
    json_member_period(json, &overview.before_period);
    stats_sums_write(json, &overview.before);
    json_object_end(json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- lists that are whole ---- */

enum status stats_trends(const struct request *request, const struct scope *scope, struct response *response,
                         struct error *error)
{
    static const char *const allowed[] = {STATS_PARAMS, NULL};
    struct stats_filter filter = {0};
    struct series series;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK)
        status = store_overview_series(request->store, scope, &filter.period, filter.connection_id, filter.engine,
                                       filter.team_id, request->arena, &series, error);
    if (status != STATUS_OK)
        return status;
    json = begin_items(response, &filter.period);
    for (size_t i = 0; i < series.count; i++) {
        const struct series_point *point = &series.points[i];
        struct stats_sums sums = {.calls = point->calls, .slow_calls = point->slow_calls, .total_ms = point->total_ms};

        json_object_begin(json);
        json_member_time(json, "bucket_at", point->bucket_us);
        json_member_int64(json, "active_database_count", point->active_connection_count);
        stats_sums_write(json, &sums);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}

enum status stats_by_engine(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const allowed[] = {STATS_PARAMS, NULL};
    struct stats_filter filter = {0};
    struct stats_list list;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK)
        status = store_stats_engines(request->store, scope, &filter, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = begin_items(response, &filter.period);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        json_member_text(json, "engine", list.rows[i].engine);
        json_member_int64(json, "database_count", list.rows[i].connection_count);
        stats_sums_write(json, &list.rows[i].sums);
        json_member_double(json, "time_share", stats_share(list.rows[i].time_share));
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- lists by pages ---- */

static void end_items(struct json_writer *json, struct text next_cursor)
{
    json_array_end(json);
    json_member_next_cursor(json, next_cursor);
    json_object_end(json);
}

enum status stats_top_queries(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const char *const allowed[] = {STATS_LIST_PARAMS, "sort", NULL};
    /* In the order of enum query_sort, from QUERY_SORT_TOTAL. */
    static const char *const sorts[] = {"total_ms", "calls", "mean_ms", "max_ms", NULL};
    struct stats_filter filter = {0};
    struct stats_page page = {.limit = LIST_LIMIT_DEFAULT};
    const char *name;
    struct stats_list list;
    struct json_writer *json;
    int sort = 0;
    enum status status;

    request_query_only(request, allowed, error);
    param_limit(request, &page.limit, error);
    param_sort(request, sorts, &sort, error);
    status = param_stats_filter(request, scope, &filter, error);
    name = arena_printf(request->arena, "stats/top-queries:%s", sorts[sort]);
    if (status == STATUS_OK)
        status = stats_cursor_read(request, name, STATS_KEY_HASH, &page, error);
    if (status == STATUS_OK)
        status = store_stats_queries(request->store, scope, &filter, (enum query_sort)(QUERY_SORT_TOTAL + sort), &page,
                                     request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = begin_items(response, &filter.period);
    for (size_t i = 0; i < list.count; i++) {
        const struct stats_row *row = &list.rows[i];

        json_object_begin(json);
        json_member_hash(json, "sql_hash", row->hash);
        json_member_text(json, "fingerprint", row->fingerprint);
        json_member_text(json, "statement_kind", row->statement_kind);
        json_key(json, "tables");
        json_array_begin(json);
        for (size_t k = 0; k < row->table_count; k++)
            json_text(json, row->tables[k]);
        json_array_end(json);
        stats_sums_write(json, &row->sums);
        stats_details_write(json, &row->sums);
        json_member_double(json, "time_share", stats_share(row->time_share));
        json_key(json, "database_connection_ids");
        json_array_begin(json);
        for (size_t k = 0; k < row->connection_id_count; k++)
            json_int64(json, row->connection_ids[k]);
        json_array_end(json);
        json_object_end(json);
    }
    end_items(json, stats_cursor_next(name, STATS_KEY_HASH, &list, request->arena));
    return STATUS_OK;
}

enum status stats_top_tables(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    static const char *const allowed[] = {STATS_LIST_PARAMS, NULL};
    static const char name[] = "stats/top-tables";
    struct stats_filter filter = {0};
    struct stats_page page = {.limit = LIST_LIMIT_DEFAULT};
    struct stats_list list;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    param_limit(request, &page.limit, error);
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK)
        status = stats_cursor_read(request, name, STATS_KEY_NAME, &page, error);
    if (status == STATUS_OK)
        status = store_stats_tables(request->store, scope, &filter, &page, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = begin_items(response, &filter.period);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        json_member_text(json, "table", list.rows[i].name);
        json_member_int64(json, "fingerprint_count", list.rows[i].fingerprint_count);
        stats_sums_write(json, &list.rows[i].sums);
        json_member_double(json, "time_share", stats_share(list.rows[i].time_share));
        json_object_end(json);
    }
    end_items(json, stats_cursor_next(name, STATS_KEY_NAME, &list, request->arena));
    return STATUS_OK;
}

enum status stats_by_database(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const char *const allowed[] = {STATS_LIST_PARAMS, NULL};
    static const char name[] = "stats/by-database";
    struct stats_filter filter = {0};
    struct stats_page page = {.limit = LIST_LIMIT_DEFAULT};
    struct stats_list list;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    param_limit(request, &page.limit, error);
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK)
        status = stats_cursor_read(request, name, STATS_KEY_CONNECTION, &page, error);
    if (status == STATUS_OK)
        status = store_stats_databases(request->store, scope, &filter, false, &page, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = begin_items(response, &filter.period);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        json_member_int64(json, "database_connection_id", list.rows[i].connection_id);
        json_member_text(json, "name", list.rows[i].name);
        json_member_text(json, "engine", list.rows[i].engine);
        stats_sums_write(json, &list.rows[i].sums);
        json_member_double(json, "time_share", stats_share(list.rows[i].time_share));
        json_object_end(json);
    }
    end_items(json, stats_cursor_next(name, STATS_KEY_CONNECTION, &list, request->arena));
    return STATUS_OK;
}

/* ---- improvements ---- */

/* compare_from, compare_to: as long as the period, just before it, unless said otherwise. */
static void param_compared(const struct request *request, const struct period *period, struct period *out_compared,
                           struct error *error)
{
    int64_t from_us = INT64_MIN, to_us = INT64_MIN, length_us = period->to_us - period->from_us;
    bool is_read = request_query_time(request, "compare_from", &from_us, error);
    struct error fault = {0};

    if (!request_query_time(request, "compare_to", &to_us, error) || !is_read)
        return;
    if (to_us == INT64_MIN)
        to_us = from_us == INT64_MIN ? period->from_us : from_us + length_us;
    if (from_us == INT64_MIN)
        from_us = to_us - length_us;
    if (period_make(from_us, to_us, request->received_at_us, out_compared, &fault) != STATUS_OK)
        error_field(error, "compare_from", "%s", fault.field_count > 0 ? fault.fields[0].message : "is not a period");
}

static void write_side(struct json_writer *json, const char *key, const struct stats_sums *sums)
{
    json_key(json, key);
    json_object_begin(json);
    json_member_int64(json, "calls", sums->calls);
    json_member_ms(json, "total_ms", sums->total_ms);
    json_member_ms(json, "mean_ms", stats_mean_ms(sums));
    json_object_end(json);
}

static void write_improvement(struct json_writer *json, const struct stats_row *row)
{
    double before_ms = stats_mean_ms(&row->before), after_ms = stats_mean_ms(&row->sums);

    json_object_begin(json);
    json_member_hash(json, "sql_hash", row->hash);
    json_member_text(json, "fingerprint", row->fingerprint);
    json_member_text(json, "statement_kind", row->statement_kind);
    write_side(json, "before", &row->before);
    write_side(json, "after", &row->sums);
    json_member_double(json, "improvement_ratio", stats_share(1 - after_ms / before_ms));
    json_member_ms(json, "saved_ms", (before_ms - after_ms) * (double)row->sums.calls);
    json_object_end(json);
}

enum status stats_improvements(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    static const char *const allowed[] = {STATS_LIST_PARAMS, "compare_from",    "compare_to",
                                          "min_calls",       "min_improvement", NULL};
    static const char name[] = "stats/improvements";
    struct stats_filter filter = {0};
    struct stats_page page = {.limit = LIST_LIMIT_DEFAULT};
    struct period compared = {0};
    int64_t calls_min = CALLS_MIN_DEFAULT;
    double least_share = LEAST_SHARE_DEFAULT;
    struct stats_list list;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    param_limit(request, &page.limit, error);
    request_query_int64(request, "min_calls", 1, INT64_C(1000000000), &calls_min, error);
    request_query_double(request, "min_improvement", 0, 1, &least_share, error);
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK) {
        param_compared(request, &filter.period, &compared, error);
        status = params_status(STATUS_OK, error);
    }
    if (status == STATUS_OK)
        status = stats_cursor_read(request, name, STATS_KEY_HASH, &page, error);
    if (status == STATUS_OK)
        status = store_stats_improvements(request->store, scope, &filter, &compared, calls_min, least_share, &page,
                                          request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_period(json, &filter.period);
    json_key(json, "compared");
    json_object_begin(json);
    json_member_time(json, "from", compared.from_us);
    json_member_time(json, "to", compared.to_us);
    json_object_end(json);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list.count; i++)
        write_improvement(json, &list.rows[i]);
    end_items(json, stats_cursor_next(name, STATS_KEY_HASH, &list, request->arena));
    return STATUS_OK;
}
