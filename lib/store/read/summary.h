/* Fingerprints with what they add up to in a period: a page of them by rank, or one. Everything returned lives in
 * `arena`. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_SUMMARY_H
#define POTTO_STORE_READ_SUMMARY_H

#include "facts/measures.h"
#include "facts/sums.h"
#include "sql/sql_hash.h"
#include "store/read/distribution.h"
#include "store/read/period.h"
#include "store/read/plan_flip.h"
#include "store/read/tags.h"
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
    QUERY_SORT_LOCKS,
};

struct query_filter {
    struct period period;
    /* data NULL: all. */
    struct text statement_kind;
    struct text table;
    struct text search;    /* part of the fingerprint, case-insensitive */
    struct tag_filter tag; /* those of which a sample in the period has it */
    double mean_ms_min;
    bool with_catalog; /* also statements that read the database's own catalogues alone */
    bool with_percentiles;
    enum query_sort sort; /* always descending */
    int limit;
    int offset; /* the first few hundred pages; a filter finds what is deeper */
};

/* One fingerprint over a period, added up over the connections of the scope that run it.
 * Source: query_fingerprint_metrics, and what is stored of it by columns (docs/data.md). */
struct query_summary {
    struct sql_hash hash;
    struct text fingerprint; /* cut to 2,000 bytes in lists */
    struct text statement_kind;
    const struct text *tables;
    size_t table_count;
    struct sums sums;         /* max_ms is 0 also where the mean of all executions is longer than the longest sample */
    struct measures measures; /* not in lists; of the connections whose servers tell each one */
    unsigned known;           /* enum sums_known, of the servers of the connections */
    double mean_ms;
    double time_share;                   /* 0..1 of the total time of everything that the connections ran */
    int64_t first_seen_us, last_seen_us; /* in lists on all connections that the caller sees */
    const int64_t *connection_ids;       /* those that ran it in the period */
    size_t connection_count;
    struct percentiles percentiles; /* in lists where the filter asks for them */
    struct plan_flip plan_flip;     /* of any time */
    const double *spark_ms;         /* QUERY_SPARK_POINTS sums of time over the period, oldest first; lists only */
};

struct query_summary_list {
    struct query_summary *items;
    size_t count;
    int64_t total_count; /* fingerprints that match, all pages */
    struct sums totals;  /* calls, slow_calls and total_ms of everything that the connections ran */
};

/* rank.h finds the page, texts.h names its fingerprints, page_sums.h adds them up. */
enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error);

/* One fingerprint with its full text. STATUS_ABSENT: no connection of the scope has ever run it.
 * SQL: sql/query_text_get.sql */
enum status store_query_summary_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    const struct period *period, struct arena *arena, struct query_summary *out_summary,
                                    struct error *error);

/* The fingerprint that systems before Potto name by an MD5 of its text. STATUS_ABSENT: there is none, or no connection
 * of the scope has run it. SQL: sql/fingerprint_by_md5.sql */
enum status store_query_find_by_md5(struct store *store, const struct scope *scope, struct sql_hash md5,
                                    struct arena *arena, struct sql_hash *out_hash, struct error *error);

#endif
