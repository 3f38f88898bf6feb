/* What each connection ran, added up from segments; see stats_connections.h. */
#include "store/read/stats_connections.h"

#include <math.h>

#include "store/read/buckets.h"
#include "store/read/catalog.h"
#include "store/read/rank.h"
#include "store/read/segments.h"
#include "store/read/texts.h"
#include "store/scope/statement.h"

/* ---- connections ---- */

/* sums NULL: the connection ran nothing. */
static void fill_database(const PGresult *result, int row, const struct segment_sums *sums, double everything_ms,
                          struct stats_row *out)
{
    *out = (struct stats_row){
        .connection_id = row_int64(result, row, CONNECTION_CHOSEN_LIST_ID),
        .name = row_text(result, row, CONNECTION_CHOSEN_LIST_NAME),
        .engine = row_text(result, row, CONNECTION_CHOSEN_LIST_ENGINE),
        .known = text_equal(row_text(result, row, CONNECTION_CHOSEN_LIST_ENGINE), TEXT("postgresql"))
                     ? 0
                     : SUMS_KNOW_EXAMINED,
        .first_seen_us = INT64_MIN,
        .last_seen_us = INT64_MIN,
    };
    if (sums == NULL)
        return;
    out->fingerprint_count = (int64_t)sums->count;
    out->sums = sums->totals;
    out->known |= sums_known(&sums->totals);
    out->time_share = everything_ms > 0 ? fmin(sums->totals.total_ms / everything_ms, 1) : 0;
    out->sort_key = rank_us(sums->totals.total_ms);
}

enum status store_stats_databases_detail(struct store *store, const struct scope *scope, const struct period *period,
                                         const struct stats_page *page, struct arena *arena,
                                         struct stats_list *out_list, struct error *error)
{
    struct segment_request segments = {.period = period, .values = SEGMENT_CONNECTIONS};
    struct stats_list list = {0};
    struct segment_sums *sums;
    struct stats_row *all;
    struct ranked *ranked;
    struct ranked from = {.key = page->after}; /* the first connection after the last one of the page before */
    size_t sums_count, count, next = 0;
    double everything_ms = 0;
    PGresult *chosen; /* by ascending id */
    enum status status = segments_until(store, arena, &segments.segmented_until_us, error);

    if (status == STATUS_OK)
        status = store_read(store, scope, SQL(connection_chosen_list), NULL, arena, &chosen, error);
    if (status == STATUS_OK)
        status = segments_read_each(store, scope, &segments, arena, &sums, &sums_count, error);
    if (status == STATUS_OK)
        status = catalog_drop(store, scope, arena, sums, sums_count, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sums_count; i++)
        everything_ms += sums[i].totals.total_ms;
    count = (size_t)PQntuples(chosen);
    all = arena_alloc_array(arena, count, sizeof *all);
    ranked = arena_alloc_array(arena, count, sizeof *ranked);
    /* Both ascend by id. */
    for (size_t i = 0; i < count; i++) {
        int64_t id = row_int64(chosen, (int)i, CONNECTION_CHOSEN_LIST_ID);

        while (next < sums_count && sums[next].connection_id < id)
            next++;
        fill_database(chosen, (int)i, next < sums_count && sums[next].connection_id == id ? &sums[next] : NULL,
                      everything_ms, &all[i]);
        ranked[i] = (struct ranked){.key = all[i].sort_key, .at = i};
        if (id <= page->connection_id)
            from.at = i + 1;
    }
    list.count = rank_cut(ranked, count, page->has_cursor ? &from : NULL, page->limit, &list.has_more);
    list.rows = arena_alloc_array(arena, list.count, sizeof *list.rows);
    for (size_t i = 0; i < list.count; i++)
        list.rows[i] = all[ranked[i].at];
    *out_list = list;
    return STATUS_OK;
}

/* ---- fingerprints of connections ---- */

/* Rows of the page by the index of their fingerprint in the hashes asked for. */
struct accumulator {
    struct stats_row *rows;
    size_t *first, *next; /* by index, by row; row + 1, 0: none */
};

static bool add_bucket(void *context, const struct bucket *bucket)
{
    const struct accumulator *accumulator = context;

    for (size_t at = accumulator->first[bucket->fingerprint_index]; at != 0; at = accumulator->next[at - 1]) {
        struct stats_row *row = &accumulator->rows[at - 1];

        if (row->connection_id == bucket->connection_id)
            sums_add(&row->sums, &bucket->sums);
    }
    return true;
}

