/* Drawing a series; see series_view.h. */
#include "fcgi/pages/series_view.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "fcgi/pages/chart.h"

enum { TABLE_ROWS_MAX = 48, JSON_BYTES_MAX = 1024 * 1024 };

/* The share of a bucket that must have passed before it is drawn; earlier its values mean little. */
static const double bucket_share_min = 0.2;

double series_bucket_s(const struct page *page, int64_t bucket_us)
{
    double passed_s = (double)(page->now_us - bucket_us) / (double)CLOCK_SECOND_US;

    return fmin(fmax(passed_s, 1), page->period.resolution_s);
}

static double time_of(const struct series_point *point, double seconds)
{
    return point->sums.total_ms / seconds;
}

static double calls_of(const struct series_point *point, double seconds)
{
    return (double)point->sums.calls / seconds;
}

static double slow_of(const struct series_point *point, double seconds)
{
    (void)seconds;
    return (double)point->sums.slow_calls;
}

static double mean_of(const struct series_point *point, double seconds)
{
    (void)seconds;
    return point->sums.calls > 0 ? sums_mean_ms(&point->sums) : NAN;
}

static double p95_of(const struct series_point *point, double seconds)
{
    (void)seconds;
    return point->p95_ms > 0 ? point->p95_ms : NAN;
}

static char *format_time_rate(double value, char out[FORMAT_BYTES])
{
    char duration[FORMAT_BYTES];

    snprintf(out, FORMAT_BYTES, "%.30s/s", format_duration(value, duration));
    return out;
}

static char *format_calls_rate(double value, char out[FORMAT_BYTES])
{
    return format_rate(value, out);
}

static const struct measure {
    const char *key; /* names the chart in the page and in its style */
    const char *title;
    const char *note;
    double (*value_of)(const struct series_point *point, double seconds);
    const char *unit; /* of the values; web/src/format.ts has a row for each */
    char *(*format)(double value, char out[FORMAT_BYTES]);
    bool is_whole;
    char *(*format_mark)(double value, double top, char out[FORMAT_BYTES]); /* of axes; NULL: format */
} measures_table[] = {
    [SERIES_TIME] = {"time", "Database time", "execution time per second", time_of, "ms/s", format_time_rate, false,
                     NULL},
    [SERIES_CALLS] = {"calls", "Calls", "per second", calls_of, "1/s", format_calls_rate, false, format_rate_mark},
    [SERIES_SLOW] = {"slow", "Slow queries", "in each interval", slow_of, "1", format_count, true, NULL},
    [SERIES_MEAN] = {"mean", "Mean time", "per call", mean_of, "ms", format_duration, false, NULL},
    [SERIES_P95] = {"p95", "95th percentile", "of single executions seen", p95_of, "ms", format_duration, false, NULL},
};

struct view {
    struct page *page;
    const struct series *series;
    size_t count; /* points drawn: a bucket that has just begun is left out */
    const enum series_measure *measures;
    size_t measure_count;
    struct chart_axis times; /* the same for every chart */
    struct chart *charts;    /* one for each measure; in the page's arena */
};

static double value_at(const struct view *view, size_t measure, size_t point)
{
    const struct series_point *at = &view->series->points[point];

    return measures_table[view->measures[measure]].value_of(at, series_bucket_s(view->page, at->bucket_us));
}

static char *percent(struct arena *arena, double share)
{
    return arena_printf(arena, "%.2f%%", share * 100);
}

static struct chart make_chart(const struct view *view, size_t index)
{
    const struct measure *measure = &measures_table[view->measures[index]];
    const struct period *period = &view->page->period;
    struct chart_input input = {.from_us = period->from_us,
                                .to_us = period->to_us,
                                .bucket_us = period->resolution_s * CLOCK_SECOND_US,
                                .is_whole = measure->is_whole,
                                .format = measure->format,
                                .format_mark = measure->format_mark};
    struct chart_point *points = arena_alloc_array(view->page->arena, view->count + 1, sizeof *points);

    for (size_t i = 0; i < view->count; i++)
        if (isfinite(value_at(view, index, i)))
            points[input.count++] = (struct chart_point){view->series->points[i].bucket_us, value_at(view, index, i)};
    input.points = points;
    return chart_make(&input, view->page->arena);
}

static void fill_axes(const struct view *view, const struct chart *chart, struct page_data *data)
{
    struct arena *arena = view->page->arena;

    for (size_t i = 0; i < chart->values.count; i++) {
        const struct chart_mark *mark = &chart->values.marks[i];
        struct page_data *section = page_section(data, "VALUE_MARK");

        page_set_string(section, "Y", percent(arena, 1 - mark->position));
        page_set_string(section, "LABEL", mark->label);
    }
    for (size_t i = 0; i < view->times.count; i++) {
        const struct chart_mark *mark = &view->times.marks[i];
        struct page_data *section = page_section(data, "TIME_MARK");

        page_set_string(section, "X", percent(arena, mark->position));
        page_set_string(section, "LABEL", mark->label);
        page_set_string(section, "ANCHOR", mark->position < 0.03 ? "start" : "middle");
    }
}

static void fill_chart(const struct view *view, size_t index, struct page_data *data)
{
    const struct measure *measure = &measures_table[view->measures[index]];
    const struct chart *chart = &view->charts[index];

    page_set_string(data, "KEY", measure->key);
    page_set_string(data, "NAME", measure->title);
    page_set_string(data, "NOTE", measure->note);
    page_set(data, "AREA", chart->area);
    page_set(data, "LINE", chart->line);
    page_show(data, "IS_TALL", index == 0);
    page_show(data, "IS_EMPTY", view->count == 0);
    fill_axes(view, chart, data);
}

