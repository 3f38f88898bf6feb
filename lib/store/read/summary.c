/* Fingerprints with their sums over a period; see summary.h. */
#include "store/read/summary.h"

#include "store/read/measures.h"
#include "store/read/page_sums.h"
#include "store/read/rank.h"
#include "store/read/texts.h"
#include "store/read/tiling.h"
#include "store/read/totals.h"
#include "store/scope/statement.h"

static enum status read_flips(struct store *store, const struct scope *scope, struct query_summary *summaries,
                              size_t count, struct arena *arena, struct error *error)
{
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct plan_flip *flips = arena_alloc_array(arena, count, sizeof *flips);
    enum status status;

    for (size_t i = 0; i < count; i++)
        hashes[i] = summaries[i].hash;
    status = store_plan_flip_list(store, scope, hashes, count, arena, flips, error);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        summaries[i].plan_flip = flips[i];
    return status;
}

enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    struct page_sums_request sums = {
        .period = filter->period, .with_percentiles = filter->with_percentiles, .with_sparks = true};
    struct query_summary_list list = {0};
    struct ranked_page page;
    enum status status = segments_until(store, arena, &sums.segmented_until_us, error);

    if (status == STATUS_OK)
        status = rank_page(store, scope, filter, sums.segmented_until_us, arena, &page, error);
    if (status != STATUS_OK)
        return status;
    list.count = page.count;
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    status = texts_read(store, scope, page.fingerprint_ids, &list.count, arena, list.items, error);
    if (status != STATUS_OK)
        return status;
    list.total_count = page.total_count;
    list.totals = page.totals;
    sums.everything_ms = page.totals.total_ms;
    status = page_sums_read(store, scope, &sums, list.items, list.count, arena, error);
    if (status == STATUS_OK)
        status = read_flips(store, scope, list.items, list.count, arena, error);
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}

enum status store_query_summary_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    const struct period *period, struct arena *arena, struct query_summary *out_summary,
                                    struct error *error)
{
    struct page_sums_request sums = {.period = *period, .with_percentiles = true};
    struct totals everything;
    enum status status = text_read(store, scope, hash, arena, out_summary, error);

    if (status == STATUS_OK)
        status = segments_until(store, arena, &sums.segmented_until_us, error);
    if (status == STATUS_OK)
        status = totals_read(store, scope, period, sums.segmented_until_us, false, arena, &everything, error);
    if (status != STATUS_OK)
        return status;
    sums.everything_ms = everything.sums.total_ms;
    status = page_sums_read(store, scope, &sums, out_summary, 1, arena, error);
    if (status == STATUS_OK)
        status = measures_read(store, scope, hash, period, arena, &out_summary->measures, error);
    return status == STATUS_OK ? read_flips(store, scope, out_summary, 1, arena, error) : status;
}

enum status store_query_find_by_md5(struct store *store, const struct scope *scope, struct sql_hash md5,
                                    struct arena *arena, struct sql_hash *out_hash, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_hash(&params, md5);
    status = store_read(store, scope, SQL(fingerprint_by_md5), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    *out_hash = row_hash(result, 0, FINGERPRINT_BY_MD5_SQL_HASH);
    return STATUS_OK;
}
