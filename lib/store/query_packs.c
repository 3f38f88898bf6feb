/* Covering a period with packs, and adding them up; see query_packs.h. */
#include "store/query_packs.h"

#include <endian.h>
#include <string.h>

#include "base/clock.h"
#include "store/query_parts.h"

enum { READ_COLUMNS = 6, NUMBER_MAX = 100 * 1000 * 1000 };

/* ---- which blocks ---- */

static const int64_t widths_s[] = {2764800, 1382400, 691200, 345600, 172800, 86400, 28800, 14400, 7200, 3600, 900, 300};
enum { WIDTHS = sizeof widths_s / sizeof widths_s[0] };

#define ALIGNED_AT_US (INT64_C(946684800) * CLOCK_SECOND_US) /* 2000-01-01 UTC */

static int64_t floor_to(int64_t time_us, int64_t step_us)
{
    int64_t remainder = (time_us - ALIGNED_AT_US) % step_us;

    return time_us - (remainder < 0 ? remainder + step_us : remainder);
}

void pack_cover_make(int64_t from_us, int64_t to_us, int64_t packed_until_us, struct arena *arena,
                     struct pack_cover *out_cover)
{
    const int64_t finest_us = widths_s[WIDTHS - 1] * CLOCK_SECOND_US, widest_us = widths_s[0] * CLOCK_SECOND_US;
    int64_t first_us = floor_to(from_us + finest_us - 1, finest_us), last_us = floor_to(to_us, finest_us);
    struct pack_cover cover = {0};

    if (last_us > packed_until_us)
        last_us = floor_to(packed_until_us, finest_us);
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

        while (floor_to(first_us, widths_s[i] * CLOCK_SECOND_US) != first_us ||
               first_us + widths_s[i] * CLOCK_SECOND_US > last_us)
            i++;
        cover.blocks[cover.count++] = (struct pack_block){widths_s[i], first_us};
        first_us += widths_s[i] * CLOCK_SECOND_US;
    }
    *out_cover = cover;
}

/* ---- adding up ---- */

static uint32_t number_at(struct text numbers, size_t i)
{
    uint32_t number;

    memcpy(&number, numbers.data + i * sizeof number, sizeof number);
    return be32toh(number);
}

static int64_t int64_at(struct text values, size_t i)
{
    uint64_t bits;

    memcpy(&bits, values.data + i * sizeof bits, sizeof bits);
    return (int64_t)be64toh(bits);
}

static double double_at(struct text values, size_t i)
{
    int64_t bits = int64_at(values, i);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static int64_t add_bounded(int64_t one, int64_t other)
{
    int64_t sum;

    return __builtin_add_overflow(one, other, &sum) ? INT64_MAX : sum;
}

/* The highest number of a result whose rows are well formed; 0 if one is not. Numbers ascend within a row. */
static uint32_t highest_number(const PGresult *result, bool with_calls)
{
    uint32_t highest = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        struct text numbers = row_text(result, row, 3);
        size_t count = numbers.size / 4;
        uint32_t last;

        if (count == 0 || numbers.size % 4 != 0 || row_text(result, row, 4).size != count * 8 ||
            (with_calls && row_text(result, row, 5).size != count * 8))
            return 0;
        last = number_at(numbers, count - 1);
        if (last > highest)
            highest = last;
    }
    return highest;
}

/* `by_number` has a place for each number up to `highest`, all zero. */
static enum status add_row(const PGresult *result, int row, bool with_calls, struct pack_sum *by_number,
                           uint32_t highest)
{
    struct text numbers = row_text(result, row, 3), totals = row_text(result, row, 4), calls = row_text(result, row, 5);

    for (size_t i = 0; i < numbers.size / 4; i++) {
        uint32_t number = number_at(numbers, i);

        if (number == 0 || number > highest)
            return STATUS_INTERNAL;
        by_number[number].number = number;
        by_number[number].total_ms += double_at(totals, i);
        if (with_calls)
            by_number[number].calls = add_bounded(by_number[number].calls, int64_at(calls, i));
    }
    return STATUS_OK;
}

static enum status add_up(const PGresult *result, bool with_calls, struct arena *arena, struct pack_sums *out_sums)
{
    uint32_t highest = highest_number(result, with_calls);
    struct pack_sums sums = {0};
    enum status status = STATUS_OK;

    if (PQntuples(result) > 0 && (highest == 0 || highest > NUMBER_MAX))
        return STATUS_INTERNAL;
    sums.items = arena_alloc_array(arena, (size_t)highest + 1, sizeof *sums.items);
    for (int row = 0; row < PQntuples(result) && status == STATUS_OK; row++) {
        sums.calls = add_bounded(sums.calls, row_int64(result, row, 0));
        sums.slow_calls = add_bounded(sums.slow_calls, row_int64(result, row, 1));
        sums.total_ms += row_double(result, row, 2);
        status = add_row(result, row, with_calls, sums.items, highest);
    }
    for (uint32_t number = 1; number <= highest; number++)
        if (sums.items[number].number != 0)
            sums.items[sums.count++] = sums.items[number];
    *out_sums = sums;
    return status;
}

enum status query_packs_read(struct store *store, const struct scope *scope, int64_t connection_id, struct text engine,
                             int64_t team_id, const struct period *period, bool with_calls, struct arena *arena,
                             struct pack_sums *out_sums, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct pack_cover cover;
    PGresult *result;
    int64_t *block_widths_s, *starts_us;
    enum status status = store_run(store, SQL(query_packs_until), NULL, 1, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    /* More may be packed by the next statement; what these blocks need stays. */
    pack_cover_make(period->from_us, period->to_us, row_time(result, 0, 0), arena, &cover);
    block_widths_s = arena_alloc_array(arena, cover.count, sizeof *block_widths_s);
    starts_us = arena_alloc_array(arena, cover.count, sizeof *starts_us);
    for (size_t i = 0; i < cover.count; i++) {
        block_widths_s[i] = cover.blocks[i].width_s;
        starts_us[i] = cover.blocks[i].start_us;
    }
    query_params_choose(&params, connection_id, engine);
    params_int64(&params, team_id);
    params_int64_array(&params, block_widths_s, cover.count);
    params_time_array(&params, starts_us, cover.count);
    for (int i = 0; i < 2; i++) {
        params_time(&params, cover.edges[i].from_us);
        params_time(&params, cover.edges[i].to_us);
    }
    params_bool(&params, with_calls);
    status = store_read(store, scope, SQL(query_packs_read), &params, READ_COLUMNS, arena, &result, error);
    if (status == STATUS_OK && add_up(result, with_calls, arena, out_sums) != STATUS_OK) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        status = error_detail(error, "a pack that is not one");
    }
    return status;
}
