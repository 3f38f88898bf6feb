/* The dispatcher; see dispatch.h. */
#include "fcgi/request/dispatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/handlers.h"
#include "fcgi/request/access.h"
#include "fcgi/request/admission.h"
#include "fcgi/request/cors.h"
#include "fcgi/request/inflate.h"
#include "fcgi/request/metrics.h"
#include "fcgi/request/route_match.h"
#include "fcgi/request/url.h"

enum {
    INFLATED_PLAIN_BYTES_MAX = 4 * REQUEST_BODY_BYTES_MAX,
    STRANGER_QUICK_BYTES = 256 * 1024, /* it takes a few ms to receive them and to find the token in them */
};

bool dispatch_check(void)
{
    if (!route_table_is_sound())
        return false;
    route_match_init();
    return true;
}

/* 128 bits: a random start for each process, then a counter, both mixed by the finalizer of splitmix64. So ids do not
 * repeat, and making one needs no system call. They only name requests; they are not secret. */
static void make_request_id(char out[33])
{
    static uint64_t state[2];
    static const char digits[] = "0123456789abcdef";

    if (state[0] == 0 && getrandom(state, sizeof state, 0) != (ssize_t)sizeof state)
        state[0] = (uint64_t)clock_now_us();
    state[0] += UINT64_C(0x9e3779b97f4a7c15);
    for (int half = 0; half < 2; half++) {
        uint64_t mixed = state[0] ^ (half ? state[1] : 0);

        mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
        mixed ^= mixed >> 31;
        for (int i = 0; i < 16; i++)
            out[half * 16 + i] = digits[(mixed >> (60 - 4 * i)) & 15];
    }
    out[32] = '\0';
}

/* The media type of a header without its parameters. */
static bool is_media_type(struct text header, struct text wanted)
{
    struct text type;

    return text_split(&header, ';', &type) && text_equal_nocase(text_trim(type), wanted);
}

/* How large a body may be, as sent and inflated. */
static void body_bounds(const struct route *route, size_t *out_sent_max, size_t *out_inflated_max)
{
    bool is_large = (route->flags & ROUTE_LARGE_BODY) != 0;
    bool is_short = (route->flags & ROUTE_PAGE) != 0 && (route->flags & ROUTE_LONG_FORM) == 0;

    *out_sent_max = is_large ? INGEST_BODY_BYTES_MAX : is_short ? FORM_BODY_BYTES_MAX : REQUEST_BODY_BYTES_MAX;
    *out_inflated_max = is_large ? INFLATE_BYTES_MAX : is_short ? FORM_BODY_BYTES_MAX : INFLATED_PLAIN_BYTES_MAX;
}

static enum status receive_body(const struct route *route, const struct body_source *source, struct request *request,
                                struct error *error)
{
    size_t sent_max, inflated_max;

    body_bounds(route, &sent_max, &inflated_max);
    return request->method == METHOD_GET ? STATUS_OK : request_body_receive(request, source, sent_max, error);
}

static enum status decode_body(const struct route *route, struct request *request, struct error *error)
{
    bool is_page = (route->flags & ROUTE_PAGE) != 0;
    size_t sent_max, inflated_max;
    enum status status;

    body_bounds(route, &sent_max, &inflated_max);
    status = request_body_decode(request, inflated_max, error);
    if (status != STATUS_OK || request->body.size == 0)
        return status;
    if (!is_page && !is_media_type(request->content_type, TEXT("application/json")))
        return error_set(error, STATUS_MEDIA_TYPE, "Send Content-Type: application/json.");
    if (is_page && !is_media_type(request->content_type, TEXT("application/x-www-form-urlencoded")))
        return error_set(error, STATUS_MEDIA_TYPE, "Send Content-Type: application/x-www-form-urlencoded.");
    return STATUS_OK;
}

/* Receive the body of a stranger, in which there may be an agent's token. A large one takes as long as a slow read, so
 * it counts for the network that it comes from. */
static enum status receive_stranger(const struct route *route, const struct body_source *source,
                                    struct request *request, struct error *error)
{
    bool is_quick = source->content_length >= 0 && source->content_length <= STRANGER_QUICK_BYTES;
    enum status status = is_quick ? STATUS_OK : admission_check(request, NULL, error);

    return status == STATUS_OK ? receive_body(route, source, request, error) : status;
}

