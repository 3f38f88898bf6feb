/* Charts over one period, for templates/charts.tpl: as SVG, as a table, and as JSON for the script that draws them. */
#ifndef POTTO_FCGI_PAGES_CHARTS_VIEW_H
#define POTTO_FCGI_PAGES_CHARTS_VIEW_H

#include "fcgi/pages/page.h"

enum { CHARTS_TABLE_ROWS_MAX = 48 };

/* What a chart shows. */
struct chart_measure {
    const char *key; /* names the chart in the page and in its style */
    const char *title;
    const char *note;
    const char *unit; /* of the values; web/src/format.ts has a row for each */
    char *(*format)(double value, char out[FORMAT_BYTES]);
    bool is_whole;
    char *(*format_mark)(double value, double top, char out[FORMAT_BYTES]); /* of axes; NULL: format */
    double limit;                                                           /* see struct chart_input */
};

/* Values by measure and time: `values[measure * count + i]` at `times_us[i]`; NAN: unknown. */
struct chart_values {
    const int64_t *times_us; /* ascending; starts of buckets */
    const double *values;
    size_t count;
};

struct charts {
    const struct chart_measure *const *measures; /* the first chart is the tall one */
    size_t measure_count;
    /* One chart instead of one for each measure: the measures are its layers, the first one at the bottom. Their keys
     * name the colours. NULL: none. */
    const struct chart_measure *stack;
    int32_t bucket_s; /* width of a point; 0: the resolution of the page's period */
    struct chart_values points;
    struct chart_values rows; /* of the table: the same, but no more than CHARTS_TABLE_ROWS_MAX of them */
};

/* Include charts.tpl at {{>CHARTS}} of the body. */
void charts_view_fill(struct page *page, const struct charts *charts);

/* How many points are drawn of `count` with the last at `last_us`: a bucket that has just begun is left out, because
 * its values mean little. */
size_t charts_drawn_count(const struct page *page, size_t count, int64_t last_us);

/* How many neighbouring points a row of the table is made of. */
size_t charts_row_points(size_t count);

/* The seconds of the bucket that have passed. Less than the resolution if the bucket is still filling. */
double charts_bucket_s(const struct page *page, int64_t bucket_us);

#endif
