/* The answer to a request: a status code, headers, and a body in a bounded buffer. Nothing is sent before the handler
 * returns, so a handler that fails half-way never sends half an answer. */
#ifndef POTTO_FCGI_REQUEST_RESPONSE_H
#define POTTO_FCGI_REQUEST_RESPONSE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_write.h"

enum { RESPONSE_BODY_BYTES_MAX = 32 * 1024 * 1024, RESPONSE_HEADERS_BYTES_MAX = 16 * 1024 };

struct response {
    int code;                 /* 200 unless changed */
    const char *content_type; /* static; response_json and response_html set it */
    bool is_secure;           /* cookies get the attribute Secure; the dispatcher sets it */
    struct buffer headers;    /* complete lines, each with CRLF; written by response_header */
    struct buffer body;
    struct json_writer json; /* writes into body */
};

/* An empty answer with code 200; response_clear resets to it and keeps the memory. The worker owns both buffers. */
void response_init(struct response *response);
void response_clear(struct response *response);
void response_free(struct response *response);

/* The value must not hold CR or LF. This is asserted; without assertions such an answer becomes a 500. */
void response_header(struct response *response, const char *name, const char *value);
void response_cookie(struct response *response, const char *name, const char *value,
                     int max_age_s);                                     /* HttpOnly; SameSite=Lax; Path=/ */
void response_redirect(struct response *response, const char *location); /* 303; `location` must be a path of our own */

/* Start a JSON answer: sets the content type, empties the body, and returns the writer. The handler writes everything
 * and returns STATUS_OK; then the dispatcher checks whether the body failed. */
struct json_writer *response_json(struct response *response, int code);
/* Start an answer of 200 with `{"items": [`. The caller writes the items, ends the array, adds further members, and
 * ends the object. */
struct json_writer *response_items(struct response *response);

/* Write an error as RFC 9457 says. The dispatcher uses it for every failed API request. */
void response_problem(struct response *response, const struct error *error, const char *request_id);

/* Begin a problem+json (RFC 9457) whose object stays open for further members. */
struct json_writer *response_problem_begin(struct response *response, enum status status, const char *detail,
                                           const char *request_id);

#endif