/* Learn who calls, then read the body: nothing is received for strangers, nor inflated. An agent may send its token in
 * the body; then the body is received first, and its start is decoded to find the token. */
static enum status admit(const struct route *route, const struct body_source *source, struct request *request,
                         struct response *response, const struct scope **out_scope, struct error *error)
{
    bool is_token_in_body = access_is_token_in_body(route, request);
    enum status status = STATUS_OK;

    if (is_token_in_body)
        status = receive_stranger(route, source, request, error);
    if (status == STATUS_OK)
        status = access_check(route, request, response, out_scope, error);
    if (status == STATUS_OK)
        status = admission_check(request, *out_scope, error);
    if (status == STATUS_OK && !is_token_in_body)
        status = receive_body(route, source, request, error);
    return status == STATUS_OK ? decode_body(route, request, error) : status;
}

static enum status check_body_made(const struct response *response, struct error *error)
{
    if (!response->body.has_failed && !response->headers.has_failed)
        return STATUS_OK;
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return error_detail(error, "the answer is larger than its buffer");
}

/* Weak comparison (RFC 9110, 13.1.2), because nginx makes the tag of a compressed answer weak. */
static bool has_etag(struct text if_none_match, const char *etag)
{
    struct text tag;

    while (text_split(&if_none_match, ',', &tag)) {
        tag = text_trim(tag);
        if (text_starts(tag, TEXT("W/")))
            tag = (struct text){tag.data + 2, tag.size - 2};
        if (text_equal(tag, text_of(etag)) || text_equal(tag, TEXT("*")))
            return true;
    }
    return false;
}

/* Answer 304 if the caller already has this answer. */
static void name_version(const struct request *request, uint64_t version, struct response *response)
{
    char etag[24];

    snprintf(etag, sizeof etag, "\"%016" PRIx64 "\"", version);
    response_header(response, "ETag", etag);
    response_header(response, "Cache-Control", "private, no-cache");
    if (has_etag(request->if_none_match, etag)) {
        response->code = 304;
        response->content_type = NULL;
        buffer_clear(&response->body);
    }
}

static struct text headers_since(const struct response *response, size_t from_bytes)
{
    struct text all = buffer_text(&response->headers);

    return all.size == from_bytes ? TEXT("") : (struct text){all.data + from_bytes, all.size - from_bytes};
}

static enum status handle_cached(const struct route *route, size_t route_index, struct answer_cache *cache,
                                 const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    struct text key = answer_cache_key(request, route_index, scope);
    size_t before_bytes = response->headers.size_bytes; /* cookies of this caller */
    struct answer answer;
    enum status status;

    if (answer_cache_find(cache, key, &answer)) {
        metrics_count_cache(1);
        response->content_type = answer.content_type;
        buffer_append_text(&response->headers, answer.headers);
        buffer_append_text(&response->body, answer.body);
        name_version(request, answer.etag, response);
        return STATUS_OK;
    }
    metrics_count_cache(0);
    status = route->handle(request, scope, response, error);
    if (status == STATUS_OK)
        status = check_body_made(response, error);
    if (status != STATUS_OK || response->code != 200)
        return status;
    answer = (struct answer){.content_type = response->content_type,
                             .headers = headers_since(response, before_bytes),
                             .body = buffer_text(&response->body)};
    name_version(request, answer_cache_put(cache, key, &answer), response);
    return STATUS_OK;
}

static enum status handle(const struct route *route, size_t route_index, struct answer_cache *cache,
                          const struct request *request, const struct scope *scope, struct response *response,
                          struct error *error)
{
    enum status status;

    if (route->flags & ROUTE_CACHED)
        return handle_cached(route, route_index, cache, request, scope, response, error);
    status = route->handle(request, scope, response, error);
    return status == STATUS_OK ? check_body_made(response, error) : status;
}

/* Refuse query parameters of a write, which takes its input from the body, unless its row in the route table allows
 * them. Handlers of reads check their own parameters. */
static enum status check_query(const struct route *route, const struct request *request, struct error *error)
{
    static const char *const none[] = {NULL};

    if (request->method == METHOD_GET || (route->flags & (ROUTE_PAGE | ROUTE_QUERY)))
        return STATUS_OK;
    return request_query_only(request, none, error);
}

/* ---- errors ---- */

