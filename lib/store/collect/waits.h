/* Who looks at the sessions of which database, and what was seen. Runs as the role that owns the tables, as lease.h.
 * Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_WAITS_H
#define POTTO_STORE_COLLECT_WAITS_H

#include "facts/waits.h"
#include "store/collect/lease.h"

enum { WAITS_BUCKET_S = 300 };

/* Take at most `max` connections whose sessions nobody looks at. `lease_s`: longer than the look may take; it is not
 * prolonged. Organizations in `full` get none. SQL: sql/waits_take.sql */
enum status store_waits_take(struct store *store, struct text owner, int lease_s, const int64_t *full,
                             size_t full_count, int host_max, int max, struct arena *arena, struct lease **out_leases,
                             size_t *out_count, struct error *error);

/* How a stretch of looks ended, and what it found. */
struct waits_write {
    const char *state;           /* "ok", "warning", "failed" */
    struct text problem, remedy; /* data NULL: none */
    int64_t bucket_us[WAITS_PARTS];
    const struct wait_facts *facts;
};

/* Write it and give the lease back, in one transaction. STATUS_CONFLICT: the lease was lost, and nothing was written.
 * SQL: sql/waits_finish.sql, sql/waits_add.sql */
enum status store_waits_write(struct store *store, const struct lease *lease, const struct waits_write *write,
                              struct arena *arena, struct error *error);
/* Give a connection back that nothing was found out about. SQL: sql/waits_release.sql */
enum status store_waits_release(struct store *store, const struct lease *lease, struct arena *arena,
                                struct error *error);

#endif
