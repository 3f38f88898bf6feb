/* GET /api/v1/monitoring/connections/{id}/log-files and …/deadlocks: the log files of a database's server that
 * collectors follow, and the deadlocks that they told. */
#include <math.h>

#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "store/read/logs.h"

enum { DEADLOCKS_DEFAULT = 50 };

static void write_file(struct json_writer *json, const struct log_file_row *file)
{
    json_object_begin(json);
    json_member_text(json, "name", file->name);
    json_member_text_or_null(json, "format", file->format);
    json_member_text(json, "state", file->state);
    json_member_text_or_null(json, "problem", file->problem);
    json_member_text_or_null(json, "remedy", file->remedy);
    json_member_bool(json, "is_followed", file->is_followed);
    json_member_time(json, "looked_at", file->looked_at_us);
    json_member_time(json, "read_at", file->read_at_us);
    json_member_time(json, "last_event_at", file->last_event_us);
    json_member_int64(json, "unread_bytes", file->unread_bytes);
    json_member_double(json, "lag_s", round(file->lag_s));
    json_member_int64(json, "file_count", file->file_count);
    json_member_int64(json, "read_bytes", file->bytes);
    json_member_int64(json, "entries", file->entries);
    json_member_int64(json, "executions", file->executions);
    json_member_int64(json, "samples", file->samples);
    json_member_int64(json, "plans", file->plans);
    json_member_int64(json, "deadlocks", file->deadlocks);
    json_member_int64(json, "executions_elsewhere", file->elsewhere);
    json_member_int64(json, "executions_without_time", file->timeless);
    json_member_int64(json, "lines_of_no_entry", file->foreign_lines);
    json_member_int64(json, "entries_not_read", file->unread_entries);
    json_member_int64(json, "skipped_bytes", file->skipped_bytes);
    json_object_end(json);
}

enum status monitoring_log_files(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    static const char *const params[] = {NULL};
    struct log_file_row *files = NULL;
    struct json_writer *json;
    int64_t connection_id = 0;
    size_t count = 0;
    enum status status = param_path_connection(request, params, &connection_id, error);

    if (status == STATUS_OK)
        status = param_connection_check(scope, connection_id, error);
    if (status == STATUS_OK)
        status = store_log_file_list(request->store, store_scope_narrow_to(scope, connection_id, request->arena),
                                     request->arena, &files, &count, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "connection_id", connection_id);
    json_key(json, "log_files");
    json_array_begin(json);
    for (size_t i = 0; i < count; i++)
        write_file(json, &files[i]);
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}

static void write_member(struct json_writer *json, const struct deadlock_member *member)
{
    json_object_begin(json);
    json_member_int64(json, "process", member->process);
    json_member_id_or_null(json, "blocked_by", member->blocked_by);
    json_member_text_or_null(json, "wait", member->wait);
    if (member->has_statement)
        json_member_hash(json, "sql_hash", member->hash);
    else
        json_member_null(json, "sql_hash");
    json_member_text_or_null(json, "fingerprint", member->fingerprint);
    json_object_end(json);
}

static void write_deadlock(struct json_writer *json, const struct deadlock_row *deadlock)
{
    json_object_begin(json);
    json_member_time(json, "noticed_at", deadlock->noticed_at_us);
    json_member_id_or_null(json, "victim", deadlock->victim);
    json_member_text_or_null(json, "user", deadlock->user);
    json_member_text_or_null(json, "database", deadlock->database);
    json_member_text_or_null(json, "application", deadlock->application);
    json_key(json, "processes");
    json_array_begin(json);
    for (size_t i = 0; i < deadlock->member_count; i++)
        write_member(json, &deadlock->members[i]);
    json_array_end(json);
    json_object_end(json);
}

enum status monitoring_deadlocks(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    static const char *const params[] = {"from", "to", "limit", NULL};
    int64_t connection_id = 0, limit = DEADLOCKS_DEFAULT, from_us, to_us;
    struct deadlock_list list = {.count = 0};
    struct json_writer *json;
    struct period period;
    enum status status = param_path_connection(request, params, &connection_id, error);

    if (status != STATUS_OK)
        return status;
    param_period(request, &period, &from_us, &to_us, error);
    request_query_int64(request, "limit", 1, DEADLOCK_LIST_MAX, &limit, error);
    status = params_status(STATUS_OK, error);
    if (status == STATUS_OK)
        status = param_connection_check(scope, connection_id, error);
    if (status == STATUS_OK)
        status = store_deadlock_list(request->store, store_scope_narrow_to(scope, connection_id, request->arena),
                                     &period, (int)limit, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "connection_id", connection_id);
    json_member_period(json, &period);
    json_member_int64(json, "total", list.total);
    json_key(json, "deadlocks");
    json_array_begin(json);
    for (size_t i = 0; i < list.count; i++)
        write_deadlock(json, &list.items[i]);
    json_array_end(json);
    json_object_end(json);
    return STATUS_OK;
}
