/* One request as a handler sees it. Everything lives in `arena`, which is reset after the answer. */
#ifndef POTTO_FCGI_REQUEST_REQUEST_H
#define POTTO_FCGI_REQUEST_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/authenticate.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"
#include "base/text.h"
#include "fcgi/request/crowd.h"
#include "store/scope/store.h"

enum method { METHOD_UNSET, METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE };
const char *method_name(enum method method); /* "GET"; "" for METHOD_UNSET */

enum {
    REQUEST_QUERY_MAX = 32,                   /* parameters in the query string or a form */
    REQUEST_PATH_PARAMS_MAX = 4,              /* params such as {id} in a route's path */
    REQUEST_BODY_BYTES_MAX = 1024 * 1024,     /* unless the route has ROUTE_LARGE_BODY, or is a page */
    FORM_BODY_BYTES_MAX = 64 * 1024,          /* of pages, as sent and inflated: anybody may send one to /login */
    INGEST_BODY_BYTES_MAX = 16 * 1024 * 1024, /* limit as sent; see also INGEST_INFLATED_BYTES_MAX in wire */
};

struct request_param {
    struct text name, value; /* percent-decoded, valid UTF-8 */
};

struct request {
    enum method method;
    struct text path; /* percent-decoded once, no query string */
    char id[33];      /* X-Request-Id: made here, 32 hexadecimal digits */
    struct text remote_address;
    struct text authorization, cookie, content_type, content_encoding, accept, if_none_match, origin, csrf_header;
    struct text host, fetch_site;                  /* the headers Host and Sec-Fetch-Site */
    struct text forwarded, forwarded_for, real_ip; /* Forwarded, X-Forwarded-For, X-Real-IP: a proxy's */
    struct text raw_path;                          /* as received, before decoding; no query string */
    struct text query_string;                      /* as received, after the `?`; empty if none */
    bool is_head;                                  /* HEAD: `method` is METHOD_GET, and the body is not sent */
    bool is_options;                               /* OPTIONS: `method` is METHOD_UNSET; no handler is called */
    struct text sent_body;                         /* as received */
    struct text body; /* inflated if it came as gzip; bounded; read when the caller is known */
    struct request_param query[REQUEST_QUERY_MAX];
    int query_count;
    struct request_param path_params[REQUEST_PATH_PARAMS_MAX];
    int path_param_count;
    bool is_page;        /* errors are answered as HTML */
    bool is_cookie_auth; /* signed in by cookie, not by a Bearer token */
    enum crowd_kind crowd_kind;
    struct crowd_answer crowd; /* of admission_check(); unset: the request is not counted */
    int64_t received_at_us;

    struct arena *arena;
    struct store *store;
    const struct config *config;
    const struct auth_keys *keys;
};

/* The value of a query parameter; data NULL if absent. If it is given twice: the first value. */
struct text request_query(const struct request *request, const char *name);
struct text request_path_param(const struct request *request, const char *name); /* "id" of {id}; never absent */
struct text request_cookie(const struct request *request, const char *name);     /* data NULL if absent */

/* Typed reading of query parameters. If the parameter is absent: *out is unchanged, and the result is true. If it is of
 * the wrong kind or out of range: a field error is added, and the result is false. */
bool request_query_int64(const struct request *request, const char *name, int64_t minimum, int64_t maximum,
                         int64_t *out_value, struct error *error);
bool request_query_double(const struct request *request, const char *name, double minimum, double maximum,
                          double *out_value, struct error *error);
bool request_query_time(const struct request *request, const char *name, int64_t *out_time_us, struct error *error);

/* The {id} of the path as a positive integer; STATUS_ABSENT if it is not one. */
enum status request_path_id(const struct request *request, const char *name, int64_t *out_id, struct error *error);

/* Refuse each query parameter that is not in `allowed` (NULL-terminated), by name. Errors: STATUS_INVALID (422). */
enum status request_query_only(const struct request *request, const char *const *allowed, struct error *error);

/* Read the fields of an application/x-www-form-urlencoded body, which forms of pages send. */
enum status request_form(const struct request *request, struct request_param *out_params, int *out_count,
                         struct error *error);
struct text form_value(const struct request_param *params, int count, const char *name);

/* Check that no value of a form holds control characters, as for names in the API. Passwords may hold them. Errors:
 * STATUS_INVALID. */
enum status form_check_lines(const struct request_param *params, int count, struct arena *arena, struct error *error);

#endif
