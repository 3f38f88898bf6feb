/* /api/v1/collectors: agents register, say that they live, and are listed. */
#include "store/collector.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "fcgi/handlers.h"
#include "wire/collector.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, CURSOR_BYTES = 48 };

/* ---- register, heartbeat ---- */

enum status collector_register(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    struct collector_message message;
    struct json_writer *json;
    int64_t collector_id;
    bool is_new;
    enum status status = collector_registration_read(request->body, request->arena, &message, error);

    if (status == STATUS_OK)
        status = store_collector_register(request->store, scope, message.hostname, message.version, request->arena,
                                          &collector_id, &is_new, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, is_new ? 201 : 200);
    json_object_begin(json);
    json_member_int64(json, "collector_id", collector_id);
    json_member_int64(json, "id", collector_id);
    json_member_string(json, "status", "online");
    json_member_text(json, "hostname", message.hostname);
    json_member_text(json, "version", message.version);
    json_member_int64(json, "database_connection_id", scope_connection_id(scope));
    json_object_end(json);
    return STATUS_OK;
}

enum status collector_heartbeat(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    struct collector_message message;
    struct json_writer *json;
    int64_t collector_id;
    enum status status = request_path_id(request, "id", &collector_id, error);

    if (status == STATUS_OK)
        status = collector_heartbeat_read(request->body, request->arena, &message, error);
    if (status == STATUS_OK)
        status = store_collector_heartbeat(request->store, scope, collector_id, message.version, message.detail,
                                           request->arena, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_int64(json, "collector_id", collector_id);
    json_member_int64(json, "id", collector_id);
    json_member_string(json, "status", "online");
    json_object_end(json);
    return STATUS_OK;
}

/* ---- list ---- */

static char *format_cursor(const struct collector *last, char out[CURSOR_BYTES])
{
    snprintf(out, CURSOR_BYTES, "%" PRId64 "-%" PRId64, last->last_seen_at_us, last->id);
    return out;
}

static enum status read_cursor(const struct request *request, int64_t *out_last_seen_at_us, int64_t *out_id,
                               struct error *error)
{
    struct text rest = request_query(request, "cursor"), time;
    int64_t last_seen_at_us, id;

    if (rest.data == NULL)
        return STATUS_OK;
    if (!text_split(&rest, '-', &time) || !text_to_int64(time, &last_seen_at_us) || !text_to_int64(rest, &id) ||
        id <= 0)
        return error_field(error, "cursor", "is not one that this list gave");
    *out_last_seen_at_us = last_seen_at_us;
    *out_id = id;
    return STATUS_OK;
}

static void write_collector(struct json_writer *json, const struct collector *collector, int64_t now_us)
{
    int64_t lag_ms = (now_us - collector->last_seen_at_us) / 1000;

    json_object_begin(json);
    json_member_int64(json, "id", collector->id);
    json_member_text(json, "kind", collector->kind);
    json_member_text(json, "hostname", collector->hostname);
    json_member_text(json, "version", collector->version);
    json_member_text(json, "status", collector->status);
    json_member_time(json, "registered_at", collector->registered_at_us);
    json_member_time(json, "last_seen_at", collector->last_seen_at_us);
    json_member_double(json, "lag_s", (double)(lag_ms > 0 ? lag_ms : 0) / 1000);
    json_key(json, "detail");
    json_raw(json, collector->detail);
    json_key(json, "connection_ids");
    json_array_begin(json);
    for (size_t i = 0; i < collector->connection_count; i++)
        json_int64(json, collector->connection_ids[i]);
    json_array_end(json);
    json_object_end(json);
}

enum status collector_list(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    static const char *const allowed[] = {"limit", "cursor", NULL};
    struct collector_list list;
    struct json_writer *json;
    int64_t limit = LIMIT_DEFAULT, last_seen_at_us = INT64_MIN, after_id = 0;
    char cursor[CURSOR_BYTES];
    bool has_more;
    enum status status = request_query_only(request, allowed, error);

    if (status == STATUS_OK && !request_query_int64(request, "limit", 1, LIMIT_MAX, &limit, error))
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        status = read_cursor(request, &last_seen_at_us, &after_id, error);
    if (status == STATUS_OK) /* one more than asked for tells whether there is another page */
        status = store_collector_list_after(request->store, scope, last_seen_at_us, after_id, (int)limit + 1,
                                            request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    has_more = list.count > (size_t)limit;
    list.count -= has_more;
    json = response_json(response, 200);
    json_object_begin(json);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list.count; i++)
        write_collector(json, &list.items[i], clock_now_us());
    json_array_end(json);
    json_member_string(json, "next_cursor", has_more ? format_cursor(&list.items[list.count - 1], cursor) : NULL);
    json_object_end(json);
    return STATUS_OK;
}
