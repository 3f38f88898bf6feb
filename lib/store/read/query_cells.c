/* Rollups of some fingerprints, one by one; see query_cells.h. */
#include "store/read/query_cells.h"

#include "base/clock.h"
#include "store/read/query_bytes.h"
#include "store/scope/statement.h"

enum { PLACES_MAX = 24, SUMS_BYTES = 28, DETAIL_BYTES = 40 };

#define HOUR_US (3600 * CLOCK_SECOND_US)
#define DAY_US  (24 * HOUR_US)

/* Which of the five parts are read as strips, of which cells, and how long such a strip is. */
static const struct {
    int64_t cell_us, strip_us;
} strips_of[QUERY_PARTS] = {{0, 0}, {HOUR_US, DAY_US}, {DAY_US, 8 * DAY_US}, {HOUR_US, DAY_US}, {0, 0}};

struct split {
    struct query_part strips[QUERY_PARTS];  /* of whole cells that are packed */
    struct query_part rollups[QUERY_PARTS]; /* the rest */
};

static struct split split_parts(const struct cell_request *request)
{
    struct split split;

    for (int i = 0; i < QUERY_PARTS; i++) {
        struct query_part part = request->parts[i];
        int64_t packed_us =
            strips_of[i].cell_us == 0 ? part.from_us : query_floor_to(request->packed_until_us, strips_of[i].cell_us);

        if (packed_us > part.to_us)
            packed_us = part.to_us;
        if (packed_us < part.from_us)
            packed_us = part.from_us;
        split.strips[i] = (struct query_part){part.from_us, packed_us};
        split.rollups[i] = (struct query_part){packed_us, part.to_us};
    }
    return split;
}

static bool any_part(const struct query_part parts[QUERY_PARTS])
{
    for (int i = 0; i < QUERY_PARTS; i++)
        if (parts[i].from_us < parts[i].to_us)
            return true;
    return false;
}

/* ---- strips ---- */

static bool is_wanted(const struct split *split, int64_t cell_us, int64_t bucket_us)
{
    for (int i = 0; i < QUERY_PARTS; i++)
        if (strips_of[i].cell_us == cell_us && bucket_us >= split->strips[i].from_us &&
            bucket_us < split->strips[i].to_us)
            return true;
    return false;
}

/* The distribution at each place of a strip. */
static bool find_histograms(struct text histograms, struct text out_at[PLACES_MAX])
{
    enum { HEAD_BYTES = 8 };

    for (size_t at = 0; at < histograms.size;) {
        uint32_t place, size;

        if (histograms.size - at < HEAD_BYTES)
            return false;
        place = bytes_uint32(histograms.data + at);
        size = bytes_uint32(histograms.data + at + 4);
        at += HEAD_BYTES;
        if (place >= PLACES_MAX || size > histograms.size - at)
            return false;
        out_at[place] = (struct text){histograms.data + at, size};
        at += size;
    }
    return true;
}

static void read_details(const char *bytes, struct query_cell *cell)
{
    cell->rows_examined = bytes_int64(bytes);
    cell->rows_returned = bytes_int64(bytes + 8);
    cell->blocks_hit = bytes_int64(bytes + 16);
    cell->blocks_read = bytes_int64(bytes + 24);
    cell->max_ms = bytes_double(bytes + 32);
}

static bool visit_strip(const PGresult *result, int row, const struct split *split, enum cell_depth depth,
                        query_cell_visitor *visit, void *context)
{
    struct text sums = row_text(result, row, QUERY_STRIPS_LIST_SUMS),
                details = row_text(result, row, QUERY_STRIPS_LIST_DETAILS), histograms[PLACES_MAX] = {{0}};
    struct query_cell cell = {.place = (size_t)(row_int64(result, row, QUERY_STRIPS_LIST_PLACE) - 1),
                              .connection_id = row_int64(result, row, QUERY_STRIPS_LIST_DATABASE_CONNECTION_ID)};
    int64_t start_us = row_time(result, row, QUERY_STRIPS_LIST_START_AT);
    size_t count = sums.size / SUMS_BYTES;

    cell.width_us = row_int64(result, row, QUERY_STRIPS_LIST_CELL_S) * CLOCK_SECOND_US;
    if (sums.size % SUMS_BYTES != 0 || (depth != CELL_SUMS && details.size != count * DETAIL_BYTES) ||
        !find_histograms(row_text(result, row, QUERY_STRIPS_LIST_HISTOGRAMS), histograms))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *bytes = sums.data + i * SUMS_BYTES;
        uint32_t place = bytes_uint32(bytes);

        if (place >= PLACES_MAX)
            return false;
        cell.bucket_us = start_us + place * cell.width_us;
        if (!is_wanted(split, cell.width_us, cell.bucket_us))
            continue;
        cell.calls = bytes_int64(bytes + 4);
        cell.slow_calls = bytes_int64(bytes + 12);
        cell.total_ms = bytes_double(bytes + 20);
        if (depth != CELL_SUMS)
            read_details(details.data + i * DETAIL_BYTES, &cell);
        cell.histogram_bytes = histograms[place];
        if (!visit(context, &cell))
            return false;
    }
    return true;
}

