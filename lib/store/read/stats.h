/* Reports over a period, from rollups alone: what /stats, /statistics, /monitoring and /dashboard answer with. Shapes
 * of all of them, and the reports that a statement adds up. Everything returned lives in `arena`. Errors:
 * STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_STATS_H
#define POTTO_STORE_READ_STATS_H

#include "facts/sums.h"
#include "sql/sql_hash.h"
#include "store/read/distribution.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* A page of a list that is ordered by a number, largest first, then by a key. */
struct stats_page {
    int limit;
    bool with_catalog; /* of fingerprints and tables: also statements that read the database's own catalogues alone */
    bool has_cursor;   /* false: the first page */
    double after;      /* stats_row.sort_key of the last row of the page before, and its key: */
    struct sql_hash hash;  /*   of fingerprints */
    int64_t connection_id; /*   of connections */
    struct text name;      /*   of tables */
};

/* One row of any list; members that a list does not have are zero. */
struct stats_row {
    struct sql_hash hash;
    struct text fingerprint; /* cut to 2,000 characters */
    struct text statement_kind;
    const struct text *tables;
    size_t table_count;
    const int64_t *connection_ids; /* ascending; those that ran it in the period */
    size_t connection_id_count;
    int64_t connection_id;
    struct text name; /* of the connection or the table */
    struct text engine;
    int64_t fingerprint_count, connection_count;
    int64_t bucket_us;
    struct sums sums;
    unsigned known;                      /* enum sums_known, of the servers of the connections */
    struct sums before;                  /* calls and total_ms */
    double time_share;                   /* 0..1 of what all rows of the list, on all pages, add up to */
    int64_t first_seen_us, last_seen_us; /* INT64_MIN: unknown */
    double sort_key;                     /* for stats_page.after */
};
struct stats_list {
    struct stats_row *rows;
    size_t count;
    bool has_more;
};

struct stats_overview {
    int64_t connection_count, active_connection_count; /* of the scope; of those, with calls in the period */
    int64_t fingerprint_count;                         /* without statements that read catalogues alone */
    struct percentiles percentiles;
    struct sums now, before; /* calls, slow_calls, total_ms; before: the period of the same length before */
    struct period before_period;
};
/* SQL: sql/query_totals_read.sql, sql/query_segments_read.sql */
enum status store_stats_overview(struct store *store, const struct scope *scope, const struct period *period,
                                 struct arena *arena, struct stats_overview *out_overview, struct error *error);

/* Tables, most time first. A statement counts for each table that it names: shares may add up to more than 1.
 * SQL: sql/stats_tables.sql */
enum status store_stats_tables(struct store *store, const struct scope *scope, const struct period *period,
                               const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                               struct error *error);
/* Connections, most time first, idle ones too. SQL: sql/stats_databases.sql */
enum status store_stats_databases(struct store *store, const struct scope *scope, const struct period *period,
                                  const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                  struct error *error);
/* Engines of the connections, most time first. SQL: sql/stats_engines.sql */
enum status store_stats_engines(struct store *store, const struct scope *scope, const struct period *period,
                                struct arena *arena, struct stats_list *out_list, struct error *error);

/* Days in UTC, newest first; the period must be of whole days. page->after: bucket_us of the last row.
 * SQL: sql/statistics_daily.sql */
enum status store_statistics_daily(struct store *store, const struct scope *scope, const struct period *period,
                                   const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                   struct error *error);

#endif
