/* One statement in a table or on its page. */
#ifndef POTTO_FCGI_PAGES_QUERY_VIEW_H
#define POTTO_FCGI_PAGES_QUERY_VIEW_H

#include "fcgi/pages/page.h"
#include "sql/statement.h"
#include "store/read/summary.h"

/* A SPAN section for each piece of `sql`, with KIND (class name) and TEXT; returns the number of lines. */
size_t query_view_sql(struct page_data *data, enum sql_dialect dialect, struct text sql, bool is_wrapped,
                      struct arena *arena);

/* Of the database that runs it; SQL_DIALECT_UNSET if the caller sees none. */
enum sql_dialect query_view_dialect(const struct page *page, const struct query_summary *summary);

/* What tables and pages show of a summary: LINK, SPAN…, KIND, TOTAL, SHARE, SHARE_WIDTH, CALLS, MEAN, MAX,
 * ROWS, LAST_SEEN, SPARK, HASH, CONNECTION sections (NAME, LINK), IS_NEW, SLOW. */
void query_view_summary(const struct page *page, struct page_data *data, const struct query_summary *summary);

#endif
