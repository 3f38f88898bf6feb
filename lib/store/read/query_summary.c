/* Fingerprints with their sums over a period; see query.h. */
#include "store/read/query_packs.h"
#include "store/read/query_rank.h"
#include "store/read/query_sums.h"
#include "store/read/query_texts.h"
#include "store/read/query_totals.h"
#include "store/scope/statement.h"

/* The list: ranked, and then a page of it read whole. */
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
    if (status != STATUS_OK)
        return status;
    list.count = page.count;
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    status = query_texts_read(store, scope, page.numbers, &list.count, arena, list.items, error);
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
    struct db_params params = {.arena = arena};
    struct sums_request sums = {.connection_id = connection_id, .period = *period, .with_percentiles = true};
    struct query_totals everything;
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    params_int64(&params, connection_id);
    status = store_read(store, scope, SQL(query_text_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    query_text_read(result, 0, 0, arena, out_summary);
    status = query_packs_until(store, arena, &sums.packed_until_us, error);
    if (status == STATUS_OK)
        status = query_totals_read(store, scope, connection_id, (struct text){NULL, 0}, 0, period, sums.packed_until_us,
                                   false, arena, &everything, error);
    if (status != STATUS_OK)
        return status;
    sums.everything_ms = everything.total_ms;
    return query_sums_read(store, scope, &sums, out_summary, 1, arena, error);
}
