/* Making charts; see chart.h. */
#include "fcgi/pages/chart.h"

#include <math.h>

#include "base/buffer.h"
#include "base/clock.h"

enum { PATH_BYTES_MAX = 256 * 1024, VALUE_STEPS = 4, TIME_MARKS_WANTED = 8 };

double chart_round_up(double value, bool is_whole)
{
    static const double steps[] = {4, 8, 12, 20, 40};
    double magnitude;

    if (!isfinite(value) || value <= 0)
        return is_whole ? 4 : 1;
    magnitude = pow(10, floor(log10(value)) - 1);
    if (is_whole)
        magnitude = fmax(magnitude, 1);
    while (true) {
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
            if (steps[i] * magnitude >= value * 0.999999)
                return steps[i] * magnitude;
        magnitude *= 10;
    }
}

static double x_of(const struct chart_input *input, int64_t time_us)
{
    double share = (double)(time_us - input->from_us) / (double)(input->to_us - input->from_us);

    return CHART_WIDTH * fmin(fmax(share, 0), 1);
}

static double y_of(double value, double top)
{
    return CHART_HEIGHT * (1 - fmin(value / top, 1));
}

/* The number of points from `first` on whose buckets touch. */
static size_t run_length(const struct chart_input *input, size_t first)
{
    size_t i = first + 1;

    while (i < input->count && input->points[i].bucket_us - input->points[i - 1].bucket_us <= input->bucket_us)
        i++;
    return i - first;
}

static void append_run(const struct chart_input *input, size_t first, size_t count, double top, struct buffer *area,
                       struct buffer *line)
{
    const struct chart_point *points = input->points + first;
    double end = x_of(input, points[count - 1].bucket_us + input->bucket_us);

    buffer_printf(area, "M%.1f %d", x_of(input, points[0].bucket_us), CHART_HEIGHT);
    for (size_t i = 0; i < count; i++) {
        double y = y_of(points[i].value, top);
        double x = x_of(input, points[i].bucket_us);

        buffer_printf(area, "V%.1fH%.1f", y, i + 1 < count ? x_of(input, points[i + 1].bucket_us) : end);
        if (i == 0)
            buffer_printf(line, "M%.1f %.1f", x, y);
        else
            buffer_printf(line, "V%.1f", y);
        buffer_printf(line, "H%.1f", i + 1 < count ? x_of(input, points[i + 1].bucket_us) : end);
    }
    buffer_printf(area, "V%dZ", CHART_HEIGHT);
}

static struct text keep(struct buffer *buffer, struct arena *arena)
{
    struct text text = {NULL, 0};

    if (!buffer->has_failed && buffer->size_bytes > 0)
        text = (struct text){arena_string(arena, buffer->data, buffer->size_bytes), buffer->size_bytes};
    buffer_free(buffer);
    return text;
}

static const char *label_of(double value, double top, const struct chart_input *input, struct arena *arena)
{
    char text[FORMAT_BYTES];

    if (value == 0)
        return "0";
    return arena_printf(arena, "%s",
                        input->format_mark == NULL ? input->format(value, text) : input->format_mark(value, top, text));
}

static struct chart_axis value_axis(const struct chart_input *input, double top, struct arena *arena)
{
    struct chart_axis axis = {.count = 0};

    for (int i = 0; i <= VALUE_STEPS; i++) {
        double value = top * i / VALUE_STEPS;

        axis.marks[axis.count++] = (struct chart_mark){
            .position = (double)i / VALUE_STEPS, .value = value, .label = label_of(value, top, input, arena)};
    }
    return axis;
}

static int64_t time_step_us(int64_t span_us)
{
    static const int64_t steps_s[] = {300,   600,    900,    1800,   3600,    7200,    10800,   21600,   43200,
                                      86400, 172800, 345600, 604800, 1209600, 2592000, 7776000, 31536000};
    size_t i = 0, count = sizeof steps_s / sizeof steps_s[0];

    while (i + 1 < count && span_us / (steps_s[i] * CLOCK_SECOND_US) > TIME_MARKS_WANTED)
        i++;
    return steps_s[i] * CLOCK_SECOND_US;
}

struct chart_axis chart_time_axis(int64_t from_us, int64_t to_us, struct arena *arena)
{
    struct chart_axis axis = {.count = 0};
    int64_t span_us = to_us - from_us, step_us = time_step_us(span_us);
    int64_t time_us = (from_us + step_us - 1) / step_us * step_us;
    char text[FORMAT_BYTES];

    /* The label of a mark at the very end would be cut off. */
    for (; time_us <= to_us - span_us / 40 && axis.count < CHART_MARKS_MAX; time_us += step_us)
        axis.marks[axis.count++] =
            (struct chart_mark){.position = (double)(time_us - from_us) / (double)span_us,
                                .time_us = time_us,
                                .label = arena_printf(arena, "%s", format_time_mark(time_us, step_us, text))};
    return axis;
}

struct chart chart_make(const struct chart_input *input, struct arena *arena)
{
    struct chart chart = {.top = 0};
    struct buffer area, line;
    double largest = 0;

    for (size_t i = 0; i < input->count; i++)
        largest = fmax(largest, input->points[i].value);
    chart.top = chart_round_up(largest, input->is_whole);
    if (input->limit > 0 && largest <= input->limit)
        chart.top = fmin(chart.top, input->limit);
    if (input->top > 0)
        chart.top = input->top;
    buffer_init(&area, PATH_BYTES_MAX);
    buffer_init(&line, PATH_BYTES_MAX);
    for (size_t first = 0, length; first < input->count; first += length) {
        length = run_length(input, first);
        append_run(input, first, length, chart.top, &area, &line);
    }
    chart.area = keep(&area, arena);
    chart.line = keep(&line, arena);
    chart.values = value_axis(input, chart.top, arena);
    return chart;
}

struct text chart_spark(const double *values, size_t count, struct arena *arena)
{
    struct buffer path;
    double largest = 0, pitch = count == 0 ? 0 : (double)SPARK_WIDTH / (double)count;

    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, values[i]);
    buffer_init(&path, PATH_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        double height = largest > 0 ? values[i] / largest * SPARK_HEIGHT : 0;

        /* A small value stays visible beside a very large one. */
        if (height < 0.5)
            height = values[i] > 0 ? 1.5 : 0.5;
        buffer_printf(&path, "M%.1f %dv-%.1fh%.1fv%.1fz", (double)i * pitch, SPARK_HEIGHT, height, pitch - 1, height);
    }
    return keep(&path, arena);
}
