/* Reading items of batches; see items.h. */
#include "wire/items.h"

#include "base/clock.h"

enum { NAME_BYTES_MAX = 64, TIME_BYTES_MAX = 64 };

void wire_items_init(struct wire_items *items, struct text body, struct arena *arena)
{
    *items = (struct wire_items){.arena = arena, .time_min_us = INT64_MIN, .time_max_us = INT64_MAX};
    json_reader_init_lenient(&items->json, body, arena);
}

bool wire_item_enter(struct wire_items *items)
{
    items->is_refused = false;
    if (json_peek(&items->json) == JSON_KIND_OBJECT)
        return json_enter_object(&items->json);
    if (json_skip(&items->json, NULL))
        wire_item_refuse(items, "", "must be an object");
    return false;
}

static void add_error(struct wire_items *items, struct wire_item_errors *errors, const char *field, const char *message)
{
    struct wire_item_error *all = (struct wire_item_error *)errors->items;

    if (errors->count == WIRE_ERRORS_MAX)
        return;
    if (all == NULL)
        errors->items = all = arena_alloc_array(items->arena, WIRE_ERRORS_MAX, sizeof *all);
    all[errors->count++] = (struct wire_item_error){items->index, field, message};
}

void wire_item_refuse(struct wire_items *items, const char *field, const char *message)
{
    if (items->is_refused)
        return;
    items->is_refused = true;
    items->rejected++;
    while (items->warnings.count > 0 && items->warnings.items[items->warnings.count - 1].index == items->index)
        items->warnings.count--;
    add_error(items, &items->errors, field, message);
}

void wire_item_warn(struct wire_items *items, const char *field, const char *message)
{
    if (!items->is_refused)
        add_error(items, &items->warnings, field, message);
}

void wire_item_text(struct wire_items *items, const char *field, size_t max_bytes, struct text *out_text)
{
    struct json_reader *json = &items->json;
    struct text text = {0};

    json_forget_flaws(json);
    if (json_peek(json) != JSON_KIND_STRING) {
        json_skip(json, NULL);
        wire_item_refuse(items, field, "must be a string");
        return;
    }
    if (!json_read_text(json, &text))
        return;
    if (json->has_nul)
        wire_item_refuse(items, field, "must not hold a NUL character (\\u0000)");
    else if (json->flaw != NULL)
        wire_item_refuse(items, field, arena_printf(items->arena, "holds %s", json->flaw));
    else if (text.size > max_bytes)
        wire_item_refuse(items, field,
                         arena_printf(items->arena, "is %zu bytes long; at most %zu are taken", text.size, max_bytes));
    else if (text.size > 0)
        *out_text = text;
    if (json->has_no_character)
        wire_item_warn(items, field,
                       "holds what is no character (bytes that are not UTF-8, or half of a surrogate pair): it is "
                       "stored as U+FFFD");
}

void wire_item_time(struct wire_items *items, const char *field, int64_t *out_time_us)
{
    struct text text = TEXT("");
    int64_t time_us;
    bool is_zoned;

    wire_item_text(items, field, TIME_BYTES_MAX, &text);
    if (items->is_refused || json_has_problem(&items->json))
        return;
    is_zoned = clock_parse(text, false, &time_us);
    if (!is_zoned && !clock_parse(text, true, &time_us))
        wire_item_refuse(items, field,
                         "must be a time as in RFC 3339, in UTC or with its offset: 2025-11-02T10:30:00Z");
    else if (time_us < items->time_min_us)
        wire_item_refuse(items, field, items->time_min_message);
    else if (time_us > items->time_max_us)
        wire_item_refuse(items, field, "is more than an hour in the future: is the clock right?");
    else
        *out_time_us = time_us;
    items->zoneless += !items->is_refused && !is_zoned;
}

bool wire_item_number(struct wire_items *items, const char *field, struct json_number *out_number)
{
    struct json_reader *json = &items->json;

    json_forget_flaws(json);
    if (json_peek(json) != JSON_KIND_NUMBER) {
        json_skip(json, NULL);
        wire_item_refuse(items, field, "must be a number");
        return false;
    }
    if (!json_read_number(json, out_number))
        return false;
    if (json->flaw != NULL)
        wire_item_refuse(items, field, arena_printf(items->arena, "holds %s", json->flaw));
    return json->flaw == NULL;
}

const char *wire_name(const struct wire_items *items, struct text name)
{
    name = text_cut_utf8(name, NAME_BYTES_MAX);
    return arena_string(items->arena, name.data, name.size);
}

enum status wire_envelope_text(struct wire_items *items, const char *field, struct text *out_text, struct error *error)
{
    if (json_peek(&items->json) == JSON_KIND_NULL) {
        json_read_null(&items->json);
        return STATUS_OK;
    }
    json_forget_flaws(&items->json);
    if (json_peek(&items->json) == JSON_KIND_STRING) {
        json_read_text(&items->json, out_text);
        return items->json.flaw == NULL ? STATUS_OK : error_field(error, field, "holds %s", items->json.flaw);
    }
    /* Broken JSON is reported before invalid members. */
    if (json_skip(&items->json, NULL))
        return error_field(error, field, "must be a string");
    return STATUS_OK;
}

enum status wire_batch_id_check(struct text batch_id, struct error *error)
{
    bool is_good = batch_id.size >= 1 && batch_id.size <= WIRE_BATCH_ID_BYTES_MAX;

    if (batch_id.data == NULL)
        return STATUS_OK;
    for (size_t i = 0; is_good && i < batch_id.size; i++)
        is_good = batch_id.data[i] > ' ' && batch_id.data[i] <= '~';
    return is_good ? STATUS_OK
                   : error_field(error, "batch_id", "must be 1 to %d printable characters", WIRE_BATCH_ID_BYTES_MAX);
}
