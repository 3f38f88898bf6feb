/* Reports over a period that are lists; see stats_report.h. */
#include "fcgi/api/stats_report.h"

static enum status read_asked(const struct stats_report *report, const struct request *request,
                              const struct scope *scope, bool is_csv, struct stats_asked *out_asked,
                              struct error *error);
static const char *cursor_list(const struct stats_report *report, const struct stats_asked *asked, struct arena *arena);
static void answer_json(const struct stats_report *report, const struct period *period, const struct stats_list *list,
                        struct text next_cursor, struct response *response);
static void answer_csv(const struct request *request, const struct stats_report *report, const struct stats_list *list,
                       struct text next_cursor, struct response *response);

enum status stats_report_answer(const struct stats_report *report, const struct request *request,
                                const struct scope *scope, struct response *response, struct error *error)
{
    bool is_csv = report->columns != NULL && csv_is_wanted(request->accept);
    struct stats_asked asked = {0};
    struct stats_list list;
    struct text next_cursor = {NULL, 0};
    enum status status = read_asked(report, request, scope, is_csv, &asked, error);

    if (status == STATUS_OK)
        status = report->read(request, &asked, &list, error);
    if (status != STATUS_OK)
        return status;
    if (report->key != STATS_KEY_UNSET)
        next_cursor =
            stats_cursor_next(cursor_list(report, &asked, request->arena), report->key, &list, request->arena);
    if (report->columns != NULL)
        response_header(response, "Vary", "Accept");
    if (is_csv)
        answer_csv(request, report, &list, next_cursor, response);
    else
        answer_json(report, &asked.period, &list, next_cursor, response);
    return STATUS_OK;
}

static enum status read_asked(const struct stats_report *report, const struct request *request,
                              const struct scope *scope, bool is_csv, struct stats_asked *out_asked,
                              struct error *error)
{
    static const char *const whole[] = {STATS_PARAMS, NULL};
    static const char *const paged[] = {STATS_LIST_PARAMS, NULL};
    static const char *const statements[] = {STATS_LIST_PARAMS, "include_catalog", NULL};
    static const char *const sorted[] = {STATS_LIST_PARAMS, "include_catalog", "sort", NULL};
    /* Tables are those of statements. */
    bool is_of_statements =
        report->key == STATS_KEY_HASH || report->key == STATS_KEY_HASH_CONNECTION || report->key == STATS_KEY_NAME;
    bool is_paged = report->key != STATS_KEY_UNSET;
    int64_t limit = is_csv ? STATS_CSV_ROWS_MAX : LIST_LIMIT_DEFAULT;
    struct stats_asked asked = {0};
    enum status status;

    request_query_only(request,
                       report->sorts != NULL ? sorted
                       : is_of_statements    ? statements
                       : is_paged            ? paged
                                             : whole,
                       error);
    if (is_of_statements)
        param_catalog(request, &asked.page.with_catalog, error);
    if (is_paged) {
        request_query_int64(request, "limit", 1, is_csv ? STATS_CSV_ROWS_MAX : LIST_LIMIT_MAX, &limit, error);
        asked.page.limit = (int)limit;
    }
    if (report->sorts != NULL)
        param_sort(request, report->sorts, &asked.sort, error);
    status = param_stats(request, scope, &asked.period, &asked.scope, error);
    if (status == STATUS_OK && is_paged)
        status =
            stats_cursor_read(request, cursor_list(report, &asked, request->arena), report->key, &asked.page, error);
    if (status == STATUS_OK)
        *out_asked = asked;
    return status;
}

/* The name of the list that its cursors are bound to. */
static const char *cursor_list(const struct stats_report *report, const struct stats_asked *asked, struct arena *arena)
{
    return report->sorts == NULL ? report->name
                                 : arena_printf(arena, "%s:%s", report->name, report->sorts[asked->sort]);
}

static void answer_json(const struct stats_report *report, const struct period *period, const struct stats_list *list,
                        struct text next_cursor, struct response *response)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    json_member_period(json, period);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list->count; i++) {
        json_object_begin(json);
        report->write_json(json, &list->rows[i]);
        json_object_end(json);
    }
    json_array_end(json);
    if (report->key != STATS_KEY_UNSET)
        json_member_next_cursor(json, next_cursor);
    json_object_end(json);
}

static void answer_csv(const struct request *request, const struct stats_report *report, const struct stats_list *list,
                       struct text next_cursor, struct response *response)
{
    struct csv_writer csv = {.buffer = &response->body};

    response->content_type = "text/csv; charset=utf-8; header=present";
    response_header(
        response, "Content-Disposition",
        arena_printf(request->arena, "attachment; filename=\"potto-%s.csv\"", strchr(report->name, '/') + 1));
    if (next_cursor.data != NULL)
        response_header(response, "X-Next-Cursor", next_cursor.data);
    csv_header(&csv, report->columns);
    for (size_t i = 0; i < list->count; i++) {
        report->write_csv(&csv, &list->rows[i]);
        csv_end_row(&csv);
    }
}
