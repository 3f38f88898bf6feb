/* Covering a period with packs, and adding them up; see query_packs.h. */
#include "store/read/query_packs.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/read/query_bytes.h"
#include "store/read/query_parts.h"
#include "store/scope/statement.h"

enum { NUMBER_MAX = 100 * 1000 * 1000 };

/* ---- which blocks ---- */

static const int64_t widths_s[] = {2764800, 1382400, 691200, 345600, 172800, 86400, 28800, 14400, 7200, 3600, 900, 300};
enum { WIDTHS = sizeof widths_s / sizeof widths_s[0] };

void pack_cover_make(int64_t from_us, int64_t to_us, int64_t packed_until_us, struct arena *arena,
                     struct pack_cover *out_cover)
{
    const int64_t finest_us = widths_s[WIDTHS - 1] * CLOCK_SECOND_US, widest_us = widths_s[0] * CLOCK_SECOND_US;
    int64_t first_us = query_floor_to(from_us + finest_us - 1, finest_us), last_us = query_floor_to(to_us, finest_us);
    struct pack_cover cover = {0};

    if (last_us > packed_until_us)
        last_us = query_floor_to(packed_until_us, finest_us);
    if (first_us >= last_us) {
        cover.edges[0].from_us = from_us;
        cover.edges[0].to_us = to_us;
        *out_cover = cover;
        return;
    }
    cover.edges[0].from_us = from_us;
    cover.edges[0].to_us = first_us;
    cover.edges[1].from_us = last_us;
    cover.edges[1].to_us = to_us;
    /* At most a few of each width on either side of the widest. */
    cover.blocks =
        arena_alloc_array(arena, (size_t)((last_us - first_us) / widest_us + 10 * WIDTHS), sizeof *cover.blocks);
    while (first_us < last_us) {
        int i = 0;

        while (query_floor_to(first_us, widths_s[i] * CLOCK_SECOND_US) != first_us ||
               first_us + widths_s[i] * CLOCK_SECOND_US > last_us)
            i++;
        cover.blocks[cover.count++] = (struct pack_block){widths_s[i], first_us};
        first_us += widths_s[i] * CLOCK_SECOND_US;
    }
    *out_cover = cover;
}

/* ---- adding up ---- */

/* Of sql/query_packs_read.sql: what a row adds up to, then strings, each with a value for each number of the first. */
enum {
    CONNECTION_COLUMN,
    CALLS_COLUMN,
    SLOW_CALLS_COLUMN,
    TOTAL_MS_COLUMN,
    MAX_MS_COLUMN,
    ROWS_EXAMINED_COLUMN,
    ROWS_RETURNED_COLUMN,
    BLOCKS_HIT_COLUMN,
    BLOCKS_READ_COLUMN,
    NUMBERS_COLUMN,
    OF_FINGERPRINTS_COLUMN,
    READ_COLUMNS = OF_FINGERPRINTS_COLUMN + 6,
};

static const unsigned wanted_by[] = {PACK_TIME,     PACK_CALLS,    PACK_SLOW_CALLS,
                                     PACK_EXTREMES, PACK_EXTREMES, PACK_EXTREMES};
enum { OF_FINGERPRINTS = sizeof wanted_by / sizeof wanted_by[0] };

/* Sums by number; they are zero where nothing was added. */
struct adding {
    const PGresult *result;
    unsigned values;
    struct pack_sum *by_number; /* up to `highest` */
    uint32_t highest;
};

/* The highest number of a result whose rows are well formed; 0 if one is not. Numbers ascend within a row. */
static uint32_t highest_number(const PGresult *result, unsigned values)
{
    uint32_t highest = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        struct text numbers = row_text(result, row, NUMBERS_COLUMN);
        size_t count = numbers.size / 4;
        uint32_t last;

        if (count == 0 || numbers.size % 4 != 0)
            return 0;
        for (int i = 0; i < OF_FINGERPRINTS; i++)
            if (values & wanted_by[i] && row_text(result, row, OF_FINGERPRINTS_COLUMN + i).size != count * 8)
                return 0;
        last = bytes_uint32(numbers.data + (count - 1) * 4);
        if (last > highest)
            highest = last;
    }
    return highest;
}

static enum status adding_start(struct adding *adding, const PGresult *result, unsigned values, struct arena *arena)
{
    *adding = (struct adding){.result = result, .values = values, .highest = highest_number(result, values)};
    if (PQntuples(result) > 0 && (adding->highest == 0 || adding->highest > NUMBER_MAX))
        return STATUS_INTERNAL;
    adding->by_number = arena_alloc_array(arena, (size_t)adding->highest + 1, sizeof *adding->by_number);
    return STATUS_OK;
}

