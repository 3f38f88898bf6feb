/* Samples: one execution each. Everything returned lives in `arena`. Errors: STATUS_UNAVAILABLE when the store is
 * away. */
#ifndef POTTO_STORE_READ_SAMPLE_H
#define POTTO_STORE_READ_SAMPLE_H

#include "facts/sample.h"
#include "sql/sql_hash.h"
#include "store/read/period.h"
#include "store/scope/literal.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

struct sample {
    int64_t id, connection_id, captured_at_us;
    struct text connection_name, engine;
    struct sql_hash hash;
    struct text fingerprint;
    struct text statement_kind;
    const struct literal_text *full_sql; /* NULL: not kept. In lists cut to 2,000 bytes */
    double duration_ms;
    int64_t rows_examined, rows_returned, lock_us; /* -1: unknown */
    struct text user_host, database_name;          /* data NULL: unknown */
    enum sample_provenance provenance;
    bool has_plan_hash;
    struct sql_hash plan_hash;
};

enum sample_sort { SAMPLE_SORT_UNSET, SAMPLE_SORT_CAPTURED, SAMPLE_SORT_DURATION };

struct sample_filter {
    int64_t from_us, to_us; /* period, not rounded */
    bool has_hash;
    struct sql_hash hash;
    double min_duration_ms;
    struct text statement_kind, table, search; /* as in struct query_filter of summary.h */
    bool with_catalog; /* also statements that read the database's own catalogues alone; one by its hash is listed */
    enum sample_sort sort; /* unset: newest first */
    int limit;
    /* The last row of the page before; has_cursor false: first page. */
    bool has_cursor;
    int64_t cursor_captured_at_us, cursor_id;
    double cursor_duration_ms;
};

struct sample_list {
    struct sample *items;
    size_t count; /* has_more: of a list without catalogues it may be less than the limit, even 0 */
    bool has_more;
    int64_t next_captured_at_us, next_id; /* has_more: what the next page comes after, as in the filter */
    double next_duration_ms;
};

/* SQL: sql/slow_query_list_*.sql */
enum status store_slow_query_list(struct store *store, const struct scope *scope, const struct sample_filter *filter,
                                  struct arena *arena, struct sample_list *out_list, struct error *error);

/* One sample with its full text. STATUS_ABSENT: there is none, or its connection is not visible.
 * SQL: sql/slow_query_get.sql */
enum status store_slow_query_get(struct store *store, const struct scope *scope, int64_t sample_id, struct arena *arena,
                                 struct sample *out_sample, struct error *error);

/* What a system before Potto found out about the sample: a JSON array of objects, newest first; NULL: nothing. It may
 * quote the statement. SQL: sql/sample_findings.sql */
enum status store_sample_findings(struct store *store, const struct scope *scope, const struct sample *sample,
                                  struct arena *arena, const struct literal_text **out_findings, struct error *error);

#endif
