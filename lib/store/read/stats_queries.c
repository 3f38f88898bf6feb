/* Fingerprints by what they add up to in a period, or by how that differs from another; see stats_queries.h. All of
 * them are added up from segments; only a page of them is read whole. */
#include "store/read/stats_queries.h"

#include "store/read/catalog.h"
#include "store/read/page_sums.h"
#include "store/read/rank.h"
#include "store/read/segments.h"
#include "store/read/texts.h"

/* Read the texts of the page's rows. Afterwards ranked[i] belongs to row i. */
static enum status read_page(struct store *store, const struct scope *scope, const struct stats_page *page,
                             struct ranked *ranked, size_t count, struct arena *arena, struct stats_list *out_list,
                             struct query_summary **out_summaries, struct error *error)
{
    struct stats_list list = {0};
    struct query_summary *summaries;
    int64_t *fingerprint_ids,
        last = 0; /* the last one of the page before; 0: it is gone, and its equals come again rather than never */
    struct ranked from;
    enum status status = STATUS_OK;

    if (page->has_cursor)
        status = fingerprint_id_read(store, scope, page->hash, arena, &last, error);
    if (status != STATUS_OK)
        return status;
    from = (struct ranked){.key = page->after, .fingerprint_id = (uint32_t)last + 1};
    list.count = rank_cut(ranked, count, page->has_cursor ? &from : NULL, page->limit, &list.has_more);
    fingerprint_ids = arena_alloc_array(arena, list.count, sizeof *fingerprint_ids);
    for (size_t i = 0; i < list.count; i++)
        fingerprint_ids[i] = ranked[i].fingerprint_id;
    summaries = arena_alloc_array(arena, list.count, sizeof *summaries);
    status = texts_read(store, scope, fingerprint_ids, &list.count, arena, summaries, error);
    if (status != STATUS_OK)
        return status;
    list.rows = arena_alloc_array(arena, list.count, sizeof *list.rows);
    for (size_t i = 0, at = 0; i < list.count; i++, at++) {
        while (ranked[at].fingerprint_id != fingerprint_ids[i])
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

static double key_of(const struct sums *sums, enum query_sort sort)
{
    switch (sort) {
    case QUERY_SORT_CALLS:
        return (double)sums->calls;
    case QUERY_SORT_MEAN:
        return rank_us(sums_mean_ms(sums));
    case QUERY_SORT_MAX:
        return rank_us(sums_max_ms(sums));
    default:
        return rank_us(sums->total_ms);
    }
}

enum status store_stats_queries(struct store *store, const struct scope *scope, const struct period *period,
                                enum query_sort sort, const struct stats_page *page, struct arena *arena,
                                struct stats_list *out_list, struct error *error)
{
    struct page_sums_request request = {.period = *period};
    struct segment_request segments = {
        .period = period, .values = sort == QUERY_SORT_TOTAL ? SEGMENT_TIME : SEGMENT_TIME | SEGMENT_CALLS};
    struct segment_sums sums;
    struct query_summary *summaries;
    struct ranked *ranked;
    enum status status = segments_until(store, arena, &segments.segmented_until_us, error);

    request.segmented_until_us = segments.segmented_until_us;
    if (sort == QUERY_SORT_MAX)
        segments.values |= SEGMENT_DETAILS;
    if (status == STATUS_OK)
        status = segments_read(store, scope, &segments, arena, &sums, error);
    if (status == STATUS_OK && !page->with_catalog)
        status = catalog_drop(store, scope, arena, &sums, 1, error);
    if (status != STATUS_OK)
        return status;
    ranked = arena_alloc_array(arena, sums.count, sizeof *ranked);
    for (size_t i = 0; i < sums.count; i++)
        ranked[i] = (struct ranked){key_of(&sums.items[i].sums, sort), sums.items[i].fingerprint_id, i};
    status = read_page(store, scope, page, ranked, sums.count, arena, out_list, &summaries, error);
    request.everything_ms = sums.totals.total_ms;
    if (status == STATUS_OK)
        status = page_sums_read(store, scope, &request, summaries, out_list->count, arena, error);
    for (size_t i = 0; status == STATUS_OK && i < out_list->count; i++) {
        struct stats_row *row = &out_list->rows[i];
        const struct query_summary *summary = &summaries[i];

        row->connection_ids = summary->connection_ids;
        row->connection_id_count = summary->connection_count;
        row->sums = summary->sums;
        row->known = summary->known;
        row->time_share = summary->time_share;
    }
    return status;
}

/* ---- by what got faster ---- */

/* The time that the calls would have taken at the mean of before, less the time that they took. Negative: the
 * statement did not get faster, or by less than what is asked for. */
static double saved_ms(const struct sums *before, const struct sums *now, int64_t calls_min, double least_share)
{
    double before_ms = sums_mean_ms(before), now_ms = sums_mean_ms(now);

    if (before->calls < calls_min || now->calls < calls_min || before->calls <= 0 || now->calls <= 0)
        return -1;
    return now_ms < before_ms && now_ms <= before_ms * (1 - least_share)
               ? before_ms * (double)now->calls - now->total_ms
               : -1;
}

enum status store_stats_improvements(struct store *store, const struct scope *scope, const struct period *period,
                                     const struct period *compared, int64_t calls_min, double least_share,
                                     const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                     struct error *error)
{
    struct segment_request segments = {.period = period, .values = SEGMENT_TIME | SEGMENT_CALLS};
    struct segment_sums now, before;
    struct query_summary *summaries;
    struct ranked *ranked;
    const struct sums **earlier; /* of now.items, NULL: did not run then */
    size_t count = 0, at = 0;
    enum status status = segments_until(store, arena, &segments.segmented_until_us, error);

    if (status == STATUS_OK)
        status = segments_read(store, scope, &segments, arena, &now, error);
    segments.period = compared;
    if (status == STATUS_OK)
        status = segments_read(store, scope, &segments, arena, &before, error);
    if (status == STATUS_OK && !page->with_catalog)
        status = catalog_drop(store, scope, arena, &now, 1, error);
    if (status != STATUS_OK)
        return status;
    ranked = arena_alloc_array(arena, now.count, sizeof *ranked);
    earlier = arena_alloc_array(arena, now.count, sizeof *earlier);
    /* Both ascend by fingerprint_id. */
    for (size_t i = 0; i < now.count; i++) {
        double saved;

        while (at < before.count && before.items[at].fingerprint_id < now.items[i].fingerprint_id)
            at++;
        if (at == before.count || before.items[at].fingerprint_id != now.items[i].fingerprint_id)
            continue;
        earlier[i] = &before.items[at].sums;
        saved = saved_ms(earlier[i], &now.items[i].sums, calls_min, least_share);
        if (saved >= 0)
            ranked[count++] = (struct ranked){rank_us(saved), now.items[i].fingerprint_id, i};
    }
    status = read_page(store, scope, page, ranked, count, arena, out_list, &summaries, error);
    for (size_t i = 0; status == STATUS_OK && i < out_list->count; i++) {
        out_list->rows[i].sums = now.items[ranked[i].at].sums;
        out_list->rows[i].before = *earlier[ranked[i].at];
    }
    return status;
}
