/* Covering a period with packs, and adding them up; see query_packs.h. */
#include "store/query_packs.h"

#include "base/clock.h"
#include "store/query_bytes.h"
#include "store/query_parts.h"

enum { READ_COLUMNS = 9, NUMBER_MAX = 100 * 1000 * 1000 };

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

/* Columns: sums of a row, numbers, and then of each number its time and, in order of depth, the rest. */
enum { NUMBERS_COLUMN = 3, VALUES_COLUMN = 4 };
static const int values_of[] = {[PACK_NUMBERS] = 0, [PACK_TIME] = 1, [PACK_CALLS] = 2, [PACK_DETAILS] = 5};

/* The highest number of a result whose rows are well formed; 0 if one is not. Numbers ascend within a row. */
static uint32_t highest_number(const PGresult *result, enum pack_depth depth)
{
    uint32_t highest = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        struct text numbers = row_text(result, row, NUMBERS_COLUMN);
        size_t count = numbers.size / 4;
        uint32_t last;

        if (count == 0 || numbers.size % 4 != 0)
            return 0;
        for (int i = 0; i < values_of[depth]; i++)
            if (row_text(result, row, VALUES_COLUMN + i).size != count * 8)
                return 0;
        last = bytes_uint32(numbers.data + (count - 1) * 4);
        if (last > highest)
            highest = last;
    }
    return highest;
}

static void add_details(const PGresult *result, int row, size_t at, struct pack_sum *sum)
{
    double max_ms = bytes_double(row_text(result, row, VALUES_COLUMN + 2).data + at);

    if (max_ms > sum->max_ms)
        sum->max_ms = max_ms;
    sum->rows_examined =
        add_bounded(sum->rows_examined, bytes_int64(row_text(result, row, VALUES_COLUMN + 3).data + at));
    sum->rows_returned =
        add_bounded(sum->rows_returned, bytes_int64(row_text(result, row, VALUES_COLUMN + 4).data + at));
}

/* `by_number` has a place for each number up to `highest`, all zero. */
static enum status add_row(const PGresult *result, int row, enum pack_depth depth, struct pack_sum *by_number,
                           uint32_t highest)
{
    struct text numbers = row_text(result, row, NUMBERS_COLUMN), totals = row_text(result, row, VALUES_COLUMN),
                calls = row_text(result, row, VALUES_COLUMN + 1);

    for (size_t i = 0; i < numbers.size / 4; i++) {
        uint32_t number = bytes_uint32(numbers.data + i * 4);

        if (number == 0 || number > highest)
            return STATUS_INTERNAL;
        by_number[number].number = number;
        if (depth >= PACK_TIME)
            by_number[number].total_ms += bytes_double(totals.data + i * 8);
        if (depth >= PACK_CALLS)
            by_number[number].calls = add_bounded(by_number[number].calls, bytes_int64(calls.data + i * 8));
        if (depth >= PACK_DETAILS)
            add_details(result, row, i * 8, &by_number[number]);
    }
    return STATUS_OK;
}

static enum status add_up(const PGresult *result, enum pack_depth depth, struct arena *arena,
                          struct pack_sums *out_sums)
{
    uint32_t highest = highest_number(result, depth);
    struct pack_sums sums = {0};
    enum status status = STATUS_OK;

    if (PQntuples(result) > 0 && (highest == 0 || highest > NUMBER_MAX))
        return STATUS_INTERNAL;
    sums.items = arena_alloc_array(arena, (size_t)highest + 1, sizeof *sums.items);
    for (int row = 0; row < PQntuples(result) && status == STATUS_OK; row++) {
        sums.calls = add_bounded(sums.calls, row_int64(result, row, 0));
        sums.slow_calls = add_bounded(sums.slow_calls, row_int64(result, row, 1));
        sums.total_ms += row_double(result, row, 2);
        status = add_row(result, row, depth, sums.items, highest);
    }
    for (uint32_t number = 1; number <= highest; number++)
        if (sums.items[number].number != 0)
            sums.items[sums.count++] = sums.items[number];
    *out_sums = sums;
    return status;
}

enum status query_packs_until(struct store *store, struct arena *arena, int64_t *out_until_us, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(query_packs_until), NULL, 1, arena, &result, error);

    if (status == STATUS_OK)
        *out_until_us = row_time(result, 0, 0);
    return status;
}

void query_params_cover(struct store_params *params, const struct period *period, int64_t packed_until_us)
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

enum status query_packs_read(struct store *store, const struct scope *scope, int64_t connection_id, struct text engine,
                             int64_t team_id, const struct period *period, int64_t packed_until_us,
                             enum pack_depth depth, struct arena *arena, struct pack_sums *out_sums,
                             struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    query_params_choose(&params, connection_id, engine);
    params_int64(&params, team_id);
    query_params_cover(&params, period, packed_until_us);
    params_int32(&params, (int32_t)depth);
    status = store_read(store, scope, SQL(query_packs_read), &params, READ_COLUMNS, arena, &result, error);
    if (status == STATUS_OK && add_up(result, depth, arena, out_sums) != STATUS_OK) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        status = error_detail(error, "a pack that is not one");
    }
    return status;
}
