/* One fingerprint by bucket, for charts; see query.h. */
#include <stdlib.h>
#include <string.h>

#include "store/read/query_bytes.h"
#include "store/read/query_cells.h"
#include "store/read/query_packs.h"

struct series_cells {
    struct query_cell *items;
    size_t count, capacity;
    struct arena *arena;
};

static bool keep_cell(void *context, const struct query_cell *cell)
{
    struct series_cells *cells = context;

    if (cells->count == cells->capacity) {
        struct query_cell *items;

        cells->capacity = cells->capacity == 0 ? 64 : 2 * cells->capacity;
        items = arena_alloc_array(cells->arena, cells->capacity, sizeof *items);
        if (cells->count > 0)
            memcpy(items, cells->items, cells->count * sizeof *items);
        cells->items = items;
    }
    cells->items[cells->count++] = *cell;
    return true;
}

static int by_bucket(const void *one, const void *other)
{
    const struct query_cell *a = one, *b = other;

    return a->bucket_us < b->bucket_us ? -1 : a->bucket_us > b->bucket_us;
}

/* The point of the cells from *at on that are of one bucket; *at moves behind them. False: a distribution is not one.
 */
static bool make_point(const struct series_cells *cells, size_t *at, struct series_point *out_point)
{
    struct bin_sums bins = {{0}};
    struct series_point point = {.bucket_us = cells->items[*at].bucket_us};

    for (; *at < cells->count && cells->items[*at].bucket_us == point.bucket_us; (*at)++) {
        const struct query_cell *cell = &cells->items[*at];

        point.calls = add_bounded(point.calls, cell->calls);
        point.slow_calls = add_bounded(point.slow_calls, cell->slow_calls);
        point.total_ms += cell->total_ms;
        if (!query_cell_add_bins(cell, &bins))
            return false;
    }
    point.p95_ms = bin_sums_percentiles(&bins).p95_ms;
    *out_point = point;
    return true;
}

enum status store_query_series(struct store *store, const struct scope *scope, struct sql_hash hash,
                               int64_t connection_id, const struct period *period, struct arena *arena,
                               struct series *out_series, struct error *error)
{
    struct query_part parts[QUERY_PARTS];
    struct cell_request request = {
        .connection_id = connection_id, .hashes = &hash, .count = 1, .parts = parts, .depth = CELL_HISTOGRAM};
    struct series_cells cells = {.arena = arena};
    struct series series = {0};
    enum status status = query_packs_until(store, arena, &request.packed_until_us, error);

    query_parts_make_one(period->from_us, period->to_us, period->resolution_s, parts);
    if (status == STATUS_OK)
        status = query_cells_read(store, scope, &request, arena, keep_cell, &cells, error);
    if (status != STATUS_OK)
        return status;
    if (cells.count > 0)
        qsort(cells.items, cells.count, sizeof *cells.items, by_bucket);
    series.points = arena_alloc_array(arena, cells.count, sizeof *series.points);
    for (size_t at = 0; at < cells.count;)
        if (!make_point(&cells, &at, &series.points[series.count++])) {
            error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
            return error_detail(error, "a distribution that is not one");
        }
    *out_series = series;
    return STATUS_OK;
}
