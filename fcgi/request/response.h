/* The answer being made: a status code, headers, a body in a bounded buffer. Nothing is sent before
 * the handler returns, so a handler that fails half-way leaves no half answer. */
#ifndef POTTO_FCGI_REQUEST_RESPONSE_H
#define POTTO_FCGI_REQUEST_RESPONSE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_write.h"

enum { RESPONSE_BODY_BYTES_MAX = 32 * 1024 * 1024, RESPONSE_HEADERS_BYTES_MAX = 16 * 1024 };

struct response {
    int code;                 /* 200 unless changed */
    const char *content_type; /* static; response_json and response_html set it */
    bool is_secure;           /* cookies are for https alone; the dispatcher knows */
    struct buffer headers;    /* complete lines, each with CRLF; use response_header */
    struct buffer body;
    struct json_writer json; /* writes into body */
};

/* An empty answer, 200; response_clear keeps the memory. The worker owns both buffers. */
void response_init(struct response *response);
void response_clear(struct response *response);
void response_free(struct response *response);

/* Values with CR or LF are a bug of the caller: an assertion, and without assertions a 500. */
void response_header(struct response *response, const char *name, const char *value);
void response_cookie(struct response *response, const char *name, const char *value,
                     int max_age_s);                                     /* HttpOnly; SameSite=Lax; Path=/ */
void response_redirect(struct response *response, const char *location); /* 303, our own paths only */

/* Start a JSON answer: content type and an empty body; returns the writer. After the last byte
 * the handler returns STATUS_OK; the dispatcher checks that body has not failed. */
struct json_writer *response_json(struct response *response, int code);
/* 200 and `{"items": [`; the caller writes the items, ends the array, adds what goes with it and ends the object. */
struct json_writer *response_items(struct response *response);

/* RFC 9457 from an error; used by the dispatcher for every failed API request. */
void response_problem(struct response *response, const struct error *error, const char *request_id);

#endif
