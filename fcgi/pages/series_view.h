/* Charts of a series, for templates/charts.tpl: as SVG, as a table, and as the JSON that the
 * script draws from. */
#ifndef POTTO_FCGI_PAGES_SERIES_VIEW_H
#define POTTO_FCGI_PAGES_SERIES_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/series.h"

enum series_measure {
    SERIES_MEASURE_UNSET,
    SERIES_TIME,  /* time spent executing, ms for each second: 1000 is one statement running all the time */
    SERIES_CALLS, /* executions a second */
    SERIES_SLOW,  /* slow executions in each bucket */
    SERIES_MEAN,  /* ms an execution */
    SERIES_P95,   /* ms, of samples; a gap where only counters are known */
};

/* Include charts.tpl at {{>CHARTS}} of the body, a chart for each of `measures` (the first is the tall
 * one; ended by SERIES_MEASURE_UNSET). */
void series_view_fill(struct page *page, const struct series *series, const enum series_measure *measures);

/* Seconds of the bucket that have passed: less than the resolution for the one that is still filling. */
double series_bucket_s(const struct page *page, int64_t bucket_us);

#endif
