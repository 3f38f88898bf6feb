/* Template variables of one statement, in a table or on its own page. */
#ifndef POTTO_FCGI_PAGES_QUERY_VIEW_H
#define POTTO_FCGI_PAGES_QUERY_VIEW_H

#include "fcgi/pages/page.h"
#include "sql/statement.h"
#include "store/read/summary.h"

/* Add a SPAN section for each span of `sql`, with KIND (class name) and TEXT. Returns the number of lines. */
size_t query_view_sql(struct page_data *data, enum sql_dialect dialect, struct text sql, bool is_wrapped,
                      struct arena *arena);

/* The dialect of the database that runs it; SQL_DIALECT_UNSET if the caller sees no such database. */
enum sql_dialect query_view_dialect(const struct page *page, const struct query_summary *summary);

/* Set the variables of a summary: LINK, SPAN…, KIND, TOTAL, SHARE, SHARE_WIDTH, CALLS, MEAN, MAX, ROWS, LAST_SEEN,
 * SPARK, HASH, CONNECTION sections (NAME, LINK), IS_NEW, SLOW. */
void query_view_summary(const struct page *page, struct page_data *data, const struct query_summary *summary);

/* Whether the plan changed in the period of the page. */
bool query_view_has_flip(const struct page *page, const struct plan_flip *flip);

#endif
