/* Cross-origin requests: browsers let pages of the origins in POTTO_CORS_ORIGINS read what the API answers. A page
 * sends its own access token or API token. Cookies are never allowed: no answer has
 * Access-Control-Allow-Credentials. */
#ifndef POTTO_FCGI_REQUEST_CORS_H
#define POTTO_FCGI_REQUEST_CORS_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* Add the headers of an answer, whatever it will be. Pages and /metrics get none. */
void cors_headers(const struct request *request, struct response *response);

/* Answer OPTIONS for a path that takes these methods: 204 with Allow, and what a browser asks before it sends a request
 * of another origin. Call cors_headers() before. */
void cors_options(const struct request *request, unsigned allowed_methods, struct response *response);

#endif
