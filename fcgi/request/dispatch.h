/* From a request's parameters to its answer: finds the route, makes the scope, checks permissions, calls the handler,
 * writes errors. */
#ifndef POTTO_FCGI_REQUEST_DISPATCH_H
#define POTTO_FCGI_REQUEST_DISPATCH_H

#include "fcgi/request/answer_cache.h"
#include "fcgi/request/request.h"
#include "fcgi/request/request_read.h"
#include "fcgi/request/response.h"

/* Compile the route table. Returns false for a table with a hole (any *_UNSET, a public row that sees data, a page that
 * writes without a CSRF check, …), and names the hole on stderr. */
bool dispatch_check(void);

/* Answer one request. The caller sets arena, store, config, keys and received_at_us of `request`; the other members are
 * zero. They are filled from `params` and `body`. `response` always holds a complete answer afterwards. */
void dispatch(char *const *params, struct body_source *body, struct answer_cache *cache, struct request *request,
              struct response *response);

#endif
