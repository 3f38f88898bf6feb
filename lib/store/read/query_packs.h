/* For store_*.c alone: what each fingerprint adds up to in a period, from packs (migrations/010_segments.sql) where
 * time is over, and from five-minute rollups at its edges. */
#ifndef POTTO_STORE_READ_QUERY_PACKS_H
#define POTTO_STORE_READ_QUERY_PACKS_H

#include "db/params.h"
#include "store/read/query.h"

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
void query_params_cover(struct db_params *params, const struct period *period, int64_t packed_until_us);

/* What is wanted of each fingerprint beside that it ran, and of each connection. Each is some bytes more of each pack.
 */
enum pack_values {
    PACK_TIME = 1,
    PACK_CALLS = 2,
    PACK_SLOW_CALLS = 4,
    PACK_EXTREMES = 8,     /* max_ms, rows_examined, rows_returned */
    PACK_CONNECTIONS = 16, /* the same and blocks of all fingerprints of a connection */
};

struct pack_request {
    int64_t connection_id; /* 0: all */
    struct text engine;    /* data NULL: all */
    int64_t team_id;       /* 0: all */
    const struct period *period;
    int64_t packed_until_us;
    unsigned values; /* enum pack_values */
};

/* One fingerprint under its number in the organization; what was not asked for is 0. */
struct pack_sum {
    double total_ms;
    int64_t calls, slow_calls;
    double max_ms;
    int64_t rows_examined, rows_returned;
    uint32_t number;
};
struct pack_sums {
    struct pack_sum *items; /* that ran in the period, by ascending number */
    size_t count;
    int64_t connection_id; /* query_packs_read_each alone */
    /* Of all of them; from max_ms on with PACK_CONNECTIONS. */
    double total_ms;
    int64_t calls, slow_calls;
    double max_ms;
    int64_t rows_examined, rows_returned, blocks_hit, blocks_read;
};

/* Over all connections. SQL: sql/query_packs_read.sql */
enum status query_packs_read(struct store *store, const struct scope *scope, const struct pack_request *request,
                             struct arena *arena, struct pack_sums *out_sums, struct error *error);

/* Of each connection that ran anything, by ascending id. */
enum status query_packs_read_each(struct store *store, const struct scope *scope, const struct pack_request *request,
                                  struct arena *arena, struct pack_sums **out_sums, size_t *out_count,
                                  struct error *error);

#endif
