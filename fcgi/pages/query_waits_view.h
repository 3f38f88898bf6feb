/* What one statement waited for, on its page. */
#ifndef POTTO_FCGI_PAGES_QUERY_WAITS_VIEW_H
#define POTTO_FCGI_PAGES_QUERY_WAITS_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/summary.h"

/* Read and show section QUERY_WAITS: a sentence, the waits, and those whom it waited for or kept waiting; or why that
 * is not known. LOCK_VERDICT (SENTENCE) where locks are a large part. Errors: STATUS_UNAVAILABLE. */
enum status query_waits_view_show(struct page *page, const struct query_summary *summary, struct error *error);

#endif
