/* Drawing charts; see charts_view.h. */
#include "fcgi/pages/charts_view.h"

#include <math.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "fcgi/pages/chart.h"

enum { JSON_BYTES_MAX = 1024 * 1024 };

/* The share of a bucket that must have passed before it is drawn. */
static const double bucket_share_min = 0.2;

struct view {
    struct page *page;
    const struct charts *charts;
    struct chart_axis times; /* the same for every chart */
    struct chart *drawn;     /* one for each chart; in the page's arena */
};

size_t charts_drawn_count(const struct page *page, size_t count, int64_t last_us)
{
    double begun_s = (double)(page->now_us - last_us) / (double)CLOCK_SECOND_US;

    return count - (count > 1 && begun_s < bucket_share_min * page->period.resolution_s);
}

size_t charts_row_points(size_t count)
{
    return (count + CHARTS_TABLE_ROWS_MAX - 1) / CHARTS_TABLE_ROWS_MAX;
}

double charts_bucket_s(const struct page *page, int64_t bucket_us)
{
    double passed_s = (double)(page->now_us - bucket_us) / (double)CLOCK_SECOND_US;

    return fmin(fmax(passed_s, 1), page->period.resolution_s);
}

static double value_at(const struct chart_values *values, size_t measure, size_t index)
{
    return values->values[measure * values->count + index];
}

static char *percent(struct arena *arena, double share)
{
    return arena_printf(arena, "%.2f%%", share * 100);
}

static int32_t bucket_s_of(const struct view *view)
{
    return view->charts->bucket_s > 0 ? view->charts->bucket_s : view->page->period.resolution_s;
}

/* The points of a chart of one measure; of a layer: the sum of it and those below. */
static struct chart_input input_of(const struct view *view, const struct chart_measure *measure, size_t first,
                                   size_t last)
{
    const struct chart_values *values = &view->charts->points;
    const struct period *period = &view->page->period;
    struct chart_input input = {.from_us = period->from_us,
                                .to_us = period->to_us,
                                .bucket_us = bucket_s_of(view) * CLOCK_SECOND_US,
                                .is_whole = measure->is_whole,
                                .format = measure->format,
                                .format_mark = measure->format_mark,
                                .limit = measure->limit};
    struct chart_point *points = arena_alloc_array(view->page->arena, values->count + 1, sizeof *points);

    for (size_t i = 0; i < values->count; i++) {
        double sum = 0;

        for (size_t m = first; m <= last; m++)
            sum += value_at(values, m, i);
        if (isfinite(sum))
            points[input.count++] = (struct chart_point){values->times_us[i], sum};
    }
    input.points = points;
    return input;
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
        page_set_string(section, "ANCHOR", mark->position < 0.03 ? "start" : mark->position > 0.95 ? "end" : "middle");
    }
}

static void fill_chart(const struct view *view, const struct chart_measure *measure, const struct chart *chart,
                       struct page_data *data)
{
    page_set_string(data, "KEY", measure->key);
    page_set_string(data, "NAME", measure->title);
    page_set_string(data, "NOTE", measure->note);
    page_show(data, "IS_TALL", chart == view->drawn);
    page_show(data, "IS_EMPTY", view->charts->points.count == 0);
    fill_axes(view, chart, data);
}

static void draw_measures(struct view *view, struct page_data *data)
{
    for (size_t i = 0; i < view->charts->measure_count; i++) {
        const struct chart_measure *measure = view->charts->measures[i];
        struct chart_input input = input_of(view, measure, i, i);
        struct page_data *chart = page_section(data, "CHART"), *plain = page_section(chart, "PLAIN");

        view->drawn[i] = chart_make(&input, view->page->arena);
        page_set(plain, "AREA", view->drawn[i].area);
        page_set(plain, "LINE", view->drawn[i].line);
        fill_chart(view, measure, &view->drawn[i], chart);
    }
}

static bool has_values(const struct view *view, size_t measure)
{
    for (size_t i = 0; i < view->charts->points.count; i++)
        if (value_at(&view->charts->points, measure, i) > 0)
            return true;
    return false;
}

static void fill_legend(const struct view *view, struct page_data *chart)
{
    struct page_data *legend = NULL;

    for (size_t i = 0; i < view->charts->measure_count; i++) {
        struct page_data *name;

        if (!has_values(view, i))
            continue;
        if (legend == NULL)
            legend = page_section(chart, "LEGEND");
        name = page_section(legend, "LAYER_NAME");
        page_set_string(name, "LAYER_KEY", view->charts->measures[i]->key);
        page_set_string(name, "LAYER", view->charts->measures[i]->title);
    }
}

/* Each layer hides the lower part of the one above, so it is drawn after that. */
static void draw_stack(struct view *view, struct page_data *data)
{
    const struct chart_measure *stack = view->charts->stack;
    size_t count = view->charts->measure_count;
    struct chart_input input = input_of(view, stack, 0, count - 1);
    struct page_data *chart = page_section(data, "CHART");

    view->drawn[0] = chart_make(&input, view->page->arena);
    for (size_t i = count; i-- > 0;) {
        struct page_data *layer;

        if (!has_values(view, i))
            continue;
        input = input_of(view, stack, 0, i);
        input.top = view->drawn[0].top;
        layer = page_section(chart, "LAYER");
        page_set_string(layer, "LAYER_KEY", view->charts->measures[i]->key);
        page_set(layer, "AREA", chart_make(&input, view->page->arena).area);
    }
    fill_legend(view, chart);
    fill_chart(view, stack, &view->drawn[0], chart);
}

