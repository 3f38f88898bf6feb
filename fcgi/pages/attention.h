/* Findings that want attention: databases that are not watched as they should be, and load far above its usual level.
 * Each finding says what happens, where and since when, and only what the data shows. */
#ifndef POTTO_FCGI_PAGES_ATTENTION_H
#define POTTO_FCGI_PAGES_ATTENTION_H

#include "fcgi/pages/page.h"
#include "store/read/series.h"
#include "store/read/summary.h"
#include "watch/watch.h"

/* Nothing but its agent sends data: it has no host, or no collector reads its engine. */
bool attention_is_agent_only(const struct connection *connection);

/* How well one database is watched, from its last runs and its newest data. */
enum watch_state attention_watch_state(const struct connection *connection, int64_t now_us);
const char *attention_watch_label(enum watch_state state); /* for people: "watched", "failing", … */
const char *attention_watch_class(enum watch_state state); /* for the style: "good", "warn", "bad", "idle" */
/* One sentence on what is wrong; data NULL if nothing is. Lives in `page`'s arena. */
struct text attention_watch_problem(const struct page *page, const struct connection *connection);

/* Fill the FINDING sections (CLASS, WHAT, WHERE, LINK, SINCE, REMEDY, GROWN) of the body, and the verdict in one
 * sentence. `queries` serves to name the statement that grew most. */
void attention_fill(struct page *page, const struct series *series, const struct query_summary_list *queries);

#endif
