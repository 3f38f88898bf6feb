/* Drawing a series; see series_view.h. */
#include "fcgi/pages/series_view.h"

#include <math.h>
#include <stdio.h>

#include "fcgi/pages/charts_view.h"

enum { MEASURES_MAX = SERIES_P95 };

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

static const struct measure {
    struct chart_measure chart;
    double (*value_of)(const struct series_point *point, double seconds);
} measures_table[] = {
    [SERIES_TIME] = {{"time", "Database time", "execution time per second", "ms/s", format_time_rate, false, NULL, 0},
                     time_of},
    [SERIES_CALLS] = {{"calls", "Calls", "per second", "1/s", format_rate, false, format_rate_mark, 0}, calls_of},
    [SERIES_SLOW] = {{"slow", "Slow queries", "in each interval", "1", format_count, true, NULL, 0}, slow_of},
    [SERIES_MEAN] = {{"mean", "Mean time", "per call", "ms", format_duration, false, NULL, 0}, mean_of},
    [SERIES_P95] = {{"p95", "95th percentile", "of single executions seen", "ms", format_duration, false, NULL, 0},
                    p95_of},
};

/* Neighbouring buckets are summed. */
static void make_row(const struct page *page, const struct series_point *points, size_t count,
                     struct series_point *out_sum, double *out_seconds)
{
    *out_sum = (struct series_point){.bucket_us = points[0].bucket_us};
    *out_seconds = 0;
    for (size_t i = 0; i < count; i++) {
        sums_add(&out_sum->sums, &points[i].sums);
        out_sum->p95_ms = fmax(out_sum->p95_ms, points[i].p95_ms);
        *out_seconds += charts_bucket_s(page, points[i].bucket_us);
    }
}

/* One for each `group` points of the first `count`. */
static struct chart_values values_make(const struct page *page, const struct series *series, size_t count, size_t group,
                                       const enum series_measure *measures, size_t measure_count)
{
    size_t made = group == 0 ? 0 : (count + group - 1) / group;
    int64_t *times_us = arena_alloc_array(page->arena, made, sizeof *times_us);
    double *values = arena_alloc_array(page->arena, made * measure_count, sizeof *values);

    for (size_t i = 0; i < made; i++) {
        size_t first = i * group, rest = count - first;
        struct series_point sum;
        double seconds;

        make_row(page, &series->points[first], rest < group ? rest : group, &sum, &seconds);
        times_us[i] = sum.bucket_us;
        for (size_t m = 0; m < measure_count; m++)
            values[m * made + i] = measures_table[measures[m]].value_of(&sum, seconds);
    }
    return (struct chart_values){times_us, values, made};
}

void series_view_fill(struct page *page, const struct series *series, const enum series_measure *measures)
{
    const struct chart_measure *chosen[MEASURES_MAX];
    struct charts charts = {.measures = chosen};
    size_t count = series->count;

    for (; measures[charts.measure_count] != SERIES_MEASURE_UNSET; charts.measure_count++)
        chosen[charts.measure_count] = &measures_table[measures[charts.measure_count]].chart;
    if (count > 0)
        count = charts_drawn_count(page, count, series->points[count - 1].bucket_us);
    charts.points = values_make(page, series, count, 1, measures, charts.measure_count);
    charts.rows = values_make(page, series, count, charts_row_points(count), measures, charts.measure_count);
    charts_view_fill(page, &charts);
}
