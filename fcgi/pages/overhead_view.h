/* What collecting costs a database, on its page. */
#ifndef POTTO_FCGI_PAGES_OVERHEAD_VIEW_H
#define POTTO_FCGI_PAGES_OVERHEAD_VIEW_H

#include "fcgi/pages/page.h"
#include "store/admin/connection.h"
#include "store/read/overhead.h"

/* Set OVERHEAD (SENTENCE, BUDGET, IS_HELD_BACK (SINCE, WHAT), MAY_SET (ID, BUDGET, MINIMUM, MAXIMUM)). */
void overhead_view_fill(const struct page *page, const struct overhead_report *report,
                        const struct connection *connection);

#endif
