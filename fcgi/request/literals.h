/* The literals of an answer. The store opens them only after it noted the reader (store/admin/literal_audit.h). If that
 * fails, there is no answer. Texts live in the request's arena. Errors: STATUS_UNAVAILABLE. */
#ifndef POTTO_FCGI_REQUEST_LITERALS_H
#define POTTO_FCGI_REQUEST_LITERALS_H

#include "fcgi/request/request.h"
#include "store/read/plan_history.h"
#include "store/read/sample.h"
#include "store/scope/scope.h"

/* Open `literals`. The texts have the same order; data NULL for a literal that is NULL. */
enum status literals_open(const struct request *request, const struct scope *scope,
                          const struct literal_text *const *literals, size_t count, const struct text **out_texts,
                          struct error *error);

/* Open full_sql of each sample; data NULL if it is not kept. */
enum status literals_open_samples(const struct request *request, const struct scope *scope,
                                  const struct sample_list *list, const struct text **out_texts, struct error *error);

/* Open the JSON of each plan, or of the plan of each step. */
enum status literals_open_plans(const struct request *request, const struct scope *scope,
                                const struct query_plan_list *list, const struct text **out_texts, struct error *error);
enum status literals_open_history(const struct request *request, const struct scope *scope,
                                  const struct plan_history *history, const struct text **out_texts,
                                  struct error *error);

#endif
