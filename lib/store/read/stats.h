/* Sums over a period, from rollups alone: what /stats, /statistics, /monitoring and /dashboard answer with. Everything
 * returned lives in `arena`. Every function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_STATS_H
#define POTTO_STORE_READ_STATS_H

#include "store/read/query.h"

/* Which connections, and when. Zeros and NULL: all that the scope gives. */
struct stats_filter {
    struct period period;
    int64_t connection_id;
    struct text engine;
    int64_t team_id;
};

/* A page of a list that is ordered by a number, largest first, then by a key. */
struct stats_page {
    int limit;
    bool has_cursor;       /* false: the first page */
    double after;          /* stats_*.sort_key of the last row of the page before, and its key: */
    struct sql_hash hash;  /*   of fingerprints */
    int64_t connection_id; /*   of connections */
    struct text name;      /*   of tables */
};

struct stats_sums {
    int64_t calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read;
    double total_ms, max_ms; /* max of samples; 0 when only counters are known */
};

struct stats_overview {
    int64_t connection_count, active_connection_count; /* chosen; of those, with calls in the period */
    int64_t fingerprint_count;
    struct percentiles percentiles;
    struct stats_sums now, before; /* calls, slow_calls, total_ms alone; before: the period of the same length before */
    struct period before_period;
};
/* SQL: sql/query_totals_read.sql, sql/query_packs_read.sql */
enum status store_stats_overview(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                 struct arena *arena, struct stats_overview *out_overview, struct error *error);

/* One row of any list here; members that a list does not have are zero. */
struct stats_row {
    struct sql_hash hash;
    struct text fingerprint; /* cut to 2,000 characters */
    struct text statement_kind;
    const struct text *tables;
    size_t table_count;
    const int64_t *connection_ids; /* ascending; visible ones that ran it in the period */
    size_t connection_id_count;
    int64_t connection_id;
    struct text name; /* of the connection or the table */
    struct text engine;
    int64_t fingerprint_count, connection_count;
    int64_t bucket_us;
    struct stats_sums sums;
    struct stats_sums before;            /* calls and total_ms */
    double time_share;                   /* 0..1 of what all rows of the list, on all pages, add up to */
    int64_t first_seen_us, last_seen_us; /* INT64_MIN: unknown */
    double sort_key;                     /* for stats_page.after */
};
struct stats_list {
    struct stats_row *rows;
    size_t count;
    bool has_more;
};

/* Fingerprints; sort: QUERY_SORT_TOTAL, _CALLS, _MEAN or _MAX. store_stats_queries.c */
enum status store_stats_queries(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                enum query_sort sort, const struct stats_page *page, struct arena *arena,
                                struct stats_list *out_list, struct error *error);
/* Fingerprints of each connection, most time first. store_stats_connections.c */
enum status store_stats_connection_queries(struct store *store, const struct scope *scope,
                                           const struct stats_filter *filter, const struct stats_page *page,
                                           struct arena *arena, struct stats_list *out_list, struct error *error);
/* Tables, most time first; a statement counts for each table that it names, so that shares may add up to more than 1.
 * SQL: sql/stats_tables.sql */
enum status store_stats_tables(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                               const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                               struct error *error);
/* Connections, most time first, idle ones too. SQL: sql/stats_databases.sql */
enum status store_stats_databases(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                  const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                  struct error *error);
/* The same with fingerprint_count, rows, blocks and max_ms. store_stats_connections.c */
enum status store_stats_databases_detail(struct store *store, const struct scope *scope,
                                         const struct stats_filter *filter, const struct stats_page *page,
                                         struct arena *arena, struct stats_list *out_list, struct error *error);
/* Engines of the chosen connections, most time first. SQL: sql/stats_engines.sql */
enum status store_stats_engines(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                struct arena *arena, struct stats_list *out_list, struct error *error);

/* What got faster since `compared`: a mean that fell by least_share (0..1) or more, with at least calls_min calls in
 * both periods. `sums` is the filter's period; sort_key is the time saved, in us. store_stats_queries.c */
enum status store_stats_improvements(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                     const struct period *compared, int64_t calls_min, double least_share,
                                     const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                     struct error *error);

/* Days in UTC, newest first; the filter's period must be of whole days. page->after: bucket_us of the last row.
 * SQL: sql/statistics_daily.sql */
enum status store_statistics_daily(struct store *store, const struct scope *scope, const struct stats_filter *filter,
                                   const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                   struct error *error);

/* ---- dashboard: store_activity.c ---- */

struct dashboard_counts {
    int64_t connection_count, monitored_count, fingerprint_count;
};
/* SQL: sql/dashboard_counts.sql */
enum status store_dashboard_counts(struct store *store, const struct scope *scope, int64_t connection_id,
                                   struct arena *arena, struct dashboard_counts *out_counts, struct error *error);

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
/* Newest first; after: the last one of the page before, NULL: the first page. SQL: sql/activity_list.sql */
enum status store_activity_list(struct store *store, const struct scope *scope, int64_t from_us, int64_t to_us,
                                int64_t connection_id, const struct activity *after, int limit, struct arena *arena,
                                struct activity_list *out_list, struct error *error);

/* ---- plans over time: store_plan_history.c ---- */

enum {
    PLAN_FINE_KEPT_S = 29 * 86400, /* five-minute buckets are there for so long */
    PLAN_WINDOW_S = 7 * 86400,     /* at most, before and after a change */
    PLAN_CALLS_MIN = 5,            /* before and after, to say anything */
};
#define PLAN_REGRESSION_RATIO 1.2 /* of the means, from which a change is a regression */

struct plan_step {
    struct query_plan plan;
    bool has_previous; /* a plan that this one took the place of, on the same connection */
    struct sql_hash previous_hash;
    struct stats_sums before, after; /* calls and total_ms around the change */
    bool is_comparable, is_regression;
    double change_ratio; /* mean after / mean before; with is_comparable */
};
struct plan_history {
    struct plan_step *steps; /* newest first */
    size_t count;
    bool has_more;
};
/* STATUS_ABSENT if no visible connection has ever run it. after: the last one of the page before, NULL: the first page.
 * SQL: sql/query_seen.sql, sql/query_plan_history.sql */
enum status store_plan_history(struct store *store, const struct scope *scope, struct sql_hash hash,
                               int64_t connection_id, const struct query_plan *after, int limit, struct arena *arena,
                               struct plan_history *out_history, struct error *error);

#endif
