/* Reading what was found: fingerprints with their sums, series, samples, plans.
 * Everything returned lives in `arena`. Every function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_QUERY_H
#define POTTO_STORE_READ_QUERY_H

#include "sql/sql_hash.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { QUERY_SPARK_POINTS = 24 };

enum query_sort {
    QUERY_SORT_UNSET, /* total time */
    QUERY_SORT_TOTAL,
    QUERY_SORT_CALLS,
    QUERY_SORT_MEAN,
    QUERY_SORT_MAX,
    QUERY_SORT_ROWS,
    QUERY_SORT_LAST_SEEN,
};

struct query_filter {
    struct period period;
    int64_t connection_id; /* 0: all that the scope gives */
    struct text engine;    /* data NULL: all; "postgresql", "mysql", … */
    struct text statement_kind;
    struct text table;
    struct text search; /* part of the fingerprint, case-insensitive; data NULL: all */
    double mean_ms_min;
    bool with_percentiles;
    enum query_sort sort; /* always descending */
    int limit;
    int offset; /* pages of the first few hundred; deeper ones are found by filtering */
};

/* Of executions seen one by one, from histograms, each within 5 %. Counters have no distribution: where they count
 * every execution, these are of the samples alone, most of which are slow. */
struct percentiles {
    int64_t calls; /* that they are of; 0: none, and the rest means nothing */
    double p50_ms, p95_ms, p99_ms;
};

/* One fingerprint over a period, summed over the visible connections that run it.
 * Source: query_fingerprint_metrics, by way of what is packed of it (docs/data.md). */
struct query_summary {
    struct sql_hash hash;
    struct text fingerprint; /* cut to 2,000 bytes in lists */
    struct text statement_kind;
    const struct text *tables;
    size_t table_count;
    int64_t calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read;
    double total_ms, mean_ms, max_ms;    /* max of samples; 0 when only counters are known */
    double time_share;                   /* 0..1 of the total time of everything the filter's connections ran */
    int64_t first_seen_us, last_seen_us; /* on the visible connections */
    const int64_t *connection_ids;       /* visible ones that ran it in the period */
    size_t connection_count;
    struct percentiles percentiles; /* in lists where the filter asks for them */
    const double *spark_ms;         /* QUERY_SPARK_POINTS sums of time over the period, oldest first; lists only */
};

struct query_summary_list {
    struct query_summary *items;
    size_t count;
    int64_t total_count; /* fingerprints that match, all pages */
    double total_ms;     /* of all that match the connection and engine filters */
    int64_t total_calls, total_slow_calls;
};

enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error);

/* One fingerprint, full text. STATUS_ABSENT if no visible connection has ever run it.
 * connection_id 0: all visible. */
enum status store_query_summary_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    int64_t connection_id, const struct period *period, struct arena *arena,
                                    struct query_summary *out_summary, struct error *error);

/* A point for each bucket of the period's resolution that has data; a missing bucket is a gap. */
struct series_point {
    int64_t bucket_us;
    int64_t calls, slow_calls;
    int64_t active_connection_count; /* with calls in it; series of everything alone */
    double total_ms;
    double p95_ms; /* of samples, within 5 %; 0: only counters are known, or it is a series of everything */
};
struct series {
    struct series_point *points; /* ascending, summed over connections */
    size_t count;
};
/* Everything: what the overview draws (from query_metrics, by way of what is packed of it). connection_id 0, engine
 * data NULL, team_id 0: all. SQL: sql/connection_strips_list.sql, sql/connection_cells_list.sql */
enum status store_overview_series(struct store *store, const struct scope *scope, const struct period *period,
                                  int64_t connection_id, struct text engine, int64_t team_id, struct arena *arena,
                                  struct series *out_series, struct error *error);
enum status store_query_series(struct store *store, const struct scope *scope, struct sql_hash hash,
                               int64_t connection_id, const struct period *period, struct arena *arena,
                               struct series *out_series, struct error *error);

/* Of everything the connections ran; team_id 0: all. SQL: sql/query_totals_read.sql */
enum status store_overview_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                       int64_t connection_id, struct text engine, int64_t team_id, struct arena *arena,
                                       struct percentiles *out, struct error *error);
/* What everything added up to in a period. SQL: sql/query_totals_read.sql, sql/connection_watched.sql */
struct overview_sums {
    int64_t calls, slow_calls;
    double total_ms;
    bool is_watched; /* from the period's first tenth on */
};
enum status store_overview_sums(struct store *store, const struct scope *scope, const struct period *period,
                                int64_t connection_id, struct arena *arena, struct overview_sums *out_sums,
                                struct error *error);

/* One sample. */
struct sample {
    int64_t id, connection_id, captured_at_us;
    struct text connection_name, engine;
    struct sql_hash hash;
    struct text fingerprint;
    struct text statement_kind;
    struct text full_sql; /* data NULL: not kept. In lists cut to 2,000 bytes */
    double duration_ms;
    int64_t rows_examined, rows_returned; /* -1: unknown */
    struct text user_host, database_name; /* data NULL: unknown */
    const char *provenance;               /* "agent", "slow_log", "active_session", "legacy" */
    bool has_plan_hash;
    struct sql_hash plan_hash;
};

enum sample_sort { SAMPLE_SORT_UNSET, SAMPLE_SORT_CAPTURED, SAMPLE_SORT_DURATION };

struct sample_filter {
    int64_t from_us, to_us; /* period, not rounded */
    int64_t connection_id;
    struct text engine;
    int64_t team_id; /* 0: all */
    bool has_hash;
    struct sql_hash hash;
    double min_duration_ms;
    struct text statement_kind, table, search; /* as in query_filter */
    enum sample_sort sort;                     /* unset: newest first */
    int limit;
    /* The last row of the page before; has_cursor false: first page. */
    bool has_cursor;
    int64_t cursor_captured_at_us, cursor_id;
    double cursor_duration_ms;
};

struct sample_list {
    struct sample *items;
    size_t count;
    bool has_more;
};

/* SQL: sql/slow_query_list_*.sql */
enum status store_slow_query_list(struct store *store, const struct scope *scope, const struct sample_filter *filter,
                                  struct arena *arena, struct sample_list *out_list, struct error *error);
/* STATUS_ABSENT if there is none or its connection is not visible. Full text. */
enum status store_slow_query_get(struct store *store, const struct scope *scope, int64_t sample_id, struct arena *arena,
                                 struct sample *out_sample, struct error *error);

struct query_plan {
    struct sql_hash plan_hash;
    int64_t connection_id, first_seen_us, last_seen_us;
    struct text plan;       /* JSON as the engine gave it */
    struct text provenance; /* explain, generic_plan, agent */
    double total_cost;      /* 0: unknown */
};
struct query_plan_list {
    struct query_plan *items; /* last seen first, at most 20 */
    size_t count;
};
enum status store_query_plan_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                  int64_t connection_id, struct arena *arena, struct query_plan_list *out_list,
                                  struct error *error);

#endif
