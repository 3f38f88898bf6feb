/* Fingerprints with their sums over a period; see query.h. */
#include <stdlib.h>

#include "base/clock.h"
#include "store/query_packs.h"
#include "store/query_parts.h"

enum { LIST_COLUMNS = 19, PAGE_COLUMNS = 16, GET_COLUMNS = 16, LIST_TEXT_BYTES = 2000 };

/* Columns from `first`: hash, fingerprint, kind, tables, connections, sums, first and last seen. */
static void read_summary(const PGresult *result, int row, int first, double everything_ms, struct arena *arena,
                         struct query_summary *out)
{
    *out = (struct query_summary){
        .hash = row_hash(result, row, first),
        .fingerprint = row_text(result, row, first + 1),
        .statement_kind = row_text(result, row, first + 2),
        .calls = row_int64(result, row, first + 5),
        .slow_calls = row_int64(result, row, first + 6),
        .rows_examined = row_int64(result, row, first + 7),
        .rows_returned = row_int64(result, row, first + 8),
        .blocks_hit = row_int64(result, row, first + 9),
        .blocks_read = row_int64(result, row, first + 10),
        .total_ms = row_double(result, row, first + 11),
        .max_ms = row_double(result, row, first + 12),
        .first_seen_us = row_time(result, row, first + 13),
        .last_seen_us = row_time(result, row, first + 14),
    };
    out->tables = row_text_array(result, row, first + 3, arena, &out->table_count);
    out->connection_ids = row_int64_array(result, row, first + 4, arena, &out->connection_count);
    out->mean_ms = out->calls > 0 ? out->total_ms / (double)out->calls : 0;
    /* Counters know the mean of all executions, samples the slowest one seen: less than the mean is not the slowest. */
    if (out->max_ms < out->mean_ms * 0.999)
        out->max_ms = 0;
    out->time_share = everything_ms > 0 ? out->total_ms / everything_ms : 0;
    if (out->time_share > 1) /* the two sums come from buckets of different widths */
        out->time_share = 1;
}

/* The largest bucket that is no wider than one point of the spark; wider where nothing narrower is kept any more. */
static int32_t spark_resolution(const struct period *period)
{
    int64_t point_s = (period->to_us - period->from_us) / CLOCK_SECOND_US / QUERY_SPARK_POINTS;

    int32_t fitting_s = point_s >= 86400 ? 86400 : point_s >= 3600 ? 3600 : PERIOD_RESOLUTION_MIN_S;

    return fitting_s > period->resolution_s ? fitting_s : period->resolution_s;
}

/* Buckets do not end where points do: each gives every point the part that lies in it. The one that is still
 * being filled ends now. */
static void spread(const struct period *period, int64_t bucket_us, int64_t width_us, double total_ms, double *spark_ms)
{
    int64_t filled_us = clock_now_us() - bucket_us;
    double point_us = (double)(period->to_us - period->from_us) / QUERY_SPARK_POINTS;

    if (filled_us > 0 && filled_us < width_us)
        width_us = filled_us;
    for (int i = 0; i < QUERY_SPARK_POINTS; i++) {
        double from = (double)period->from_us + point_us * i, to = from + point_us;
        double first = from > (double)bucket_us ? from : (double)bucket_us;
        double last = to < (double)(bucket_us + width_us) ? to : (double)(bucket_us + width_us);

        if (last > first)
            spark_ms[i] += total_ms * (last - first) / (double)width_us;
    }
}

static const struct query_summary *find(const struct query_summary_list *list, struct sql_hash hash)
{
    for (size_t i = 0; i < list->count; i++)
        if (memcmp(list->items[i].hash.bytes, hash.bytes, sizeof hash.bytes) == 0)
            return &list->items[i];
    return NULL;
}

static enum status add_sparks(struct store *store, const struct scope *scope, const struct query_filter *filter,
                              struct arena *arena, struct query_summary_list *list, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, list->count, sizeof *hashes);
    double *sparks = arena_alloc_array(arena, list->count * QUERY_SPARK_POINTS, sizeof *sparks);
    int32_t resolution_s = spark_resolution(&filter->period);
    int64_t width_us = resolution_s * CLOCK_SECOND_US;
    PGresult *result;
    enum status status;

    for (size_t i = 0; i < list->count; i++) {
        hashes[i] = list->items[i].hash;
        list->items[i].spark_ms = sparks + i * QUERY_SPARK_POINTS;
    }
    if (list->count == 0)
        return STATUS_OK;
    query_params_choose(&params, filter->connection_id, filter->engine);
    params_hash_array(&params, hashes, list->count);
    params_int32(&params, resolution_s);
    params_time(&params, filter->period.from_us - width_us + 1); /* the bucket in which the period begins, too */
    params_time(&params, filter->period.to_us);
    status = store_read(store, scope, SQL(query_summary_spark), &params, 3, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++) {
        const struct query_summary *summary = find(list, row_hash(result, row, 0));

        if (summary != NULL)
            spread(&filter->period, row_time(result, row, 1), width_us, row_double(result, row, 2),
                   sparks + (summary - list->items) * QUERY_SPARK_POINTS);
    }
    return STATUS_OK;
}

