/* A cache of the answers of ROUTE_CACHED routes. Each worker has its own. When it is full, the least recently used
 * answer is removed.
 *
 * An answer never reaches a caller who may not have it. Before each look-up the dispatcher authenticates the caller and
 * makes the scope again from the store. So a deactivated user or connection, a changed role or team and a revoked token
 * take effect at once: there is no scope, or a different one. The key holds everything that the answer depends on:
 * - the route and the query's parameters, and whether CSV is wanted;
 * - the organization, the user, the role and a digest of the visible connections (scope_digest);
 * - the version of the organization's rolled-up data, which goes up whenever the data, the set of connections or their
 * names change;
 * - the current five-minute interval, for periods that end now.
 * Keys are compared byte by byte. Handlers of cached routes read only rollups and connections (routes.h), so nothing
 * that they read changes without the version. */
#ifndef POTTO_FCGI_REQUEST_ANSWER_CACHE_H
#define POTTO_FCGI_REQUEST_ANSWER_CACHE_H

#include "fcgi/request/request.h"
#include "store/scope/scope.h"

enum { ANSWER_CACHE_BYTES = 2 * 1024 * 1024, ANSWER_CACHE_ENTRIES = 128 };

struct answer_cache;
struct answer_cache *answer_cache_new(size_t max_bytes); /* limit for bodies and keys together */
void answer_cache_destroy(struct answer_cache *cache);   /* NULL is fine */

/* The key of a request under its scope. It lives in the request's arena. Parameters with different names may come in
 * any order: the key is the same. */
struct text answer_cache_key(const struct request *request, size_t route_index, const struct scope *scope);

struct answer {
    const char *content_type; /* static */
    struct text headers;      /* lines, each with CRLF; this and the body are owned by the cache, until the next put */
    struct text body;
    uint64_t etag; /* of the body; answer_cache_put makes it */
};
bool answer_cache_find(struct answer_cache *cache, struct text key, struct answer *out_answer);

/* Keep a copy of `answer`, replacing an older one with the same key. An answer that exceeds an eighth of max_bytes with
 * its key is not kept. Returns the ETag. */
uint64_t answer_cache_put(struct answer_cache *cache, struct text key, const struct answer *answer);

#endif
