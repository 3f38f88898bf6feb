/* Finding what wants attention; see attention.h. */
#include "fcgi/pages/attention.h"

#include "base/clock.h"
#include "base/engine.h"
#include "facts/overhead.h"
#include "fcgi/pages/charts_view.h"
#include "watch/load.h"

enum { FINDINGS_MAX = 8, NAME_SQL_BYTES = 120 };

static bool is_text(struct text text, const char *string)
{
    return text_equal(text, text_of(string));
}

static bool is_collected(const struct connection *connection)
{
    const struct engine *engine = engine_of(connection->engine);

    return engine != NULL && engine->is_collected;
}

bool attention_is_agent_only(const struct connection *connection)
{
    return connection->host.size == 0 || !is_collected(connection);
}

/* The interval as it is: longer than the setting where a schedule or the overhead budget says so. */
static int32_t interval_s_of(const struct connection *connection)
{
    int64_t ahead_us = connection->next_run_at_us == INT64_MIN || connection->last_run_at_us == INT64_MIN
                           ? 0
                           : connection->next_run_at_us - connection->last_run_at_us;
    /* While a run is under way. */
    int64_t behind_us = connection->last_run_at_us == INT64_MIN || connection->last_success_at_us == INT64_MIN
                            ? 0
                            : connection->last_run_at_us - connection->last_success_at_us;
    int64_t longest_s = (ahead_us > behind_us ? ahead_us : behind_us) / CLOCK_SECOND_US;

    if (longest_s > OVERHEAD_STRETCH_MAX_S)
        longest_s = OVERHEAD_STRETCH_MAX_S;
    return (int32_t)(longest_s > connection->interval_s ? longest_s : connection->interval_s);
}

enum watch_state attention_watch_state(const struct connection *connection, int64_t now_us)
{
    /* Monitoring is the collector's; where it reads nothing, being off says nothing about the agent. */
    bool is_on = connection->is_active && (connection->monitoring_enabled || !is_collected(connection));
    const struct watch_facts facts = {.is_on = is_on,
                                      .has_failed = is_text(connection->state, "failed"),
                                      .has_warned = is_text(connection->state, "warning"),
                                      .interval_s = interval_s_of(connection),
                                      .created_at_us = connection->created_at_us,
                                      .last_data_at_us = connection->last_data_at_us};

    return watch_state_of(&facts, now_us);
}

static const struct {
    const char *label, *class;
} states[] = {
    [WATCH_UNSET] = {"unknown", "idle"}, [WATCH_OK] = {"watched", "good"},    [WATCH_WAITING] = {"waiting", "idle"},
    [WATCH_PAUSED] = {"paused", "idle"}, [WATCH_WARNING] = {"check", "warn"}, [WATCH_FAILED] = {"failing", "bad"},
};

const char *attention_watch_label(enum watch_state state)
{
    return states[state].label;
}

const char *attention_watch_class(enum watch_state state)
{
    return states[state].class;
}

struct text attention_watch_problem(const struct page *page, const struct connection *connection)
{
    enum watch_state state = attention_watch_state(connection, page->now_us);
    char ago[FORMAT_BYTES];

    if (state != WATCH_FAILED && state != WATCH_WARNING)
        return (struct text){NULL, 0};
    if (connection->problem.size > 0)
        return connection->problem;
    if (connection->last_data_at_us == INT64_MIN)
        return TEXT("No data has come since it was added.");
    return text_of(
        arena_printf(page->arena, "No data since %s.", format_time(connection->last_data_at_us, page->now_us, ago)));
}

/* Compare the load now with its usual level in the period. *out_since_us is the start of the raised load. */
static struct load_change load_change_in(const struct page *page, const struct series *series, int64_t *out_since_us)
{
    double *rates = arena_alloc_array(page->arena, series->count + 1, sizeof *rates);
    size_t count = series->count;
    struct load_change change;

    /* The newest bucket counts only when it is full. */
    if (count > 0 && charts_bucket_s(page, series->points[count - 1].bucket_us) < page->period.resolution_s)
        count--;
    for (size_t i = 0; i < count; i++)
        rates[i] = series->points[i].sums.total_ms / page->period.resolution_s;
    change = load_change_of(rates, count, page->arena);
    if (change.is_raised)
        *out_since_us = series->points[change.first].bucket_us;
    return change;
}

/* The statement whose time grew most after `since_us`; NULL if none grew. */
static const struct query_summary *most_grown(const struct page *page, const struct query_summary_list *queries,
                                              int64_t since_us)
{
    double share = (double)(since_us - page->period.from_us) / (double)(page->period.to_us - page->period.from_us);
    size_t split = (size_t)(share * QUERY_SPARK_POINTS);
    const struct query_summary *found = NULL;
    double most = 0;

    if (split == 0 || split >= QUERY_SPARK_POINTS)
        return NULL;
    for (size_t i = 0; i < queries->count; i++) {
        const double *spark = queries->items[i].spark_ms;
        double grown = spark == NULL ? 0 : load_growth(spark, QUERY_SPARK_POINTS, split);

        if (grown > most) {
            most = grown;
            found = &queries->items[i];
        }
    }
    return found;
}

