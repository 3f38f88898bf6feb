/* Reports over a period; see stats.h. Each statement is asked for one row more than the page has. */
#include "store/read/stats.h"

#include "store/read/catalog.h"
#include "store/read/segments.h"
#include "store/read/sums_row.h"
#include "store/read/tiers.h"
#include "store/read/totals.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

SUMS_LOAD_COLUMNS(STATS_TABLES);
SUMS_LOAD_COLUMNS(STATS_DATABASES);
SUMS_LOAD_COLUMNS(STATS_ENGINES);
SUMS_LOAD_COLUMNS(STATISTICS_DAILY);

static void params_after(struct db_params *params, const struct stats_page *page)
{
    if (page->has_cursor)
        params_double(params, page->after);
    else
        params_null(params);
}

static void params_after_connection(struct db_params *params, const struct stats_page *page)
{
    if (page->has_cursor)
        params_int64(params, page->connection_id);
    else
        params_null(params);
}

typedef void row_reader(const PGresult *result, int row, struct arena *arena, struct stats_row *out);

/* limit 0: all rows. */
static enum status read_list(struct store *store, const struct scope *scope, const struct db_sql *sql,
                             const struct db_params *params, row_reader *read, int limit, struct arena *arena,
                             struct stats_list *out_list, struct error *error)
{
    struct stats_list list = {0};
    PGresult *result;
    enum status status = store_read(store, scope, sql, params, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    list.count = limit > 0 ? row_page_count(result, limit, &list.has_more) : (size_t)PQntuples(result);
    list.rows = arena_alloc_array(arena, list.count, sizeof *list.rows);
    for (size_t i = 0; i < list.count; i++) {
        list.rows[i].first_seen_us = list.rows[i].last_seen_us = INT64_MIN;
        read(result, (int)i, arena, &list.rows[i]);
    }
    *out_list = list;
    return STATUS_OK;
}

static double share(double part, double whole)
{
    return !(whole > 0) ? 0 : part > whole ? 1 : part / whole;
}

enum status store_stats_overview(struct store *store, const struct scope *scope, const struct period *period,
                                 struct arena *arena, struct stats_overview *out_overview, struct error *error)
{
    struct stats_overview overview = {.before_period = *period};
    struct totals now = {0}, before = {0};
    struct segment_sums fingerprints = {0};
    struct segment_request segments = {.period = period, .values = 0};
    enum status status = segments_until(store, arena, &segments.segmented_until_us, error);

