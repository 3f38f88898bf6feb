/* How long things are kept, and what takes them away. Run as the role that owns the tables, by potto-collector.
 * Everything is done in small pieces: no statement holds a lock for long or waits for one, and what could not be done
 * now is done next time. Every function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_RETENTION_H
#define POTTO_STORE_RETENTION_H

#include "store/store.h"

/* Days; 0: for ever. */
struct retention {
    int64_t samples_days, legacy_days;      /* slow_queries_raw; legacy: what came from the predecessors */
    int64_t fine_days, hour_days, day_days; /* rollups of 5 minutes, hours and days */
    int64_t plans_days, batches_days;
};
/* Out of a program's settings (base/config.h, which libraries leave alone). */
#define RETENTION_OF(config)                                                                                           \
    ((struct retention){.samples_days = (config).retention_samples_days,                                               \
                        .legacy_days = (config).retention_legacy_days,                                                 \
                        .fine_days = (config).retention_5m_days,                                                       \
                        .hour_days = (config).retention_1h_days,                                                       \
                        .day_days = (config).retention_1d_days,                                                        \
                        .plans_days = (config).retention_plans_days,                                                   \
                        .batches_days = (config).retention_batches_days})

/* Midnight (UTC) before which nothing is kept; INT64_MIN: for ever. */
int64_t retention_from_us(int64_t kept_days, int64_t now_us);

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

/* ---- size: store_size.c ---- */

struct store_size {
    struct text table_group; /* samples, rollups, text, plans, legacy, other */
    int64_t measured_at_us, bytes;
    int64_t row_count;            /* as the planner estimates it */
    int64_t oldest_us, newest_us; /* of samples and rollups; INT64_MIN: unknown */
    bool has_growth;
    double growth_bytes; /* a day, over the last week */
};
struct store_size_list {
    struct store_size *items; /* largest first */
    size_t count;             /* 0: not measured yet */
};

/* Unless that was done a few minutes ago. SQL: sql/store_size_measure.sql, sql/store_size_trim.sql */
enum status store_size_measure(struct store *store, struct arena *arena, struct error *error);
/* As last measured; for any role. SQL: sql/store_size_report.sql */
enum status store_size_report(struct store *store, struct arena *arena, struct store_size_list *out_list,
                              struct error *error);

#endif
