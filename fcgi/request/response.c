/* Writing an answer; see response.h. */
#include "fcgi/request/response.h"

#include <assert.h>
#include <string.h>

enum { RESPONSE_KEPT_BYTES = 256 * 1024 }; /* response_clear frees the memory of a body above this size */

void response_init(struct response *response)
{
    *response = (struct response){.code = 200};
    buffer_init(&response->headers, RESPONSE_HEADERS_BYTES_MAX);
    buffer_init(&response->body, RESPONSE_BODY_BYTES_MAX);
}

void response_free(struct response *response)
{
    buffer_free(&response->headers);
    buffer_free(&response->body);
}

void response_clear(struct response *response)
{
    response->code = 200;
    response->content_type = NULL;
    if (response->body.capacity_bytes > RESPONSE_KEPT_BYTES) {
        buffer_free(&response->body);
        buffer_init(&response->body, RESPONSE_BODY_BYTES_MAX);
    }
    buffer_clear(&response->headers);
    buffer_clear(&response->body);
}

/* A line break in a value would let its sender start a header or a body. The assertion finds the bug in tests; where
 * assertions are off, the answer becomes a 500. */
static bool is_header_safe(struct response *response, const char *name, const char *value, const char *forbidden)
{
    bool is_safe = strpbrk(name, "\r\n:") == NULL && strpbrk(value, forbidden) == NULL;

    assert(is_safe);
    response->headers.has_failed |= !is_safe;
    return is_safe;
}

void response_header(struct response *response, const char *name, const char *value)
{
    if (!is_header_safe(response, name, value, "\r\n"))
        return;
    buffer_append_string(&response->headers, name);
    buffer_append_string(&response->headers, ": ");
    buffer_append_string(&response->headers, value);
    buffer_append_string(&response->headers, "\r\n");
}

void response_cookie(struct response *response, const char *name, const char *value, int max_age_s)
{
    if (!is_header_safe(response, name, value, "\r\n;,"))
        return;
    buffer_printf(&response->headers, "Set-Cookie: %s=%s; Max-Age=%d; Path=/; HttpOnly; SameSite=Lax%s\r\n", name,
                  value, max_age_s, response->is_secure ? "; Secure" : "");
}

void response_redirect(struct response *response, const char *location)
{
    /* A browser would follow "//host" and "/\host" to a foreign site. */
    bool is_own = location[0] == '/' && location[1] != '/' && location[1] != '\\';

    assert(is_own);
    response->headers.has_failed |= !is_own;
    response->code = 303;
    response->content_type = NULL;
    buffer_clear(&response->body);
    response_header(response, "Location", location);
}

struct json_writer *response_json(struct response *response, int code)
{
    response->code = code;
    response->content_type = "application/json";
    buffer_clear(&response->body);
    json_writer_init(&response->json, &response->body);
    return &response->json;
}

struct json_writer *response_items(struct response *response)
{
    struct json_writer *json = response_json(response, 200);

    json_object_begin(json);
    json_key(json, "items");
    json_array_begin(json);
    return json;
}

struct json_writer *response_problem_begin(struct response *response, enum status status, const char *detail,
                                           const char *request_id)
{
    struct json_writer *json = response_json(response, status_http_code(status));

    response->content_type = "application/problem+json";
    json_object_begin(json);
    json_member_string(json, "type", "about:blank");
    json_member_string(json, "title", status_title(status));
    json_member_int64(json, "status", response->code);
    json_member_string(json, "detail", detail);
    json_member_string(json, "request_id", request_id);
    return json;
}

void response_problem(struct response *response, const struct error *error, const char *request_id)
{
    struct json_writer *json = response_problem_begin(response, error->status, error->message, request_id);

    if (error->field_count > 0) {
        json_key(json, "errors");
        json_array_begin(json);
        for (size_t i = 0; i < error->field_count; i++) {
            json_object_begin(json);
            json_member_string(json, "field", error->fields[i].field);
            json_member_string(json, "message", error->fields[i].message);
            json_object_end(json);
        }
        json_array_end(json);
    }
    json_object_end(json);
}
