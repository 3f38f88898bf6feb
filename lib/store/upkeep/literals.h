/* Removes stored literals of connections that no longer keep them (keep_literals was switched off): from samples' texts
 * and digests, plans, jobs and the predecessors' rows. For potto-collector, as the role that owns the tables. */
#ifndef POTTO_STORE_UPKEEP_LITERALS_H
#define POTTO_STORE_UPKEEP_LITERALS_H

#include "store/scope/store.h"

/* The progress of the purge; zero at first. */
struct literals_purge {
    int64_t organization_id, connection_id; /* the connection being purged; 0: none */
    int64_t started_us;
    bool has_samples_left;          /* only samples are left */
    int64_t captured_at_us, digest; /* the last sample read */
};

/* One step of the purge, over all connections concerned. Each connection is purged again once a minute, until no
 * process can still be writing by the old setting. *out_has_more true: call again soon. SQL: sql/literals_*.sql */
enum status store_literals_purge(struct store *store, struct literals_purge *purge, struct arena *arena,
                                 bool *out_has_more, struct error *error);

#endif
