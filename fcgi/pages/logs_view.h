/* Log files that collectors follow, and the deadlocks that they told, as pages show them. */
#ifndef POTTO_FCGI_PAGES_LOGS_VIEW_H
#define POTTO_FCGI_PAGES_LOGS_VIEW_H

#include "fcgi/pages/page.h"
#include "sql/statement.h"
#include "store/read/logs.h"

enum { LOGS_VIEW_DEADLOCKS_MAX = 20 };

/* Fill the section LOGS of a database's page, if there are files, and LOG_PROBLEM for each that does not go well. */
void logs_view_files(const struct page *page, const struct log_file_row *files, size_t count);

/* Fill the section DEADLOCKS of the page of waits, if there are some. */
void logs_view_deadlocks(const struct page *page, const struct deadlock_list *list, enum sql_dialect dialect);

#endif
