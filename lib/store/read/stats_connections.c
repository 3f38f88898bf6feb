/* What each connection ran, fingerprint by fingerprint or all together; see stats.h. Added up from packs. */
#include <math.h>

#include "store/read/query_bytes.h"
#include "store/read/query_cells.h"
#include "store/read/query_rank.h"
#include "store/read/query_texts.h"
#include "store/read/stats_internal.h"
#include "store/scope/statement.h"

/* ---- connections ---- */

/* sums NULL: it ran nothing. */
static void fill_database(const PGresult *result, int row, const struct pack_sums *sums, double everything_ms,
                          struct stats_row *out)
{
    *out = (struct stats_row){
        .connection_id = row_int64(result, row, CONNECTION_CHOSEN_LIST_ID),
        .name = row_text(result, row, CONNECTION_CHOSEN_LIST_NAME),
        .engine = row_text(result, row, CONNECTION_CHOSEN_LIST_ENGINE),
        .first_seen_us = INT64_MIN,
        .last_seen_us = INT64_MIN,
    };
    if (sums == NULL)
        return;
    out->fingerprint_count = (int64_t)sums->count;
    out->sums = (struct stats_sums){
        .calls = sums->calls,
        .slow_calls = sums->slow_calls,
        .rows_examined = sums->rows_examined,
        .rows_returned = sums->rows_returned,
        .blocks_hit = sums->blocks_hit,
        .blocks_read = sums->blocks_read,
        .total_ms = sums->total_ms,
        .max_ms = sums->max_ms,
    };
    out->time_share = everything_ms > 0 ? fmin(sums->total_ms / everything_ms, 1) : 0;
    out->sort_key = query_rank_us(sums->total_ms);
}

enum status store_stats_databases_detail(struct store *store, const struct scope *scope,
                                         const struct stats_filter *filter, const struct stats_page *page,
                                         struct arena *arena, struct stats_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct pack_request packs = stats_packs(filter, PACK_CONNECTIONS);
    struct stats_list list = {0};
    struct pack_sums *sums;
    struct stats_row *all;
    struct ranked *ranked;
    struct ranked from = {.key = page->after}; /* the first connection after the last one of the page before */
    size_t sums_count, count, next = 0;
    double everything_ms = 0;
    PGresult *chosen; /* by ascending id */
    enum status status = query_packs_until(store, arena, &packs.packed_until_us, error);

    query_params_choose(&params, filter->connection_id, filter->engine);
    params_int64(&params, filter->team_id);
    if (status == STATUS_OK)
        status = store_read(store, scope, SQL(connection_chosen_list), &params, arena, &chosen, error);
    if (status == STATUS_OK)
        status = query_packs_read_each(store, scope, &packs, arena, &sums, &sums_count, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sums_count; i++)
        everything_ms += sums[i].total_ms;
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
    list.count = query_rank_cut(ranked, count, page->has_cursor ? &from : NULL, page->limit, &list.has_more);
    list.rows = arena_alloc_array(arena, list.count, sizeof *list.rows);
    for (size_t i = 0; i < list.count; i++)
        list.rows[i] = all[ranked[i].at];
    *out_list = list;
    return STATUS_OK;
}

/* ---- fingerprints of connections ---- */

/* A fingerprint on a connection. */
struct pair {
    int64_t connection_id;
    const struct pack_sum *sum;
};

/* Rows of the page by the place of their fingerprint in the hashes asked for. */
struct filling {
    struct stats_row *rows;
    size_t *first, *next; /* by place, by row; row + 1, 0: none */
};

static bool add_cell(void *context, const struct query_cell *cell)
{
    const struct filling *filling = context;

    for (size_t at = filling->first[cell->place]; at != 0; at = filling->next[at - 1]) {
        struct stats_row *row = &filling->rows[at - 1];

        if (row->connection_id != cell->connection_id)
            continue;
        row->sums.rows_returned = add_bounded(row->sums.rows_returned, cell->rows_returned);
        row->sums.blocks_hit = add_bounded(row->sums.blocks_hit, cell->blocks_hit);
        row->sums.blocks_read = add_bounded(row->sums.blocks_read, cell->blocks_read);
    }
    return true;
}

/* Rows and blocks, which packs have not of each fingerprint. */
static enum status fill_details(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                int64_t packed_until_us, struct stats_list *list, struct arena *arena,
                                struct error *error)
{
    struct sql_hash *hashes = arena_alloc_array(arena, list->count, sizeof *hashes);
    struct filling filling = {.rows = list->rows,
                              .first = arena_alloc_array(arena, list->count, sizeof *filling.first),
                              .next = arena_alloc_array(arena, list->count, sizeof *filling.next)};
    struct query_part parts[QUERY_PARTS];
    struct cell_request cells = {.connection_id = filter->connection_id,
                                 .engine = filter->engine,
                                 .team_id = filter->team_id,
                                 .hashes = hashes,
                                 .parts = parts,
                                 .packed_until_us = packed_until_us,
                                 .depth = CELL_DETAILS};

