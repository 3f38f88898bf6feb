/* Who is calling and whether they may: the columns `access` and `flags` of the route table. */
#ifndef POTTO_FCGI_REQUEST_ACCESS_H
#define POTTO_FCGI_REQUEST_ACCESS_H

#include "fcgi/routes.h"

/* Make the scope that `route` asks for; NULL for public ones. May set cookies on `response`.
 *
 * Bearer tokens open the API; a page's cookies open pages, and of the API only what reads, since a browser
 * sends them along with other sites' forms.
 * Errors: STATUS_UNAUTHENTICATED, STATUS_FORBIDDEN (role), STATUS_ABSENT (loopback only), STATUS_UNAVAILABLE. */
enum status access_check(const struct route *route, struct request *request, struct response *response,
                         const struct scope **out_scope, struct error *error);

/* A page's POST must come from our own page: the CSRF token (ROUTE_FORM), and what the browser says of its
 * origin. Errors: STATUS_FORBIDDEN. */
enum status access_check_form(const struct route *route, const struct request *request, const struct scope *scope,
                              struct error *error);

#endif
