/* The page of one query: what is it, who calls it, how has it developed, why is it slow? */
#include "fcgi/handlers.h"
#include "fcgi/pages/measures_view.h"
#include "fcgi/pages/page.h"
#include "fcgi/pages/plan_changes_view.h"
#include "fcgi/pages/plan_view.h"
#include "fcgi/pages/query_view.h"
#include "fcgi/pages/query_waits_view.h"
#include "fcgi/pages/series_view.h"
#include "fcgi/request/literals.h"
#include "store/read/overview_series.h"
#include "store/read/sample.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLES_SHOWN = 20,
    PLANS_SHOWN = 3,
    TAGS_SHOWN = 12,
    FOLD_LINES = 6,
    LINE_CHARACTERS = 110,
    SAMPLE_SQL_BYTES = 2000
};

static const struct page_about about = {.title = "Query",
                                        .template_file = "query.tpl",
                                        .section = PAGE_SECTION_QUERIES,
                                        .has_period = true,
                                        .has_database = true};

struct reading {
    struct query_summary summary;
    struct series series, watched; /* of the query, and of everything on its databases */
    struct sample_list samples;
    struct query_plan_list plans;
    struct plan_history history;                                  /* if there are several */
    struct query_no_plan no_plan;                                 /* if there are none */
    const struct text *sample_texts, *plan_texts, *history_texts; /* their texts with literals */
    struct tag_list tags;
    bool is_slowest_first;
};

static enum status read_plans(struct page *page, struct sql_hash hash, struct reading *out, struct error *error)
{
    struct store *store = page->request->store;
    enum status status = store_query_plan_list(store, page->chosen, hash, page->arena, &out->plans, error);

    if (status == STATUS_OK)
        status = literals_open_plans(page->request, page->scope, &out->plans, &out->plan_texts, error);
    if (status == STATUS_OK && out->plans.count == 0)
        return store_query_no_plan_get(store, page->chosen, hash, out->summary.statement_kind, page->arena,
                                       &out->no_plan, error);
    if (status != STATUS_OK || out->plans.count < 2)
        return status;
    status = store_plan_history(store, page->chosen, hash, NULL, PLAN_CHANGES_SHOWN, page->arena, &out->history, error);
    return status == STATUS_OK
               ? literals_open_history(page->request, page->scope, &out->history, &out->history_texts, error)
               : status;
}

static enum status read_all(struct page *page, struct sql_hash hash, struct reading *out, struct error *error)
{
    struct store *store = page->request->store;
    struct text sort = request_query(page->request, "samples");
    struct sample_filter filter = {.from_us = page->period.from_us,
                                   .to_us = page->period.to_us,
                                   .has_hash = true,
                                   .hash = hash,
                                   .limit = SAMPLES_SHOWN};
    enum status status;

    out->is_slowest_first = text_equal(sort, TEXT("slowest"));
    if (out->is_slowest_first) {
        filter.sort = SAMPLE_SORT_DURATION;
        link_state_set(&page->state, "samples", sort);
    }
    status = store_query_summary_get(store, page->chosen, hash, &page->period, page->arena, &out->summary, error);
    if (status == STATUS_OK)
        status = store_query_series(store, page->chosen, hash, &page->period, page->arena, &out->series, error);
    if (status == STATUS_OK)
        status = store_overview_series(store, page->chosen, &page->period, page->arena, &out->watched, error);
    if (status == STATUS_OK)
        status = store_slow_query_list(store, page->chosen, &filter, page->arena, &out->samples, error);
    if (status == STATUS_OK)
        status = literals_open_samples(page->request, page->scope, &out->samples, &out->sample_texts, error);
    if (status == STATUS_OK)
        status = read_plans(page, hash, out, error);
    if (status == STATUS_OK)
        status = store_tag_fingerprint_list(store, page->chosen, hash, &page->period, TAGS_SHOWN, page->arena,
                                            &out->tags, error);
    return status;
}

/* Fill gaps of the query with zeros: if other queries were measured in a bucket and this one was not, it did not
 * run. */
static struct series with_zeros(const struct page *page, const struct series *query, const struct series *watched)
{
    struct series all = {.count = 0};
    size_t q = 0, w = 0;

