/* The page for a failed request. The dispatcher calls it for every route with ROUTE_PAGE. */
#ifndef POTTO_FCGI_PAGES_ERROR_H
#define POTTO_FCGI_PAGES_ERROR_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "store/scope/scope.h"

/* Write what failed and how to go on, with the HTTP code of `error`. Needs no store and no signed-in user: `scope` may
 * be NULL. Replaces the body of `response`. */
enum status page_error(const struct request *request, const struct scope *scope, const struct error *error,
                       struct response *response);

#endif
