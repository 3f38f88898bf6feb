/* Ranking fingerprints; see rank.h. */
#include "store/read/rank.h"

#include <math.h>
#include <stdlib.h>

#include "store/read/catalog.h"
#include "store/read/segments.h"
#include "store/scope/statement.h"

/* `last_seen`: by fingerprint_id, NULL in other orders. */
static double rank_key(const struct fingerprint_sums *item, enum query_sort sort, const double *last_seen)
{
    const struct sums *sums = &item->sums;

    switch (sort) {
    case QUERY_SORT_CALLS:
        return (double)sums->calls;
    case QUERY_SORT_MEAN:
        return sums_mean_ms(sums);
    case QUERY_SORT_MAX:
        return sums_max_ms(sums);
    case QUERY_SORT_ROWS:
        return (double)(sums->rows_examined > sums->rows_returned ? sums->rows_examined : sums->rows_returned);
    case QUERY_SORT_LAST_SEEN:
        return last_seen[item->fingerprint_id];
    case QUERY_SORT_LOCKS:
        return (double)sums->lock_us;
    default:
        return sums->total_ms;
    }
}

static int by_rank(const void *one, const void *other)
{
    const struct ranked *a = one, *b = other;

    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    if (a->fingerprint_id != b->fingerprint_id)
        return a->fingerprint_id < b->fingerprint_id ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Move the first `keep` by rank to the front, in no order: quickselect, linear in `count`. */
static void select_first(struct ranked *items, size_t count, size_t keep)
{
    size_t from = 0, to = count;

    while (to - from > 1 && from < keep && keep < to) {
        struct ranked pivot = items[from + (to - from - 1) / 2], swapped;
        size_t low = from, high = to - 1;

        for (;; low++, high--) {
            while (by_rank(&items[low], &pivot) < 0)
                low++;
            while (by_rank(&items[high], &pivot) > 0)
                high--;
            if (low >= high)
                break;
            swapped = items[low];
            items[low] = items[high];
            items[high] = swapped;
        }
        /* [from, high] come before the rest. The rest is not empty: the pivot is not the last item. */
        if (keep <= high)
            to = high + 1;
        else
            from = high + 1;
    }
}

double rank_us(double ms)
{
    return round(ms * 1000);
}

void rank_first(struct ranked *items, size_t count, size_t keep)
{
    if (keep > count)
        keep = count;
    select_first(items, count, keep);
    if (keep > 0)
        qsort(items, keep, sizeof *items, by_rank);
}

size_t rank_cut(struct ranked *items, size_t count, const struct ranked *from, int limit, bool *out_has_more)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++)
        if (from == NULL || by_rank(&items[i], from) >= 0)
            items[left++] = items[i];
    *out_has_more = left > (size_t)limit;
    if (left <= (size_t)limit)
        limit = (int)left;
    rank_first(items, left, (size_t)limit);
    return (size_t)limit;
}

/* Keep the fingerprints whose kind, table, text and tag the filter asks for; drop the others from `sums`. */
static enum status keep_matching(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                 struct arena *arena, struct segment_sums *sums, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    uint32_t highest = sums->count > 0 ? sums->items[sums->count - 1].fingerprint_id : 0;
    bool *is_picked = arena_alloc_array(arena, (size_t)highest + 1, sizeof *is_picked);
    size_t count = 0;
    int64_t from_us, to_us;
    enum status status;

    params_text(&params, filter->statement_kind);
    params_text(&params, filter->table);
    params_text(&params, filter->search);
    tags_period(&filter->period, &from_us, &to_us);
    params_text(&params, filter->tag.key);
    params_text(&params, filter->tag.value);
    params_time(&params, from_us);
    params_time(&params, to_us);
    status = store_read(store, scope, SQL(query_segments_matching), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++)
        if (row_int64(result, row, QUERY_SEGMENTS_MATCHING_FINGERPRINT_ID) <= highest)
            is_picked[row_int64(result, row, QUERY_SEGMENTS_MATCHING_FINGERPRINT_ID)] = true;
    for (size_t i = 0; i < sums->count; i++)
        if (is_picked[sums->items[i].fingerprint_id])
            sums->items[count++] = sums->items[i];
    sums->count = count;
    return STATUS_OK;
}