static enum status malformed(struct error *error)
{
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return error_detail(error, "a strip that is not one");
}

static enum status read_strips(struct store *store, const struct scope *scope, const struct cell_request *request,
                               const struct split *split, struct arena *arena, query_cell_visitor *visit, void *context,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t cells_s[QUERY_PARTS], starts_us[QUERY_PARTS], ends_us[QUERY_PARTS];
    size_t count = 0;
    PGresult *result;
    enum status status;

    for (int i = 0; i < QUERY_PARTS; i++) {
        if (split->strips[i].from_us >= split->strips[i].to_us)
            continue;
        cells_s[count] = strips_of[i].cell_us / CLOCK_SECOND_US;
        starts_us[count] = query_floor_to(split->strips[i].from_us, strips_of[i].strip_us);
        /* Hours before and after whole days may lie in one day, when there is none between. */
        ends_us[count++] = split->strips[i].to_us;
    }
    query_params_choose(&params, request->connection_id, request->engine);
    params_hash_array(&params, request->hashes, request->count);
    params_int64_array(&params, cells_s, count);
    params_time_array(&params, starts_us, count);
    params_time_array(&params, ends_us, count);
    params_int32(&params, request->depth);
    params_int64(&params, request->team_id);
    status = store_read(store, scope, SQL(query_strips_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        if (!visit_strip(result, row, split, request->depth, visit, context))
            status = malformed(error);
    return status;
}

/* ---- rollups ---- */

static bool find_place(const struct cell_request *request, struct sql_hash hash, size_t *place)
{
    for (size_t i = 0; i < request->count; i++) {
        size_t at = (*place + i) % request->count; /* rows of one come together */

        if (memcmp(&request->hashes[at], &hash, sizeof hash) == 0) {
            *place = at;
            return true;
        }
    }
    return false;
}

static enum status read_rollups(struct store *store, const struct scope *scope, const struct cell_request *request,
                                const struct split *split, struct arena *arena, query_cell_visitor *visit,
                                void *context, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct query_cell cell = {0};
    PGresult *result;
    enum status status;

    query_params_choose(&params, request->connection_id, request->engine);
    query_params_part_list(&params, split->rollups);
    params_hash_array(&params, request->hashes, request->count);
    params_int32(&params, request->depth);
    params_int64(&params, request->team_id);
    status = store_read(store, scope, SQL(query_cells_list), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++) {
        if (!find_place(request, row_hash(result, row, QUERY_CELLS_LIST_SQL_HASH), &cell.place))
            continue;
        cell.connection_id = row_int64(result, row, QUERY_CELLS_LIST_DATABASE_CONNECTION_ID);
        cell.width_us = row_int64(result, row, QUERY_CELLS_LIST_RESOLUTION_S) * CLOCK_SECOND_US;
        cell.bucket_us = row_time(result, row, QUERY_CELLS_LIST_BUCKET_AT);
        cell.calls = row_int64(result, row, QUERY_CELLS_LIST_CALLS);
        cell.slow_calls = row_int64(result, row, QUERY_CELLS_LIST_SLOW_CALLS);
        cell.total_ms = row_double(result, row, QUERY_CELLS_LIST_TOTAL_MS);
        cell.max_ms = row_double(result, row, QUERY_CELLS_LIST_MAX_MS);
        cell.rows_examined = row_int64(result, row, QUERY_CELLS_LIST_ROWS_EXAMINED);
        cell.rows_returned = row_int64(result, row, QUERY_CELLS_LIST_ROWS_RETURNED);
        cell.blocks_hit = row_int64(result, row, QUERY_CELLS_LIST_BLOCKS_HIT);
        cell.blocks_read = row_int64(result, row, QUERY_CELLS_LIST_BLOCKS_READ);
        cell.histogram_array = row_text(result, row, QUERY_CELLS_LIST_HISTOGRAM);
        if (!visit(context, &cell))
            status = malformed(error);
    }
    return status;
}

enum status query_cells_read(struct store *store, const struct scope *scope, const struct cell_request *request,
                             struct arena *arena, query_cell_visitor *visit, void *context, struct error *error)
{
    struct split split = split_parts(request);
    enum status status = STATUS_OK;

    if (request->count > 0 && any_part(split.strips))
        status = read_strips(store, scope, request, &split, arena, visit, context, error);
    if (status == STATUS_OK && request->count > 0 && any_part(split.rollups))
        status = read_rollups(store, scope, request, &split, arena, visit, context, error);
    return status;
}

bool query_cell_add_bins(const struct query_cell *cell, struct bin_sums *sums)
{
    bin_sums_add_array(sums, cell->histogram_array);
    return bin_sums_add_bytes(sums, cell->histogram_bytes);
}
