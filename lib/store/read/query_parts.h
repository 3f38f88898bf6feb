/* For store_query_*.c alone: a period cut into the largest rollup buckets that fit, so that a day is read as
 * hours and a month as days. The five parts are [5 minutes][hours][days][hours][5 minutes], any of them
 * empty; together they are the period, exactly. */
#ifndef POTTO_STORE_READ_QUERY_PARTS_H
#define POTTO_STORE_READ_QUERY_PARTS_H

#include "db/params.h"
#include "store/read/query.h"

enum { QUERY_PARTS = 5 };

struct query_part {
    int64_t from_us, to_us; /* equal: empty */
};
void query_parts_make(const struct period *period, struct query_part out_parts[QUERY_PARTS]);
/* One part alone, of rollups of this width. */
void query_parts_make_one(int64_t from_us, int64_t to_us, int32_t resolution_s,
                          struct query_part out_parts[QUERY_PARTS]);

/* Where the step begins that a time lies in; steps of up to a day begin at midnight UTC, days of several at 2000-01-01,
 * as query_pack_start() of migrations/functions/query_pack_start.sql has it. */
int64_t query_floor_to(int64_t time_us, int64_t step_us);

/* $3 connection, $4 engine, and with a period its parts as $5 to $14. */
void query_params_choose(struct db_params *params, int64_t connection_id, struct text engine);
void query_params_parts(struct db_params *params, const struct period *period);
void query_params_part_list(struct db_params *params, const struct query_part parts[QUERY_PARTS]);

#endif
