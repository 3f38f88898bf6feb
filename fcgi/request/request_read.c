/* Reading a request; see request_read.h. */
#include "fcgi/request/request_read.h"

#include <string.h>

#include "base/vector.h"
#include "fcgi/request/inflate.h"
#include "fcgi/request/url.h"

enum { URI_BYTES_MAX = 16 * 1024, SKIP_BYTES_MAX = 256 * 1024 * 1024, BODY_FIRST_BYTES = 16 * 1024 };

struct received {
    struct text method, uri, content_length;
};

#define IN_REQUEST(name, field)                                                                                        \
    {                                                                                                                  \
        name, sizeof name - 1, true, offsetof(struct request, field)                                                   \
    }
#define IN_RECEIVED(name, field)                                                                                       \
    {                                                                                                                  \
        name, sizeof name - 1, false, offsetof(struct received, field)                                                 \
    }

static const struct {
    const char *name;
    size_t name_bytes;
    bool is_in_request;
    size_t offset;
} param_table[] = {
    IN_RECEIVED("REQUEST_METHOD", method),
    IN_RECEIVED("REQUEST_URI", uri),
    IN_RECEIVED("CONTENT_LENGTH", content_length),
    IN_REQUEST("CONTENT_TYPE", content_type),
    IN_REQUEST("REMOTE_ADDR", remote_address),
    IN_REQUEST("HTTP_HOST", host),
    IN_REQUEST("HTTP_ACCEPT", accept),
    IN_REQUEST("HTTP_COOKIE", cookie),
    IN_REQUEST("HTTP_ORIGIN", origin),
    IN_REQUEST("HTTP_AUTHORIZATION", authorization),
    IN_REQUEST("HTTP_IF_NONE_MATCH", if_none_match),
    IN_REQUEST("HTTP_CONTENT_ENCODING", content_encoding),
    IN_REQUEST("HTTP_SEC_FETCH_SITE", fetch_site),
    IN_REQUEST("HTTP_FORWARDED", forwarded),
    IN_REQUEST("HTTP_X_FORWARDED_FOR", forwarded_for),
    IN_REQUEST("HTTP_X_REAL_IP", real_ip),
    IN_REQUEST("HTTP_X_CSRF_TOKEN", csrf_header),
};

enum { PARAM_TABLE_COUNT = sizeof param_table / sizeof param_table[0] };

static void take_param(const char *param, struct request *request, struct received *received)
{
    for (size_t i = 0; i < PARAM_TABLE_COUNT; i++) {
        size_t name_bytes = param_table[i].name_bytes;
        struct text value;

        if (strncmp(param, param_table[i].name, name_bytes) != 0 || param[name_bytes] != '=')
            continue;
        value = text_of(param + name_bytes + 1);
        memcpy((param_table[i].is_in_request ? (char *)request : (char *)received) + param_table[i].offset, &value,
               sizeof value);
        return;
    }
}

const char *method_name(enum method method)
{
    static const char *const names[] = {"", "GET", "POST", "PUT", "PATCH", "DELETE"};

    return names[method];
}

static enum method method_of(struct text name)
{
    for (enum method method = METHOD_GET; method <= METHOD_DELETE; method++)
        if (text_equal(name, text_of(method_name(method))))
            return method;
    return text_equal(name, TEXT("HEAD")) ? METHOD_GET : METHOD_UNSET;
}

enum status request_read(char *const *params, struct request *request, int64_t *out_content_length, struct error *error)
{
    struct received received = {0};
    struct text rest;

    for (; *params != NULL; params++)
        take_param(*params, request, &received);
    *out_content_length = -1;
    if (received.content_length.size == 0)
        *out_content_length = 0;
    else if (!text_to_int64(received.content_length, out_content_length) || *out_content_length < 0)
        *out_content_length = -1;
    request->method = method_of(received.method);
    request->is_head = text_equal(received.method, TEXT("HEAD"));
    request->is_options = text_equal(received.method, TEXT("OPTIONS"));
    request->raw_path = TEXT("/");
    request->path = request->raw_path;
    request->query_string = TEXT("");
    if (received.uri.size > URI_BYTES_MAX)
        return error_set(error, STATUS_MALFORMED, "The address is longer than %d bytes.", URI_BYTES_MAX);
    rest = received.uri;
    if (received.uri.size == 0 || received.uri.data[0] != '/' || !text_split(&rest, '?', &request->raw_path))
        return error_set(error, STATUS_MALFORMED, "The address does not start with a path.");
    if (rest.data != NULL)
        request->query_string = rest;
    if (!url_decode(request->raw_path, false, request->arena, &request->path)) {
        request->path = request->raw_path;
        return error_set(error, STATUS_MALFORMED, "The path is not percent-encoded UTF-8.");
    }
    for (size_t i = 0; i < request->path.size; i++)
        if ((unsigned char)request->path.data[i] < 0x20 || request->path.data[i] == 0x7f)
            return error_set(error, STATUS_MALFORMED, "The path has control characters.");
    return url_pairs_read(request->query_string, "query string", request->arena, request->query, REQUEST_QUERY_MAX,
                          &request->query_count, error);
}

static enum status too_large(size_t max_bytes, struct error *error)
{
    return error_set(error, STATUS_TOO_LARGE, "The body is larger than %zu bytes.", max_bytes);
}

enum status request_body_receive(struct request *request, const struct body_source *source, size_t max_bytes,
                                 struct error *error)
{
    size_t capacity = source->content_length > 0 ? (size_t)source->content_length + 1 : BODY_FIRST_BYTES;
    size_t size = 0, count;
    char *data;

    if (source->content_length > 0 && (uint64_t)source->content_length > max_bytes)
        return too_large(max_bytes, error);
    if (source->content_length == 0)
        return STATUS_OK;
    data = arena_alloc(request->arena, capacity);
    /* The capacity is one byte above Content-Length, which shows that the body is longer than it says. */
    while ((count = source->read(source->context, data + size, capacity - size)) > 0) {
        size += count;
        if (size < capacity)
            continue;
        if (source->content_length > 0)
            return error_set(error, STATUS_MALFORMED, "More bytes came than Content-Length says.");
        if (size > max_bytes)
            return too_large(max_bytes, error);
        data = vector_grow(data, size, &capacity, 1, max_bytes + 1, request->arena);
    }
    if (source->content_length > 0 && size < (uint64_t)source->content_length)
        return error_set(error, STATUS_MALFORMED, "Fewer bytes came than Content-Length says.");
    if (size > max_bytes)
        return too_large(max_bytes, error);
    request->sent_body = (struct text){data, size};
    return STATUS_OK;
}

enum status request_body_decode(struct request *request, size_t max_bytes, struct error *error)
{
    if (request->sent_body.data == NULL)
        return STATUS_OK;
    return body_decode(request->content_encoding, request->sent_body, max_bytes, request->arena, &request->body, error);
}

void request_body_skip(const struct body_source *source)
{
    char trash[16 * 1024];
    int64_t left = SKIP_BYTES_MAX;
    size_t count;

    while (left > 0 && (count = source->read(source->context, trash, sizeof trash)) > 0)
        left -= (int64_t)count;
}
