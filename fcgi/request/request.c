/* Reading parameters of a request; see request.h. */
#include "fcgi/request/request.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "fcgi/request/url.h"

static const struct text absent = {NULL, 0};

static struct text find(const struct request_param *params, int count, const char *name)
{
    struct text wanted = text_of(name);

    for (int i = 0; i < count; i++)
        if (text_equal(params[i].name, wanted))
            return params[i].value;
    return absent;
}

struct text request_query(const struct request *request, const char *name)
{
    return find(request->query, request->query_count, name);
}

struct text request_path_param(const struct request *request, const char *name)
{
    struct text value = find(request->path_params, request->path_param_count, name);

    assert(value.data != NULL);
    return value;
}

struct text request_cookie(const struct request *request, const char *name)
{
    struct text rest = request->cookie, value, key, wanted = text_of(name);

    while (text_split(&rest, ';', &value)) {
        value = text_trim(value);
        if (value.size == 0 || !text_split(&value, '=', &key) || value.data == NULL || !text_equal(key, wanted))
            continue;
        if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
            value = (struct text){value.data + 1, value.size - 2};
        return value;
    }
    return absent;
}

bool request_query_int64(const struct request *request, const char *name, int64_t minimum, int64_t maximum,
                         int64_t *out_value, struct error *error)
{
    struct text value = request_query(request, name);
    int64_t number;

    if (value.data == NULL)
        return true;
    if (!text_to_int64(value, &number) || number < minimum || number > maximum) {
        error_field(error, name, "must be a whole number from %" PRId64 " to %" PRId64, minimum, maximum);
        return false;
    }
    *out_value = number;
    return true;
}

bool request_query_double(const struct request *request, const char *name, double minimum, double maximum,
                          double *out_value, struct error *error)
{
    struct text value = request_query(request, name);
    double number;

    if (value.data == NULL)
        return true;
    if (!text_to_double(value, &number) || !(number >= minimum && number <= maximum)) {
        error_field(error, name, "must be a number from %g to %g", minimum, maximum);
        return false;
    }
    *out_value = number;
    return true;
}

bool request_query_time(const struct request *request, const char *name, int64_t *out_time_us, struct error *error)
{
    struct text value = request_query(request, name);

    if (value.data == NULL)
        return true;
    if (!clock_parse(value, true, out_time_us)) {
        error_field(error, name, "must be a time like 2025-11-02T10:30:00Z");
        return false;
    }
    return true;
}

enum status request_path_id(const struct request *request, const char *name, int64_t *out_id, struct error *error)
{
    int64_t id;

    if (!text_to_int64(request_path_param(request, name), &id) || id <= 0)
        return error_set(error, STATUS_ABSENT, "There is nothing at this address.");
    *out_id = id;
    return STATUS_OK;
}

enum status request_query_only(const struct request *request, const char *const *allowed, struct error *error)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < request->query_count; i++) {
        struct text name = request->query[i].name;
        const char *const *known = allowed;

        while (*known != NULL && !text_equal(name, text_of(*known)))
            known++;
        if (*known == NULL)
            status = error_field(error, arena_string(request->arena, name.data, name.size), "is not a parameter here");
    }
    return status;
}

enum status request_form(const struct request *request, struct request_param *out_params, int *out_count,
                         struct error *error)
{
    return url_pairs_read(request->body, "form", request->arena, out_params, REQUEST_QUERY_MAX, out_count, error);
}

struct text form_value(const struct request_param *params, int count, const char *name)
{
    return find(params, count, name);
}

enum status form_check_lines(const struct request_param *params, int count, struct arena *arena, struct error *error)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < count; i++) {
        struct text name = params[i].name, value = params[i].value;

        if (text_ends(name, TEXT("password")))
            continue;
        for (size_t k = 0; k < value.size; k++)
            if ((unsigned char)value.data[k] < 0x20 || value.data[k] == 0x7f) {
                status =
                    error_field(error, arena_string(arena, name.data, name.size), "must not hold control characters");
                break;
            }
    }
    return status;
}
