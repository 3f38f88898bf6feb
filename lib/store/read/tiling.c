/* Laying out a period; see tiling.h. */
#include "store/read/tiling.h"

#include "base/clock.h"
#include "store/scope/statement.h"

static const int64_t widths_s[] = {2764800, 1382400, 691200, 345600, 172800, 86400, 28800, 14400, 7200, 3600, 900, 300};
enum { WIDTHS = sizeof widths_s / sizeof widths_s[0] };

void tiling_make(int64_t from_us, int64_t to_us, int64_t segmented_until_us, struct arena *arena,
                 struct tiling *out_tiling)
{
    const int64_t finest_us = widths_s[WIDTHS - 1] * CLOCK_SECOND_US, widest_us = widths_s[0] * CLOCK_SECOND_US;
    int64_t first_us = clock_floor(from_us + finest_us - 1, finest_us), last_us = clock_floor(to_us, finest_us);
    struct tiling tiling = {0};

    if (last_us > segmented_until_us)
        last_us = clock_floor(segmented_until_us, finest_us);
    if (first_us >= last_us) {
        tiling.remainders[0].from_us = from_us;
        tiling.remainders[0].to_us = to_us;
        *out_tiling = tiling;
        return;
    }
    tiling.remainders[0].from_us = from_us;
    tiling.remainders[0].to_us = first_us;
    tiling.remainders[1].from_us = last_us;
    tiling.remainders[1].to_us = to_us;
    /* On either side of the widest tiles there are at most a few of each width. */
    tiling.tiles =
        arena_alloc_array(arena, (size_t)((last_us - first_us) / widest_us + 10 * WIDTHS), sizeof *tiling.tiles);
    while (first_us < last_us) {
        int i = 0;

        while (clock_floor(first_us, widths_s[i] * CLOCK_SECOND_US) != first_us ||
               first_us + widths_s[i] * CLOCK_SECOND_US > last_us)
            i++;
        tiling.tiles[tiling.count++] = (struct tile){widths_s[i], first_us};
        first_us += widths_s[i] * CLOCK_SECOND_US;
    }
    *out_tiling = tiling;
}

enum status segments_until(struct store *store, struct arena *arena, int64_t *out_until_us, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(query_segments_until), NULL, arena, &result, error);

    if (status == STATUS_OK)
        *out_until_us = row_time(result, 0, QUERY_SEGMENTS_UNTIL_SEGMENTED_UNTIL);
    return status;
}

void params_tiling(struct db_params *params, const struct period *period, int64_t segmented_until_us)
{
    struct tiling tiling;
    int64_t *tile_widths_s, *starts_us;

    tiling_make(period->from_us, period->to_us, segmented_until_us, params->arena, &tiling);
    tile_widths_s = arena_alloc_array(params->arena, tiling.count, sizeof *tile_widths_s);
    starts_us = arena_alloc_array(params->arena, tiling.count, sizeof *starts_us);
    for (size_t i = 0; i < tiling.count; i++) {
        tile_widths_s[i] = tiling.tiles[i].width_s;
        starts_us[i] = tiling.tiles[i].start_us;
    }
    params_int64_array(params, tile_widths_s, tiling.count);
    params_time_array(params, starts_us, tiling.count);
    for (int i = 0; i < 2; i++) {
        params_time(params, tiling.remainders[i].from_us);
        params_time(params, tiling.remainders[i].to_us);
    }
}