    for (size_t i = 0; i < list->count; i++) {
        size_t place = 0;

        while (place < cells.count && memcmp(&hashes[place], &list->rows[i].hash, sizeof hashes[0]) != 0)
            place++;
        if (place == cells.count)
            hashes[cells.count++] = list->rows[i].hash;
        filling.next[i] = filling.first[place];
        filling.first[place] = i + 1;
    }
    query_parts_make(&filter->period, parts);
    return query_cells_read(store, scope, &cells, arena, add_cell, &filling, error);
}

static enum status read_page(struct store *store, const struct scope *scope, const struct pair *pairs,
                             const struct ranked *ranked, struct arena *arena, struct stats_list *list,
                             struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t *numbers = arena_alloc_array(arena, list->count, sizeof *numbers);
    int64_t *ids = arena_alloc_array(arena, list->count, sizeof *ids);
    PGresult *result;
    enum status status;

    for (size_t i = 0; i < list->count; i++) {
        numbers[i] = ranked[i].number;
        ids[i] = pairs[ranked[i].at].connection_id;
    }
    params_int64_array(&params, numbers, list->count);
    params_int64_array(&params, ids, list->count);
    status = store_read(store, scope, SQL(stats_connection_query_texts), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list->count = (size_t)PQntuples(result);
    list->rows = arena_alloc_array(arena, list->count, sizeof *list->rows);
    for (size_t i = 0; i < list->count; i++) {
        const struct ranked *rank = &ranked[row_int64(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_PLACE) - 1];
        const struct pair *pair = &pairs[rank->at];

        list->rows[i] = (struct stats_row){
            .connection_id = pair->connection_id,
            .name = row_text(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_NAME),
            .hash = row_hash(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_SQL_HASH),
            .fingerprint = row_text(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_FINGERPRINT),
            .statement_kind = row_text(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_STATEMENT_KIND),
            .first_seen_us = row_time(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_FIRST_SEEN_AT),
            .last_seen_us = row_time(result, (int)i, STATS_CONNECTION_QUERY_TEXTS_LAST_SEEN_AT),
            .sums = {.calls = pair->sum->calls, .total_ms = pair->sum->total_ms},
            .sort_key = rank->key,
        };
    }
    return STATUS_OK;
}

enum status store_stats_connection_queries(struct store *store, const struct scope *scope,
                                           const struct stats_filter *filter, const struct stats_page *page,
                                           struct arena *arena, struct stats_list *out_list, struct error *error)
{
    struct pack_request packs = stats_packs(filter, PACK_TIME | PACK_CALLS);
    struct stats_list list = {0};
    struct pack_sums *sums;
    struct pair *pairs;
    struct ranked *ranked;
    struct ranked from = {.key = page->after}; /* the first place after the last row of the page before */
    int64_t last = 0; /* that row's number; 0, gone meanwhile: its equals come again rather than never */
    size_t sums_count, pair_count = 0, count = 0;
    enum status status = query_packs_until(store, arena, &packs.packed_until_us, error);

    if (status == STATUS_OK)
        status = query_packs_read_each(store, scope, &packs, arena, &sums, &sums_count, error);
    if (status == STATUS_OK && page->has_cursor)
        status = query_number_read(store, scope, page->hash, arena, &last, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sums_count; i++)
        pair_count += sums[i].count;
    pairs = arena_alloc_array(arena, pair_count, sizeof *pairs);
    ranked = arena_alloc_array(arena, pair_count, sizeof *ranked);
    from.number = (uint32_t)last;
    for (size_t i = 0; i < sums_count; i++) {
        for (size_t j = 0; j < sums[i].count; j++, count++) {
            const struct pack_sum *sum = &sums[i].items[j];

            pairs[count] = (struct pair){sums[i].connection_id, sum};
            ranked[count] = (struct ranked){query_rank_us(sum->total_ms), sum->number, count};
        }
        if (sums[i].connection_id <= page->connection_id)
            from.at = count;
    }
    list.count = query_rank_cut(ranked, count, page->has_cursor ? &from : NULL, page->limit, &list.has_more);
    status = read_page(store, scope, pairs, ranked, arena, &list, error);
    if (status == STATUS_OK && list.count > 0)
        status = fill_details(store, scope, filter, packs.packed_until_us, &list, arena, error);
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}