static enum status read_last_seen(struct store *store, const struct scope *scope, const struct segment_sums *sums,
                                  struct arena *arena, double **out_last_seen, struct error *error)
{
    uint32_t highest = sums->count > 0 ? sums->items[sums->count - 1].fingerprint_id : 0;
    double *last_seen = arena_alloc_array(arena, (size_t)highest + 1, sizeof *last_seen);
    PGresult *result;
    enum status status;

    status = store_read(store, scope, SQL(query_segments_last_seen), NULL, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++)
        if (row_int64(result, row, QUERY_SEGMENTS_LAST_SEEN_FINGERPRINT_ID) <= highest)
            last_seen[row_int64(result, row, QUERY_SEGMENTS_LAST_SEEN_FINGERPRINT_ID)] =
                (double)row_time(result, row, QUERY_SEGMENTS_LAST_SEEN_LAST_SEEN_AT);
    *out_last_seen = last_seen;
    return STATUS_OK;
}

/* The fingerprint ids of the page, in order. */
static void rank(const struct segment_sums *sums, const struct query_filter *filter, const double *last_seen,
                 struct arena *arena, struct ranked_page *out_page)
{
    struct ranked *ranked = arena_alloc_array(arena, sums->count, sizeof *ranked);
    size_t total = 0, first = (size_t)filter->offset, last;

    for (size_t i = 0; i < sums->count; i++)
        if (filter->mean_ms_min <= 0 ||
            sums->items[i].sums.total_ms >= filter->mean_ms_min * (double)sums->items[i].sums.calls)
            ranked[total++] =
                (struct ranked){rank_key(&sums->items[i], filter->sort, last_seen), sums->items[i].fingerprint_id, i};
    last = first + (size_t)filter->limit;
    if (first > total)
        first = total;
    if (last > total)
        last = total;
    rank_first(ranked, total, last);
    out_page->fingerprint_ids = arena_alloc_array(arena, last - first, sizeof *out_page->fingerprint_ids);
    for (size_t i = first; i < last; i++)
        out_page->fingerprint_ids[i - first] = ranked[i].fingerprint_id;
    out_page->count = last - first;
    out_page->total_count = (int64_t)total;
}

/* The values of segments that the order and the filter need. */
static unsigned values_for(const struct query_filter *filter)
{
    switch (filter->sort) {
    case QUERY_SORT_MAX:
    case QUERY_SORT_ROWS:
        return SEGMENT_TIME | SEGMENT_CALLS | SEGMENT_DETAILS;
    case QUERY_SORT_LOCKS:
        return SEGMENT_TIME | SEGMENT_CALLS | SEGMENT_LOCKS;
    case QUERY_SORT_CALLS:
    case QUERY_SORT_MEAN:
        return SEGMENT_TIME | SEGMENT_CALLS;
    default:
        return filter->mean_ms_min > 0 ? SEGMENT_TIME | SEGMENT_CALLS : SEGMENT_TIME;
    }
}

enum status rank_page(struct store *store, const struct scope *scope, const struct query_filter *filter,
                      int64_t segmented_until_us, struct arena *arena, struct ranked_page *out_page,
                      struct error *error)
{
    const struct segment_request request = {
        .period = &filter->period, .segmented_until_us = segmented_until_us, .values = values_for(filter)};
    bool has_words = filter->statement_kind.data != NULL || filter->table.data != NULL || filter->search.data != NULL ||
                     filter->tag.key.data != NULL;
    struct segment_sums sums;
    double *last_seen = NULL;
    enum status status = segments_read(store, scope, &request, arena, &sums, error);

    if (status != STATUS_OK)
        return status;
    *out_page = (struct ranked_page){.totals = sums.totals};
    if (!filter->with_catalog)
        status = catalog_drop(store, scope, arena, &sums, 1, error);
    if (status == STATUS_OK && has_words)
        status = keep_matching(store, scope, filter, arena, &sums, error);
    if (status == STATUS_OK && filter->sort == QUERY_SORT_LAST_SEEN)
        status = read_last_seen(store, scope, &sums, arena, &last_seen, error);
    if (status == STATUS_OK)
        rank(&sums, filter, last_seen, arena, out_page);
    return status;
}