/* The sums of each row. Segments do not have the blocks of fingerprints: buckets do. */
static enum status fill_sums(struct store *store, const struct scope *scope, const struct period *period,
                             int64_t segmented_until_us, struct stats_list *list, struct arena *arena,
                             struct error *error)
{
    struct sql_hash *hashes = arena_alloc_array(arena, list->count, sizeof *hashes);
    struct accumulator accumulator = {.rows = list->rows,
                                      .first = arena_alloc_array(arena, list->count, sizeof *accumulator.first),
                                      .next = arena_alloc_array(arena, list->count, sizeof *accumulator.next)};
    struct tier tiers[TIERS];
    struct bucket_request buckets = {
        .hashes = hashes, .tiers = tiers, .segmented_until_us = segmented_until_us, .depth = BUCKET_DETAILS};

    for (size_t i = 0; i < list->count; i++) {
        size_t index = 0;

        while (index < buckets.count && !sql_hash_equal(hashes[index], list->rows[i].hash))
            index++;
        if (index == buckets.count)
            hashes[buckets.count++] = list->rows[i].hash;
        accumulator.next[i] = accumulator.first[index];
        accumulator.first[index] = i + 1;
    }
    tiers_make(period, tiers);
    return buckets_read(store, scope, &buckets, arena, add_bucket, &accumulator, error);
}

/* connection_ids: by ranked.at. */
static enum status read_page(struct store *store, const struct scope *scope, const int64_t *connection_ids,
                             const struct ranked *ranked, struct arena *arena, struct stats_list *list,
                             struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t *fingerprint_ids = arena_alloc_array(arena, list->count, sizeof *fingerprint_ids);
    int64_t *ids = arena_alloc_array(arena, list->count, sizeof *ids);
    PGresult *result;
    enum status status;

    for (size_t i = 0; i < list->count; i++) {
        fingerprint_ids[i] = ranked[i].fingerprint_id;
        ids[i] = connection_ids[ranked[i].at];
    }
    params_int64_array(&params, fingerprint_ids, list->count);
    params_int64_array(&params, ids, list->count);
    status = store_read(store, scope, SQL(stats_connection_query_texts), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list->count = (size_t)PQntuples(result);
    list->rows = arena_alloc_array(arena, list->count, sizeof *list->rows);
    for (size_t i = 0; i < list->count; i++) {
        const struct ranked *rank = &ranked[row_int64(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_ITEM_INDEX) - 1];

        list->rows[i] = (struct stats_row){
            .connection_id = connection_ids[rank->at],
            .name = row_text(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_NAME),
            .hash = row_hash(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_SQL_HASH),
            .fingerprint = row_text(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_FINGERPRINT),
            .statement_kind = row_text(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_STATEMENT_KIND),
            .first_seen_us = row_time(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_FIRST_SEEN_AT),
            .last_seen_us = row_time(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_LAST_SEEN_AT),
            .sort_key = rank->key,
        };
    }
    return STATUS_OK;
}

enum status store_stats_connection_queries(struct store *store, const struct scope *scope, const struct period *period,
                                           const struct stats_page *page, struct arena *arena,
                                           struct stats_list *out_list, struct error *error)
{
    struct segment_request segments = {.period = period, .values = SEGMENT_TIME};
    struct stats_list list = {0};
    struct segment_sums *sums;
    int64_t *connection_ids;
    struct ranked *ranked;
    struct ranked from = {.key = page->after}; /* the first one after the last row of the page before */
    int64_t last = 0; /* that row's fingerprint; 0: it is gone, and its equals come again rather than never */
    size_t sums_count, ranked_count = 0, count = 0;
    enum status status = segments_until(store, arena, &segments.segmented_until_us, error);

    if (status == STATUS_OK)
        status = segments_read_each(store, scope, &segments, arena, &sums, &sums_count, error);
    if (status == STATUS_OK && !page->with_catalog)
        status = catalog_drop(store, scope, arena, sums, sums_count, error);
    if (status == STATUS_OK && page->has_cursor)
        status = fingerprint_id_read(store, scope, page->hash, arena, &last, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sums_count; i++)
        ranked_count += sums[i].count;
    connection_ids = arena_alloc_array(arena, ranked_count, sizeof *connection_ids);
    ranked = arena_alloc_array(arena, ranked_count, sizeof *ranked);
    from.fingerprint_id = (uint32_t)last;
    for (size_t i = 0; i < sums_count; i++) {
        for (size_t j = 0; j < sums[i].count; j++, count++) {
            const struct fingerprint_sums *item = &sums[i].items[j];

            connection_ids[count] = sums[i].connection_id;
            ranked[count] = (struct ranked){rank_us(item->sums.total_ms), item->fingerprint_id, count};
        }
        if (sums[i].connection_id <= page->connection_id)
            from.at = count;
    }
    list.count = rank_cut(ranked, count, page->has_cursor ? &from : NULL, page->limit, &list.has_more);
    status = read_page(store, scope, connection_ids, ranked, arena, &list, error);
    if (status == STATUS_OK && list.count > 0)
        status = fill_sums(store, scope, period, segments.segmented_until_us, &list, arena, error);
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}
