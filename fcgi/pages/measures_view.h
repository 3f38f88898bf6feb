/* What one statement costs beside its time, rows and blocks, on its page. */
#ifndef POTTO_FCGI_PAGES_MEASURES_VIEW_H
#define POTTO_FCGI_PAGES_MEASURES_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/summary.h"

/* Show section MEASURES: what is known, what of it the statement never did, and what the servers do not tell, with the
 * setting or version that would. Not shown where no server tells anything. */
void measures_view_show(struct page *page, const struct query_summary *summary);

#endif
