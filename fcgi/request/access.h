/* Authentication and authorisation of a request, by the columns `access` and `flags` of the route table. */
#ifndef POTTO_FCGI_REQUEST_ACCESS_H
#define POTTO_FCGI_REQUEST_ACCESS_H

#include "fcgi/routes.h"

/* Whether the caller can only be known from the body, which must be received before access_check(): an agent that sends
 * no header Authorization. */
bool access_is_token_in_body(const struct route *route, const struct request *request);

/* Make the scope that `route` requires; it is NULL for public routes. May set cookies on `response`.
 *
 * A Bearer token opens the API. A cookie opens pages, and only the reading routes of the API, because a browser also
 * sends cookies along with the forms of other sites.
 * Errors: STATUS_UNAUTHENTICATED, STATUS_FORBIDDEN (role), STATUS_ABSENT (loopback only), STATUS_UNAVAILABLE; those of
 * request_body_decode(), if the token is in the body. */
enum status access_check(const struct route *route, struct request *request, struct response *response,
                         const struct scope **out_scope, struct error *error);

/* Check that a page's POST comes from our own page, by the CSRF token (ROUTE_FORM) and by the origin that the browser
 * states. Errors: STATUS_FORBIDDEN. */
enum status access_check_form(const struct route *route, const struct request *request, const struct scope *scope,
                              struct error *error);

#endif
