/* From FastCGI's parameters to struct request. The body is read later, when the route and with it the
 * body's bound are known. */
#ifndef POTTO_FCGI_REQUEST_REQUEST_READ_H
#define POTTO_FCGI_REQUEST_REQUEST_READ_H

#include "fcgi/request/request.h"

/* Where a body comes from. */
struct body_source {
    /* Up to size_bytes bytes; fewer at the end, 0 past it. */
    size_t (*read)(void *context, char *out_data, size_t size_bytes);
    void *context;
    int64_t content_length; /* as told; -1: not told, or not a number */
};

/* Fill method, path, headers and query of a request whose other members are set.
 * `params`: "NAME=value" strings that outlive the request, ended by NULL.
 * Errors: STATUS_MALFORMED (escapes, UTF-8, control characters in the path, too many parameters). */
enum status request_read(char *const *params, struct request *request, int64_t *out_content_length,
                         struct error *error);

/* Read the body into the arena, at most max_bytes as sent, undo its encoding, at most inflated_max_bytes.
 * Errors: STATUS_TOO_LARGE, STATUS_MALFORMED (Content-Length is not what came), STATUS_MEDIA_TYPE. */
enum status request_body_read(struct request *request, const struct body_source *source, size_t max_bytes,
                              size_t inflated_max_bytes, struct error *error);

/* Read what is left and forget it: closing a socket with unread bytes makes nginx answer 502. */
void request_body_skip(const struct body_source *source);

#endif
