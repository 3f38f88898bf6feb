/* Statuses and errors; see error.h. */
#include "base/error.h"

#include <assert.h>
#include <stdio.h>

static const struct {
    int http_code;
    const char *name;
    const char *title;
} status_table[STATUS_COUNT] = {
    [STATUS_OK] = {200, "ok", "OK"},
    [STATUS_MALFORMED] = {400, "malformed", "Bad Request"},
    [STATUS_UNAUTHENTICATED] = {401, "unauthenticated", "Unauthorized"},
    [STATUS_FORBIDDEN] = {403, "forbidden", "Forbidden"},
    [STATUS_ABSENT] = {404, "absent", "Not Found"},
    [STATUS_METHOD] = {405, "method", "Method Not Allowed"},
    [STATUS_CONFLICT] = {409, "conflict", "Conflict"},
    [STATUS_TOO_LARGE] = {413, "too_large", "Content Too Large"},
    [STATUS_MEDIA_TYPE] = {415, "media_type", "Unsupported Media Type"},
    [STATUS_INVALID] = {422, "invalid", "Unprocessable Content"},
    [STATUS_THROTTLED] = {429, "throttled", "Too Many Requests"},
    [STATUS_UNAVAILABLE] = {503, "unavailable", "Service Unavailable"},
    [STATUS_TIMEOUT] = {504, "timeout", "Gateway Timeout"},
    [STATUS_INTERNAL] = {500, "internal", "Internal Server Error"},
};

enum status error_set(struct error *error, enum status status, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return status;
    error->status = status;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

enum status error_detail(struct error *error, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return STATUS_INTERNAL;
    va_start(arguments, format);
    vsnprintf(error->detail, sizeof error->detail, format, arguments);
    va_end(arguments);
    return error->status;
}

enum status error_field(struct error *error, const char *field, const char *format, ...)
{
    struct field_error *slot;
    va_list arguments;

    if (error == NULL)
        return STATUS_INVALID;
    if (error->status != STATUS_MALFORMED)
        error->status = STATUS_INVALID;
    if (error->message[0] == '\0')
        snprintf(error->message, sizeof error->message, "The request has invalid values.");
    if (error->field_count == ERROR_FIELD_MAX)
        return error->status;
    slot = &error->fields[error->field_count++];
    snprintf(slot->field, sizeof slot->field, "%s", field);
    va_start(arguments, format);
    vsnprintf(slot->message, sizeof slot->message, format, arguments);
    va_end(arguments);
    return error->status;
}

int status_http_code(enum status status)
{
    assert(status < STATUS_COUNT);
    return status_table[status].http_code;
}

const char *status_title(enum status status)
{
    assert(status < STATUS_COUNT);
    return status_table[status].title;
}

const char *status_name(enum status status)
{
    assert(status < STATUS_COUNT);
    return status_table[status].name;
}
