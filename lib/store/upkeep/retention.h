/* Retention: how long data is kept, and its removal. For potto-collector, as the role that owns the tables. The work is
 * done in small steps: no statement holds a lock for long or waits long for one, and work that is blocked now is done
 * next time. Errors of every function: STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_UPKEEP_RETENTION_H
#define POTTO_STORE_UPKEEP_RETENTION_H

#include "facts/retention.h"
#include "sql/sql_hash.h"
#include "store/scope/store.h"

/* Make the partitions of the coming days and months, and record the highest sample id of today.
 * SQL: sql/retention_partitions.sql, sql/retention_arrivals.sql */
enum status store_retention_prepare(struct store *store, const struct retention *retention, struct arena *arena,
                                    struct error *error);

/* Drop one partition that is older than its retention. *out_is_dropped false: there is none, or it could not be locked
 * at once. SQL: sql/retention_drop.sql */
enum status store_retention_drop(struct store *store, const struct retention *retention, struct arena *arena,
                                 bool *out_is_dropped, struct error *error);

/* Remove at most `max` rows of the first table that has rows older than its retention. *out_count 0: there are none
 * left. SQL: sql/retention_*.sql */
enum status store_retention_trim(struct store *store, const struct retention *retention, int max, struct arena *arena,
                                 int64_t *out_count, struct error *error);

/* A walk over all statements' texts. Each call reads a number of them and removes those that nothing refers to; after
 * the last one the walk starts again. */
struct retention_walk {
    int64_t organization_id;
    struct sql_hash hash; /* the last one read */
};
enum status store_retention_walk(struct store *store, struct retention_walk *walk, int max, struct arena *arena,
                                 bool *out_is_at_end, struct error *error);

#endif
