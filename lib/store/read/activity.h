/* What the dashboard shows beside sums: how much there is, and what happened lately. Everything returned lives in
 * `arena`. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_ACTIVITY_H
#define POTTO_STORE_READ_ACTIVITY_H

#include "sql/sql_hash.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

struct dashboard_counts {
    int64_t connection_count, monitored_count;
    int64_t fingerprint_count; /* without statements that read catalogues alone */
};

/* SQL: sql/dashboard_counts.sql */
enum status store_dashboard_counts(struct store *store, const struct scope *scope, struct arena *arena,
                                   struct dashboard_counts *out_counts, struct error *error);

enum activity_kind { ACTIVITY_UNSET, ACTIVITY_QUERY_DISCOVERED, ACTIVITY_PLAN_CHANGED };

struct activity {
    enum activity_kind kind;
    int64_t at_us, connection_id;
    struct text connection_name, engine;
    struct sql_hash hash;
    struct text fingerprint, statement_kind;
};
struct activity_list {
    struct activity *items;
    size_t count;
    bool has_more;
};

/* Newest first. with_catalog: also of statements that read the database's own catalogues alone. after: the last one of
 * the page before, NULL: the first page.
 * SQL: sql/activity_list.sql */
enum status store_activity_list(struct store *store, const struct scope *scope, int64_t from_us, int64_t to_us,
                                bool with_catalog, const struct activity *after, int limit, struct arena *arena,
                                struct activity_list *out_list, struct error *error);

#endif
