/* Samples: one execution each; see sample.h. */
#include "store/read/sample.h"

#include "base/clock.h"
#include "store/scope/literal_internal.h"
#include "store/scope/statement.h"

enum {
    LIST_TEXT_BYTES = 2000,
    /* A list that leaves out some statements may have to read any number of their samples before its page is full. So
     * many are read: of a connection, newest first; of all, slowest first. */
    NEWEST_READ_MAX = 5000,
    SLOWEST_READ_MAX = 1000,
    SLOWEST_READ_STEP = 4, /* at least times as many as before */
};

/* The literals of one sample are noted by the sample, those of a list by the connection. */
static struct sample read_sample(const PGresult *result, int row, bool is_listed, struct arena *arena)
{
    struct sample sample = {
        .id = row_int64(result, row, SLOW_QUERY_GET_ID),
        .connection_id = row_int64(result, row, SLOW_QUERY_GET_DATABASE_CONNECTION_ID),
        .captured_at_us = row_time(result, row, SLOW_QUERY_GET_CAPTURED_AT),
        .connection_name = row_text(result, row, SLOW_QUERY_GET_CONNECTION_NAME),
        .engine = row_text(result, row, SLOW_QUERY_GET_ENGINE),
        .hash = row_hash(result, row, SLOW_QUERY_GET_SQL_HASH),
        .fingerprint = row_text(result, row, SLOW_QUERY_GET_FINGERPRINT),
        .statement_kind = row_text(result, row, SLOW_QUERY_GET_STATEMENT_KIND),
        .duration_ms = row_double(result, row, SLOW_QUERY_GET_DURATION_MS),
        .rows_examined = row_known(result, row, SLOW_QUERY_GET_ROWS_EXAMINED),
        .rows_returned = row_known(result, row, SLOW_QUERY_GET_ROWS_RETURNED),
        .lock_us = row_known(result, row, SLOW_QUERY_GET_LOCK_US),
        .user_host = row_text(result, row, SLOW_QUERY_GET_USER_HOST),
        .database_name = row_text(result, row, SLOW_QUERY_GET_DATABASE_NAME),
        .provenance = (enum sample_provenance)row_int64(result, row, SLOW_QUERY_GET_PROVENANCE),
        .has_plan_hash = !row_is_null(result, row, SLOW_QUERY_GET_PLAN_HASH),
        .plan_hash = row_hash(result, row, SLOW_QUERY_GET_PLAN_HASH),
    };
    struct literal_text full_sql = {.kind = is_listed ? LITERAL_KIND_LISTED : LITERAL_KIND_SAMPLE,
                                    .sample_id = sample.id,
                                    .connection_id = sample.connection_id,
                                    .text = row_text(result, row, SLOW_QUERY_GET_FULL_SQL)};

    if (is_listed) {
        sample.fingerprint = text_cut_utf8(sample.fingerprint, LIST_TEXT_BYTES);
        full_sql.text = text_cut_utf8(full_sql.text, LIST_TEXT_BYTES);
    }
    sample.full_sql = literal_text_close(full_sql, arena);
    return sample;
}

static const struct db_sql *choose_statement(const struct sample_filter *filter)
{
    bool has_words = filter->table.data != NULL || filter->search.data != NULL;

    if (filter->sort == SAMPLE_SORT_DURATION)
        return filter->has_hash || has_words || filter->statement_kind.data != NULL ? SQL(slow_query_list_duration)
                                                                                    : SQL(slow_query_list_slowest);
    if (filter->has_hash)
        return SQL(slow_query_list_hash);
    /* Without words, the newest samples soon have enough of any kind of statement. */
    return has_words ? SQL(slow_query_list_words) : SQL(slow_query_list_captured);
}

