/* GET /api/v1/statistics/…: three reports over a period, from rollups alone, as JSON by pages or as CSV. */
#include <math.h>

#include "base/clock.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/csv.h"
#include "fcgi/handlers.h"

/* A row of CSV has 2,000 bytes of statement at most, twice that with quotes, so that the answer stays within its
 * buffer. */
enum { CSV_ROWS_MAX = 5000, CSV_TEXT_BYTES = 2000, DAY_S = 86400 };

static const char *const allowed[] = {STATS_LIST_PARAMS, NULL};

struct report {
    const char *name; /* of its cursors; its file is called by what follows the slash */
    enum stats_key key;
    const char *const *columns; /* of CSV; ends with NULL */
    enum status (*read)(const struct request *request, const struct scope *scope, struct stats_filter *filter,
                        const struct stats_page *page, struct stats_list *out_list, struct error *error);
    void (*write_json)(struct json_writer *json, const struct stats_row *row); /* members, without braces */
    void (*write_csv)(struct csv_writer *csv, const struct stats_row *row);
};

static void answer_json(const struct report *report, const struct stats_filter *filter, const struct stats_list *list,
                        struct text next_cursor, struct response *response)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    json_member_period(json, &filter->period);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list->count; i++) {
        json_object_begin(json);
        report->write_json(json, &list->rows[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_next_cursor(json, next_cursor);
    json_object_end(json);
}

static void answer_csv(const struct request *request, const struct report *report, const struct stats_list *list,
                       struct text next_cursor, struct response *response)
{
    struct csv_writer csv = {.buffer = &response->body};

    response->content_type = "text/csv; charset=utf-8; header=present";
    response_header(
        response, "Content-Disposition",
        arena_printf(request->arena, "attachment; filename=\"potto-%s.csv\"", report->name + strlen("statistics/")));
    if (next_cursor.data != NULL)
        response_header(response, "X-Next-Cursor", next_cursor.data);
    csv_header(&csv, report->columns);
    for (size_t i = 0; i < list->count; i++) {
        report->write_csv(&csv, &list->rows[i]);
        csv_end_row(&csv);
    }
}

static enum status run_report(const struct report *report, const struct request *request, const struct scope *scope,
                              struct response *response, struct error *error)
{
    bool is_csv = csv_is_wanted(request->accept);
    int64_t limit = is_csv ? CSV_ROWS_MAX : LIST_LIMIT_DEFAULT;
    struct stats_filter filter = {0};
    struct stats_page page = {0};
    struct stats_list list;
    struct text next_cursor;
    enum status status;

    request_query_only(request, allowed, error);
    request_query_int64(request, "limit", 1, is_csv ? CSV_ROWS_MAX : LIST_LIMIT_MAX, &limit, error);
    page.limit = (int)limit;
    status = param_stats_filter(request, scope, &filter, error);
    if (status == STATUS_OK)
        status = stats_cursor_read(request, report->name, report->key, &page, error);
    if (status == STATUS_OK)
        status = report->read(request, scope, &filter, &page, &list, error);
    if (status != STATUS_OK)
        return status;
    response_header(response, "Vary", "Accept");
    next_cursor = stats_cursor_next(report->name, report->key, &list, request->arena);
    if (is_csv)
        answer_csv(request, report, &list, next_cursor, response);
    else
        answer_json(report, &filter, &list, next_cursor, response);
    return STATUS_OK;
}

static void csv_ms(struct csv_writer *csv, double ms)
{
    csv_double(csv, round(ms * 1000) / 1000);
}

/* calls, slow_calls, total_ms, mean_ms */
static void csv_sums(struct csv_writer *csv, const struct stats_sums *sums)
{
    csv_int64(csv, sums->calls);
    csv_int64(csv, sums->slow_calls);
    csv_ms(csv, sums->total_ms);
    csv_ms(csv, stats_mean_ms(sums));
}

/* max_ms, rows_examined, rows_returned, blocks_hit, blocks_read */
static void csv_details(struct csv_writer *csv, const struct stats_sums *sums)
{
    csv_ms(csv, sums->max_ms);
    csv_int64(csv, sums->rows_examined);
    csv_int64(csv, sums->rows_returned);
    csv_int64(csv, sums->blocks_hit);
    csv_int64(csv, sums->blocks_read);
}

static void csv_hash(struct csv_writer *csv, struct sql_hash hash)
{
    char text[SQL_HASH_HEX_BYTES];

    csv_text(csv, text_of(sql_hash_format(hash, text)));
}

/* ---- daily ---- */

/* The days that the period touches, whole. */
static enum status read_daily(const struct request *request, const struct scope *scope, struct stats_filter *filter,
                              const struct stats_page *page, struct stats_list *out_list, struct error *error)
{
    const int64_t day_us = DAY_S * CLOCK_SECOND_US;
    struct period *period = &filter->period;
    int64_t into_us = ((period->from_us % day_us) + day_us) % day_us;
    int64_t over_us = ((period->to_us % day_us) + day_us) % day_us;

    period->from_us -= into_us;
    period->to_us += over_us > 0 ? day_us - over_us : 0;
    period->resolution_s = DAY_S;
    return store_statistics_daily(request->store, scope, filter, page, request->arena, out_list, error);
}

/* "2025-11-02" */
static struct text day_of(const struct stats_row *row, char buffer[CLOCK_RFC3339_BYTES])
{
    return (struct text){clock_format(row->bucket_us, buffer), 10};
}

static void write_daily_json(struct json_writer *json, const struct stats_row *row)
{
    char day[CLOCK_RFC3339_BYTES];

    json_member_text(json, "metric_date", day_of(row, day));
    json_member_int64(json, "database_count", row->connection_count);
    stats_sums_write(json, &row->sums);
}

static void write_daily_csv(struct csv_writer *csv, const struct stats_row *row)
{
    char day[CLOCK_RFC3339_BYTES];

    csv_text(csv, day_of(row, day));
    csv_int64(csv, row->connection_count);
    csv_sums(csv, &row->sums);
}

enum status statistics_daily(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    static const char *const columns[] = {"metric_date", "database_count", "calls", "slow_calls",
                                          "total_ms",    "mean_ms",        NULL};
    static const struct report report = {"statistics/daily", STATS_KEY_TIME,   columns,
                                         read_daily,         write_daily_json, write_daily_csv};

    return run_report(&report, request, scope, response, error);
}

/* ---- fingerprints ---- */

static enum status read_fingerprints(const struct request *request, const struct scope *scope,
                                     struct stats_filter *filter, const struct stats_page *page,
                                     struct stats_list *out_list, struct error *error)
{
    return store_stats_queries(request->store, scope, filter, QUERY_SORT_TOTAL, page, request->arena, out_list, error);
}

static void write_fingerprint_json(struct json_writer *json, const struct stats_row *row)
{
    json_member_hash(json, "sql_hash", row->hash);
    json_member_text(json, "fingerprint", row->fingerprint);
    json_member_text(json, "statement_kind", row->statement_kind);
    json_member_int64(json, "database_count", (int64_t)row->connection_id_count);
    stats_sums_write(json, &row->sums);
    stats_details_write(json, &row->sums);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

static void write_fingerprint_csv(struct csv_writer *csv, const struct stats_row *row)
{
    csv_hash(csv, row->hash);
    csv_text(csv, text_cut_utf8(row->fingerprint, CSV_TEXT_BYTES));
    csv_text(csv, row->statement_kind);
    csv_int64(csv, (int64_t)row->connection_id_count);
    csv_sums(csv, &row->sums);
    csv_details(csv, &row->sums);
    csv_double(csv, stats_share(row->time_share));
}

enum status statistics_fingerprints(const struct request *request, const struct scope *scope, struct response *response,
                                    struct error *error)
{
    static const char *const columns[] = {
        "sql_hash",      "fingerprint", "statement_kind", "database_count", "calls",
        "slow_calls",    "total_ms",    "mean_ms",        "max_ms",         "rows_examined",
        "rows_returned", "blocks_hit",  "blocks_read",    "time_share",     NULL};
    static const struct report report = {"statistics/fingerprints", STATS_KEY_HASH,         columns,
                                         read_fingerprints,         write_fingerprint_json, write_fingerprint_csv};

    return run_report(&report, request, scope, response, error);
}

/* ---- databases ---- */

static enum status read_databases(const struct request *request, const struct scope *scope, struct stats_filter *filter,
                                  const struct stats_page *page, struct stats_list *out_list, struct error *error)
{
    return store_stats_databases(request->store, scope, filter, true, page, request->arena, out_list, error);
}

static void write_database_json(struct json_writer *json, const struct stats_row *row)
{
    json_member_int64(json, "database_connection_id", row->connection_id);
    json_member_text(json, "name", row->name);
    json_member_text(json, "engine", row->engine);
    json_member_int64(json, "fingerprint_count", row->fingerprint_count);
    stats_sums_write(json, &row->sums);
    stats_details_write(json, &row->sums);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

static void write_database_csv(struct csv_writer *csv, const struct stats_row *row)
{
    csv_int64(csv, row->connection_id);
    csv_text(csv, row->name);
    csv_text(csv, row->engine);
    csv_int64(csv, row->fingerprint_count);
    csv_sums(csv, &row->sums);
    csv_details(csv, &row->sums);
    csv_double(csv, stats_share(row->time_share));
}

enum status statistics_databases(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    static const char *const columns[] = {"database_connection_id",
                                          "name",
                                          "engine",
                                          "fingerprint_count",
                                          "calls",
                                          "slow_calls",
                                          "total_ms",
                                          "mean_ms",
                                          "max_ms",
                                          "rows_examined",
                                          "rows_returned",
                                          "blocks_hit",
                                          "blocks_read",
                                          "time_share",
                                          NULL};
    static const struct report report = {"statistics/databases", STATS_KEY_CONNECTION, columns,
                                         read_databases,         write_database_json,  write_database_csv};

    return run_report(&report, request, scope, response, error);
}
