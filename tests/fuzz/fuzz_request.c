/* A request as a web server passes it on: address, method and headers, the route that it takes, and the values that
 * handlers read.
 * The first byte chooses the method. Lines: the address, Cookie, the name of a parameter, a form. */
#include "base/clock.h"
#include "fcgi/request/request_read.h"
#include "fcgi/request/route_match.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/route_reference.h"

enum { LINES = 4 };

static const char *const methods[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "get", ""};

static bool has_control(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return true;
    return false;
}

static void check_read(const struct request *request)
{
    fuzz_check(request->raw_path.size > 0 && request->raw_path.data[0] == '/', "a path starts with a slash");
    fuzz_check(memchr(request->raw_path.data, '?', request->raw_path.size) == NULL, "a path ends before the query");
    fuzz_check(fuzz_is_utf8(request->path) && !has_control(request->path), "a path is plain UTF-8");
    fuzz_check(request->query_count >= 0 && request->query_count <= REQUEST_QUERY_MAX, "parameters have their bound");
    for (int i = 0; i < request->query_count; i++) {
        fuzz_check(fuzz_is_utf8(request->query[i].name) && fuzz_is_utf8(request->query[i].value),
                   "parameters are UTF-8");
        fuzz_check(request_query(request,
                                 arena_string(request->arena, request->query[i].name.data, request->query[i].name.size))
                           .data != NULL,
                   "a parameter is found by its name");
    }
}

static void check_params(const struct request *request, const char *path)
{
    int count = 0;
    int64_t id;

    for (const char *brace = strchr(path, '{'); brace != NULL; brace = strchr(brace + 1, '{')) {
        const char *name = arena_string(request->arena, brace + 1, (size_t)(strchr(brace, '}') - brace - 1));
        struct text value = request_path_param(request, name);

        fuzz_check(value.size > 0 && fuzz_is_utf8(value), "a parameter of a path is there");
        if (request_path_id(request, name, &id, NULL) == STATUS_OK)
            fuzz_check(id > 0, "an id is positive");
        count++;
    }
    fuzz_check(count == request->path_param_count, "a path has as many parameters as braces");
}

static void check_route(struct request *request)
{
    const char *expected = route_expected_path(request->raw_path, request->arena);
    struct route_match match = {0};
    struct error error = {0};
    char allow[64];
    enum status status = route_match(request, &match, &error);

    if (expected == NULL) {
        fuzz_check(status == STATUS_ABSENT || status == STATUS_MALFORMED, "an unknown path has no route");
        return;
    }
    fuzz_check(match.allowed_methods == route_expected_methods(expected), "the methods are those of the path");
    route_allow_header(match.allowed_methods, allow, sizeof allow);
    fuzz_check(allow[0] != '\0' && strlen(allow) + 1 < sizeof allow, "the Allow header has the methods");
    if (status == STATUS_METHOD) {
        fuzz_check(!(match.allowed_methods & 1u << request->method), "an existing method is accepted");
        return;
    }
    fuzz_check(status == STATUS_OK, "an existing route is found");
    fuzz_check(strcmp(routes[match.route_index].path, expected) == 0 &&
                   routes[match.route_index].method == request->method,
               "the route is the one with most names");
    check_params(request, expected);
}

/* ---- values that handlers read ---- */

static void check_values(const struct request *request, const char *name)
{
    const char *const allowed[] = {name, NULL};
    struct error error = {0};
    int64_t number = 7, time_us = INT64_MIN;
    double real = 7;

    request_query_int64(request, name, -5, 1000, &number, &error);
    fuzz_check(number >= -5 && number <= 1000, "a whole number lies in its range");
    request_query_double(request, name, -0.5, 1e6, &real, &error);
    fuzz_check(real >= -0.5 && real <= 1e6, "a number lies in its range");
    request_query_time(request, name, &time_us, &error);
    request_query_only(request, allowed, &error);
    fuzz_check(error.field_count <= ERROR_FIELD_MAX, "errors have their bound");
}

static void check_cookie(const struct request *request, const char *name)
{
    struct text value = request_cookie(request, name);

    if (value.data != NULL)
        fuzz_check(value.data >= request->cookie.data &&
                       value.data + value.size <= request->cookie.data + request->cookie.size,
                   "a cookie lies in its header");
}

static void check_form(struct request *request, struct text body)
{
    struct request_param params[REQUEST_QUERY_MAX];
    struct error error = {0};
    int count = 0;

    request->body = body;
    if (request_form(request, params, &count, &error) != STATUS_OK)
        return;
    if (form_check_lines(params, count, request->arena, &error) != STATUS_OK) {
        fuzz_check(error.field_count > 0, "a refusal has a message");
        return;
    }
    for (int i = 0; i < count; i++)
        fuzz_check(!has_control(params[i].value) || params[i].name.size >= strlen("password"),
                   "a value that is no password is a line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size}, lines[LINES] = {{NULL, 0}};
    struct arena *arena = arena_new(0);
    struct request request = {.arena = arena};
    struct error error = {0};
    const char *method = methods[fuzz_take_byte(&input) % (sizeof methods / sizeof methods[0])], *name;
    char *params[5] = {NULL};
    int64_t content_length;
    static bool is_ready;

    if (!is_ready)
        route_match_init();
    is_ready = true;
    for (int i = 0; i < LINES - 1; i++)
        text_split(&input, '\n', &lines[i]);
    lines[LINES - 1] = input;
    name = arena_string(arena, lines[2].data, lines[2].size);
    params[0] = arena_printf(arena, "REQUEST_METHOD=%s", method);
    params[1] = arena_printf(arena, "REQUEST_URI=%.*s", (int)lines[0].size, lines[0].data);
    params[2] = arena_printf(arena, "HTTP_COOKIE=%.*s", (int)lines[1].size, lines[1].data);
    params[3] = arena_printf(arena, "CONTENT_LENGTH=%.*s", (int)lines[2].size, lines[2].data);
    if (request_read(params, &request, &content_length, &error) == STATUS_OK) {
        check_read(&request);
        check_route(&request);
        check_values(&request, name);
    }
    fuzz_check(content_length >= -1, "a length is known, or not");
    check_cookie(&request, name);
    check_form(&request, lines[LINES - 1]);
    arena_destroy(arena);
    return 0;
}
