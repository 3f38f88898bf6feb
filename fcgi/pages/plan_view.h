/* A plan as a page draws it: rows indented by depth, with estimates and doubtful points. */
#ifndef POTTO_FCGI_PAGES_PLAN_VIEW_H
#define POTTO_FCGI_PAGES_PLAN_VIEW_H

#include "fcgi/pages/page.h"
#include "plan/compare.h"
#include "store/read/plan.h"

/* Include one plan more at {{>PLANS}} of `data` (templates/plan.tpl). plan_json: the JSON of the plan, opened
 * (fcgi/request/literals.h). A plan that cannot be read as a tree is shown as its JSON. */
void plan_view_add(const struct page *page, struct page_data *data, const struct query_plan *plan,
                   struct text plan_json);

/* Include a tree at {{>TREE}} of `data`. marks: of each node; NULL: none. alone: what is said of a node that is in one
 * plan alone. */
void plan_view_tree(const struct page *page, struct page_data *data, const struct plan *plan,
                    const enum plan_mark *marks, const char *alone);

/* Set the variables that tell where a plan comes from, and what it costs (unknown: the plan's own, if > 0). */
void plan_view_about(struct page_data *data, const struct query_plan *plan, double total_cost);

/* The dialect of the plans of a connection. */
enum plan_dialect plan_view_dialect(const struct page *page, int64_t connection_id);

#endif
