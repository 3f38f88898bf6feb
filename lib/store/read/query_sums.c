/* Adding up cells; see query_sums.h. */
#include "store/read/query_sums.h"

#include "base/clock.h"
#include "store/read/query_bytes.h"
#include "store/read/query_cells.h"

/* Connections that ran one fingerprint, ascending. */
struct connections {
    int64_t *ids;
    size_t count, capacity;
};

struct summing {
    const struct sums_request *request;
    struct query_summary *summaries;
    struct connections *connections;
    struct bin_sums *bins; /* NULL: no percentiles are wanted */
    double *sparks_ms;     /* QUERY_SPARK_POINTS for each; NULL: not from these cells */
    int64_t now_us;
    struct arena *arena;
};

static void add_connection(struct connections *connections, int64_t id, struct arena *arena)
{
    size_t at = connections->count;

    while (at > 0 && connections->ids[at - 1] > id)
        at--;
    if (at > 0 && connections->ids[at - 1] == id)
        return;
    if (connections->count == connections->capacity) {
        int64_t *ids;

        connections->capacity = connections->capacity == 0 ? 4 : 2 * connections->capacity;
        ids = arena_alloc_array(arena, connections->capacity, sizeof *ids);
        if (connections->count > 0)
            memcpy(ids, connections->ids, connections->count * sizeof *ids);
        connections->ids = ids;
    }
    memmove(&connections->ids[at + 1], &connections->ids[at], (connections->count - at) * sizeof *connections->ids);
    connections->ids[at] = id;
    connections->count++;
}

/* ---- sparks ---- */

/* The largest bucket that is no wider than one point of the spark; wider where nothing narrower is kept any more. */
static int32_t spark_resolution(const struct period *period)
{
    int64_t point_s = (period->to_us - period->from_us) / CLOCK_SECOND_US / QUERY_SPARK_POINTS;
    int32_t fitting_s = point_s >= 86400 ? 86400 : point_s >= 3600 ? 3600 : PERIOD_RESOLUTION_MIN_S;

    return fitting_s > period->resolution_s ? fitting_s : period->resolution_s;
}

/* Buckets do not end where points do: each gives every point the part that lies in it. The one that is still
 * being filled ends now. */
static void spread(const struct summing *summing, const struct query_cell *cell, double *spark_ms)
{
    const struct period *period = &summing->request->period;
    int64_t filled_us = summing->now_us - cell->bucket_us;
    int64_t width_us = filled_us > 0 && filled_us < cell->width_us ? filled_us : cell->width_us;
    double point_us = (double)(period->to_us - period->from_us) / QUERY_SPARK_POINTS;
    double begin = (double)(cell->bucket_us - period->from_us), end = begin + (double)width_us;
    int first = begin > 0 ? (int)(begin / point_us) : 0;

    for (int i = first; i < QUERY_SPARK_POINTS && point_us * i < end; i++) {
        double from = point_us * i > begin ? point_us * i : begin;
        double to = point_us * (i + 1) < end ? point_us * (i + 1) : end;

        if (to > from)
            spark_ms[i] += cell->total_ms * (to - from) / (double)width_us;
    }
}

static bool add_spark(void *context, const struct query_cell *cell)
{
    const struct summing *summing = context;

    spread(summing, cell, summing->sparks_ms + cell->place * QUERY_SPARK_POINTS);
    return true;
}

/* ---- sums ---- */

static bool add_cell(void *context, const struct query_cell *cell)
{
    const struct summing *summing = context;
    struct query_summary *summary = &summing->summaries[cell->place];

    add_connection(&summing->connections[cell->place], cell->connection_id, summing->arena);
    summary->calls = add_bounded(summary->calls, cell->calls);
    summary->slow_calls = add_bounded(summary->slow_calls, cell->slow_calls);
    summary->rows_examined = add_bounded(summary->rows_examined, cell->rows_examined);
    summary->rows_returned = add_bounded(summary->rows_returned, cell->rows_returned);
    summary->blocks_hit = add_bounded(summary->blocks_hit, cell->blocks_hit);
    summary->blocks_read = add_bounded(summary->blocks_read, cell->blocks_read);
    summary->total_ms += cell->total_ms;
    if (cell->max_ms > summary->max_ms)
        summary->max_ms = cell->max_ms;
    if (summing->sparks_ms != NULL)
        add_spark(context, cell);
    return summing->bins == NULL || query_cell_add_bins(cell, &summing->bins[cell->place]);
}