/* Orders that packs do not have: from rollups, all of them. */
static enum status list_from_rollups(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct query_summary_list list = {0};
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
    list.total_count = row_int64(result, 0, 0);
    list.total_ms = row_double(result, 0, 1);
    list.total_calls = row_int64(result, 0, 2);
    list.total_slow_calls = row_int64(result, 0, 3);
    list.items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *list.items);
    for (int row = 0; row < PQntuples(result) && !row_is_null(result, row, 4); row++) {
        struct query_summary *summary = &list.items[list.count++];

        read_summary(result, row, 4, list.total_ms, arena, summary);
        summary->fingerprint = text_cut_utf8(summary->fingerprint, LIST_TEXT_BYTES);
    }
    *out_list = list;
    return STATUS_OK;
}

/* ---- the list: ranked by packs, and then a page of it read whole ---- */

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
static enum status keep_matching(struct store *store, const struct scope *scope, const struct query_filter *filter,
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
static int64_t *rank(const struct pack_sums *sums, const struct query_filter *filter, struct arena *arena,
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

static enum status read_page(struct store *store, const struct scope *scope, const struct query_filter *filter,
                             const int64_t *numbers, size_t count, struct arena *arena, struct query_summary_list *list,
                             struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    list->items = arena_alloc_array(arena, count, sizeof *list->items);
    if (count == 0)
        return STATUS_OK;
    query_params_choose(&params, filter->connection_id, filter->engine);
    query_params_parts(&params, &filter->period);
    params_int64_array(&params, numbers, count);
    status = store_read(store, scope, SQL(query_summary_page), &params, PAGE_COLUMNS, arena, &result, error);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        for (int row = 0; row < PQntuples(result); row++)
            if (row_int64(result, row, 0) == numbers[i]) {
                struct query_summary *summary = &list->items[list->count++];

                read_summary(result, row, 1, list->total_ms, arena, summary);
                summary->fingerprint = text_cut_utf8(summary->fingerprint, LIST_TEXT_BYTES);
                break; /* a number names one fingerprint: there is room for one */
            }
    return status;
}

static enum status list_from_packs(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                   struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    struct query_summary_list list = {0};
    struct pack_sums sums;
    int64_t *numbers;
    size_t count, total;
    bool with_calls = filter->sort == QUERY_SORT_CALLS || filter->sort == QUERY_SORT_MEAN || filter->mean_ms_min > 0;
    enum status status = query_packs_read(store, scope, filter->connection_id, filter->engine, 0, &filter->period,
                                          with_calls, arena, &sums, error);

    if (status != STATUS_OK)
        return status;
    list.total_ms = sums.total_ms;
    list.total_calls = sums.calls;
    list.total_slow_calls = sums.slow_calls;
    if (filter->statement_kind.data != NULL || filter->table.data != NULL || filter->search.data != NULL)
        status = keep_matching(store, scope, filter, arena, &sums, error);
    if (status != STATUS_OK)
        return status;
    numbers = rank(&sums, filter, arena, &count, &total);
    list.total_count = (int64_t)total;
    status = read_page(store, scope, filter, numbers, count, arena, &list, error);
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}

enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    bool has_packs =
        filter->sort != QUERY_SORT_MAX && filter->sort != QUERY_SORT_ROWS && filter->sort != QUERY_SORT_LAST_SEEN;
    enum status status = has_packs ? list_from_packs(store, scope, filter, arena, out_list, error)
                                   : list_from_rollups(store, scope, filter, arena, out_list, error);

    return status == STATUS_OK ? add_sparks(store, scope, filter, arena, out_list, error) : status;
}

enum status store_query_summary_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    int64_t connection_id, const struct period *period, struct arena *arena,
                                    struct query_summary *out_summary, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    query_params_choose(&params, connection_id, (struct text){NULL, 0});
    query_params_parts(&params, period);
    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_summary_get), &params, GET_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    read_summary(result, 0, 1, row_double(result, 0, 0), arena, out_summary);
    return STATUS_OK;
}