    overview.before_period.from_us = 2 * period->from_us - period->to_us;
    overview.before_period.to_us = period->from_us;
    if (status == STATUS_OK)
        status = totals_read(store, scope, period, segments.segmented_until_us, true, arena, &now, error);
    if (status == STATUS_OK)
        status = totals_read(store, scope, &overview.before_period, segments.segmented_until_us, false, arena, &before,
                             error);
    if (status == STATUS_OK)
        status = segments_read(store, scope, &segments, arena, &fingerprints, error);
    if (status == STATUS_OK)
        status = catalog_drop(store, scope, arena, &fingerprints, 1, error);
    overview.connection_count = (int64_t)scope->connection_count;
    overview.now = now.sums;
    overview.before = before.sums;
    overview.active_connection_count = now.active_connection_count;
    overview.percentiles = now.percentiles;
    overview.fingerprint_count = (int64_t)fingerprints.count;
    if (status == STATUS_OK)
        *out_overview = overview;
    return status;
}

/* ---- lists ---- */

static void read_table(const PGresult *result, int row, struct arena *arena, struct stats_row *out)
{
    (void)arena;
    out->name = row_text(result, row, STATS_TABLES_NAME);
    out->fingerprint_count = row_int64(result, row, STATS_TABLES_FINGERPRINTS);
    out->sums = row_load(result, row, STATS_TABLES_CALLS);
    out->time_share = share(out->sums.total_ms, row_double(result, row, STATS_TABLES_EVERYTHING_MS));
    out->sort_key = row_double(result, row, STATS_TABLES_SORT_KEY);
}

/* Four parameters of sql/stats_tables.sql: ids, calls, slow calls and times of fingerprints, an array each. */
static void params_sums(struct db_params *params, const struct segment_sums *sums)
{
    int64_t *integers = arena_alloc_array(params->arena, sums->count, sizeof *integers);
    double *times_ms = arena_alloc_array(params->arena, sums->count, sizeof *times_ms);

    for (size_t i = 0; i < sums->count; i++)
        integers[i] = sums->items[i].fingerprint_id;
    params_int64_array(params, integers, sums->count);
    for (size_t i = 0; i < sums->count; i++)
        integers[i] = sums->items[i].sums.calls;
    params_int64_array(params, integers, sums->count);
    for (size_t i = 0; i < sums->count; i++)
        integers[i] = sums->items[i].sums.slow_calls;
    params_int64_array(params, integers, sums->count);
    for (size_t i = 0; i < sums->count; i++)
        times_ms[i] = sums->items[i].sums.total_ms;
    params_double_array(params, times_ms, sums->count);
}

enum status store_stats_tables(struct store *store, const struct scope *scope, const struct period *period,
                               const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    struct segment_sums sums;
    struct segment_request segments = {.period = period, .values = SEGMENT_TIME | SEGMENT_CALLS | SEGMENT_SLOW_CALLS};
    enum status status = segments_until(store, arena, &segments.segmented_until_us, error);

    if (status == STATUS_OK)
        status = segments_read(store, scope, &segments, arena, &sums, error);
    if (status == STATUS_OK && !page->with_catalog)
        status = catalog_drop(store, scope, arena, &sums, 1, error);
    if (status != STATUS_OK)
        return status;
    params_sums(&params, &sums);
    params_double(&params, sums.totals.total_ms);
    params_int32(&params, page->limit + 1);
    params_after(&params, page);
    params_text(&params, page->has_cursor ? page->name : (struct text){NULL, 0});
    return read_list(store, scope, SQL(stats_tables), &params, read_table, page->limit, arena, out_list, error);
}

static void read_database(const PGresult *result, int row, struct arena *arena, struct stats_row *out)
{
    (void)arena;
    out->connection_id = row_int64(result, row, STATS_DATABASES_ID);
    out->name = row_text(result, row, STATS_DATABASES_NAME);
    out->engine = row_text(result, row, STATS_DATABASES_ENGINE);
    out->sums = row_load(result, row, STATS_DATABASES_CALLS);
    out->time_share = share(out->sums.total_ms, row_double(result, row, STATS_DATABASES_EVERYTHING_MS));
    out->sort_key = row_double(result, row, STATS_DATABASES_SORT_KEY);
}

enum status store_stats_databases(struct store *store, const struct scope *scope, const struct period *period,
                                  const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                  struct error *error)
{
    struct db_params params = {.arena = arena};

    params_period_tiers(&params, period);
    params_int32(&params, page->limit + 1);
    params_after(&params, page);
    params_after_connection(&params, page);
    return read_list(store, scope, SQL(stats_databases), &params, read_database, page->limit, arena, out_list, error);
}

static void read_engine(const PGresult *result, int row, struct arena *arena, struct stats_row *out)
{
    (void)arena;
    out->engine = row_text(result, row, STATS_ENGINES_ENGINE);
    out->connection_count = row_int64(result, row, STATS_ENGINES_CONNECTIONS);
    out->sums = row_load(result, row, STATS_ENGINES_CALLS);
}

enum status store_stats_engines(struct store *store, const struct scope *scope, const struct period *period,
                                struct arena *arena, struct stats_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    double everything_ms = 0;
    enum status status;

    params_period_tiers(&params, period);
    status = read_list(store, scope, SQL(stats_engines), &params, read_engine, 0, arena, out_list, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < out_list->count; i++)
        everything_ms += out_list->rows[i].sums.total_ms;
    for (size_t i = 0; i < out_list->count; i++)
        out_list->rows[i].time_share = share(out_list->rows[i].sums.total_ms, everything_ms);
    return STATUS_OK;
}

static void read_day(const PGresult *result, int row, struct arena *arena, struct stats_row *out)
{
    (void)arena;
    out->bucket_us = row_time(result, row, STATISTICS_DAILY_BUCKET_AT);
    out->connection_count = row_int64(result, row, STATISTICS_DAILY_CONNECTIONS);
    out->sums = row_load(result, row, STATISTICS_DAILY_CALLS);
    out->sort_key = (double)out->bucket_us;
}

enum status store_statistics_daily(struct store *store, const struct scope *scope, const struct period *period,
                                   const struct stats_page *page, struct arena *arena, struct stats_list *out_list,
                                   struct error *error)
{
    struct db_params params = {.arena = arena};

    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    params_int32(&params, page->limit + 1);
    params_time(&params, page->has_cursor ? (int64_t)page->after : INT64_MIN);
    return read_list(store, scope, SQL(statistics_daily), &params, read_day, page->limit, arena, out_list, error);
}
