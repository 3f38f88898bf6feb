/* Parameters, cursors and JSON of reports over a period; see stats_params.h. */
#include "fcgi/api/stats_params.h"

#include <math.h>

#include "base/clock.h"
#include "fcgi/request/cursor.h"

enum status param_stats(const struct request *request, const struct scope *scope, struct period *out_period,
                        const struct scope **out_scope, struct error *error)
{
    struct connection_filter filter = {0};
    int64_t from_us, to_us;

    param_period(request, out_period, &from_us, &to_us, error);
    param_engine(request, &filter.engine, error);
    request_query_int64(request, "team_id", 1, INT64_MAX, &filter.team_id, error);
    return param_connections(request, scope, filter, out_scope, error);
}

/* ---- cursors ---- */

/* The count of numbers in a cursor, by its key. The first number is the sort key. */
static const int number_counts[] = {[STATS_KEY_HASH] = 3,
                                    [STATS_KEY_CONNECTION] = 2,
                                    [STATS_KEY_HASH_CONNECTION] = 4,
                                    [STATS_KEY_NAME] = 1,
                                    [STATS_KEY_TIME] = 1};

void cursor_put_hash(int64_t *numbers, struct sql_hash hash)
{
    memcpy(numbers, hash.bytes, sizeof hash.bytes);
}

struct sql_hash cursor_take_hash(const int64_t *numbers)
{
    struct sql_hash hash;

    memcpy(hash.bytes, numbers, sizeof hash.bytes);
    return hash;
}
_Static_assert(sizeof(struct sql_hash) == 2 * sizeof(int64_t), "two numbers");

enum status stats_cursor_read(const struct request *request, const char *list, enum stats_key key,
                              struct stats_page *page, struct error *error)
{
    struct cursor cursor = {0};
    bool is_whole = true;
    enum status status = cursor_read(request, list, number_counts[key], &cursor, &page->has_cursor, error);

    if (status != STATUS_OK || !page->has_cursor)
        return status;
    page->after = key == STATS_KEY_TIME ? (double)cursor.numbers[0] : cursor_to_double(cursor.numbers[0]);
    if (key == STATS_KEY_HASH || key == STATS_KEY_HASH_CONNECTION)
        page->hash = cursor_take_hash(&cursor.numbers[1]);
    if (key == STATS_KEY_CONNECTION)
        page->connection_id = cursor.numbers[1];
    else if (key == STATS_KEY_HASH_CONNECTION)
        page->connection_id = cursor.numbers[3];
    else if (key == STATS_KEY_NAME)
        is_whole = cursor.text.data != NULL;
    else if (key == STATS_KEY_TIME)
        is_whole = cursor_is_time(cursor.numbers[0]);
    page->name = cursor.text;
    if (!is_whole || !isfinite(page->after))
        return error_set(error, STATUS_MALFORMED, "The cursor is not one of this list.");
    return STATUS_OK;
}

struct text stats_cursor_next(const char *list, enum stats_key key, const struct stats_list *rows, struct arena *arena)
{
    struct cursor cursor = {.number_count = number_counts[key]};
    const struct stats_row *last;

    if (!rows->has_more || rows->count == 0)
        return (struct text){NULL, 0};
    last = &rows->rows[rows->count - 1];
    cursor.numbers[0] = key == STATS_KEY_TIME ? last->bucket_us : cursor_from_double(last->sort_key);
    if (key == STATS_KEY_HASH || key == STATS_KEY_HASH_CONNECTION)
        cursor_put_hash(&cursor.numbers[1], last->hash);
    if (key == STATS_KEY_CONNECTION)
        cursor.numbers[1] = last->connection_id;
    else if (key == STATS_KEY_HASH_CONNECTION)
        cursor.numbers[3] = last->connection_id;
    else if (key == STATS_KEY_NAME)
        cursor.text = last->name;
    return cursor_write(list, &cursor, arena);
}

/* ---- JSON ---- */

double stats_share(double share)
{
    return round(share * 1e6) / 1e6;
}

void stats_discovered_write(struct json_writer *json, const struct stats_row *row)
{
    json_member_int64(json, "connection_id", row->connection_id);
    json_member_text(json, "connection_name", row->name);
    json_member_hash(json, "query_hash", row->hash);
    json_member_text(json, "sql_text", row->fingerprint);
    json_member_text(json, "statement_kind", row->statement_kind);
    json_member_ms(json, "avg_execution_time", row->sums.calls > 0 ? sums_mean_ms(&row->sums) : (double)NAN);
    json_member_ms(json, "total_execution_time", row->sums.total_ms);
    json_member_ms(json, "max_exec_time", sums_max_ms(&row->sums) > 0 ? sums_max_ms(&row->sums) : (double)NAN);
    json_member_int64(json, "calls", row->sums.calls);
    json_member_int64(json, "rows_returned", row->sums.rows_returned);
    json_member_int64(json, "buffer_hits", row->sums.blocks_hit);
    json_member_int64(json, "buffer_reads", row->sums.blocks_read);
    json_member_time(json, "discovered_at", row->first_seen_us);
    json_member_time(json, "last_seen", row->last_seen_us);
}
