/* A plan as rows for templates/query.tpl, indented by depth, with estimates and doubtful points. */
#ifndef POTTO_FCGI_PAGES_PLAN_VIEW_H
#define POTTO_FCGI_PAGES_PLAN_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/plan.h"

/* Fill one PLAN section. plan_json: the JSON of the plan, opened (fcgi/request/literals.h). A plan that cannot be read
 * as a tree is shown as its JSON. */
void plan_view_fill(const struct page *page, struct page_data *data, const struct query_plan *plan,
                    struct text plan_json);

#endif
