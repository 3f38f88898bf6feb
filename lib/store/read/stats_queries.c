/* Fingerprints by what they add up to in a period, or by how that differs from another; see stats.h. All of them are
 * added up from packs; only a page of them is read whole. */
#include "store/read/query_rank.h"
#include "store/read/query_sums.h"
#include "store/read/query_texts.h"
#include "store/read/stats_internal.h"

/* The page's rows with their texts and keys; out_ranked[i] is what row i was ranked by. */
static enum status read_page(struct store *store, const struct scope *scope, const struct stats_page *page,
                             struct ranked *ranked, size_t count, struct arena *arena, struct stats_list *out_list,
                             struct query_summary **out_summaries, struct error *error)
{
    struct stats_list list = {0};
    struct query_summary *summaries;
    int64_t *numbers, last = 0; /* of the page before; 0, gone meanwhile: its equals come again rather than never */
    struct ranked from;
    enum status status = STATUS_OK;

    if (page->has_cursor)
        status = query_number_read(store, scope, page->hash, arena, &last, error);
    if (status != STATUS_OK)
        return status;
    from = (struct ranked){.key = page->after, .number = (uint32_t)last + 1};
    list.count = query_rank_cut(ranked, count, page->has_cursor ? &from : NULL, page->limit, &list.has_more);
    numbers = arena_alloc_array(arena, list.count, sizeof *numbers);
    for (size_t i = 0; i < list.count; i++)
        numbers[i] = ranked[i].number;
    summaries = arena_alloc_array(arena, list.count, sizeof *summaries);
    status = query_texts_read(store, scope, numbers, &list.count, arena, summaries, error);
    if (status != STATUS_OK)
        return status;
    list.rows = arena_alloc_array(arena, list.count, sizeof *list.rows);
    for (size_t i = 0, at = 0; i < list.count; i++, at++) {
        while (ranked[at].number != numbers[i])
            at++;
        ranked[i] = ranked[at];
        list.rows[i] = (struct stats_row){
            .hash = summaries[i].hash,
            .fingerprint = summaries[i].fingerprint,
            .statement_kind = summaries[i].statement_kind,
            .tables = summaries[i].tables,
            .table_count = summaries[i].table_count,
            .first_seen_us = summaries[i].first_seen_us,
            .last_seen_us = summaries[i].last_seen_us,
            .sort_key = ranked[i].key,
        };
    }
    *out_list = list;
    *out_summaries = summaries;
    return STATUS_OK;
}

/* ---- by their sums ---- */

static double key_of(const struct pack_sum *sum, enum query_sort sort)
{
    double mean_ms = sum->calls > 0 ? sum->total_ms / (double)sum->calls : 0;

    switch (sort) {
    case QUERY_SORT_CALLS:
        return (double)sum->calls;
    case QUERY_SORT_MEAN:
        return query_rank_us(mean_ms);
    case QUERY_SORT_MAX:
        return query_rank_us(query_max_ms(sum->max_ms, mean_ms));
    default:
        return query_rank_us(sum->total_ms);
    }
}

enum status store_stats_queries(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                enum query_sort sort, const struct stats_page *page, struct arena *arena,
                                struct stats_list *out_list, struct error *error)
{
    struct sums_request request = {.connection_id = filter->connection_id,
                                   .engine = filter->engine,
                                   .team_id = filter->team_id,
                                   .period = filter->period};
    struct pack_request packs = stats_packs(filter, sort == QUERY_SORT_TOTAL ? PACK_TIME : PACK_TIME | PACK_CALLS);
    struct pack_sums sums;
    struct query_summary *summaries;
    struct ranked *ranked;
    enum status status = query_packs_until(store, arena, &packs.packed_until_us, error);

