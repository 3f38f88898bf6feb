/* Answers of ROUTE_CACHED routes, kept for a worker, least recently used first out.
 *
 * Why an answer can never reach somebody who may not have it: the dispatcher authenticates and makes the
 * scope anew, from the store, on every request, before it looks here. So a deactivated user or connection, a
 * changed role or team and a revoked token bite at once: there is no scope, or another one. The key holds all
 * that the answer is made of: the route; the query's parameters; the organization, user, role and a digest of the
 * visible connections (scope_digest); the version of the organization's rolled-up data, which goes up
 * with every change of the data, of which connections there are, and of what they are called; and the five
 * minutes that it is now, for periods that end now. Keys are compared byte by byte. Handlers of cached
 * routes read rollups and connections alone (routes.h), nothing that changes without the version. */
#ifndef POTTO_FCGI_REQUEST_ANSWER_CACHE_H
#define POTTO_FCGI_REQUEST_ANSWER_CACHE_H

#include "fcgi/request/request.h"
#include "store/scope/scope.h"

enum { ANSWER_CACHE_BYTES = 2 * 1024 * 1024, ANSWER_CACHE_ENTRIES = 128 };

struct answer_cache;
struct answer_cache *answer_cache_new(size_t max_bytes); /* bodies and keys together */
void answer_cache_destroy(struct answer_cache *cache);   /* NULL is fine */

/* The key of a request under its scope; lives in the request's arena. The order of parameters with
 * different names does not matter. */
struct text answer_cache_key(const struct request *request, size_t route_index, const struct scope *scope);

struct answer {
    struct text body; /* JSON; the cache's, good until the next put */
    uint64_t etag;    /* of the body */
};
bool answer_cache_find(struct answer_cache *cache, struct text key, struct answer *out_answer);

/* Keep a copy, in place of the same key's. A body of more than an eighth of the bound is not kept. */
struct answer answer_cache_put(struct answer_cache *cache, struct text key, struct text body);

#endif
