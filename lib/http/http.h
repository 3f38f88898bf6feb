/* Requests to servers of others over HTTP: one request, one answer, everything bounded. Over libcurl.
 *
 * Every byte that a server sends is hostile: an answer that comes slowly, never ends, is large, points elsewhere or is
 * no HTTP costs no more than the request's limits. A server's name may resolve to another address each time it is asked
 * for; the address that is looked at is the one that is connected to.
 *
 * No error holds a user, a password, or the value of a header that is secret. */
#ifndef POTTO_HTTP_HTTP_H
#define POTTO_HTTP_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    HTTP_URL_BYTES_MAX = 8192,
    HTTP_HEADERS_MAX = 16,                /* of a request */
    HTTP_ANSWER_HEADER_BYTES_MAX = 65536, /* of all answers to one attempt together */
    HTTP_ANSWER_HEADERS_MAX = 200,
    HTTP_BACKOFF_MIN_MS = 250,
    HTTP_BACKOFF_MAX_MS = 8000,
};

enum http_method { HTTP_METHOD_UNSET, HTTP_METHOD_GET, HTTP_METHOD_POST };

/* What an operator has set. */
struct http_network {
    unsigned reach;      /* kinds of addresses that may be connected to: bits of enum reach */
    const char *proxy;   /* "http://host:port"; NULL: none. The environment's is never used. */
    const char *ca_file; /* certificates of authorities, PEM; NULL: the system's */
};

struct http_header {
    const char *name;
    struct text value;
    bool is_secret;
};

struct http_request {
    enum http_method method;
    struct text url; /* http or https; a user and a password in it are sent as basic authentication */
    const struct http_header *headers;
    size_t header_count;
    struct text body;       /* of a POST */
    int64_t deadline_us;    /* monotonic time, for everything: names, connections, attempts, pauses between them */
    int64_t connect_max_ms; /* of one attempt, names included */
    size_t body_bytes_max;  /* of the answer, after decompression */
    int attempts_max;       /* 1: it is not repeated */
    int redirects_max;      /* that a GET follows, within the URL's origin; 0: a redirect is an error */
    const atomic_bool *should_stop; /* checked at least ten times a second; NULL: nobody stops it */
};

struct http_response {
    int code;
    struct text body;         /* in the arena, followed by a NUL */
    struct text content_type; /* in the arena; empty: none */
    int retry_after_s;        /* what the server asks for; 0: nothing */
    int attempts;             /* how often it was asked */
};

/* Perform a request. An answer with any code but a redirect is STATUS_OK, the caller judges it. A request is repeated,
 * after a pause that doubles, when no connection was made and after 429, 503 and 529; a GET also after 500, 502, 504
 * and broken connections. Retry-After is obeyed if that is before the deadline; else the answer is given as it is.
 *
 * With a proxy it is the proxy that resolves names: `reach` then holds for hosts that are addresses, and the proxy's
 * own address may be any.
 *
 * Errors: STATUS_INVALID (URL, header, proxy), STATUS_FORBIDDEN (an address that `reach` does not allow; a redirect),
 * STATUS_UNAVAILABLE (cannot be reached, TLS fails, the connection broke), STATUS_TIMEOUT, STATUS_TOO_LARGE (body or
 * headers), STATUS_MALFORMED (no HTTP), STATUS_CONFLICT (stopped), STATUS_INTERNAL. The error's detail begins with the
 * server's origin. Any thread may call this at any time. */
enum status http_perform(const struct http_network *network, const struct http_request *request, struct arena *arena,
                         struct http_response *out_response, struct error *error);

/* Replace every occurrence of a secret in a text by stars. */
void http_hide(char *text, struct text secret);

#endif
