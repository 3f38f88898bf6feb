/* How long things are kept, and what takes them away. Run as the role that owns the tables, by potto-collector.
 * Everything is done in small pieces: no statement holds a lock for long or waits for one, and what could not be done
 * now is done next time. Every function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_UPKEEP_RETENTION_H
#define POTTO_STORE_UPKEEP_RETENTION_H

#include "facts/retention.h"
#include "sql/sql_hash.h"
#include "store/scope/store.h"

/* Partitions of the days and months to come, and how far sample ids have come. SQL: sql/retention_partitions.sql,
 * sql/retention_arrivals.sql */
enum status store_retention_prepare(struct store *store, const struct retention *retention, struct arena *arena,
                                    struct error *error);

/* Drop one partition that is past its time. *out_is_dropped false: there is none, or it could not be locked at
 * once. SQL: sql/retention_drop.sql */
enum status store_retention_drop(struct store *store, const struct retention *retention, struct arena *arena,
                                 bool *out_is_dropped, struct error *error);

/* Remove at most `max` rows of the first table that has some past their time. *out_count 0: there are none left.
 * SQL: sql/retention_*.sql */
enum status store_retention_trim(struct store *store, const struct retention *retention, int max, struct arena *arena,
                                 int64_t *out_count, struct error *error);

/* A walk over all statements' texts, so many at a time, removing those that nothing refers to; starts again at the end.
 */
struct retention_walk {
    int64_t organization_id;
    struct sql_hash hash; /* the last one looked at */
};
enum status store_retention_walk(struct store *store, struct retention_walk *walk, int max, struct arena *arena,
                                 bool *out_is_at_end, struct error *error);

#endif