/* The data as a table, for people who cannot see the charts. Neighbouring buckets are summed, to at most TABLE_ROWS_MAX
 * rows. */
static void fill_table(const struct view *view, struct page_data *data)
{
    size_t group = (view->count + TABLE_ROWS_MAX - 1) / TABLE_ROWS_MAX;
    char text[FORMAT_BYTES];

    for (size_t m = 0; m < view->measure_count; m++) {
        struct page_data *head = page_section(data, "TABLE_HEAD");

        page_set_string(head, "NAME", measures_table[view->measures[m]].title);
        page_set_string(head, "NOTE", measures_table[view->measures[m]].note);
    }
    for (size_t first = 0; first < view->count; first += group) {
        struct series_point sum = {.bucket_us = view->series->points[first].bucket_us};
        struct page_data *row = page_section(data, "TABLE_ROW");
        double seconds = 0;

        for (size_t i = first; i < first + group && i < view->count; i++) {
            sums_add(&sum.sums, &view->series->points[i].sums);
            sum.p95_ms = fmax(sum.p95_ms, view->series->points[i].p95_ms);
            seconds += series_bucket_s(view->page, view->series->points[i].bucket_us);
        }
        page_set_time(view->page, row, "TIME", sum.bucket_us);
        for (size_t m = 0; m < view->measure_count; m++) {
            const struct measure *measure = &measures_table[view->measures[m]];

            page_set_string(page_section(row, "TABLE_CELL"), "VALUE",
                            measure->format(measure->value_of(&sum, seconds), text));
        }
    }
}

static void write_times(const struct view *view, struct json_writer *json)
{
    json_key(json, "times_s");
    json_array_begin(json);
    for (size_t i = 0; i < view->count; i++)
        json_int64(json, view->series->points[i].bucket_us / CLOCK_SECOND_US);
    json_array_end(json);
    json_key(json, "time_marks");
    json_array_begin(json);
    for (size_t i = 0; i < view->times.count; i++) {
        json_object_begin(json);
        json_member_int64(json, "at", view->times.marks[i].time_us / CLOCK_SECOND_US);
        json_member_string(json, "label", view->times.marks[i].label);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Six significant digits, however small: a statement of a few calls a month is on its axis too. */
static double rounded(double value)
{
    double scale = value == 0 || !isfinite(value) ? 1 : pow(10, 5 - floor(log10(fabs(value))));

    return round(value * scale) / scale;
}

static void write_values(const struct view *view, size_t index, struct json_writer *json)
{
    json_array_begin(json);
    for (size_t i = 0; i < view->count; i++)
        json_double(json, rounded(value_at(view, index, i)));
    json_array_end(json);
}

static void write_value_marks(const struct view *view, size_t index, struct json_writer *json)
{
    const struct chart_axis *axis = &view->charts[index].values;

    json_array_begin(json);
    for (size_t i = 0; i < axis->count; i++) {
        json_object_begin(json);
        json_member_double(json, "at", axis->marks[i].value);
        json_member_string(json, "label", axis->marks[i].label);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_unit(const struct view *view, size_t index, struct json_writer *json)
{
    json_text(json, text_of(measures_table[view->measures[index]].unit));
}

static void fill_json(const struct view *view, struct page_data *data)
{
    static const struct {
        const char *key;
        void (*write)(const struct view *view, size_t index, struct json_writer *json);
    } members[] = {{"units", write_unit}, {"value_marks", write_value_marks}, {"values", write_values}};
    struct buffer buffer;
    struct json_writer json;

    buffer_init(&buffer, JSON_BYTES_MAX);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_member_int64(&json, "from_s", view->page->period.from_us / CLOCK_SECOND_US);
    json_member_int64(&json, "to_s", view->page->period.to_us / CLOCK_SECOND_US);
    json_member_int64(&json, "bucket_s", view->page->period.resolution_s);
    write_times(view, &json);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_key(&json, members[i].key);
        json_object_begin(&json);
        for (size_t m = 0; m < view->measure_count; m++) {
            json_key(&json, measures_table[view->measures[m]].key);
            members[i].write(view, m, &json);
        }
        json_object_end(&json);
    }
    json_object_end(&json);
    page_set(data, "JSON", buffer.has_failed ? TEXT("null") : buffer_text(&buffer));
    buffer_free(&buffer);
}

void series_view_fill(struct page *page, const struct series *series, const enum series_measure *measures)
{
    struct page_data *data = page_include(page->body, "CHARTS", "charts.tpl");
    struct view view = {.page = page, .series = series, .count = series->count, .measures = measures};
    char span[FORMAT_BYTES];

    while (measures[view.measure_count] != SERIES_MEASURE_UNSET)
        view.measure_count++;
    if (view.count > 0) {
        double begun_s = (double)(page->now_us - series->points[view.count - 1].bucket_us) / CLOCK_SECOND_US;

        if (view.count > 1 && begun_s < bucket_share_min * page->period.resolution_s)
            view.count--;
    }
    page_set_string(data, "BUCKET", format_span(page->period.resolution_s, span));
    view.times = chart_time_axis(page->period.from_us, page->period.to_us, page->arena);
    view.charts = arena_alloc_array(page->arena, view.measure_count + 1, sizeof *view.charts);
    for (size_t i = 0; i < view.measure_count; i++) {
        view.charts[i] = make_chart(&view, i);
        fill_chart(&view, i, page_section(data, "CHART"));
    }
    fill_table(&view, data);
    fill_json(&view, data);
}
