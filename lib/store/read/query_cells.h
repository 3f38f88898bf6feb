/* For lib/store alone: the rollups of some fingerprints, one by one: from strips (migrations/010_segments.sql) where
 * hours and days are over, from query_fingerprint_metrics otherwise. Cell: one rollup. */
#ifndef POTTO_STORE_READ_QUERY_CELLS_H
#define POTTO_STORE_READ_QUERY_CELLS_H

#include "store/read/query_bins.h"
#include "store/read/query_parts.h"

struct query_cell {
    size_t place; /* of its fingerprint in the hashes asked for */
    int64_t connection_id;
    int64_t bucket_us, width_us;
    int64_t calls, slow_calls;
    double total_ms;
    /* CELL_DETAILS and CELL_HISTOGRAM */
    int64_t rows_examined, rows_returned, blocks_hit, blocks_read;
    double max_ms;
    /* CELL_HISTOGRAM; one of the two, or none if only counters are known. They point into what was read. */
    struct text histogram_bytes, histogram_array;
};

/* What is wanted of a cell; the rest is zero. */
enum cell_depth { CELL_SUMS, CELL_DETAILS, CELL_HISTOGRAM };

/* `parts`: [five minutes][hours][days][hours][five minutes], each as query_parts_make() gives them or empty;
 * packed_until_us as query_packs_until() gives it. engine data NULL, connection_id or team_id 0: all. The
 * hashes of one page: 500 at most. */
struct cell_request {
    int64_t connection_id;
    struct text engine;
    int64_t team_id;
    const struct sql_hash *hashes;
    size_t count;
    const struct query_part *parts; /* QUERY_PARTS of them */
    int64_t packed_until_us;
    enum cell_depth depth;
};

/* Called for each cell, in no order; what it points to lives in the arena. False: the cell is not well formed. */
typedef bool query_cell_visitor(void *context, const struct query_cell *cell);

/* SQL: sql/query_strips_list.sql, sql/query_cells_list.sql */
enum status query_cells_read(struct store *store, const struct scope *scope, const struct cell_request *request,
                             struct arena *arena, query_cell_visitor *visit, void *context, struct error *error);

/* False: the cell's distribution is not one. */
bool query_cell_add_bins(const struct query_cell *cell, struct bin_sums *sums);

#endif