double query_max_ms(double sampled_max_ms, double mean_ms)
{
    return sampled_max_ms < mean_ms * 0.999 ? 0 : sampled_max_ms;
}

static void finish(const struct summing *summing, size_t place)
{
    struct query_summary *summary = &summing->summaries[place];
    double everything_ms = summing->request->everything_ms;

    summary->connection_ids = summing->connections[place].ids;
    summary->connection_count = summing->connections[place].count;
    summary->mean_ms = summary->calls > 0 ? summary->total_ms / (double)summary->calls : 0;
    summary->max_ms = query_max_ms(summary->max_ms, summary->mean_ms);
    summary->time_share = everything_ms > 0 ? summary->total_ms / everything_ms : 0;
    if (summary->time_share > 1) /* the two sums come from buckets of different widths */
        summary->time_share = 1;
    if (summing->bins != NULL)
        summary->percentiles = bin_sums_percentiles(&summing->bins[place]);
}

static bool all_fit(const struct query_part parts[QUERY_PARTS], int32_t resolution_s)
{
    static const int32_t widths_s[QUERY_PARTS] = {300, 3600, 86400, 3600, 300};

    for (int i = 0; i < QUERY_PARTS; i++)
        if (parts[i].from_us < parts[i].to_us && widths_s[i] > resolution_s)
            return false;
    return true;
}

enum status query_sums_read(struct store *store, const struct scope *scope, const struct sums_request *request,
                            struct query_summary *summaries, size_t count, struct arena *arena, struct error *error)
{
    const struct period *period = &request->period;
    struct query_part parts[QUERY_PARTS], spark_parts[QUERY_PARTS];
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    double *sparks_ms =
        request->with_sparks ? arena_alloc_array(arena, count * QUERY_SPARK_POINTS, sizeof *sparks_ms) : NULL;
    struct summing summing = {.request = request, .summaries = summaries, .now_us = clock_now_us(), .arena = arena};
    struct cell_request cells = {.connection_id = request->connection_id,
                                 .engine = request->engine,
                                 .team_id = request->team_id,
                                 .hashes = hashes,
                                 .count = count,
                                 .parts = parts,
                                 .packed_until_us = request->packed_until_us,
                                 .depth = request->with_percentiles ? CELL_HISTOGRAM : CELL_DETAILS};
    int32_t spark_s = spark_resolution(period);
    bool is_one_read;
    enum status status;

    for (size_t i = 0; i < count; i++) {
        hashes[i] = summaries[i].hash;
        summaries[i].spark_ms = sparks_ms == NULL ? NULL : sparks_ms + i * QUERY_SPARK_POINTS;
    }
    summing.connections = arena_alloc_array(arena, count, sizeof *summing.connections);
    if (request->with_percentiles)
        summing.bins = arena_alloc_array(arena, count, sizeof *summing.bins);
    query_parts_make(period, parts);
    is_one_read = all_fit(parts, spark_s);
    summing.sparks_ms = is_one_read ? sparks_ms : NULL;
    status = query_cells_read(store, scope, &cells, arena, add_cell, &summing, error);
    if (status == STATUS_OK && sparks_ms != NULL && !is_one_read) {
        int64_t width_us = spark_s * CLOCK_SECOND_US;

        summing.sparks_ms = sparks_ms;
        /* The bucket in which the period begins, too. */
        query_parts_make_one(query_floor_to(period->from_us, width_us), period->to_us, spark_s, spark_parts);
        cells.parts = spark_parts;
        cells.depth = CELL_SUMS;
        status = query_cells_read(store, scope, &cells, arena, add_spark, &summing, error);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        finish(&summing, i);
    return status;
}
