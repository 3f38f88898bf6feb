/* What sessions waited for, as a chart shows it. Everything returned lives in `arena`. Errors: STATUS_UNAVAILABLE when
 * the store is away. */
#ifndef POTTO_STORE_READ_WAITS_H
#define POTTO_STORE_READ_WAITS_H

#include "facts/waits.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { WAITS_GROUPS_MAX = 20, WAITS_STEPS_MAX = 300, WAITS_ROOTS_MAX = 20 };

struct waits_filter {
    struct period period;
    struct sql_hash hash; /* zeros: of all statements */
    const char *group_by; /* "wait_class", "wait", "statement", "user", "host", "application" */
    int group_max;        /* at most WAITS_GROUPS_MAX; the others are one more group */
};

/* One step of the chart. Without looks there is none: what happened then is not known. */
struct waits_step {
    int64_t at_us, watched_ms, look_count, cost_us;
    int64_t session_ms; /* of all statements */
};

/* What a group is of depends on group_by; the others are data NULL, or zeros. */
struct waits_group {
    bool is_rest; /* all others */
    enum wait_class wait_class;
    struct text event, name;
    bool has_statement;
    struct sql_hash hash;
    struct text fingerprint; /* its text */
    double session_ms;
    double *step_ms; /* of each step */
};

/* Sessions that kept others waiting. */
struct waits_root {
    enum block_state state;
    bool has_root, has_statement;
    struct sql_hash root_hash, hash;           /* of the root's statement, of those that waited */
    struct text root_fingerprint, fingerprint; /* data NULL: not known */
    struct text user, application;             /* the root's; data NULL: several */
    double session_ms;
    int64_t depth_max, waiters_max;
    int64_t first_us, last_us; /* the begin of the first and the last bucket in which it happened */
};

/* The largest first, the rest last. */
struct waits_groups {
    struct waits_group *items;
    size_t count;
    double session_ms; /* of all of them */
};

struct waits_report {
    int32_t resolution_s; /* of the buckets: 300 or 3600 */
    int32_t step_s;
    struct waits_step *steps; /* by ascending time */
    size_t step_count;
    struct waits_groups groups;
    struct waits_root *roots; /* the most session time first */
    size_t root_count;
};

/* What the steps add up to. */
struct waits_totals {
    double watched_ms, cost_us;
    int64_t look_count;
    double session_ms; /* of all statements */
};
struct waits_totals waits_totals(const struct waits_report *report);

/* SQL: sql/session_waits_points.sql, sql/session_waits_steps.sql, sql/session_blocks_list.sql */
enum status store_waits_report(struct store *store, const struct scope *scope, const struct waits_filter *filter,
                               struct arena *arena, struct waits_report *out_report, struct error *error);
/* The groups of one more filter of the same period, with the steps of `report`. SQL: sql/session_waits_points.sql */
enum status store_waits_groups(struct store *store, const struct scope *scope, const struct waits_filter *filter,
                               const struct waits_report *report, struct arena *arena, struct waits_groups *out_groups,
                               struct error *error);

/* How the last look at the sessions of a connection went. */
struct waits_watch {
    struct text state;           /* "ok", "warning", "failed"; data NULL: none has ended */
    struct text problem, remedy; /* data NULL: all is well */
    int64_t ended_us;            /* INT64_MIN: none has ended */
};
/* SQL: sql/session_watch_get.sql */
enum status store_waits_watch_get(struct store *store, const struct scope *scope, int64_t connection_id,
                                  struct arena *arena, struct waits_watch *out_watch, struct error *error);

#endif
