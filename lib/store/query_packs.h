/* For store_*.c alone: what each fingerprint adds up to in a period, from packs (migrations/012_read_speed.sql) where
 * time is over, and from five-minute rollups at its edges. */
#ifndef POTTO_STORE_QUERY_PACKS_H
#define POTTO_STORE_QUERY_PACKS_H

#include "store/query.h"

struct pack_block {
    int64_t width_s, start_us;
};
struct pack_cover {
    struct pack_block *blocks; /* the fewest that are the period's middle */
    size_t count;
    struct {
        int64_t from_us, to_us;
    } edges[2]; /* what no block covers, before and after; equal: empty */
};

/* Cut a period whose ends lie on five minutes; blocks end by packed_until_us. */
void pack_cover_make(int64_t from_us, int64_t to_us, int64_t packed_until_us, struct arena *arena,
                     struct pack_cover *out_cover);

/* Blocks that end by then are packed, and stay so while more are. */
enum status query_packs_until(struct store *store, struct arena *arena, int64_t *out_until_us, struct error *error);

/* Six parameters: widths and starts of the blocks that cover the period, and the two edges. */
void query_params_cover(struct store_params *params, const struct period *period, int64_t packed_until_us);

/* One fingerprint under its number in the organization; what was not asked for is 0. */
struct pack_sum {
    double total_ms;
    int64_t calls;
    double max_ms;
    int64_t rows_examined, rows_returned;
    uint32_t number;
};
struct pack_sums {
    struct pack_sum *items; /* that ran in the period, by ascending number */
    size_t count;
    double total_ms;
    int64_t calls, slow_calls;
};
/* What is wanted of each fingerprint: that it ran, its time too, and so on. Each step is some bytes more of each. */
enum pack_depth { PACK_NUMBERS, PACK_TIME, PACK_CALLS, PACK_DETAILS };

enum status query_packs_read(struct store *store, const struct scope *scope, int64_t connection_id, struct text engine,
                             int64_t team_id, const struct period *period, int64_t packed_until_us,
                             enum pack_depth depth, struct arena *arena, struct pack_sums *out_sums,
                             struct error *error);

#endif
