/* The overview: is anything wrong, where, and since when? */
#include "fcgi/handlers.h"
#include "fcgi/pages/attention.h"
#include "fcgi/pages/page.h"
#include "fcgi/pages/query_view.h"
#include "fcgi/pages/series_view.h"

#include "base/clock.h"
#include "store/read/overview.h"
#include "store/read/overview_series.h"

enum { TOP_QUERIES = 10 };

static const struct page_about about = {.title = "Overview",
                                        .template_file = "overview.tpl",
                                        .section = PAGE_SECTION_OVERVIEW,
                                        .has_period = true,
                                        .has_database = true};

static struct sums sums_of(const struct series *series)
{
    struct sums sums = {0};

    for (size_t i = 0; i < series->count; i++)
        sums_add(&sums, &series->points[i].sums);
    return sums;
}

/* Sum up the period of the same length before this one. The sums are zero unless it was watched from its start. */
static enum status read_before(const struct page *page, struct sums *out_before, struct error *error)
{
    struct period before = page->period;
    struct overview overview;
    enum status status;

    before.to_us = before.from_us;
    before.from_us -= page->period.to_us - page->period.from_us;
    status = store_overview_get(page->request->store, page->chosen, &before, page->arena, &overview, error);
    *out_before = status == STATUS_OK && overview.is_watched ? overview.sums : (struct sums){0};
    return status;
}

static struct page_data *add_tile(struct page *page, const char *name, const char *value, const char *note,
                                  double before, double now)
{
    struct page_data *tile = page_section(page->body, "TILE");
    char change[FORMAT_BYTES];

    page_set_string(tile, "NAME", name);
    page_set_string(tile, "VALUE", value);
    page_set_string(tile, "NOTE", note);
    page_show_text(tile, "HAS_CHANGE", "CHANGE", text_of(format_change(before, now, change)));
    return tile;
}

static void add_percentiles(struct page *page, const struct percentiles *percentiles)
{
    char value[FORMAT_BYTES], p50[FORMAT_BYTES], count[FORMAT_BYTES];

    if (percentiles->calls == 0)
        add_tile(page, "95th percentile", "\xe2\x80\x93", "counters alone know no distribution", 0, 0);
    else
        add_tile(page, "95th percentile", format_duration(percentiles->p95_ms, value),
                 arena_printf(page->arena, "median %s, of %s executions seen",
                              format_duration(percentiles->p50_ms, p50),
                              format_count((double)percentiles->calls, count)),
                 0, 0);
}

/* `before` is zero if there is nothing to compare with. */
static void fill_tiles(struct page *page, const struct series *series, const struct sums *before)
{
    struct sums now = sums_of(series);
    double calls = (double)now.calls, slow_calls = (double)now.slow_calls;
    int64_t end_us = page->period.to_us < page->now_us ? page->period.to_us : page->now_us;
    /* Averages start with the first data, not before it. */
    int64_t start_us = series->count > 0 ? series->points[0].bucket_us : page->period.from_us;
    double seconds = end_us > start_us ? (double)(end_us - start_us) / CLOCK_SECOND_US : 1;
    char value[FORMAT_BYTES], note[FORMAT_BYTES];

    add_tile(page, "Database time", format_duration(now.total_ms, value),
             arena_printf(page->arena, "%.2f queries running on average", now.total_ms / 1000 / seconds),
             before->total_ms, now.total_ms);
    add_tile(page, "Calls", format_count(calls, value), format_rate(calls / seconds, note), (double)before->calls,
             calls);
    add_tile(page, "Slow queries", format_count(slow_calls, value),
             calls > 0 ? arena_printf(page->arena, "%s of calls", format_share(slow_calls / calls, note)) : "",
             (double)before->slow_calls, slow_calls);
    add_tile(page, "Mean time", calls > 0 ? format_duration(sums_mean_ms(&now), value) : "\xe2\x80\x93", "per call",
             sums_mean_ms(before), sums_mean_ms(&now));
}

enum status page_overview(const struct request *request, const struct scope *scope, struct response *response,
                          struct error *error)
{
    static const enum series_measure measures[] = {SERIES_TIME, SERIES_CALLS, SERIES_SLOW, SERIES_MEASURE_UNSET};
    struct query_filter filter = {.limit = TOP_QUERIES};
    struct query_summary_list queries = {0};
    struct series series = {0};
    struct sums before;
    struct percentiles percentiles;
    struct page page;
    enum status status = page_open(request, scope, &about, &page, error);

    if (status != STATUS_OK)
        return status;
    filter.period = page.period;
    status = store_overview_series(request->store, page.chosen, &page.period, request->arena, &series, error);
    if (status == STATUS_OK)
        status = read_before(&page, &before, error);
    if (status == STATUS_OK)
        status =
            store_overview_percentiles(request->store, page.chosen, &page.period, request->arena, &percentiles, error);
    if (status == STATUS_OK)
        status = store_query_summary_list(request->store, page.chosen, &filter, request->arena, &queries, error);
    if (status != STATUS_OK)
        return status;
    attention_fill(&page, &series, &queries);
    fill_tiles(&page, &series, &before);
    add_percentiles(&page, &percentiles);
    series_view_fill(&page, &series, measures);
    for (size_t i = 0; i < queries.count; i++)
        query_view_summary(&page, page_section(page.body, "QUERY"), &queries.items[i]);
    page_show(page.body, "HAS_QUERIES", queries.count > 0);
    page_show(page.body, "NO_QUERIES", queries.count == 0 && page.connections.count > 0);
    page_show(page.body, "NO_DATABASES", page.connections.count == 0);
    page_set(page.body, "QUERIES_LINK", page_link_to(&page, "/queries"));
    return page_close(&page, response, error);
}