static void add_extremes(struct text strings[OF_FINGERPRINTS], size_t at, struct pack_sum *sum)
{
    double max_ms = bytes_double(strings[3].data + at);

    if (max_ms > sum->max_ms)
        sum->max_ms = max_ms;
    sum->rows_examined = add_bounded(sum->rows_examined, bytes_int64(strings[4].data + at));
    sum->rows_returned = add_bounded(sum->rows_returned, bytes_int64(strings[5].data + at));
}

static enum status add_fingerprints(struct adding *adding, int row)
{
    struct text numbers = row_text(adding->result, row, NUMBERS_COLUMN), strings[OF_FINGERPRINTS];

    for (int i = 0; i < OF_FINGERPRINTS; i++)
        strings[i] = row_text(adding->result, row, OF_FINGERPRINTS_COLUMN + i);
    for (size_t i = 0; i < numbers.size / 4; i++) {
        uint32_t number = bytes_uint32(numbers.data + i * 4);
        struct pack_sum *sum;

        if (number == 0 || number > adding->highest)
            return STATUS_INTERNAL;
        sum = &adding->by_number[number];
        sum->number = number;
        if (adding->values & PACK_TIME)
            sum->total_ms += bytes_double(strings[0].data + i * 8);
        if (adding->values & PACK_CALLS)
            sum->calls = add_bounded(sum->calls, bytes_int64(strings[1].data + i * 8));
        if (adding->values & PACK_SLOW_CALLS)
            sum->slow_calls = add_bounded(sum->slow_calls, bytes_int64(strings[2].data + i * 8));
        if (adding->values & PACK_EXTREMES)
            add_extremes(strings, i * 8, sum);
    }
    return STATUS_OK;
}

static enum status add_row(struct adding *adding, int row, struct pack_sums *sums)
{
    const PGresult *result = adding->result;

    sums->calls = add_bounded(sums->calls, row_int64(result, row, CALLS_COLUMN));
    sums->slow_calls = add_bounded(sums->slow_calls, row_int64(result, row, SLOW_CALLS_COLUMN));
    sums->total_ms += row_double(result, row, TOTAL_MS_COLUMN);
    if (adding->values & PACK_CONNECTIONS) {
        double max_ms = row_double(result, row, MAX_MS_COLUMN);

        if (max_ms > sums->max_ms)
            sums->max_ms = max_ms;
        sums->rows_examined = add_bounded(sums->rows_examined, row_int64(result, row, ROWS_EXAMINED_COLUMN));
        sums->rows_returned = add_bounded(sums->rows_returned, row_int64(result, row, ROWS_RETURNED_COLUMN));
        sums->blocks_hit = add_bounded(sums->blocks_hit, row_int64(result, row, BLOCKS_HIT_COLUMN));
        sums->blocks_read = add_bounded(sums->blocks_read, row_int64(result, row, BLOCKS_READ_COLUMN));
    }
    return add_fingerprints(adding, row);
}

/* All rows together. */
static enum status add_up(const PGresult *result, unsigned values, struct arena *arena, struct pack_sums *out_sums)
{
    struct pack_sums sums = {0};
    struct adding adding;
    enum status status = adding_start(&adding, result, values, arena);

    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        status = add_row(&adding, row, &sums);
    if (status != STATUS_OK)
        return status;
    sums.items = adding.by_number;
    for (uint32_t number = 1; number <= adding.highest; number++)
        if (adding.by_number[number].number != 0)
            sums.items[sums.count++] = adding.by_number[number];
    *out_sums = sums;
    return STATUS_OK;
}

/* ---- adding up each connection ---- */

struct place {
    int64_t connection_id;
    int row;
};

