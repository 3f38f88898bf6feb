/* Charts: SVG paths, and the marks of both axes. Pure.
 *
 * The paths are what a browser without JavaScript shows. With JavaScript, uPlot takes over their box and draws the same
 * marks. The plot of a chart has the box CHART_WIDTH x CHART_HEIGHT, which the browser stretches. The labels of the
 * axes are texts with positions in percent, so they are not distorted. A bucket is drawn over its whole width; a
 * missing bucket is a gap. */
#ifndef POTTO_FCGI_PAGES_CHART_H
#define POTTO_FCGI_PAGES_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "fcgi/pages/format.h"

enum { CHART_WIDTH = 1000, CHART_HEIGHT = 100, CHART_MARKS_MAX = 16, SPARK_WIDTH = 96, SPARK_HEIGHT = 24 };

struct chart_point {
    int64_t bucket_us;
    double value; /* >= 0 */
};

struct chart_input {
    int64_t from_us, to_us;           /* from < to */
    int64_t bucket_us;                /* width of a bucket */
    const struct chart_point *points; /* ascending */
    size_t count;
    bool is_whole; /* values are counts, so marks are whole numbers */
    double limit;  /* the axis ends here at the latest, unless a value is larger: 1 of a share; 0: there is none */
    double top;    /* the axis ends here; 0: where the values need it */
    char *(*format)(double value, char out[FORMAT_BYTES]); /* writes a value with its unit, for the marks */
    /* The same for a mark on an axis that ends at `top`; NULL: format. */
    char *(*format_mark)(double value, double top, char out[FORMAT_BYTES]);
};

struct chart_mark {
    double position;   /* 0..1 from the left, or from the bottom */
    double value;      /* on a value axis; in the unit of the points */
    int64_t time_us;   /* on a time axis */
    const char *label; /* in the arena */
};

struct chart_axis {
    struct chart_mark marks[CHART_MARKS_MAX]; /* ascending */
    size_t count;
};

struct chart {
    struct text area, line;   /* path data in the plot's box; empty without points */
    double top;               /* the value at the upper edge; > 0 */
    struct chart_axis values; /* from 0 to `top` */
};

/* Paths and labels live in `arena`. */
struct chart chart_make(const struct chart_input *input, struct arena *arena);

/* Make at most about 8 marks, at round times (UTC). from < to. Labels live in `arena`. They are times of day if the
 * marks are closer than a day, else days. */
struct chart_axis chart_time_axis(int64_t from_us, int64_t to_us, struct arena *arena);

/* Path data of bars in a box of SPARK_WIDTH x SPARK_HEIGHT. The largest value has full height; zero is a hairline. */
struct text chart_spark(const double *values, size_t count, struct arena *arena);

/* The smallest of 4, 8, 12, 20 x 10^n that is at least `value`, so that its quarters are round numbers. With `is_whole`
 * the quarters are whole numbers. 1 (with `is_whole` 4) if `value` is not positive. */
double chart_round_up(double value, bool is_whole);

#endif
