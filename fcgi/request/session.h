/* The two cookies of a signed-in browser: potto_access holds the JWT, potto_refresh the refresh token. */
#ifndef POTTO_FCGI_REQUEST_SESSION_H
#define POTTO_FCGI_REQUEST_SESSION_H

#include "auth/authenticate.h"
#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

#define SESSION_ACCESS_COOKIE  "potto_access"
#define SESSION_REFRESH_COOKIE "potto_refresh"

/* Make the scope of the user whose session the cookies hold. If the access token is missing or no longer valid, the
 * refresh token renews the session once, and both new cookies are set on `response`. If that fails, both cookies are
 * removed.
 * Errors: STATUS_UNAUTHENTICATED, STATUS_UNAVAILABLE. */
enum status session_from_cookies(const struct request *request, struct response *response,
                                 const struct scope **out_scope, struct error *error);

void session_cookies_set(const struct request *request, struct response *response, const struct auth_session *session);
void session_cookies_clear(struct response *response);

#endif
