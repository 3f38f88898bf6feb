/* Internal to lib/http: one attempt of a request, over libcurl. */
#ifndef POTTO_HTTP_EXCHANGE_H
#define POTTO_HTTP_EXCHANGE_H

#include "http/http.h"

enum { HTTP_DETAIL_BYTES = 512 };

/* Where a request goes, taken apart: the secrets are no part of the URL any more. Texts live in the arena. */
struct http_place {
    const char *url;             /* without user and password */
    const char *origin;          /* "https://host:port" */
    const char *host;            /* an IPv6 address stands without its brackets */
    const char *user, *password; /* NULL: none */
};

/* Errors: STATUS_INVALID. */
enum status http_place_read(struct text url, struct arena *arena, struct http_place *out_place, struct error *error);

struct http_exchange {
    enum status status;  /* STATUS_OK: an answer came, of any code */
    const char *problem; /* for people, if there is none; static */
    char detail[HTTP_DETAIL_BYTES];
    bool was_connected; /* the server may have got the request */
    int code;
    struct text body, content_type;
    int retry_after_s;
    const char *redirect_url; /* NULL: none */
};

/* Ask once. Everything that was found lives in `arena`. */
void http_exchange_run(const struct http_network *network, const struct http_request *request,
                       const struct http_place *place, struct arena *arena, struct http_exchange *out_exchange);

/* Whether somebody asked to stop. */
bool http_should_stop(const struct http_request *request);

#endif
