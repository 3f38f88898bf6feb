/* Fingerprints with their sums over a period; see query.h. */
#include "store/query_packs.h"
#include "store/query_rank.h"
#include "store/query_sums.h"
#include "store/query_totals.h"

enum { TEXT_COLUMNS = 7, GET_COLUMNS = 6, LIST_TEXT_BYTES = 2000 };

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

/* ---- the list: ranked, and then a page of it read whole ---- */

static enum status read_page(struct store *store, const struct scope *scope, const struct ranked_page *page,
                             struct arena *arena, struct query_summary_list *list, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    list->items = arena_alloc_array(arena, page->count, sizeof *list->items);
    if (page->count == 0)
        return STATUS_OK;
    params_int64_array(&params, page->numbers, page->count);
    status = store_read(store, scope, SQL(query_text_list), &params, TEXT_COLUMNS, arena, &result, error);
    for (size_t i = 0; status == STATUS_OK && i < page->count; i++)
        for (int row = 0; row < PQntuples(result); row++)
            if (row_int64(result, row, 0) == page->numbers[i]) {
                struct query_summary *summary = &list->items[list->count++];

                read_text(result, row, 1, arena, summary);
                summary->fingerprint = text_cut_utf8(summary->fingerprint, LIST_TEXT_BYTES);
                break; /* a number names one fingerprint: there is room for one */
            }
    return status;
}

enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    struct sums_request sums = {.connection_id = filter->connection_id,
                                .engine = filter->engine,
                                .period = filter->period,
                                .with_percentiles = filter->with_percentiles,
                                .with_sparks = true};
    struct query_summary_list list = {0};
    struct ranked_page page;
    enum status status = query_packs_until(store, arena, &sums.packed_until_us, error);

    if (status == STATUS_OK)
        status = query_rank_page(store, scope, filter, sums.packed_until_us, arena, &page, error);
    if (status == STATUS_OK)
        status = read_page(store, scope, &page, arena, &list, error);
    if (status != STATUS_OK)
        return status;
    list.total_count = page.total_count;
    sums.everything_ms = list.total_ms = page.total_ms;
    list.total_calls = page.calls;
    list.total_slow_calls = page.slow_calls;
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