    all.points = arena_alloc_array(page->arena, query->count + watched->count + 1, sizeof *all.points);
    while (q < query->count || w < watched->count) {
        if (w == watched->count || (q < query->count && query->points[q].bucket_us <= watched->points[w].bucket_us)) {
            if (w < watched->count && query->points[q].bucket_us == watched->points[w].bucket_us)
                w++;
            all.points[all.count++] = query->points[q++];
        } else {
            all.points[all.count++] = (struct series_point){.bucket_us = watched->points[w++].bucket_us};
        }
    }
    return all;
}

static bool is_long(struct text sql, size_t line_count)
{
    return line_count > FOLD_LINES || sql.size > FOLD_LINES * LINE_CHARACTERS;
}

static void fill_tags(struct page *page, struct page_data *statement, const struct tag_list *tags)
{
    struct page_data *list = tags->count == 0 ? NULL : page_section(statement, "HAS_TAGS");

    for (size_t i = 0; i < tags->count; i++) {
        const struct tag_row *row = &tags->items[i];
        struct page_data *tag = page_section(list, "TAG");
        struct link_state with_tag = page->common;
        struct text name = text_of(arena_printf(page->arena, "%.*s:%.*s", (int)row->key.size, row->key.data,
                                                (int)row->value.size, row->value.data));

        link_state_set(&with_tag, "tag", name);
        page_set(tag, "NAME", name);
        page_set(tag, "LINK", link_make(page->arena, "/queries", &with_tag));
        page_set_count(tag, "CALLS", (double)row->calls);
        page_set_duration(tag, "TIME", row->total_ms);
    }
}

static void fill_statement(struct page *page, const struct query_summary *summary, const struct tag_list *tags)
{
    struct page_data *statement = page_section(page->body, "STATEMENT");
    size_t lines =
        query_view_sql(statement, query_view_dialect(page, summary), summary->fingerprint, true, page->arena);

    page_show(statement, "IS_LONG", is_long(summary->fingerprint, lines));
    fill_tags(page, statement, tags);
    if (summary->table_count == 0)
        return;
    statement = page_section(statement, "HAS_TABLES");
    for (size_t i = 0; i < summary->table_count; i++) {
        struct page_data *table = page_section(statement, "TABLE");
        struct link_state with_table = page->common;

        link_state_set(&with_table, "table", summary->tables[i]);
        page_set(table, "NAME", summary->tables[i]);
        page_set(table, "LINK", link_make(page->arena, "/queries", &with_table));
    }
}

static void fill_where(struct page *page, const struct query_summary *summary)
{
    for (size_t i = 0; i < summary->connection_count; i++) {
        const struct connection *connection = page_connection(page, summary->connection_ids[i]);
        struct page_data *where = page_section(page->body, "RUNS_ON");

        page_set(where, "LINK", page_link_connection(page, summary->connection_ids[i]));
        page_set(where, "NAME", connection == NULL ? TEXT("a database") : connection->name);
        page_set(where, "ENGINE", connection == NULL ? TEXT("") : page_engine_name(connection));
    }
}

static void set_rows(struct page_data *data, const char *name, int64_t rows)
{
    char text[FORMAT_BYTES];

    page_set_string(data, name, rows < 0 ? "\xe2\x80\x93" : format_count((double)rows, text));
}

/* Locks have a column if any of the samples tells them. */
static bool has_locks(const struct sample_list *samples)
{
    for (size_t i = 0; i < samples->count; i++)
        if (samples->items[i].lock_us >= 0)
            return true;
    return false;
}

static void set_lock(struct page_data *row, int64_t lock_us)
{
    if (lock_us < 0)
        page_set_string(row, "LOCK", "\xe2\x80\x93");
    else
        page_set_duration(row, "LOCK", (double)lock_us / 1000);
}

