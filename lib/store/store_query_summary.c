/* Fingerprints with their sums over a period; see query.h. */
#include "base/clock.h"
#include "store/query_parts.h"
#include "store/query_rank.h"
#include "store/query_sums.h"
#include "store/query_totals.h"

enum { LIST_COLUMNS = 10, TEXT_COLUMNS = 7, GET_COLUMNS = 6, LIST_TEXT_BYTES = 2000 };

/* Columns from `first`: hash, fingerprint, kind, tables, first and last seen. */
static void read_text(const PGresult *result, int row, int first, struct arena *arena, struct query_summary *out)
{
    *out = (struct query_summary){
        .hash = row_hash(result, row, first),
        .fingerprint = row_text(result, row, first + 1),
        .statement_kind = row_text(result, row, first + 2),
        .first_seen_us = row_time(result, row, first + 4),
        .last_seen_us = row_time(result, row, first + 5),
    };
    out->tables = row_text_array(result, row, first + 3, arena, &out->table_count);
}

/* Orders that packs do not have: from rollups, all of them. */
static enum status list_from_rollups(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *list, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    query_params_choose(&params, filter->connection_id, filter->engine);
    query_params_parts(&params, &filter->period);
    params_text(&params, filter->statement_kind);
    params_text(&params, filter->table);
    params_text(&params, filter->search);
    params_double(&params, filter->mean_ms_min);
    params_int32(&params, (int32_t)filter->sort);
    params_int32(&params, filter->limit);
    params_int32(&params, filter->offset);
    status = store_read(store, scope, SQL(query_summary_list), &params, LIST_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list->total_count = row_int64(result, 0, 0);
    list->total_ms = row_double(result, 0, 1);
    list->total_calls = row_int64(result, 0, 2);
    list->total_slow_calls = row_int64(result, 0, 3);
    list->items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *list->items);
    for (int row = 0; row < PQntuples(result) && !row_is_null(result, row, 4); row++)
        read_text(result, row, 4, arena, &list->items[list->count++]);
    return STATUS_OK;
}

/* ---- the list: ranked by packs, and then a page of it read whole ---- */

static enum status read_page(struct store *store, const struct scope *scope, const int64_t *numbers, size_t count,
                             struct arena *arena, struct query_summary_list *list, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    list->items = arena_alloc_array(arena, count, sizeof *list->items);
    if (count == 0)
        return STATUS_OK;
    params_int64_array(&params, numbers, count);
    status = store_read(store, scope, SQL(query_text_list), &params, TEXT_COLUMNS, arena, &result, error);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        for (int row = 0; row < PQntuples(result); row++)
            if (row_int64(result, row, 0) == numbers[i]) {
                read_text(result, row, 1, arena, &list->items[list->count++]);
                break; /* a number names one fingerprint: there is room for one */
            }
    return status;
}

static enum status list_from_packs(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                   int64_t packed_until_us, struct arena *arena, struct query_summary_list *list,
                                   struct error *error)
{
    struct pack_sums sums;
    int64_t *numbers;
    size_t count, total;
    bool with_calls = filter->sort == QUERY_SORT_CALLS || filter->sort == QUERY_SORT_MEAN || filter->mean_ms_min > 0;
    enum status status = query_packs_read(store, scope, filter->connection_id, filter->engine, 0, &filter->period,
                                          packed_until_us, with_calls, arena, &sums, error);

    if (status != STATUS_OK)
        return status;
    list->total_ms = sums.total_ms;
    list->total_calls = sums.calls;
    list->total_slow_calls = sums.slow_calls;
    if (filter->statement_kind.data != NULL || filter->table.data != NULL || filter->search.data != NULL)
        status = query_rank_keep_matching(store, scope, filter, arena, &sums, error);
    if (status != STATUS_OK)
        return status;
    numbers = query_rank(&sums, filter, arena, &count, &total);
    list->total_count = (int64_t)total;
    return read_page(store, scope, numbers, count, arena, list, error);
}

enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    bool has_packs =
        filter->sort != QUERY_SORT_MAX && filter->sort != QUERY_SORT_ROWS && filter->sort != QUERY_SORT_LAST_SEEN;
    struct sums_request sums = {.connection_id = filter->connection_id,
                                .engine = filter->engine,
                                .period = filter->period,
                                .with_percentiles = filter->with_percentiles,
                                .with_sparks = true};
    struct query_summary_list list = {0};
    enum status status = query_packs_until(store, arena, &sums.packed_until_us, error);

    if (status == STATUS_OK)
        status = has_packs ? list_from_packs(store, scope, filter, sums.packed_until_us, arena, &list, error)
                           : list_from_rollups(store, scope, filter, arena, &list, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < list.count; i++)
        list.items[i].fingerprint = text_cut_utf8(list.items[i].fingerprint, LIST_TEXT_BYTES);
    sums.everything_ms = list.total_ms;
    status = query_sums_read(store, scope, &sums, list.items, list.count, arena, error);
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}

enum status store_query_summary_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    int64_t connection_id, const struct period *period, struct arena *arena,
                                    struct query_summary *out_summary, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct sums_request sums = {.connection_id = connection_id, .period = *period, .with_percentiles = true};
    struct query_totals everything;
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    params_int64(&params, connection_id);
    status = store_read(store, scope, SQL(query_text_get), &params, GET_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    read_text(result, 0, 0, arena, out_summary);
    status = query_packs_until(store, arena, &sums.packed_until_us, error);
    if (status == STATUS_OK)
        status = query_totals_read(store, scope, connection_id, (struct text){NULL, 0}, 0, period, sums.packed_until_us,
                                   false, arena, &everything, error);
    if (status != STATUS_OK)
        return status;
    sums.everything_ms = everything.total_ms;
    return query_sums_read(store, scope, &sums, out_summary, 1, arena, error);
}