/* The data as a table, for people who cannot see the charts. */
static void fill_table(const struct view *view, struct page_data *data)
{
    const struct charts *charts = view->charts;
    char text[FORMAT_BYTES];

    for (size_t m = 0; m < charts->measure_count; m++) {
        struct page_data *head = page_section(data, "TABLE_HEAD");

        page_set_string(head, "NAME", charts->measures[m]->title);
        page_set_string(head, "NOTE", charts->measures[m]->note);
    }
    for (size_t i = 0; i < charts->rows.count; i++) {
        struct page_data *row = page_section(data, "TABLE_ROW");

        page_set_time(view->page, row, "TIME", charts->rows.times_us[i]);
        for (size_t m = 0; m < charts->measure_count; m++)
            page_set_string(page_section(row, "TABLE_CELL"), "VALUE",
                            charts->measures[m]->format(value_at(&charts->rows, m, i), text));
    }
}

static void write_times(const struct view *view, struct json_writer *json)
{
    json_key(json, "times_s");
    json_array_begin(json);
    for (size_t i = 0; i < view->charts->points.count; i++)
        json_int64(json, view->charts->points.times_us[i] / CLOCK_SECOND_US);
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
    for (size_t i = 0; i < view->charts->points.count; i++)
        json_double(json, rounded(value_at(&view->charts->points, index, i)));
    json_array_end(json);
}

static void write_value_marks(const struct view *view, size_t index, struct json_writer *json)
{
    const struct chart_axis *axis = &view->drawn[index].values;

    json_array_begin(json);
    for (size_t i = 0; i < axis->count; i++) {
        json_object_begin(json);
        json_member_double(json, "at", axis->marks[i].value);
        json_member_string(json, "label", axis->marks[i].label);
        json_object_end(json);
    }
    json_array_end(json);
}

/* The charts of the page: each measure, or the one that the measures are layers of. */
static const struct chart_measure *chart_at(const struct view *view, size_t index)
{
    return view->charts->stack != NULL ? view->charts->stack : view->charts->measures[index];
}

static size_t chart_count(const struct view *view)
{
    return view->charts->stack != NULL ? 1 : view->charts->measure_count;
}

static void write_marks(const struct view *view, struct json_writer *json)
{
    json_key(json, "units");
    json_object_begin(json);
    for (size_t i = 0; i < chart_count(view); i++)
        json_member_string(json, chart_at(view, i)->key, chart_at(view, i)->unit);
    json_object_end(json);
    json_key(json, "value_marks");
    json_object_begin(json);
    for (size_t i = 0; i < chart_count(view); i++) {
        json_key(json, chart_at(view, i)->key);
        write_value_marks(view, i, json);
    }
    json_object_end(json);
}

static void write_all_values(const struct view *view, struct json_writer *json)
{
    const struct charts *charts = view->charts;

    json_key(json, "values");
    json_object_begin(json);
    for (size_t i = 0; i < charts->measure_count; i++) {
        json_key(json, charts->measures[i]->key);
        write_values(view, i, json);
    }
    json_object_end(json);
    if (charts->stack == NULL)
        return;
    json_key(json, "layers");
    json_array_begin(json);
    for (size_t i = 0; i < charts->measure_count; i++) {
        json_object_begin(json);
        json_member_string(json, "key", charts->measures[i]->key);
        json_member_string(json, "name", charts->measures[i]->title);
        json_object_end(json);
    }
    json_array_end(json);
}

static void fill_json(const struct view *view, struct page_data *data)
{
    struct buffer buffer;
    struct json_writer json;

    buffer_init(&buffer, JSON_BYTES_MAX);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_member_int64(&json, "from_s", view->page->period.from_us / CLOCK_SECOND_US);
    json_member_int64(&json, "to_s", view->page->period.to_us / CLOCK_SECOND_US);
    json_member_int64(&json, "bucket_s", bucket_s_of(view));
    write_times(view, &json);
    write_marks(view, &json);
    write_all_values(view, &json);
    json_object_end(&json);
    page_set(data, "JSON", buffer.has_failed ? TEXT("null") : buffer_text(&buffer));
    buffer_free(&buffer);
}

void charts_view_fill(struct page *page, const struct charts *charts)
{
    struct page_data *data = page_include(page->body, "CHARTS", "charts.tpl");
    struct view view = {.page = page, .charts = charts};
    char span[FORMAT_BYTES];

    page_set_string(data, "BUCKET", format_span(bucket_s_of(&view), span));
    view.times = chart_time_axis(page->period.from_us, page->period.to_us, page->arena);
    view.drawn = arena_alloc_array(page->arena, charts->measure_count + 1, sizeof *view.drawn);
    if (charts->stack != NULL)
        draw_stack(&view, data);
    else
        draw_measures(&view, data);
    fill_table(&view, data);
    fill_json(&view, data);
}