static int by_connection(const void *one, const void *other)
{
    const struct place *a = one, *b = other;

    if (a->connection_id != b->connection_id)
        return a->connection_id < b->connection_id ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static int by_number(const void *one, const void *other)
{
    const struct pack_sum *a = one, *b = other;

    return a->number < b->number ? -1 : a->number > b->number;
}

/* What was added, taken out: the next connection begins with nothing. */
static void take_sums(struct adding *adding, const struct place *places, size_t count, struct arena *arena,
                      struct pack_sums *sums)
{
    size_t numbers_max = 0;

    for (size_t i = 0; i < count; i++)
        numbers_max += row_text(adding->result, places[i].row, NUMBERS_COLUMN).size / 4;
    if (numbers_max > adding->highest)
        numbers_max = adding->highest;
    sums->items = arena_alloc_array(arena, numbers_max, sizeof *sums->items);
    for (size_t i = 0; i < count; i++) {
        struct text numbers = row_text(adding->result, places[i].row, NUMBERS_COLUMN);

        for (size_t at = 0; at < numbers.size; at += 4) {
            struct pack_sum *sum = &adding->by_number[bytes_uint32(numbers.data + at)];

            if (sum->number == 0)
                continue; /* taken with an earlier block */
            sums->items[sums->count++] = *sum;
            *sum = (struct pack_sum){0};
        }
    }
    if (sums->count > 0)
        qsort(sums->items, sums->count, sizeof *sums->items, by_number);
}

static enum status add_up_each(const PGresult *result, unsigned values, struct arena *arena,
                               struct pack_sums **out_sums, size_t *out_count)
{
    size_t rows = (size_t)PQntuples(result), count = 0;
    struct place *places = arena_alloc_array(arena, rows, sizeof *places);
    struct pack_sums *all = arena_alloc_array(arena, rows, sizeof *all);
    struct adding adding;
    enum status status = adding_start(&adding, result, values, arena);

    for (size_t i = 0; i < rows; i++)
        places[i] = (struct place){row_int64(result, (int)i, CONNECTION_COLUMN), (int)i};
    if (rows > 0)
        qsort(places, rows, sizeof *places, by_connection);
    for (size_t first = 0, end; status == STATUS_OK && first < rows; first = end) {
        struct pack_sums *sums = &all[count++];

        sums->connection_id = places[first].connection_id;
        for (end = first; status == STATUS_OK && end < rows && places[end].connection_id == sums->connection_id; end++)
            status = add_row(&adding, places[end].row, sums);
        if (status == STATUS_OK)
            take_sums(&adding, &places[first], end - first, arena, sums);
    }
    *out_sums = all;
    *out_count = count;
    return status;
}

/* ---- reading ---- */

enum status query_packs_until(struct store *store, struct arena *arena, int64_t *out_until_us, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(query_packs_until), NULL, arena, &result, error);

    if (status == STATUS_OK)
        *out_until_us = row_time(result, 0, QUERY_PACKS_UNTIL_QUERY_PACKS_UNTIL);
    return status;
}

void query_params_cover(struct db_params *params, const struct period *period, int64_t packed_until_us)
{
    struct pack_cover cover;
    int64_t *block_widths_s, *starts_us;

    pack_cover_make(period->from_us, period->to_us, packed_until_us, params->arena, &cover);
    block_widths_s = arena_alloc_array(params->arena, cover.count, sizeof *block_widths_s);
    starts_us = arena_alloc_array(params->arena, cover.count, sizeof *starts_us);
    for (size_t i = 0; i < cover.count; i++) {
        block_widths_s[i] = cover.blocks[i].width_s;
        starts_us[i] = cover.blocks[i].start_us;
    }
    params_int64_array(params, block_widths_s, cover.count);
    params_time_array(params, starts_us, cover.count);
    for (int i = 0; i < 2; i++) {
        params_time(params, cover.edges[i].from_us);
        params_time(params, cover.edges[i].to_us);
    }
}

static enum status run(struct store *store, const struct scope *scope, const struct pack_request *request,
                       struct arena *arena, PGresult **out_result, struct error *error)
{
    struct db_params params = {.arena = arena};

    query_params_choose(&params, request->connection_id, request->engine);
    params_int64(&params, request->team_id);
    query_params_cover(&params, request->period, request->packed_until_us);
    params_int32(&params, (int32_t)request->values);
    return store_read(store, scope, SQL(query_packs_read), &params, arena, out_result, error);
}

static enum status malformed(struct error *error)
{
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return error_detail(error, "a pack that is not one");
}

enum status query_packs_read(struct store *store, const struct scope *scope, const struct pack_request *request,
                             struct arena *arena, struct pack_sums *out_sums, struct error *error)
{
    PGresult *result;
    enum status status = run(store, scope, request, arena, &result, error);

    if (status == STATUS_OK && add_up(result, request->values, arena, out_sums) != STATUS_OK)
        status = malformed(error);
    return status;
}

enum status query_packs_read_each(struct store *store, const struct scope *scope, const struct pack_request *request,
                                  struct arena *arena, struct pack_sums **out_sums, size_t *out_count,
                                  struct error *error)
{
    PGresult *result;
    enum status status = run(store, scope, request, arena, &result, error);

    if (status == STATUS_OK && add_up_each(result, request->values, arena, out_sums, out_count) != STATUS_OK)
        status = malformed(error);
    return status;
}