/* Run one of the list's statements over [from, filter->to). read_max: of sql/slow_query_list_slowest.sql. */
static enum status run_list(struct store *store, const struct scope *scope, const struct sample_filter *filter,
                            const struct db_sql *sql, int64_t from_us, int read_max, struct arena *arena,
                            PGresult **out_result, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_time(&params, from_us);
    params_time(&params, filter->to_us);
    params_double(&params, filter->min_duration_ms);
    if (sql != SQL(slow_query_list_slowest))
        params_text(&params, filter->statement_kind);
    if (sql != SQL(slow_query_list_slowest) && sql != SQL(slow_query_list_captured)) {
        params_text(&params, filter->table);
        params_text(&params, filter->search);
    }
    /* Without a cursor the page begins behind the largest value there is. */
    if (filter->sort == SAMPLE_SORT_DURATION)
        params_double(&params, filter->has_cursor ? filter->cursor_duration_ms : __builtin_inf());
    else
        params_time(&params, filter->has_cursor ? filter->cursor_captured_at_us : filter->to_us);
    params_int64(&params, filter->has_cursor ? filter->cursor_id : INT64_MAX);
    params_int32(&params, sql == SQL(slow_query_list_slowest) ? read_max : filter->limit + 1);
    if (sql == SQL(slow_query_list_slowest)) {
        int64_t now_us = clock_now_us();

        params_time(&params, period_kept_from(3600, now_us));
        params_time(&params, period_kept_from(300, now_us));
        params_time(&params, period_kept_from(0, now_us));
    } else if (sql == SQL(slow_query_list_duration) && !filter->has_hash)
        params_null(&params);
    else if (filter->has_hash)
        params_hash(&params, filter->hash);
    if (sql != SQL(slow_query_list_hash))
        params_bool(&params, filter->with_catalog || filter->has_hash);
    if (sql == SQL(slow_query_list_slowest))
        params_int32(&params, filter->limit + 1);
    if (sql == SQL(slow_query_list_captured))
        params_int32(&params, NEWEST_READ_MAX);
    return store_read(store, scope, sql, &params, arena, out_result, error);
}

static bool is_cut_short(const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++)
        if (row_bool(result, row, SLOW_QUERY_LIST_CAPTURED_IS_LAST_READ))
            return true;
    return false;
}

/* The newest samples of all. Read the last hour before the end first, then the last eight, and so on: a busy fleet
 * fills a page in minutes, and a hundred connections times thirty daily partitions are many indexes to read. Where
 * those that are not listed are too many, each of the others is looked for. */
static enum status run_newest(struct store *store, const struct scope *scope, const struct sample_filter *filter,
                              struct arena *arena, PGresult **out_result, struct error *error)
{
    const int64_t hour_us = 3600 * CLOCK_SECOND_US;
    int64_t end_us = filter->has_cursor && filter->cursor_captured_at_us < filter->to_us ? filter->cursor_captured_at_us
                                                                                         : filter->to_us;
    int64_t now_us = clock_now_us();
    enum status status;

    if (end_us > now_us && now_us > filter->from_us)
        end_us = now_us;
    for (int64_t window_us = hour_us;; window_us *= 8) {
        bool is_whole = end_us - filter->from_us <= window_us || window_us > 64 * hour_us;

        int64_t from_us = is_whole ? filter->from_us : end_us - window_us;

        status = run_list(store, scope, filter, SQL(slow_query_list_captured), from_us, 0, arena, out_result, error);
        if (status != STATUS_OK)
            return status;
        if (is_cut_short(*out_result))
            return run_list(store, scope, filter, SQL(slow_query_list_words), filter->from_us, 0, arena, out_result,
                            error);
        if (is_whole || PQntuples(*out_result) > filter->limit)
            return status;
    }
}

/* How many to read next, if of `read` samples `listed` were listed and `wanted` are wanted: with room to spare, since
 * each try reads all of them again. */
static int read_more(int read, int listed, int wanted)
{
    int step = 2 * wanted / (listed > 0 ? listed : 1);

    step = step > SLOWEST_READ_STEP ? step : SLOWEST_READ_STEP;
    return read < SLOWEST_READ_MAX / step ? read * step : SLOWEST_READ_MAX;
}

