/* What a database's page says of coverage: how much of its time is attributed, why the rest is not, and what looking
 * costs it. */
#ifndef POTTO_FCGI_PAGES_COVERAGE_VIEW_H
#define POTTO_FCGI_PAGES_COVERAGE_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/coverage.h"

/* Fill the section COVERAGE of the body. */
void coverage_view_fill(const struct page *page, const struct coverage_report *report,
                        const struct connection *connection);

#endif
