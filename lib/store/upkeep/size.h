/* The size of the store's tables, and how fast they grow. Errors of every function: STATUS_UNAVAILABLE. Everything
 * returned lives in `arena`. */
#ifndef POTTO_STORE_UPKEEP_SIZE_H
#define POTTO_STORE_UPKEEP_SIZE_H

#include "store/scope/store.h"

struct store_size {
    struct text table_group; /* samples, rollups, text, plans, legacy, other */
    int64_t measured_at_us, bytes;
    int64_t row_count;            /* the planner's estimate */
    int64_t oldest_us, newest_us; /* known for samples and rollups; INT64_MIN: unknown */
    bool has_growth;
    double growth_bytes; /* a day, over the last week */
};
struct store_size_list {
    struct store_size *items; /* largest first */
    size_t count;             /* 0: not measured yet, or not for this caller */
};

/* Measure now, unless that was done a few minutes ago. SQL: sql/store_size_measure.sql, sql/store_size_trim.sql */
enum status store_size_measure(struct store *store, struct arena *arena, struct error *error);
/* Decide by the last measurement whether the store is full: larger than bytes_max (0: never).
 * SQL: sql/store_verdict_set.sql */
enum status store_size_judge(struct store *store, int64_t bytes_max, struct arena *arena, struct error *error);
/* What was decided last. *out_limit is zero before. SQL: sql/store_verdict_get.sql */
struct store_limit {
    bool is_full;
    int64_t bytes_max; /* 0: no limit */
};
enum status store_size_limit(struct store *store, struct arena *arena, struct store_limit *out_limit,
                             struct error *error);
/* The last measurement, of all organizations together. It is empty if a scope is entered and the store has several
 * organizations. SQL: sql/store_size_report.sql */
enum status store_size_report(struct store *store, struct arena *arena, struct store_size_list *out_list,
                              struct error *error);
/* Does the store have several organizations? SQL: sql/store_is_shared.sql */
enum status store_is_shared(struct store *store, struct arena *arena, bool *out_is_shared, struct error *error);

#endif
