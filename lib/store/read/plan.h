/* Plans of a fingerprint. Everything returned lives in `arena`. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_PLAN_H
#define POTTO_STORE_READ_PLAN_H

#include "facts/plan.h"
#include "sql/sql_hash.h"
#include "store/scope/literal.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

struct query_plan {
    struct sql_hash plan_hash;
    int64_t connection_id, first_seen_us, last_seen_us;
    const struct literal_text *plan; /* JSON as the engine gave it */
    enum plan_provenance provenance;
    double total_cost; /* 0: unknown */
};
/* Whether it was made for the values of an execution, not for parameters. */
static inline bool plan_has_values(const struct query_plan *plan)
{
    return plan->provenance != PLAN_PROVENANCE_GENERIC_PLAN;
}

struct query_plan_list {
    struct query_plan *items; /* last seen first, at most 20 */
    size_t count;
};

/* Why there is none. */
struct query_no_plan {
    enum plan_refusal refusal;
    struct text code;      /* what the server called it; data NULL: none */
    int64_t connection_id; /* where; 0: on any */
    int64_t refused_us;    /* when it was tried; INT64_MIN: it was not */
};

/* SQL: sql/query_plan_list.sql */
enum status store_query_plan_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                  struct arena *arena, struct query_plan_list *out_list, struct error *error);
/* STATUS_ABSENT: no connection of the scope has ever run the statement. SQL: sql/query_seen.sql */
enum status store_query_check_seen(struct store *store, const struct scope *scope, struct sql_hash hash,
                                   struct arena *arena, struct error *error);
/* One of them, where it was last seen. STATUS_ABSENT: it was not seen on a connection of the scope.
 * SQL: sql/query_plan_list.sql */
enum status store_query_plan_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                 struct sql_hash plan_hash, struct arena *arena, struct query_plan *out_plan,
                                 struct error *error);
/* For a fingerprint that has no plans. SQL: sql/query_plan_refusal.sql */
enum status store_query_no_plan_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    struct text statement_kind, struct arena *arena, struct query_no_plan *out_reason,
                                    struct error *error);

#endif
