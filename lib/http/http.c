/* A request with its repetitions and redirects; see http.h. */
#include "http/http.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "http/exchange.h"

enum { PAUSE_STEP_MS = 50 };

static enum status check_headers(const struct http_request *request, struct error *error)
{
    if (request->header_count > HTTP_HEADERS_MAX)
        return error_set(error, STATUS_INVALID, "The request has too many headers.");
    for (size_t i = 0; i < request->header_count; i++) {
        struct text value = request->headers[i].value;

        for (size_t k = 0; k < value.size; k++)
            if ((unsigned char)value.data[k] < ' ' || value.data[k] == 0x7f)
                return error_set(error, STATUS_INVALID, "The header %s has a control character.",
                                 request->headers[i].name);
    }
    return STATUS_OK;
}

/* Whether it does no harm, and may help, to ask again. */
static bool may_repeat(const struct http_request *request, const struct http_exchange *exchange)
{
    bool is_get = request->method == HTTP_METHOD_GET;

    if (exchange->status == STATUS_UNAVAILABLE)
        return is_get || !exchange->was_connected;
    if (exchange->status != STATUS_OK)
        return false;
    switch (exchange->code) {
    case 429:
    case 503:
    case 529: /* Anthropic's: overloaded */
        return true;
    case 500:
    case 502:
    case 504:
        return is_get;
    default:
        return false;
    }
}

/* Between half of a time that doubles with each attempt and the whole of it, so that callers who failed together do not
 * come back together. */
static int64_t backoff_ms(int attempts)
{
    int64_t whole_ms = clock_backoff_ms(attempts, HTTP_BACKOFF_MIN_MS, HTTP_BACKOFF_MAX_MS);
    uint32_t chance = 0;

    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != sizeof chance)
        chance = 0;
    return whole_ms / 2 + (int64_t)(chance % (uint64_t)(whole_ms / 2 + 1));
}

/* False: the deadline comes first, or somebody asked to stop. */
static bool pause_before(const struct http_request *request, int64_t pause_ms)
{
    int64_t until_us = clock_monotonic_us() + pause_ms * 1000;
    const struct timespec step = {.tv_nsec = PAUSE_STEP_MS * 1000000L};

    if (until_us >= request->deadline_us)
        return false;
    while (clock_monotonic_us() < until_us) {
        if (http_should_stop(request))
            return false;
        nanosleep(&step, NULL);
    }
    return true;
}

/* Ask until an answer came that is worth no repetition. */
static void ask(const struct http_network *network, const struct http_request *request, const struct http_place *place,
                struct arena *arena, struct http_exchange *exchange, int *attempts)
{
    for (;;) {
        int64_t pause_ms;

        http_exchange_run(network, request, place, arena, exchange);
        ++*attempts;
        if (*attempts >= request->attempts_max || !may_repeat(request, exchange))
            return;
        pause_ms = backoff_ms(*attempts);
        if (pause_ms < exchange->retry_after_s * INT64_C(1000))
            pause_ms = exchange->retry_after_s * INT64_C(1000);
        if (!pause_before(request, pause_ms))
            return;
    }
}

/* Where a redirect leads, if it may be followed. */
static enum status follow(const struct http_request *request, const struct http_exchange *exchange, int followed,
                          struct arena *arena, struct http_place *place, struct error *error)
{
    struct http_place next = {0};
    const char *refusal = NULL;

    if (request->method != HTTP_METHOD_GET || request->redirects_max == 0)
        refusal = "The server redirects, which is not followed.";
    else if (followed >= request->redirects_max)
        refusal = "The server redirects too often.";
    else if (http_place_read(text_of(exchange->redirect_url), arena, &next, NULL) != STATUS_OK || next.user != NULL ||
             next.password != NULL || strcmp(next.origin, place->origin) != 0)
        refusal = "The server redirects to another one, which is not followed.";
    if (refusal != NULL) {
        error_set(error, STATUS_FORBIDDEN, "%s", refusal);
        error_detail(error, "%s", exchange->detail);
        return STATUS_FORBIDDEN;
    }
    place->url = next.url; /* of the same origin, so the user stays */
    return STATUS_OK;
}

static bool is_redirect(const struct http_exchange *exchange)
{
    return exchange->status == STATUS_OK && exchange->redirect_url != NULL && exchange->code >= 300 &&
           exchange->code < 400;
}

enum status http_perform(const struct http_network *network, const struct http_request *request, struct arena *arena,
                         struct http_response *out_response, struct error *error)
{
    struct http_exchange exchange = {0};
    struct http_place place = {0};
    enum status status = check_headers(request, error);
    int attempts = 0;

    if (status == STATUS_OK)
        status = http_place_read(request->url, arena, &place, error);
    if (status != STATUS_OK)
        return status;
    ask(network, request, &place, arena, &exchange, &attempts);
    for (int followed = 0; status == STATUS_OK && is_redirect(&exchange); followed++) {
        status = follow(request, &exchange, followed, arena, &place, error);
        if (status == STATUS_OK)
            ask(network, request, &place, arena, &exchange, &attempts);
    }
    if (status != STATUS_OK)
        return status;
    if (exchange.status != STATUS_OK) {
        error_set(error, exchange.status, "%s", exchange.problem);
        error_detail(error, "%s", exchange.detail);
        return exchange.status;
    }
    *out_response = (struct http_response){.code = exchange.code,
                                           .body = exchange.body,
                                           .content_type = exchange.content_type,
                                           .retry_after_s = exchange.retry_after_s,
                                           .attempts = attempts};
    return STATUS_OK;
}
