/* What the sources of plans share, for lib/store/read alone. */
#ifndef POTTO_STORE_READ_PLAN_INTERNAL_H
#define POTTO_STORE_READ_PLAN_INTERNAL_H

#include "store/read/plan.h"

/* The JSON of a plan, closed. The conditions of a generic plan hold no values, since it was made for `$1`. */
const struct literal_text *query_plan_close(struct text json, const struct query_plan *plan, struct arena *arena);

#endif
