/* For lib/store/read alone: a period laid out with tiles, the blocks of time that segments are stored by
 * (segments.h). */
#ifndef POTTO_STORE_READ_TILING_H
#define POTTO_STORE_READ_TILING_H

#include "db/params.h"
#include "store/read/period.h"
#include "store/scope/store.h"

struct tile {
    int64_t width_s, start_us;
};
struct tiling {
    struct tile *tiles; /* the fewest that make up the middle of the period, by ascending start */
    size_t count;
    struct {
        int64_t from_us, to_us;
    } remainders[2]; /* what no tile covers, before and after the middle; equal: empty */
};

/* Lay out a period whose ends lie on five minutes. Tiles end by segmented_until_us. */
void tiling_make(int64_t from_us, int64_t to_us, int64_t segmented_until_us, struct arena *arena,
                 struct tiling *out_tiling);

/* Blocks of time that end by then have their segments. It never goes back. SQL: sql/query_segments_until.sql */
enum status segments_until(struct store *store, struct arena *arena, int64_t *out_until_us, struct error *error);

/* Six parameters: the widths and the starts of the period's tiles, and its two remainders. */
void params_tiling(struct db_params *params, const struct period *period, int64_t segmented_until_us);

#endif
