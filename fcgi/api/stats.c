/* GET /api/v1/stats/…: seven aggregates over a period, from rollups alone. */
#include "fcgi/api/stats_report.h"
#include "fcgi/handlers.h"
#include "store/read/overview_series.h"
#include "store/read/stats_queries.h"

enum { CALLS_MIN_DEFAULT = 10 };
#define LEAST_SHARE_DEFAULT 0.1 /* of the mean; a smaller improvement is noise */

/* ---- overview ---- */

enum status stats_overview(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    static const char *const allowed[] = {STATS_PARAMS, NULL};
    const struct scope *chosen;
    struct period period;
    struct stats_overview overview;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    status = param_stats(request, scope, &period, &chosen, error);
    if (status == STATUS_OK)
        status = store_stats_overview(request->store, chosen, &period, request->arena, &overview, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_period(json, &period);
    json_member_int64(json, "database_count", overview.connection_count);
    json_member_int64(json, "active_database_count", overview.active_connection_count);
    json_member_int64(json, "fingerprint_count", overview.fingerprint_count);
    sums_brief_write(json, &overview.now);
    json_member_percentiles(json, &overview.percentiles);
    json_key(json, "previous");
    json_object_begin(json);
    json_member_period(json, &overview.before_period);
    sums_brief_write(json, &overview.before);
    json_object_end(json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- trends ---- */

enum status stats_trends(const struct request *request, const struct scope *scope, struct response *response,
                         struct error *error)
{
    static const char *const allowed[] = {STATS_PARAMS, NULL};
    const struct scope *chosen;
    struct period period;
    struct series series;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    status = param_stats(request, scope, &period, &chosen, error);
    if (status == STATUS_OK)
        status = store_overview_series(request->store, chosen, &period, request->arena, &series, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_period(json, &period);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < series.count; i++) {
        const struct series_point *point = &series.points[i];

        json_object_begin(json);
        json_member_time(json, "bucket_at", point->bucket_us);
        json_member_int64(json, "active_database_count", point->active_connection_count);
        sums_brief_write(json, &point->sums);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- lists ---- */

static enum status read_engines(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                                struct error *error)
{
    return store_stats_engines(request->store, asked->scope, &asked->period, request->arena, out_list, error);
}

static void write_engine(struct json_writer *json, const struct stats_row *row)
{
    json_member_text(json, "engine", row->engine);
    json_member_int64(json, "database_count", row->connection_count);
    sums_brief_write(json, &row->sums);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

enum status stats_by_engine(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const struct stats_report report = {.read = read_engines, .write_json = write_engine};

    return stats_report_answer(&report, request, scope, response, error);
}

static enum status read_queries(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                                struct error *error)
{
    return store_stats_queries(request->store, asked->scope, &asked->period,
                               (enum query_sort)(QUERY_SORT_TOTAL + asked->sort), &asked->page, request->arena,
                               out_list, error);
}

static void write_query(struct json_writer *json, const struct stats_row *row)
{
    json_member_hash(json, "sql_hash", row->hash);
    json_member_text(json, "fingerprint", row->fingerprint);
    json_member_text(json, "statement_kind", row->statement_kind);
    json_key(json, "tables");
    json_array_begin(json);
    for (size_t i = 0; i < row->table_count; i++)
        json_text(json, row->tables[i]);
    json_array_end(json);
    sums_write(json, &row->sums, row->known);
    json_member_double(json, "time_share", stats_share(row->time_share));
    json_key(json, "database_connection_ids");
    json_array_begin(json);
    for (size_t i = 0; i < row->connection_id_count; i++)
        json_int64(json, row->connection_ids[i]);
    json_array_end(json);
}

enum status stats_top_queries(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    /* In the order of enum query_sort, starting with QUERY_SORT_TOTAL. */
    static const char *const sorts[] = {"total_ms", "calls", "mean_ms", "max_ms", NULL};
    static const struct stats_report report = {.name = "stats/top-queries",
                                               .key = STATS_KEY_HASH,
                                               .sorts = sorts,
                                               .read = read_queries,
                                               .write_json = write_query};

    return stats_report_answer(&report, request, scope, response, error);
}

static enum status read_tables(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                               struct error *error)
{
    return store_stats_tables(request->store, asked->scope, &asked->period, &asked->page, request->arena, out_list,
                              error);
}

static void write_table(struct json_writer *json, const struct stats_row *row)
{
    json_member_text(json, "table", row->name);
    json_member_int64(json, "fingerprint_count", row->fingerprint_count);
    sums_brief_write(json, &row->sums);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

enum status stats_top_tables(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    static const struct stats_report report = {
        .name = "stats/top-tables", .key = STATS_KEY_NAME, .read = read_tables, .write_json = write_table};

    return stats_report_answer(&report, request, scope, response, error);
}

static enum status read_databases(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                                  struct error *error)
{
    return store_stats_databases(request->store, asked->scope, &asked->period, &asked->page, request->arena, out_list,
                                 error);
}

static void write_database(struct json_writer *json, const struct stats_row *row)
{
    json_member_int64(json, "database_connection_id", row->connection_id);
    json_member_text(json, "name", row->name);
    json_member_text(json, "engine", row->engine);
    sums_brief_write(json, &row->sums);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

enum status stats_by_database(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const struct stats_report report = {
        .name = "stats/by-database", .key = STATS_KEY_CONNECTION, .read = read_databases, .write_json = write_database};

    return stats_report_answer(&report, request, scope, response, error);
}

/* ---- improvements ---- */

/* Read compare_from and compare_to. By default the compared period is as long as the period, and ends where that
 * begins. */
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

static void write_improvement(struct json_writer *json, const struct stats_row *row)
{
    double before_ms = sums_mean_ms(&row->before), after_ms = sums_mean_ms(&row->sums);

    json_object_begin(json);
    json_member_hash(json, "sql_hash", row->hash);
    json_member_text(json, "fingerprint", row->fingerprint);
    json_member_text(json, "statement_kind", row->statement_kind);
    sums_side_write(json, "before", &row->before);
    sums_side_write(json, "after", &row->sums);
    json_member_double(json, "improvement_ratio", stats_share(1 - after_ms / before_ms));
    json_member_ms(json, "saved_ms", (before_ms - after_ms) * (double)row->sums.calls);
    json_object_end(json);
}

enum status stats_improvements(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    static const char *const allowed[] = {STATS_LIST_PARAMS, "compare_from",    "compare_to", "min_calls",
                                          "min_improvement", "include_catalog", NULL};
    static const char name[] = "stats/improvements";
    const struct scope *chosen;
    struct period period;
    struct stats_page page = {.limit = LIST_LIMIT_DEFAULT};
    struct period compared = {0};
    int64_t calls_min = CALLS_MIN_DEFAULT;
    double least_share = LEAST_SHARE_DEFAULT;
    struct stats_list list;
    struct json_writer *json;
    enum status status;

    request_query_only(request, allowed, error);
    param_limit(request, &page.limit, error);
    param_catalog(request, &page.with_catalog, error);
    request_query_int64(request, "min_calls", 1, INT64_C(1000000000), &calls_min, error);
    request_query_double(request, "min_improvement", 0, 1, &least_share, error);
    status = param_stats(request, scope, &period, &chosen, error);
    if (status == STATUS_OK) {
        param_compared(request, &period, &compared, error);
        status = params_status(STATUS_OK, error);
    }
    if (status == STATUS_OK)
        status = stats_cursor_read(request, name, STATS_KEY_HASH, &page, error);
    if (status == STATUS_OK)
        status = store_stats_improvements(request->store, chosen, &period, &compared, calls_min, least_share, &page,
                                          request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_period(json, &period);
    json_member_span(json, "compared", compared.from_us, compared.to_us);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list.count; i++)
        write_improvement(json, &list.rows[i]);
    json_array_end(json);
    json_member_next_cursor(json, stats_cursor_next(name, STATS_KEY_HASH, &list, request->arena));
    json_object_end(json);
    return STATUS_OK;
}