    request.packed_until_us = packs.packed_until_us;
    if (sort == QUERY_SORT_MAX)
        packs.values |= PACK_EXTREMES;
    if (status == STATUS_OK)
        status = query_packs_read(store, scope, &packs, arena, &sums, error);
    if (status != STATUS_OK)
        return status;
    ranked = arena_alloc_array(arena, sums.count, sizeof *ranked);
    for (size_t i = 0; i < sums.count; i++)
        ranked[i] = (struct ranked){key_of(&sums.items[i], sort), sums.items[i].number, i};
    status = read_page(store, scope, page, ranked, sums.count, arena, out_list, &summaries, error);
    request.everything_ms = sums.total_ms;
    if (status == STATUS_OK)
        status = query_sums_read(store, scope, &request, summaries, out_list->count, arena, error);
    for (size_t i = 0; status == STATUS_OK && i < out_list->count; i++) {
        struct stats_row *row = &out_list->rows[i];
        const struct query_summary *summary = &summaries[i];

        row->connection_ids = summary->connection_ids;
        row->connection_id_count = summary->connection_count;
        row->sums = (struct stats_sums){
            .calls = summary->calls,
            .slow_calls = summary->slow_calls,
            .rows_examined = summary->rows_examined,
            .rows_returned = summary->rows_returned,
            .blocks_hit = summary->blocks_hit,
            .blocks_read = summary->blocks_read,
            .total_ms = summary->total_ms,
            .max_ms = summary->max_ms,
        };
        row->time_share = summary->time_share;
    }
    return status;
}

/* ---- by what got faster ---- */

/* What it would have taken as before, less what it took; negative: it did not get faster, or not by as much as is
 * asked. */
static double saved_ms(const struct pack_sum *before, const struct pack_sum *now, int64_t calls_min, double least_share)
{
    double before_ms, now_ms;

    if (before->calls < calls_min || now->calls < calls_min || before->calls <= 0 || now->calls <= 0)
        return -1;
    before_ms = before->total_ms / (double)before->calls;
    now_ms = now->total_ms / (double)now->calls;
    return now_ms < before_ms && now_ms <= before_ms * (1 - least_share)
               ? before_ms * (double)now->calls - now->total_ms
               : -1;
}

enum status store_stats_improvements(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                     const struct period *compared, int64_t calls_min, double least_share,
                                     const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                     struct error *error)
{
    struct pack_request packs = stats_packs(filter, PACK_TIME | PACK_CALLS);
    struct pack_sums now, before;
    struct query_summary *summaries;
    struct ranked *ranked;
    const struct pack_sum **earlier; /* of now.items, NULL: did not run then */
    size_t count = 0, at = 0;
    enum status status = query_packs_until(store, arena, &packs.packed_until_us, error);

    if (status == STATUS_OK)
        status = query_packs_read(store, scope, &packs, arena, &now, error);
    packs.period = compared;
    if (status == STATUS_OK)
        status = query_packs_read(store, scope, &packs, arena, &before, error);
    if (status != STATUS_OK)
        return status;
    ranked = arena_alloc_array(arena, now.count, sizeof *ranked);
    earlier = arena_alloc_array(arena, now.count, sizeof *earlier);
    /* Both ascend by number. */
    for (size_t i = 0; i < now.count; i++) {
        double saved;

        while (at < before.count && before.items[at].number < now.items[i].number)
            at++;
        if (at == before.count || before.items[at].number != now.items[i].number)
            continue;
        earlier[i] = &before.items[at];
        saved = saved_ms(earlier[i], &now.items[i], calls_min, least_share);
        if (saved >= 0)
            ranked[count++] = (struct ranked){query_rank_us(saved), now.items[i].number, i};
    }
    status = read_page(store, scope, page, ranked, count, arena, out_list, &summaries, error);
    for (size_t i = 0; status == STATUS_OK && i < out_list->count; i++) {
        const struct pack_sum *sum = &now.items[ranked[i].at], *was = earlier[ranked[i].at];

        out_list->rows[i].sums = (struct stats_sums){.calls = sum->calls, .total_ms = sum->total_ms};
        out_list->rows[i].before = (struct stats_sums){.calls = was->calls, .total_ms = was->total_ms};
    }
    return status;
}
