/* Filling the variables of a statement; see query_view.h. */
#include "fcgi/pages/query_view.h"

#include "base/clock.h"
#include "fcgi/pages/chart.h"
#include "fcgi/pages/sql_view.h"

enum { ROW_SQL_BYTES_MAX = 400, ROW_CONNECTIONS_MAX = 2 };

size_t query_view_sql(struct page_data *data, enum sql_dialect dialect, struct text sql, bool is_wrapped,
                      struct arena *arena)
{
    static const char *const classes[] = {
        [SQL_SPAN_UNSET] = "n",  [SQL_SPAN_KEYWORD] = "k",     [SQL_SPAN_STRING] = "s",
        [SQL_SPAN_NUMBER] = "d", [SQL_SPAN_PLACEHOLDER] = "p", [SQL_SPAN_COMMENT] = "c"};
    struct sql_view view = sql_view_make(dialect, sql, is_wrapped, arena);

    for (size_t i = 0; i < view.count; i++) {
        struct page_data *span = page_section(data, "SPAN");

        page_set_string(span, "KIND", classes[view.spans[i].kind]);
        page_set(span, "TEXT", view.spans[i].text);
    }
    return view.line_count;
}

enum sql_dialect query_view_dialect(const struct page *page, const struct query_summary *summary)
{
    const struct connection *connection =
        summary->connection_count == 0 ? NULL : page_connection(page, summary->connection_ids[0]);

    return connection == NULL ? SQL_DIALECT_UNSET : sql_dialect_of(connection->engine);
}

static void fill_connections(const struct page *page, struct page_data *data, const struct query_summary *summary)
{
    size_t count = summary->connection_count;

    for (size_t i = 0; i < count && i < ROW_CONNECTIONS_MAX; i++) {
        const struct connection *connection = page_connection(page, summary->connection_ids[i]);
        struct page_data *section = page_section(data, "CONNECTION");

        page_set(section, "LINK", page_link_connection(page, summary->connection_ids[i]));
        page_set(section, "NAME", connection == NULL ? TEXT("a database") : connection->name);
    }
    if (count > ROW_CONNECTIONS_MAX)
        page_set_int64(page_section(data, "MORE_CONNECTIONS"), "COUNT", (int64_t)(count - ROW_CONNECTIONS_MAX));
}

/* Whether the statement was first seen in the period, at least an hour after each of its databases was added. */
static bool is_new(const struct page *page, const struct query_summary *summary)
{
    if (summary->first_seen_us < page->period.from_us || summary->connection_count == 0)
        return false;
    for (size_t i = 0; i < summary->connection_count; i++) {
        const struct connection *connection = page_connection(page, summary->connection_ids[i]);

        if (connection == NULL || summary->first_seen_us < connection->created_at_us + 3600 * CLOCK_SECOND_US)
            return false;
    }
    return true;
}

/* A badge, where the plan changed in the period of the page. */
static void show_flip(const struct page *page, struct page_data *data, const struct plan_flip *flip)
{
    if (query_view_has_flip(page, flip))
        page_set_time(page, page_section(data, "HAS_FLIP"), "WHEN", flip->last_changed_us);
}

bool query_view_has_flip(const struct page *page, const struct plan_flip *flip)
{
    return flip->plan_count > 0 && flip->last_changed_us >= page->period.from_us &&
           flip->last_changed_us < page->period.to_us;
}

void query_view_summary(const struct page *page, struct page_data *data, const struct query_summary *summary)
{
    double calls = (double)summary->sums.calls;
    char text[FORMAT_BYTES], hex[SQL_HASH_HEX_BYTES];

    page_set(data, "LINK", page_link_query(page, summary->hash));
    page_set_string(data, "HASH", sql_hash_format(summary->hash, hex));
    page_set(data, "KIND", summary->statement_kind);
    page_set_duration(data, "TOTAL", summary->sums.total_ms);
    page_set_string(data, "SHARE", format_share(summary->time_share, text));
    page_set_string(data, "SHARE_WIDTH", arena_printf(page->arena, "%.1f", summary->time_share * 100));
    page_set_count(data, "CALLS", calls);
    page_set_count(data, "SLOW", (double)summary->sums.slow_calls);
    page_set_duration(data, "MEAN", summary->mean_ms);
    /* Counters do not know single executions. */
    page_set_string(data, "MAX",
                    summary->sums.max_ms > 0 ? format_duration(summary->sums.max_ms, text) : "\xe2\x80\x93");
    if (summary->known & SUMS_KNOW_EXAMINED)
        page_set_count(data, "ROWS_EXAMINED", (double)summary->sums.rows_examined);
    else
        page_set_string(data, "ROWS_EXAMINED", "\xe2\x80\x93");
    page_set_count(data, "ROWS_RETURNED", (double)summary->sums.rows_returned);
    page_set_ago(page, data, "LAST_SEEN", summary->last_seen_us);
    page_set_ago(page, data, "FIRST_SEEN", summary->first_seen_us);
    page_show(data, "IS_NEW", is_new(page, summary));
    show_flip(page, data, &summary->plan_flip);
    if (summary->spark_ms != NULL)
        page_set(data, "SPARK", chart_spark(summary->spark_ms, QUERY_SPARK_POINTS, page->arena));
    query_view_sql(data, query_view_dialect(page, summary), text_cut_utf8(summary->fingerprint, ROW_SQL_BYTES_MAX),
                   false, page->arena);
    fill_connections(page, data, summary);
}
