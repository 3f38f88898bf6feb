/* A plan as a page draws it: rows indented by depth, with estimates and doubtful points. */
#ifndef POTTO_FCGI_PAGES_PLAN_VIEW_H
#define POTTO_FCGI_PAGES_PLAN_VIEW_H

#include "fcgi/pages/page.h"
#include "plan/compare.h"
#include "plan/findings.h"
#include "store/read/plan.h"

/* Include one plan more at {{>PLANS}} of `data` (templates/plan.tpl), with what is found in it. plan_json: the JSON of
 * the plan, opened (fcgi/request/literals.h). A plan that cannot be read as a tree is shown as its JSON. */
void plan_view_add(const struct page *page, struct page_data *data, const struct query_plan *plan,
                   struct text plan_json);
/* The same of a plan that somebody pasted. */
void plan_view_add_pasted(const struct page *page, struct page_data *data, const struct plan *plan);

/* Show the gravest finding of a stored plan as a notice, if it is grave. */
void plan_view_notice(const struct page *page, const struct query_plan *plan, struct text plan_json);

/* Include a tree at {{>TREE}} of `data`. findings: NULL: none are shown. marks: of each node; NULL: none. alone: what
 * is said of a node that is in one plan alone. */
void plan_view_tree(const struct page *page, struct page_data *data, const struct plan *plan,
                    const struct plan_findings *findings, const enum plan_mark *marks, const char *alone);

/* Set the variables that tell where a plan comes from, and what it costs (unknown: the plan's own, if > 0). */
void plan_view_about(struct page_data *data, const struct query_plan *plan, double total_cost);

/* The dialect of the plans of a connection. */
enum plan_dialect plan_view_dialect(const struct page *page, int64_t connection_id);

#endif
