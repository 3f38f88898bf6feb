/* Ranking fingerprints; see query_rank.h. */
#include "store/query_rank.h"

#include <stdlib.h>

#include "store/query_parts.h"

static double rank_key(const struct pack_sum *sum, enum query_sort sort)
{
    switch (sort) {
    case QUERY_SORT_CALLS:
        return (double)sum->calls;
    case QUERY_SORT_MEAN:
        return sum->total_ms / (double)(sum->calls > 0 ? sum->calls : 1);
    default:
        return sum->total_ms;
    }
}

struct ranked {
    double key;
    uint32_t number;
};

static int by_rank(const void *one, const void *other)
{
    const struct ranked *a = one, *b = other;

    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Let the `keep` first by rank come first, unsorted: quickselect, linear in `count`. */
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
        /* [from, high] come before the rest, which is not empty: the pivot is not the last. */
        if (keep <= high)
            to = high + 1;
        else
            from = high + 1;
    }
}

/* Leaves in `sums` only what the words of the filter pick. */
enum status query_rank_keep_matching(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct pack_sums *sums, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    uint32_t highest = sums->count > 0 ? sums->items[sums->count - 1].number : 0;
    bool *is_picked = arena_alloc_array(arena, (size_t)highest + 1, sizeof *is_picked);
    size_t count = 0;
    enum status status;

    params_text(&params, filter->statement_kind);
    params_text(&params, filter->table);
    params_text(&params, filter->search);
    status = store_read(store, scope, SQL(query_packs_matching), &params, 1, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++)
        if (row_int64(result, row, 0) <= highest)
            is_picked[row_int64(result, row, 0)] = true;
    for (size_t i = 0; i < sums->count; i++)
        if (is_picked[sums->items[i].number])
            sums->items[count++] = sums->items[i];
    sums->count = count;
    return STATUS_OK;
}

/* The numbers of the page, in order. */
int64_t *query_rank(const struct pack_sums *sums, const struct query_filter *filter, struct arena *arena,
                    size_t *out_count, size_t *out_total)
{
    struct ranked *ranked = arena_alloc_array(arena, sums->count, sizeof *ranked);
    size_t total = 0, first = (size_t)filter->offset, last;
    int64_t *numbers;

    for (size_t i = 0; i < sums->count; i++)
        if (filter->mean_ms_min <= 0 || sums->items[i].total_ms >= filter->mean_ms_min * (double)sums->items[i].calls)
            ranked[total++] = (struct ranked){rank_key(&sums->items[i], filter->sort), sums->items[i].number};
    last = first + (size_t)filter->limit;
    if (first > total)
        first = total;
    if (last > total)
        last = total;
    select_first(ranked, total, last);
    if (last > 0)
        qsort(ranked, last, sizeof *ranked, by_rank);
    numbers = arena_alloc_array(arena, last - first, sizeof *numbers);
    for (size_t i = first; i < last; i++)
        numbers[i - first] = ranked[i].number;
    *out_count = last - first;
    *out_total = total;
    return numbers;
}
