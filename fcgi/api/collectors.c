/* /api/v1/collectors: agents register and send heartbeats; users list them. */
#include "store/admin/collector.h"

#include "base/clock.h"
#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "wire/collector.h"

static const char LIST[] = "collectors";

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
    struct cursor cursor;
    struct collector_list list;
    struct json_writer *json;
    int limit;
    bool has_more;
    enum status status = param_page(request, LIST, 2, &limit, &cursor, error);

    if (status == STATUS_OK && cursor.number_count > 0 &&
        (!cursor_is_time(cursor.numbers[0]) || cursor.numbers[1] <= 0))
        status = error_set(error, STATUS_MALFORMED, "The cursor is not one that this list gave.");
    if (status == STATUS_OK) /* reads one row more than the limit, which tells whether there is another page */
        status = store_collector_list_after(request->store, scope, cursor.numbers[0], cursor.numbers[1], limit + 1,
                                            request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    has_more = list.count > (size_t)limit;
    list.count -= has_more;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++)
        write_collector(json, &list.items[i], clock_now_us());
    json_array_end(json);
    if (has_more) {
        const struct collector *last = &list.items[list.count - 1];

        cursor = (struct cursor){.number_count = 2, .numbers = {last->last_seen_at_us, last->id}};
        json_member_text(json, "next_cursor", cursor_write(LIST, &cursor, request->arena));
    } else {
        json_member_null(json, "next_cursor");
    }
    json_object_end(json);
    return STATUS_OK;
}
