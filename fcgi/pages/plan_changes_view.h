/* The changes of a statement's plan on its page: what changed, why, and whether it takes longer since. */
#ifndef POTTO_FCGI_PAGES_PLAN_CHANGES_VIEW_H
#define POTTO_FCGI_PAGES_PLAN_CHANGES_VIEW_H

#include "fcgi/pages/page.h"
#include "store/read/plan_flip.h"
#include "store/read/plan_history.h"

enum { PLAN_CHANGES_SHOWN = 10 };

/* Include the part at {{>PLAN_CHANGES}}, unless no plan changed, and show the notice of a change in the period.
 * texts: the plans of the history, opened (fcgi/request/literals.h). The parameter "change" of the address, the hash of
 * a plan, chooses the change that is compared; else it is the newest. */
void plan_changes_view_show(struct page *page, const struct plan_flip *flip, const struct plan_history *history,
                            const struct text *texts);

#endif