static void fill_samples(struct page *page, const struct reading *reading)
{
    struct page_data *table;
    bool shows_locks = has_locks(&reading->samples);

    if (reading->samples.count == 0) {
        page_show(page->body, "NO_SAMPLES", true);
        return;
    }
    table = page_section(page->body, "SAMPLES");
    page_set(table, "NEWEST_LINK", page_link_change(page, "samples", (struct text){NULL, 0}));
    page_set(table, "SLOWEST_LINK", page_link_change(page, "samples", TEXT("slowest")));
    page_show(table, "IS_NEWEST", !reading->is_slowest_first);
    page_show(table, "IS_SLOWEST", reading->is_slowest_first);
    page_set_int64(table, "COUNT", (int64_t)reading->samples.count);
    page_show(table, "HAS_MORE", reading->samples.has_more);
    page_show(table, "HAS_LOCKS", shows_locks);
    for (size_t i = 0; i < reading->samples.count; i++) {
        const struct sample *sample = &reading->samples.items[i];
        struct text full_sql = reading->sample_texts[i];
        struct page_data *row = page_section(table, "SAMPLE");

        page_set_time(page, row, "CAPTURED", sample->captured_at_us);
        page_set_duration(row, "DURATION", sample->duration_ms);
        set_rows(row, "ROWS_EXAMINED", sample->rows_examined);
        set_rows(row, "ROWS_RETURNED", sample->rows_returned);
        if (shows_locks)
            set_lock(page_section(row, "LOCKS"), sample->lock_us);
        page_set(row, "DATABASE", sample->connection_name);
        page_set(row, "USER", sample->user_host.size > 0 ? sample->user_host : TEXT("\xe2\x80\x93"));
        page_set_string(row, "PROVENANCE", sample_provenance_label(sample->provenance));
        if (full_sql.data != NULL)
            query_view_sql(page_section(row, "HAS_SQL"), sql_dialect_of(sample->engine),
                           text_cut_utf8(full_sql, SAMPLE_SQL_BYTES), false, page->arena);
        page_show(row, "NO_SQL", full_sql.data == NULL);
    }
}

/* Show percentiles of single executions, and their number: where counters exist too, samples are mostly the slow
 * executions. */
static void fill_percentiles(struct page *page, const struct percentiles *percentiles)
{
    struct page_data *data;

    page_show(page->body, "NO_PERCENTILES", percentiles->calls == 0);
    if (percentiles->calls == 0)
        return;
    data = page_section(page->body, "PERCENTILES");
    page_set_duration(data, "P50", percentiles->p50_ms);
    page_set_duration(data, "P95", percentiles->p95_ms);
    page_set_duration(data, "P99", percentiles->p99_ms);
    page_set_count(data, "COUNT", (double)percentiles->calls);
}

/* What the digests of MySQL and MariaDB tell. */
static void fill_digests(struct page *page, const struct sums *sums, unsigned known)
{
    const struct {
        int64_t count;
        const char *one, *many;
    } facts[] = {
        {sums->temp_tables, "temporary table", "temporary tables"},
        {sums->temp_disk_tables, "temporary table on disk", "temporary tables on disk"},
        {sums->sort_passes, "merge pass of sorts that did not fit into memory",
         "merge passes of sorts that did not fit into memory"},
        {sums->no_index_calls, "call without an index", "calls without an index"},
        {sums->errors, "error", "errors"},
    };
    double lock_ms = (double)sums->lock_us / 1000;
    struct page_data *data;
    char text[FORMAT_BYTES];

    if ((known & SUMS_KNOW_LOCKS) == 0 || sums->calls == 0)
        return;
    data = page_section(page->body, "DIGESTS");
    page_set_duration(data, "LOCK", lock_ms);
    page_set_string(data, "LOCK_SHARE", format_share(sums->total_ms > 0 ? fmin(lock_ms / sums->total_ms, 1) : 0, text));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct page_data *fact;

        if (facts[i].count == 0)
            continue;
        fact = page_section(data, "FACT");
        page_set_count(fact, "COUNT", (double)facts[i].count);
        page_set_string(fact, "WORDS", facts[i].count == 1 ? facts[i].one : facts[i].many);
    }
}

static void fill_facts(struct page *page, const struct query_summary *summary)
{
    double calls = summary->sums.calls > 0 ? (double)summary->sums.calls : 1;
    double blocks = (double)summary->sums.blocks_hit + (double)summary->sums.blocks_read;
    char text[FORMAT_BYTES];

    page_set_count(page->body, "EXAMINED_EACH", (double)summary->sums.rows_examined / calls);
    page_set_count(page->body, "RETURNED_EACH", (double)summary->sums.rows_returned / calls);
    page_show(page->body, "HAS_EXAMINED", (double)summary->sums.rows_examined / calls >= 0.5);
    if (blocks > 0)
        page_set_string(page_section(page->body, "HAS_BLOCKS"), "HIT_RATIO",
                        format_share((double)summary->sums.blocks_hit / blocks, text));
    fill_digests(page, &summary->sums, summary->known);
}

