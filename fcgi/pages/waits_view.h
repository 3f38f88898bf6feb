/* What sessions waited for, and who kept them waiting: words, tables and lists of pages. */
#ifndef POTTO_FCGI_PAGES_WAITS_VIEW_H
#define POTTO_FCGI_PAGES_WAITS_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/waits.h"

/* Why a period has no waits; NULL: sessions were looked at. `totals`: of the period. */
const char *waits_view_why_none(const struct page *page, const struct connection *connection,
                                const struct waits_watch *watch, const struct waits_totals *totals);

/* Show WATCH_PROBLEM (WATCH_CLASS, PROBLEM, HAS_REMEDY (REMEDY)), if the last look did not go well or could not see
 * something. */
void waits_view_problem(struct page_data *data, const struct waits_watch *watch);

/* The session time of a class, as a part of all groups; the groups are of wait_class. */
double waits_view_class_share(const struct waits_groups *groups, enum wait_class wait_class);

/* What sessions did with their time, most first: "53 % of its time it waited for locks, 20 % it worked". There is
 * session time. In the arena of `page`. */
const char *waits_view_shares(const struct page *page, const struct waits_groups *classes, const char *whose,
                              const char *who);

/* What a session that keeps others waiting does, for people: "idle in transaction". */
const char *waits_view_state(enum block_state state);

/* For how long sessions waited for locks behind others, in all. */
double waits_view_kept_ms(const struct waits_report *report);

/* One sentence: how many sessions were at work, and what they waited for most. In the arena of `page`. */
const char *waits_view_sentence(const struct page *page, const struct waits_groups *classes,
                                const struct waits_totals *totals);

/* Include charts.tpl at {{>CHARTS}} of the body: average active sessions by class. */
void waits_view_chart(struct page *page, const struct waits_report *report);

/* Show a statement as HAS_SQL (LINK, SPAN …), or as NO_SQL (WHY) if it is not known. */
void waits_view_statement(const struct page *page, struct page_data *data, bool is_known, struct sql_hash hash,
                          struct text fingerprint, const char *why, enum sql_dialect dialect);

/* Show a ROW section of `table` for each group: its name by what `group_by` says (CLASS_KEY, WAIT, EVENT; or LINK, SPAN
 * …; or NAME), SESSIONS, SHARE, SHARE_WIDTH. */
void waits_view_groups(const struct page *page, struct page_data *table, const struct waits_groups *groups,
                       const char *group_by, enum sql_dialect dialect, double watched_ms);

/* Include chains.tpl at {{>CHAINS}}: each session that kept others waiting, with the statements that waited for it. */
void waits_view_roots(const struct page *page, struct page_data *data, const struct waits_report *report,
                      enum sql_dialect dialect);

#endif
