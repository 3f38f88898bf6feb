/* Whether a request may run now, while others of the same caller or network do (fcgi/request/crowd.h). */
#ifndef POTTO_FCGI_REQUEST_ADMISSION_H
#define POTTO_FCGI_REQUEST_ADMISSION_H

#include "fcgi/routes.h"

/* Take this worker's place. Counted are all requests with a scope, and those without one that send something: they may
 * cost a password's hash, or a search for a token. A request may be checked again when its caller is known.
 * Errors: STATUS_THROTTLED. */
enum status admission_check(struct request *request, const struct scope *scope, struct error *error);

/* Make a request hurry that is over a bound: its statements have CROWD_QUICK_US. After store_enter. */
void admission_hurry(const struct request *request);

/* The status of a request that has failed with `status`: STATUS_THROTTLED instead of STATUS_TIMEOUT if it had to hurry
 * and was not quick. */
enum status admission_outcome(const struct request *request, enum status status, struct error *error);

#endif
