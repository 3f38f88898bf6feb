/* GET /api/v1/audit-log: the audit log, for admins. */
#include "store/admin/audit.h"

#include "base/clock.h"
#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"

static const char LIST[] = "audit-log";
static const char *const list_params[] = {"action", "user_id", "subject_kind", "subject_id", "from",
                                          "to",     "limit",   "cursor",       NULL};

static enum status read_audit_filter(const struct request *request, struct audit_filter *out_filter,
                                     struct error *error)
{
    struct audit_filter filter = {.from_us = INT64_MIN, .to_us = INT64_MIN, .limit = LIST_LIMIT_DEFAULT};
    struct cursor cursor = {0};
    bool has_cursor;
    enum status status;

    request_query_only(request, list_params, error);
    param_words(request, "action", &filter.action, error);
    request_query_int64(request, "user_id", 1, INT64_MAX, &filter.user_id, error);
    param_words(request, "subject_kind", &filter.subject_kind, error);
    request_query_int64(request, "subject_id", 1, INT64_MAX, &filter.subject_id, error);
    request_query_time(request, "from", &filter.from_us, error);
    request_query_time(request, "to", &filter.to_us, error);
    param_limit(request, &filter.limit, error);
    if (filter.from_us != INT64_MIN && filter.to_us != INT64_MIN && filter.from_us >= filter.to_us)
        error_field(error, "from", "must be before to");
    else if (filter.from_us != INT64_MIN && filter.to_us != INT64_MIN &&
             filter.to_us - filter.from_us > PERIOD_MAX_DAYS * INT64_C(86400) * CLOCK_SECOND_US)
        error_field(error, "from", "a period has at most %d days", PERIOD_MAX_DAYS);
    if (error->field_count > 0)
        return error->status;
    status = cursor_read(request, LIST, 1, &cursor, &has_cursor, error);
    if (status != STATUS_OK)
        return status;
    filter.before_id = cursor.numbers[0];
    *out_filter = filter;
    return STATUS_OK;
}

static void write_line(struct json_writer *json, const struct audit_line *line)
{
    json_object_begin(json);
    json_member_int64(json, "id", line->id);
    json_member_time(json, "at", line->at_us);
    json_member_id_or_null(json, "user_id", line->user_id);
    json_member_text_or_null(json, "user_email", line->email);
    json_member_text(json, "action", line->action);
    json_member_text(json, "subject_kind", line->subject_kind);
    json_member_id_or_null(json, "subject_id", line->subject_id);
    json_member_text(json, "remote_address", line->remote_address);
    json_key(json, "detail");
    json_raw(json, line->detail_json);
    json_member_int64(json, "repeats", line->repeats);
    json_member_time(json, "last_at", line->last_at_us);
    json_object_end(json);
}

enum status audit_list(const struct request *request, const struct scope *scope, struct response *response,
                       struct error *error)
{
    struct audit_filter filter;
    struct audit_list list;
    struct json_writer *json;
    enum status status = read_audit_filter(request, &filter, error);

    if (status == STATUS_OK)
        status = store_audit_list(request->store, scope, &filter, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++)
        write_line(json, &list.items[i]);
    json_array_end(json);
    if (list.has_more) {
        const struct cursor cursor = {.number_count = 1, .numbers = {list.items[list.count - 1].id}};

        json_member_text(json, "next_cursor", cursor_write(LIST, &cursor, request->arena));
    } else {
        json_member_null(json, "next_cursor");
    }
    json_object_end(json);
    return STATUS_OK;
}
