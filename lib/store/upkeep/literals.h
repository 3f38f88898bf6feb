/* Taking stored literals away from connections that no longer keep them (keep_literals switched off): samples' texts
 * and digests, plans, jobs, the predecessors' rows. For potto-collector, as the role that owns the tables. */
#ifndef POTTO_STORE_UPKEEP_LITERALS_H
#define POTTO_STORE_UPKEEP_LITERALS_H

#include "store/scope/store.h"

/* How far a walk has come; zero at first. */
struct literals_purge {
    int64_t organization_id, connection_id; /* 0: none is at hand */
    int64_t started_us;
    bool has_samples_left;          /* everything else is done */
    int64_t captured_at_us, digest; /* the last sample looked at */
};

/* One piece of the walk over the connections concerned. Each is walked again, once a minute, until nobody can be
 * writing by the old setting any more. *out_has_more true: call again soon. SQL: sql/literals_*.sql */
enum status store_literals_purge(struct store *store, struct literals_purge *purge, struct arena *arena,
                                 bool *out_has_more, struct error *error);

#endif
