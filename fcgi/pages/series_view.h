/* Charts of a series of executions; see charts_view.h. */
#ifndef POTTO_FCGI_PAGES_SERIES_VIEW_H
#define POTTO_FCGI_PAGES_SERIES_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/series.h"

enum series_measure {
    SERIES_MEASURE_UNSET,
    SERIES_TIME,  /* execution time, in ms per second: 1000 means that one statement runs all the time */
    SERIES_CALLS, /* executions per second */
    SERIES_SLOW,  /* slow executions in each bucket */
    SERIES_MEAN,  /* ms per execution */
    SERIES_P95,   /* ms, from samples; a gap if only counters are known */
};

/* Include charts.tpl at {{>CHARTS}} of the body, with a chart for each of `measures`, which ends with
 * SERIES_MEASURE_UNSET. The first chart is the tall one. */
void series_view_fill(struct page *page, const struct series *series, const enum series_measure *measures);

#endif
