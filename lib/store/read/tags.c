/* Reading sums by tag; see tags.h. */
#include "store/read/tags.h"

#include "base/clock.h"
#include "store/scope/statement.h"

#define HOUR_US (3600 * CLOCK_SECOND_US)

bool tag_filter_parse(struct text text, struct tag_filter *out_filter)
{
    struct text rest = text, key;

    if (!text_split(&rest, ':', &key) || !tag_key_is_valid(key) || rest.data == NULL || rest.size == 0)
        return false;
    *out_filter = (struct tag_filter){key, rest};
    return true;
}

void tags_period(const struct period *period, int64_t *out_from_us, int64_t *out_to_us)
{
    *out_from_us = clock_floor(period->from_us, HOUR_US);
    *out_to_us = clock_floor(period->to_us + HOUR_US - 1, HOUR_US);
}

static void bind_period(struct db_params *params, const struct period *period, int limit, struct tag_list *list)
{
    tags_period(period, &list->from_us, &list->to_us);
    params_time(params, list->from_us);
    params_time(params, list->to_us);
    params_int32(params, limit < TAG_ROWS_MAX ? limit : TAG_ROWS_MAX);
}

static enum status read_keys(struct store *store, const struct scope *scope, struct arena *arena, struct tag_list *list,
                             struct error *error)
{
    PGresult *result;
    enum status status = store_read(store, scope, SQL(tag_keys_list), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    list->key_count = (size_t)PQntuples(result);
    list->keys = arena_alloc_array(arena, list->key_count, sizeof *list->keys);
    for (size_t i = 0; i < list->key_count; i++)
        list->keys[i] = (struct tag_key_row){row_text(result, (int)i, TAG_KEYS_LIST_TAG_KEY),
                                             row_int64(result, (int)i, TAG_KEYS_LIST_VALUE_COUNT)};
    return STATUS_OK;
}

static enum status read_values(struct store *store, const struct scope *scope, const struct period *period,
                               struct text key, int limit, struct arena *arena, struct tag_list *list,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_text(&params, key);
    bind_period(&params, period, limit, list);
    status = store_read(store, scope, SQL(tag_values_list), &params, arena, &result, error);
    if (status != STATUS_OK || PQntuples(result) == 0)
        return status;
    list->count = (size_t)PQntuples(result);
    list->items = arena_alloc_array(arena, list->count, sizeof *list->items);
    for (int row = 0; row < PQntuples(result); row++)
        list->items[row] =
            (struct tag_row){.key = key,
                             .value = row_text(result, row, TAG_VALUES_LIST_TAG_VALUE),
                             .calls = row_int64(result, row, TAG_VALUES_LIST_CALLS),
                             .total_ms = row_double(result, row, TAG_VALUES_LIST_TOTAL_MS),
                             .max_ms = row_double(result, row, TAG_VALUES_LIST_MAX_MS),
                             .fingerprint_count = row_int64(result, row, TAG_VALUES_LIST_FINGERPRINT_COUNT)};
    list->total_count = row_int64(result, 0, TAG_VALUES_LIST_TOTAL_COUNT);
    list->calls = row_int64(result, 0, TAG_VALUES_LIST_ALL_CALLS);
    list->total_ms = row_double(result, 0, TAG_VALUES_LIST_ALL_MS);
    return STATUS_OK;
}

enum status store_tag_list(struct store *store, const struct scope *scope, const struct period *period, struct text key,
                           int limit, struct arena *arena, struct tag_list *out_list, struct error *error)
{
    enum status status;

    *out_list = (struct tag_list){.count = 0};
    tags_period(period, &out_list->from_us, &out_list->to_us);
    status = read_keys(store, scope, arena, out_list, error);
    if (status == STATUS_OK && key.size > 0)
        status = read_values(store, scope, period, key, limit, arena, out_list, error);
    return status;
}

enum status store_tag_fingerprint_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                       const struct period *period, int limit, struct arena *arena,
                                       struct tag_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    *out_list = (struct tag_list){.count = 0};
    params_hash(&params, hash);
    bind_period(&params, period, limit, out_list);
    status = store_read(store, scope, SQL(tag_fingerprint_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    out_list->count = (size_t)PQntuples(result);
    out_list->items = arena_alloc_array(arena, out_list->count, sizeof *out_list->items);
    for (int row = 0; row < PQntuples(result); row++)
        out_list->items[row] = (struct tag_row){.key = row_text(result, row, TAG_FINGERPRINT_LIST_TAG_KEY),
                                                .value = row_text(result, row, TAG_FINGERPRINT_LIST_TAG_VALUE),
                                                .calls = row_int64(result, row, TAG_FINGERPRINT_LIST_CALLS),
                                                .total_ms = row_double(result, row, TAG_FINGERPRINT_LIST_TOTAL_MS),
                                                .max_ms = row_double(result, row, TAG_FINGERPRINT_LIST_MAX_MS),
                                                .fingerprint_count = 1};
    return STATUS_OK;
}
