/* From FastCGI's parameters to struct request. The body is read later, when the route is known, because its size limit
 * depends on the route. */
#ifndef POTTO_FCGI_REQUEST_REQUEST_READ_H
#define POTTO_FCGI_REQUEST_REQUEST_READ_H

#include "fcgi/request/request.h"

/* The source of a request body. */
struct body_source {
    /* Reads up to size_bytes bytes; fewer at the end of the body, 0 after it. */
    size_t (*read)(void *context, char *out_data, size_t size_bytes);
    void *context;
    int64_t content_length; /* as the header says; -1: no header, or not a number */
};

/* Fill method, path, headers and query of `request`. The caller has set its other members.
 * `params`: "NAME=value" strings, ended by NULL. They must outlive the request.
 * Errors: STATUS_MALFORMED (escapes, UTF-8, control characters in the path, too many parameters). */
enum status request_read(char *const *params, struct request *request, int64_t *out_content_length,
                         struct error *error);

/* Receive the body into request->sent_body, in the arena, at most max_bytes. Errors: STATUS_TOO_LARGE, STATUS_MALFORMED
 * (the size differs from Content-Length). */
enum status request_body_receive(struct request *request, const struct body_source *source, size_t max_bytes,
                                 struct error *error);

/* Undo the encoding of request->sent_body into request->body, at most max_bytes. Errors: STATUS_TOO_LARGE,
 * STATUS_MALFORMED, STATUS_MEDIA_TYPE. */
enum status request_body_decode(struct request *request, size_t max_bytes, struct error *error);

/* Read and drop the rest of the body: nginx answers 502 if we close a socket with unread bytes. */
void request_body_skip(const struct body_source *source);

#endif
