/* GET /api/v1/statistics/…: three reports over a period, from rollups alone, as JSON pages or as CSV. */
#include <math.h>

#include "base/clock.h"
#include "fcgi/api/stats_report.h"
#include "fcgi/handlers.h"
#include "store/read/stats_connections.h"
#include "store/read/stats_queries.h"

enum { DAY_S = 86400 };

static void csv_hash(struct csv_writer *csv, struct sql_hash hash)
{
    char text[SQL_HASH_HEX_BYTES];

    csv_text(csv, text_of(sql_hash_format(hash, text)));
}

/* ---- daily ---- */

/* Extends the period to whole days. */
static enum status read_daily(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                              struct error *error)
{
    const int64_t day_us = DAY_S * CLOCK_SECOND_US;
    struct period *period = &asked->period;
    int64_t into_us = ((period->from_us % day_us) + day_us) % day_us;
    int64_t over_us = ((period->to_us % day_us) + day_us) % day_us;

    period->from_us -= into_us;
    period->to_us += over_us > 0 ? day_us - over_us : 0;
    period->resolution_s = DAY_S;
    return store_statistics_daily(request->store, asked->scope, &asked->period, &asked->page, request->arena, out_list,
                                  error);
}

/* The day of a row: "2025-11-02". */
static struct text day_of(const struct stats_row *row, char buffer[CLOCK_RFC3339_BYTES])
{
    return (struct text){clock_format(row->bucket_us, buffer), 10};
}

static void write_daily_json(struct json_writer *json, const struct stats_row *row)
{
    char day[CLOCK_RFC3339_BYTES];

    json_member_text(json, "metric_date", day_of(row, day));
    json_member_int64(json, "database_count", row->connection_count);
    sums_brief_write(json, &row->sums);
}

static void write_daily_csv(struct csv_writer *csv, const struct stats_row *row)
{
    char day[CLOCK_RFC3339_BYTES];

    csv_text(csv, day_of(row, day));
    csv_int64(csv, row->connection_count);
    sums_brief_csv(csv, &row->sums);
}

enum status statistics_daily(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    static const char *const columns[] = {"metric_date", "database_count", SUMS_BRIEF_CSV_COLUMNS, NULL};
    static const struct stats_report report = {.name = "statistics/daily",
                                               .key = STATS_KEY_TIME,
                                               .read = read_daily,
                                               .write_json = write_daily_json,
                                               .columns = columns,
                                               .write_csv = write_daily_csv};

    return stats_report_answer(&report, request, scope, response, error);
}

/* ---- fingerprints ---- */

static enum status read_fingerprints(const struct request *request, struct stats_asked *asked,
                                     struct stats_list *out_list, struct error *error)
{
    return store_stats_queries(request->store, asked->scope, &asked->period, QUERY_SORT_TOTAL, &asked->page,
                               request->arena, out_list, error);
}

static void write_fingerprint_json(struct json_writer *json, const struct stats_row *row)
{
    json_member_hash(json, "sql_hash", row->hash);
    json_member_text(json, "fingerprint", row->fingerprint);
    json_member_text(json, "statement_kind", row->statement_kind);
    json_member_int64(json, "database_count", (int64_t)row->connection_id_count);
    sums_write(json, &row->sums, row->known);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

static void write_fingerprint_csv(struct csv_writer *csv, const struct stats_row *row)
{
    csv_hash(csv, row->hash);
    csv_text(csv, text_cut_utf8(row->fingerprint, STATS_CSV_TEXT_BYTES));
    csv_text(csv, row->statement_kind);
    csv_int64(csv, (int64_t)row->connection_id_count);
    sums_csv(csv, &row->sums, row->known);
    csv_double(csv, stats_share(row->time_share));
}

enum status statistics_fingerprints(const struct request *request, const struct scope *scope, struct response *response,
                                    struct error *error)
{
    static const char *const columns[] = {
        "sql_hash", "fingerprint", "statement_kind", "database_count", SUMS_CSV_COLUMNS, "time_share", NULL};
    static const struct stats_report report = {.name = "statistics/fingerprints",
                                               .key = STATS_KEY_HASH,
                                               .read = read_fingerprints,
                                               .write_json = write_fingerprint_json,
                                               .columns = columns,
                                               .write_csv = write_fingerprint_csv};

    return stats_report_answer(&report, request, scope, response, error);
}

/* ---- databases ---- */

static enum status read_databases(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                                  struct error *error)
{
    return store_stats_databases_detail(request->store, asked->scope, &asked->period, &asked->page, request->arena,
                                        out_list, error);
}

static void write_database_json(struct json_writer *json, const struct stats_row *row)
{
    json_member_int64(json, "database_connection_id", row->connection_id);
    json_member_text(json, "name", row->name);
    json_member_text(json, "engine", row->engine);
    json_member_int64(json, "fingerprint_count", row->fingerprint_count);
    sums_write(json, &row->sums, row->known);
    json_member_double(json, "time_share", stats_share(row->time_share));
}

static void write_database_csv(struct csv_writer *csv, const struct stats_row *row)
{
    csv_int64(csv, row->connection_id);
    csv_text(csv, row->name);
    csv_text(csv, row->engine);
    csv_int64(csv, row->fingerprint_count);
    sums_csv(csv, &row->sums, row->known);
    csv_double(csv, stats_share(row->time_share));
}

enum status statistics_databases(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    static const char *const columns[] = {"database_connection_id", "name",       "engine", "fingerprint_count",
                                          SUMS_CSV_COLUMNS,         "time_share", NULL};
    static const struct stats_report report = {.name = "statistics/databases",
                                               .key = STATS_KEY_CONNECTION,
                                               .read = read_databases,
                                               .write_json = write_database_json,
                                               .columns = columns,
                                               .write_csv = write_database_csv};

    return stats_report_answer(&report, request, scope, response, error);
}