/* The slowest samples of all: as many as the page has; more, if some of them are not listed. */
static enum status run_slowest(struct store *store, const struct scope *scope, const struct sample_filter *filter,
                               struct arena *arena, PGresult **out_result, struct error *error)
{
    for (int read = filter->limit + 1;;) {
        enum status status = run_list(store, scope, filter, SQL(slow_query_list_slowest), filter->from_us, read, arena,
                                      out_result, error);
        int count = status == STATUS_OK ? PQntuples(*out_result) : 0;

        if (count == 0 || count > filter->limit || read > SLOWEST_READ_MAX / SLOWEST_READ_STEP ||
            !row_bool(*out_result, count - 1, SLOW_QUERY_LIST_SLOWEST_IS_LAST_READ))
            return status;
        read = read_more(read, row_bool(*out_result, count - 1, SLOW_QUERY_LIST_SLOWEST_IS_LISTED) ? count : count - 1,
                         filter->limit + 1);
    }
}

/* The next page comes after this row. */
static void set_next(const PGresult *result, int row, struct sample_list *list)
{
    list->next_captured_at_us = row_time(result, row, SLOW_QUERY_GET_CAPTURED_AT);
    list->next_duration_ms = row_double(result, row, SLOW_QUERY_GET_DURATION_MS);
    list->next_id = row_int64(result, row, SLOW_QUERY_GET_ID);
}

static struct sample_list read_list(const PGresult *result, const struct db_sql *sql, size_t limit, struct arena *arena)
{
    struct sample_list list = {0};

    list.items = arena_alloc_array(arena, limit, sizeof *list.items);
    for (int row = 0; row < PQntuples(result); row++) {
        bool is_of_slowest = sql == SQL(slow_query_list_slowest);

        if (list.count == limit) {
            list.has_more = true;
            break;
        }
        if (!is_of_slowest || row_bool(result, row, SLOW_QUERY_LIST_SLOWEST_IS_LISTED))
            list.items[list.count++] = read_sample(result, row, true, arena);
        set_next(result, row, &list);
        list.has_more = is_of_slowest && row_bool(result, row, SLOW_QUERY_LIST_SLOWEST_IS_LAST_READ);
    }
    return list;
}

enum status store_slow_query_list(struct store *store, const struct scope *scope, const struct sample_filter *filter,
                                  struct arena *arena, struct sample_list *out_list, struct error *error)
{
    const struct db_sql *sql = choose_statement(filter);
    PGresult *result;
    enum status status;

    if (sql == SQL(slow_query_list_captured))
        status = run_newest(store, scope, filter, arena, &result, error);
    else if (sql == SQL(slow_query_list_slowest))
        status = run_slowest(store, scope, filter, arena, &result, error);
    else
        status = run_list(store, scope, filter, sql, filter->from_us, 0, arena, &result, error);
    if (status == STATUS_OK)
        *out_list = read_list(result, sql, (size_t)filter->limit, arena);
    return status;
}

enum status store_slow_query_get(struct store *store, const struct scope *scope, int64_t sample_id, struct arena *arena,
                                 struct sample *out_sample, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, sample_id);
    status = store_read(store, scope, SQL(slow_query_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such slow query.");
    *out_sample = read_sample(result, 0, false, arena);
    return STATUS_OK;
}

enum status store_sample_findings(struct store *store, const struct scope *scope, const struct sample *sample,
                                  struct arena *arena, const struct literal_text **out_findings, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct literal_text findings = {
        .kind = LITERAL_KIND_SAMPLE, .sample_id = sample->id, .connection_id = sample->connection_id};
    PGresult *result;
    enum status status;

    *out_findings = NULL;
    if (sample->provenance != SAMPLE_PROVENANCE_LEGACY)
        return STATUS_OK;
    params_int64(&params, sample->id);
    status = store_read(store, scope, SQL(sample_findings), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    findings.text = row_text(result, 0, SAMPLE_FINDINGS_FINDINGS);
    *out_findings = literal_text_close(findings, arena);
    return STATUS_OK;
}
