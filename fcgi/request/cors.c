/* Cross-origin requests; see cors.h. */
#include "fcgi/request/cors.h"

#include "base/origin.h"
#include "fcgi/request/route_match.h"

enum { METHODS_BYTES = 80 };

/* The entry of POTTO_CORS_ORIGINS that allows the request's origin; data NULL: none. */
static struct text allowed_origin(const struct request *request)
{
    bool is_api = text_starts(request->path, TEXT("/api/")) || text_equal(request->path, TEXT("/health"));

    if (request->config->cors_origins == NULL || !is_api)
        return (struct text){NULL, 0};
    return origins_find(request->config->cors_origins, request->origin);
}

void cors_headers(const struct request *request, struct response *response)
{
    struct text allowed = allowed_origin(request);

    if (request->config->cors_origins != NULL) /* also without an origin: caches must not give that answer to others */
        response_header(response, "Vary", "Origin");
    if (allowed.data == NULL)
        return;
    response_header(response, "Access-Control-Allow-Origin", arena_string(request->arena, allowed.data, allowed.size));
    response_header(response, "Access-Control-Expose-Headers",
                    "ETag, Location, Retry-After, X-Next-Cursor, X-Request-Id");
}

void cors_options(const struct request *request, unsigned allowed_methods, struct response *response)
{
    char methods[METHODS_BYTES];

    route_allow_header(allowed_methods, methods, sizeof methods);
    response->code = 204;
    response_header(response, "Allow", arena_printf(request->arena, "%s, OPTIONS", methods));
    if (allowed_origin(request).data == NULL)
        return;
    response_header(response, "Access-Control-Allow-Methods", methods);
    response_header(response, "Access-Control-Allow-Headers",
                    "Accept, Authorization, Content-Encoding, Content-Type, If-None-Match");
    response_header(response, "Access-Control-Max-Age", "600");
}
