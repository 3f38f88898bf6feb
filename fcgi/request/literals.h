/* The literals of an answer. The store gives them only after it noted who reads them (store/admin/literal_audit.h); an
 * answer whose literals cannot be noted is not given. Texts live in the request's arena. Errors: STATUS_UNAVAILABLE. */
#ifndef POTTO_FCGI_REQUEST_LITERALS_H
#define POTTO_FCGI_REQUEST_LITERALS_H

#include "fcgi/request/request.h"
#include "store/read/plan.h"
#include "store/read/sample.h"
#include "store/scope/scope.h"

/* The texts of `literals`, in their order; that of NULL has data NULL. */
enum status literals_open(const struct request *request, const struct scope *scope,
                          const struct literal_text *const *literals, size_t count, const struct text **out_texts,
                          struct error *error);

/* full_sql of each sample; data NULL: not kept. */
enum status literals_open_samples(const struct request *request, const struct scope *scope,
                                  const struct sample_list *list, const struct text **out_texts, struct error *error);

/* The JSON of each plan. */
enum status literals_open_plans(const struct request *request, const struct scope *scope,
                                const struct query_plan_list *list, const struct text **out_texts, struct error *error);

#endif