/* No route was found yet, so guess by the path: people type addresses of pages, programs those of the API. */
static bool looks_like_page(const struct request *request)
{
    return !text_starts(request->path, TEXT("/api")) && !text_equal(request->path, TEXT("/health")) &&
           !text_equal(request->path, TEXT("/metrics"));
}

static void redirect_to_login(const struct request *request, struct response *response)
{
    struct text rest = request->raw_path;
    bool has_query = request->query_string.size > 0;
    char *next;

    if (request->method != METHOD_GET || text_equal(rest, TEXT("/"))) {
        response_redirect(response, "/login");
        return;
    }
    next = arena_printf(request->arena, "%.*s%s%.*s", (int)rest.size, rest.data, has_query ? "?" : "",
                        (int)request->query_string.size, request->query_string.data);
    response_redirect(response,
                      arena_printf(request->arena, "/login?next=%s", url_encode(text_of(next), request->arena)));
}

static void log_failure(const struct request *request, const struct error *error)
{
    /* The path without its query string, which may hold search terms of people. */
    char context[256];

    snprintf(context, sizeof context, "%s %.*s", request->id,
             (int)(request->path.size > 200 ? 200 : request->path.size), request->path.data);
    log_error("request_failed", context, error);
}

static void answer_error(const struct request *request, const struct scope *scope, struct error *error,
                         unsigned allowed_methods, struct response *response)
{
    char text[64];

    buffer_clear(&response->body);
    response->content_type = NULL;
    if (status_http_code(error->status) >= 500)
        log_failure(request, error);
    if (error->status == STATUS_UNAUTHENTICATED && request->is_page) {
        redirect_to_login(request, response);
        return;
    }
    if (error->retry_after_s > 0) {
        snprintf(text, sizeof text, "%d", error->retry_after_s);
        response_header(response, "Retry-After", text);
        if (request->is_page && request->method == METHOD_GET) /* the browser loads the page again by itself */
            response_header(response, "Refresh", text);
    }
    if (error->status == STATUS_METHOD) {
        route_allow_header(allowed_methods, text, sizeof text);
        response_header(response, "Allow", text);
    }
    if (error->status == STATUS_UNAUTHENTICATED)
        response_header(response, "WWW-Authenticate", "Bearer realm=\"potto\"");
    if (!request->is_page || page_error(request, scope, error, response) != STATUS_OK)
        response_problem(response, error, request->id);
}

void dispatch(char *const *params, struct body_source *body, struct answer_cache *cache, struct request *request,
              struct response *response)
{
    struct error error = {0};
    struct route_match match = {.route_index = route_count};
    const struct route *route = NULL;
    const struct scope *scope = NULL;
    size_t kept_header_bytes = 0;
    enum status status;

    make_request_id(request->id);
    status = request_read(params, request, &body->content_length, &error);
    request->is_page = looks_like_page(request);
    if (status == STATUS_OK)
        status = route_match(request, &match, &error);
    cors_headers(request, response);
    if (status == STATUS_METHOD && request->is_options) {
        cors_options(request, match.allowed_methods, response);
        metrics_count_request(match.route_index, response->code, clock_now_us() - request->received_at_us);
        return;
    }
    if (status == STATUS_OK) {
        route = &routes[match.route_index];
        request->is_page = (route->flags & ROUTE_PAGE) != 0;
        status = admit(route, body, request, response, &scope, &error);
    }
    if (status == STATUS_OK) {
        store_enter(request->store, scope);
        admission_hurry(request);
    }
    /* The cookies of a renewed session are sent even if the request fails, because the old refresh token is already
     * used up. */
    kept_header_bytes = response->headers.size_bytes;
    if (status == STATUS_OK && request->is_page && request->method != METHOD_GET)
        status = access_check_form(route, request, scope, &error);
    if (status == STATUS_OK)
        status = check_query(route, request, &error);
    if (status == STATUS_OK)
        status = handle(route, match.route_index, cache, request, scope, response, &error);
    status = admission_outcome(request, status, &error);
    store_rollback(request->store); /* a handler that failed may have left a transaction open */
    if (status != STATUS_OK) {
        error.status = status;
        response->headers.size_bytes = kept_header_bytes;
        response->headers.has_failed = false;
        response->code = status_http_code(status);
        answer_error(request, scope, &error, match.allowed_methods, response);
    }
    store_enter(request->store, NULL);
    metrics_count_request(match.route_index, response->code, clock_now_us() - request->received_at_us);
}
