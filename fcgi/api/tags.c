/* GET /api/v1/stats/tags: samples by the tags that applications write into the comments of their statements. */
#include "store/read/tags.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/handlers.h"

static void write_keys(struct json_writer *json, const struct tag_list *list)
{
    json_key(json, "keys");
    json_array_begin(json);
    for (size_t i = 0; i < list->key_count; i++) {
        json_object_begin(json);
        json_member_text(json, "key", list->keys[i].key);
        json_member_int64(json, "value_count", list->keys[i].value_count);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_values(struct json_writer *json, const struct tag_list *list)
{
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < list->count; i++) {
        const struct tag_row *row = &list->items[i];

        json_object_begin(json);
        json_member_text(json, "value", row->value);
        json_member_int64(json, "calls", row->calls);
        json_member_ms(json, "total_ms", row->total_ms);
        json_member_ms(json, "mean_ms", row->total_ms / (double)row->calls);
        json_member_ms(json, "max_ms", row->max_ms);
        json_member_double(json, "time_share", list->total_ms > 0 ? stats_share(row->total_ms / list->total_ms) : 0);
        json_member_int64(json, "fingerprint_count", row->fingerprint_count);
        json_object_end(json);
    }
    json_array_end(json);
}

enum status stats_tags(const struct request *request, const struct scope *scope, struct response *response,
                       struct error *error)
{
    static const char *const allowed[] = {STATS_PARAMS, "key", "limit", NULL};
    struct text key = request_query(request, "key");
    const struct scope *chosen;
    struct period period;
    struct tag_list list;
    struct json_writer *json;
    int limit = LIST_LIMIT_DEFAULT;
    enum status status;

    request_query_only(request, allowed, error);
    if (key.size > 0 && !tag_key_is_valid(key))
        error_field(error, "key", "must be a name of at most %d letters, digits, _ . and -", TAG_KEY_BYTES_MAX);
    param_limit(request, &limit, error);
    status = param_stats(request, scope, &period, &chosen, error);
    if (status == STATUS_OK)
        status = store_tag_list(request->store, chosen, &period, key, limit, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_span(json, "period", list.from_us, list.to_us);
    write_keys(json, &list);
    json_member_text_or_null(json, "key", key.size == 0 ? (struct text){NULL, 0} : key);
    write_values(json, &list);
    json_member_int64(json, "total_count", list.total_count);
    json_key(json, "totals");
    json_object_begin(json);
    json_member_int64(json, "calls", list.calls);
    json_member_ms(json, "total_ms", list.total_ms);
    json_object_end(json);
    json_object_end(json);
    return STATUS_OK;
}
