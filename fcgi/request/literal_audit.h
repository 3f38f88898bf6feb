/* Who was shown statements with the values they ran with: a line in the audit log for each user, sample and day, or, of
 * lists, for each user, database and day. What this worker has written today it does not try to write again, so that
 * reading costs one small statement the first time and nothing after. */
#ifndef POTTO_FCGI_REQUEST_LITERAL_AUDIT_H
#define POTTO_FCGI_REQUEST_LITERAL_AUDIT_H

#include "fcgi/request/request.h"
#include "store/read/plan.h"
#include "store/read/sample.h"
#include "store/scope/scope.h"

/* Before an answer holds full_sql; an answer that cannot be noted is not given. Nothing is written for samples without
 * it. Errors: STATUS_UNAVAILABLE. */
enum status literal_audit_sample(const struct request *request, const struct scope *scope, const struct sample *sample,
                                 struct error *error);
enum status literal_audit_list(const struct request *request, const struct scope *scope, const struct sample_list *list,
                               struct error *error);

/* The same of plans: their conditions hold values, except in generic plans, which were made for `$1`. */
enum status literal_audit_plans(const struct request *request, const struct scope *scope,
                                const struct query_plan *const *plans, size_t count, struct error *error);
enum status literal_audit_plan_list(const struct request *request, const struct scope *scope,
                                    const struct query_plan_list *list, struct error *error);

#endif