static void fill_no_plan(struct page *page, const struct query_no_plan *reason)
{
    struct page_data *data = page_section(page->body, "NO_PLAN"), *tried;
    const struct connection *connection = page_connection(page, reason->connection_id);

    page_set_string(data, "WHY", plan_refusal_sentence(reason->refusal));
    if (reason->refused_us == INT64_MIN)
        return;
    tried = page_section(data, "TRIED");
    page_set(tried, "LINK", page_link_connection(page, reason->connection_id));
    page_set(tried, "DATABASE", connection == NULL ? TEXT("a database") : connection->name);
    page_set_ago(page, tried, "WHEN", reason->refused_us);
    if (reason->code.data != NULL)
        page_set(page_section(tried, "HAS_CODE"), "CODE", reason->code);
}

/* The plan of each database that was seen last there. Earlier ones are among the changes. */
static void fill_plans(struct page *page, const struct reading *reading)
{
    const struct query_plan *plans = reading->plans.items;
    size_t shown = 0;

    for (size_t i = 0; i < reading->plans.count && shown < PLANS_SHOWN; i++) {
        size_t same = 0;

        while (plans[same].connection_id != plans[i].connection_id)
            same++;
        if (same < i)
            continue;
        plan_view_add(page, page->body, &plans[i], reading->plan_texts[i]);
        shown++;
    }
    if (reading->plans.count == 0)
        fill_no_plan(page, &reading->no_plan);
    else
        plan_view_notice(page, &plans[0], reading->plan_texts[0]);
}

enum status page_query(const struct request *request, const struct scope *scope, struct response *response,
                       struct error *error)
{
    static const enum series_measure measures[] = {SERIES_TIME, SERIES_CALLS, SERIES_MEAN, SERIES_P95,
                                                   SERIES_MEASURE_UNSET};
    struct reading reading = {.is_slowest_first = false};
    struct series series;
    struct sql_hash hash;
    struct text link;
    struct page page;
    bool has_page;
    enum status status;

    if (!sql_hash_parse(request_path_param(request, "hash"), &hash))
        return error_set(error, STATUS_ABSENT, "There is no such query, or it is not yours to see.");
    status = page_open(request, scope, &about, &page, error);
    has_page = status == STATUS_OK;
    if (has_page)
        status = read_all(&page, hash, &reading, error);
    if (status == STATUS_OK)
        status = query_waits_view_show(&page, &reading.summary, error);
    /* Systems before Potto name a statement by an MD5. */
    if (has_page && status == STATUS_ABSENT &&
        store_query_find_by_md5(request->store, page.chosen, hash, request->arena, &hash, NULL) == STATUS_OK) {
        link = page_link_query(&page, hash);
        response_redirect(response, arena_string(page.arena, link.data, link.size));
        return STATUS_OK;
    }
    if (status == STATUS_ABSENT)
        return error_set(error, STATUS_ABSENT, "There is no such query, or it is not yours to see.");
    if (status != STATUS_OK)
        return status;
    query_view_summary(&page, page.body, &reading.summary);
    fill_statement(&page, &reading.summary, &reading.tags);
    fill_where(&page, &reading.summary);
    fill_facts(&page, &reading.summary);
    measures_view_show(&page, &reading.summary);
    fill_percentiles(&page, &reading.summary.percentiles);
    series = with_zeros(&page, &reading.series, &reading.watched);
    series_view_fill(&page, &series, measures);
    page_show(page.body, "NOT_IN_PERIOD", reading.summary.sums.calls == 0);
    fill_plans(&page, &reading);
    plan_changes_view_show(&page, &reading.summary.plan_flip, &reading.history, reading.history_texts);
    fill_samples(&page, &reading);
    page_set(page.body, "QUERIES_LINK", page_link_to(&page, "/queries"));
    return page_close(&page, response, error);
}
