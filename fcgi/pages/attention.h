/* What wants attention: databases that are not watched as they should be, and load far above its usual.
 * Each finding says what, where and since when, and nothing that the data does not show. */
#ifndef POTTO_FCGI_PAGES_ATTENTION_H
#define POTTO_FCGI_PAGES_ATTENTION_H

#include "fcgi/pages/page.h"
#include "store/read/series.h"
#include "store/read/summary.h"
#include "watch/watch.h"

/* How one database is watched, from its last runs and its newest data. */
enum watch_state attention_watch_state(const struct connection *connection, int64_t now_us);
const char *attention_watch_label(enum watch_state state); /* "watched", "failing"; for people */
const char *attention_watch_class(enum watch_state state); /* "good", "warn", "bad", "idle"; for the style */
/* What is wrong in one sentence; data NULL when nothing is. Memory: `page`'s arena. */
struct text attention_watch_problem(const struct page *page, const struct connection *connection);

/* Fill FINDING sections (CLASS, WHAT, WHERE, LINK, SINCE, DO) of the body and the verdict in one sentence.
 * `queries` is used to name the statement that grew most. */
void attention_fill(struct page *page, const struct series *series, const struct query_summary_list *queries);

#endif