static void add_load_finding(struct page *page, const struct series *series, const struct query_summary_list *queries)
{
    int64_t since_us = 0;
    struct load_change change = load_change_in(page, series, &since_us);
    const struct query_summary *grown;
    struct page_data *finding;

    if (!change.is_raised)
        return;
    grown = most_grown(page, queries, since_us);
    finding = page_section(page->body, "FINDING");
    page_set_string(finding, "CLASS", "warn");
    page_set_string(finding, "WHAT",
                    arena_printf(page->arena, "Database time is %.1f times its usual level.", change.factor));
    page_set_time(page, page_section(finding, "HAS_SINCE"), "SINCE", since_us);
    if (grown != NULL) {
        struct page_data *query = page_section(finding, "GROWN");

        page_set(query, "LINK", page_link_query(page, grown->hash));
        page_set(query, "SQL", text_cut_utf8(grown->fingerprint, NAME_SQL_BYTES));
    }
}

static void add_watch_finding(struct page *page, const struct connection *connection, enum watch_state state)
{
    struct page_data *finding = page_section(page->body, "FINDING");
    int64_t since_us = state == WATCH_FAILED ? connection->last_success_at_us : connection->last_data_at_us;

    page_set_string(finding, "CLASS", attention_watch_class(state));
    page_set(finding, "WHAT", attention_watch_problem(page, connection));
    page_show_text(finding, "HAS_REMEDY", "REMEDY", connection->remedy);
    page_set(page_section(finding, "WHERE"), "NAME", connection->name);
    page_set(finding, "LINK", page_link_connection(page, connection->id));
    /* The start of a warning from the collector is not known. */
    if (since_us != INT64_MIN && (state == WATCH_FAILED || connection->problem.size == 0))
        page_set_time(page, page_section(finding, "HAS_SINCE"), "SINCE", since_us);
}

void attention_fill(struct page *page, const struct series *series, const struct query_summary_list *queries)
{
    size_t failed = 0, warned = 0, watched = 0, shown = 0, paused = 0;
    int64_t newest_us = INT64_MIN, since_us;
    bool is_raised = load_change_in(page, series, &since_us).is_raised;
    const char *verdict;
    char ago[FORMAT_BYTES];

    add_load_finding(page, series, queries);
    for (int pass = WATCH_FAILED; pass >= WATCH_OK; pass--)
        for (size_t i = 0; i < page->connections.count; i++) {
            const struct connection *connection = &page->connections.items[i];

            if ((int)attention_watch_state(connection, page->now_us) != pass ||
                (page->connection_id != 0 && connection->id != page->connection_id))
                continue;
            failed += pass == WATCH_FAILED;
            warned += pass == WATCH_WARNING;
            paused += pass == WATCH_PAUSED;
            watched++;
            if (connection->last_data_at_us > newest_us)
                newest_us = connection->last_data_at_us;
            if (pass >= WATCH_WARNING && shown++ < FINDINGS_MAX)
                add_watch_finding(page, connection, (enum watch_state)pass);
        }
    if (shown > FINDINGS_MAX)
        page_set_int64(page_section(page->body, "MORE_FINDINGS"), "COUNT", (int64_t)(shown - FINDINGS_MAX));
    if (watched == 0)
        verdict = "No database is watched yet.";
    else if (failed > 0)
        verdict = failed == 1 ? "One database is not being watched." : "Some databases are not being watched.";
    else if (is_raised)
        verdict = "Load is up.";
    else if (warned > 0)
        verdict = warned == 1 ? "One database wants a look." : "Some databases want a look.";
    else if (newest_us == INT64_MIN)
        verdict = "Waiting for the first data.";
    else
        verdict = "Nothing is out of the ordinary.";
    page_set_string(page->body, "VERDICT", verdict);
    page_set_string(page->body, "VERDICT_CLASS",
                    watched == 0 || newest_us == INT64_MIN ? "idle"
                    : failed > 0                           ? "bad"
                    : is_raised || warned > 0              ? "warn"
                                                           : "good");
    page_set_string(page->body, "VERDICT_DETAIL",
                    watched == 0
                        ? ""
                        : arena_printf(page->arena, "%zu %s%s, %s%s.", watched, watched == 1 ? "database" : "databases",
                                       paused > 0 ? " (some paused)" : "",
                                       newest_us == INT64_MIN ? "no data yet" : "newest data ",
                                       newest_us == INT64_MIN ? "" : format_ago(newest_us, page->now_us, ago)));
}
