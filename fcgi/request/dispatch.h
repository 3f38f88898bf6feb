/* From a request's parameters to its answer: route, who is calling, what they may, the handler, errors. */
#ifndef POTTO_FCGI_REQUEST_DISPATCH_H
#define POTTO_FCGI_REQUEST_DISPATCH_H

#include "fcgi/request/answer_cache.h"
#include "fcgi/request/request.h"
#include "fcgi/request/request_read.h"
#include "fcgi/request/response.h"

/* Compile the route table. Refuses one with a hole (any *_UNSET, a public row that sees data, a page that
 * writes without a CSRF check, …) and says which on stderr. */
bool dispatch_check(void);

/* Answer one request. `request` has its arena, store, config, keys and received_at_us set, the rest zero; `params` and
 * `body` are read from. The answer is complete in `response`, whatever happened. */
void dispatch(char *const *params, struct body_source *body, struct answer_cache *cache, struct request *request,
              struct response *response);

#endif
