/* The page for a failed page request; the dispatcher calls it for every route with ROUTE_PAGE. */
#ifndef POTTO_FCGI_PAGES_ERROR_H
#define POTTO_FCGI_PAGES_ERROR_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "store/scope/scope.h"

/* Says what failed and how to go on, with the HTTP code of `error`. Needs neither the store nor a
 * signed-in user: `scope` may be NULL. Replaces whatever body `response` had. */
enum status page_error(const struct request *request, const struct scope *scope, const struct error *error,
                       struct response *response);

#endif
