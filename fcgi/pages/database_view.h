/* Template variables of a monitored database, in a list or on its own page. */
#ifndef POTTO_FCGI_PAGES_DATABASE_VIEW_H
#define POTTO_FCGI_PAGES_DATABASE_VIEW_H

#include "fcgi/pages/page.h"

/* Set NAME, LINK, ENGINE, VERSION, ADDRESS ("host:port/database", or "fed by an agent"), STATE, STATE_CLASS,
 * HAS_PROBLEM (PROBLEM, HAS_REMEDY (REMEDY)), LAST_DATA, LAST_RUN, LAST_SUCCESS, FOUND, TEAM, VISIBILITY. */
void database_view_fill(const struct page *page, struct page_data *data, const struct connection *connection);

#endif
