/* For store_query_*.c alone: a period cut into the largest rollup buckets that fit, so that a day is read as
 * hours and a month as days. The five parts are [5 minutes][hours][days][hours][5 minutes], any of them
 * empty; together they are the period, exactly. */
#ifndef POTTO_STORE_QUERY_PARTS_H
#define POTTO_STORE_QUERY_PARTS_H

#include "store/query.h"

enum { QUERY_PARTS = 5 };

struct query_part {
    int64_t from_us, to_us; /* equal: empty */
};
void query_parts_make(const struct period *period, struct query_part out_parts[QUERY_PARTS]);

/* $3 connection, $4 engine, and with a period its parts as $5 to $14. */
void query_params_choose(struct store_params *params, int64_t connection_id, struct text engine);
void query_params_parts(struct store_params *params, const struct period *period);

#endif
