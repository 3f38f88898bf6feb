/* For lib/store/read alone: a period cut into tiers, each of the widest rollups that fit: a day is read as hours, and a
 * month as days. Pure but for parameters. */
#ifndef POTTO_STORE_READ_TIERS_H
#define POTTO_STORE_READ_TIERS_H

#include "db/params.h"
#include "store/read/period.h"
#include "store/scope/store.h"

enum { TIERS = 5 }; /* [five minutes][hours][days][hours][five minutes], any of them empty */

struct tier {
    int64_t from_us, to_us; /* equal: empty */
};

/* Together the tiers are the period, exactly. */
void tiers_make(const struct period *period, struct tier out_tiers[TIERS]);
/* One tier alone, of rollups of this width. */
void tiers_make_one(int64_t from_us, int64_t to_us, int32_t resolution_s, struct tier out_tiers[TIERS]);

/* Ten parameters. */
void params_tiers(struct db_params *params, const struct tier tiers[TIERS]);
void params_period_tiers(struct db_params *params, const struct period *period);

#endif
