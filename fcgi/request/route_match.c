/* The compiled route table; see route_match.h. */
#include "fcgi/request/route_match.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_write.h"
#include "fcgi/request/path_alias.h"
#include "fcgi/request/url.h"

enum { SEGMENTS_MAX = 10 };

struct compiled {
    size_t route_index;
    int segment_count;
    struct segment {
        struct text text; /* a literal, or a param's name without its braces */
        bool is_param;
    } segments[SEGMENTS_MAX];
};

static struct compiled *compiled; /* sorted; lives as long as the process */

/* Returns the number of segments, or -1 if there are more than `max`. "/" has none; "/a/" has "a" and an empty one,
 * which matches nothing. */
static int split(struct text path, struct text *out_segments, int max)
{
    struct text rest = {path.data + 1, path.size - 1}, segment;
    int count = 0;

    if (rest.size == 0)
        return 0;
    while (text_split(&rest, '/', &segment)) {
        if (count == max)
            return -1;
        out_segments[count++] = segment;
    }
    return count;
}

static int compare(const void *left_pointer, const void *right_pointer)
{
    const struct compiled *left = left_pointer, *right = right_pointer;
    int order = left->segment_count - right->segment_count;

    for (int i = 0; order == 0 && i < left->segment_count; i++)
        order = left->segments[i].is_param - right->segments[i].is_param;
    if (order == 0)
        order = strcmp(routes[left->route_index].path, routes[right->route_index].path);
    return order != 0 ? order : (int)routes[left->route_index].method - (int)routes[right->route_index].method;
}

void route_match_init(void)
{
    compiled = calloc(route_count, sizeof *compiled);
    if (compiled == NULL)
        abort();
    for (size_t i = 0; i < route_count; i++) {
        struct text segments[SEGMENTS_MAX];
        struct compiled *row = &compiled[i];

        row->route_index = i;
        row->segment_count = split(text_of(routes[i].path), segments, SEGMENTS_MAX);
        assert(row->segment_count >= 0);
        for (int k = 0; k < row->segment_count; k++) {
            row->segments[k].is_param = segments[k].size > 2 && segments[k].data[0] == '{';
            row->segments[k].text =
                row->segments[k].is_param ? (struct text){segments[k].data + 1, segments[k].size - 2} : segments[k];
        }
    }
    qsort(compiled, route_count, sizeof *compiled, compare);
}

static bool fits(const struct compiled *row, const struct text *segments)
{
    for (int i = 0; i < row->segment_count; i++)
        if (row->segments[i].is_param ? segments[i].size == 0 : !text_equal(row->segments[i].text, segments[i]))
            return false;
    return true;
}

static void take_params(const struct compiled *row, const struct text *segments, struct request *request)
{
    for (int i = 0; i < row->segment_count; i++)
        if (row->segments[i].is_param) {
            assert(request->path_param_count < REQUEST_PATH_PARAMS_MAX);
            request->path_params[request->path_param_count++] =
                (struct request_param){row->segments[i].text, segments[i]};
        }
}

enum status route_match(struct request *request, struct route_match *out_match, struct error *error)
{
    struct text segments[SEGMENTS_MAX];
    int count = split(path_unalias(request->raw_path, request->arena), segments, SEGMENTS_MAX);
    const char *matched_path = NULL;
    bool has_method = false;

    out_match->allowed_methods = 0;
    for (int i = 0; i < count; i++)
        if (!url_decode(segments[i], false, request->arena, &segments[i]))
            return error_set(error, STATUS_MALFORMED, "The path is not percent-encoded UTF-8.");
    for (size_t i = 0; count >= 0 && i < route_count; i++) {
        const struct compiled *row = &compiled[i];
        const struct route *route = &routes[row->route_index];

        if (row->segment_count != count)
            continue;
        /* Rows of one path are neighbours. Only the rows of the first path that matches count. */
        if (matched_path != NULL ? strcmp(matched_path, route->path) != 0 : !fits(row, segments)) {
            if (matched_path != NULL)
                break;
            continue;
        }
        matched_path = route->path;
        out_match->allowed_methods |= 1u << route->method;
        if (route->method == request->method) {
            has_method = true;
            out_match->route_index = row->route_index;
            take_params(row, segments, request);
        }
    }
    if (matched_path == NULL)
        return error_set(error, STATUS_ABSENT, "There is nothing at this address.");
    if (!has_method)
        return error_set(error, STATUS_METHOD, "This address does not take that method.");
    return STATUS_OK;
}

void route_allow_header(unsigned allowed_methods, char *out, size_t size_bytes)
{
    size_t size = 0;

    out[0] = '\0';
    for (unsigned i = METHOD_GET; i <= METHOD_DELETE; i++)
        if (allowed_methods & (1u << i))
            size += (size_t)snprintf(out + size, size_bytes - size, "%s%s%s", size > 0 ? ", " : "",
                                     method_name((enum method)i), i == METHOD_GET ? ", HEAD" : "");
}

static bool fault(const struct route *route, const char *what)
{
    fprintf(stderr, "route %s %s: %s\n", method_name(route->method), route->path, what);
    return false;
}

static bool is_row_sound(const struct route *route)
{
    bool is_open = route->access == ACCESS_PUBLIC || route->access == ACCESS_LOOPBACK;
    bool is_page_access =
        route->access == ACCESS_PAGE || route->access == ACCESS_PAGE_MEMBER || route->access == ACCESS_PAGE_ADMIN;
    bool is_page = (route->flags & ROUTE_PAGE) != 0;
    struct text segments[SEGMENTS_MAX];

    if (route->method == METHOD_UNSET)
        return fault(route, "no method");
    if (route->path[0] != '/' || split(text_of(route->path), segments, SEGMENTS_MAX) < 0)
        return fault(route, "not a path");
    if (route->access == ACCESS_UNSET)
        return fault(route, "nobody said who may call it");
    if (route->visibility == VISIBILITY_UNSET)
        return fault(route, "nobody said what it sees");
    if (route->handle == NULL)
        return fault(route, "no handler");
    if (is_open && route->visibility != VISIBILITY_NONE)
        return fault(route, "public, and sees data");
    if ((route->access == ACCESS_AGENT) != (route->visibility == VISIBILITY_OWN_DATABASE))
        return fault(route, "agents, and only agents, see their own database");
    if (is_page_access && !is_page)
        return fault(route, "signed in by cookie, but no page");
    if (is_page && !is_page_access && !is_open)
        return fault(route, "a page that cookies do not open");
    if (is_page_access && route->method != METHOD_GET && !(route->flags & ROUTE_FORM))
        return fault(route, "a page that writes without a CSRF check");
    if ((route->flags & ROUTE_LONG_FORM) && !is_page_access)
        return fault(route, "strangers may send long forms");
    if ((route->flags & ROUTE_CACHED) && (route->method != METHOD_GET || is_open || is_page))
        return fault(route, "only API reads under a scope are cached");
    return true;
}

bool route_table_is_sound(void)
{
    bool is_sound = route_count > 0;

    for (size_t i = 0; i < route_count; i++) {
        is_sound &= is_row_sound(&routes[i]);
        for (size_t k = 0; k < i; k++)
            if (routes[i].method == routes[k].method && strcmp(routes[i].path, routes[k].path) == 0)
                is_sound = fault(&routes[i], "there twice");
    }
    return is_sound;
}

void route_table_print(void)
{
    static const char *const access_names[] = {"unset",  "public", "loopback", "agent",       "reporter",  "viewer",
                                               "member", "admin",  "page",     "page_member", "page_admin"};
    static const char *const visibility_names[] = {"unset",        "none",        "self",
                                                   "own_database", "connections", "organization"};
    struct buffer line;
    struct json_writer json;

    buffer_init(&line, 4096);
    for (size_t i = 0; i < route_count; i++) {
        buffer_clear(&line);
        json_writer_init(&json, &line);
        json_object_begin(&json);
        json_member_string(&json, "method", method_name(routes[i].method));
        json_member_string(&json, "path", routes[i].path);
        json_member_string(&json, "access", access_names[routes[i].access]);
        json_member_string(&json, "sees", visibility_names[routes[i].visibility]);
        json_member_bool(&json, "is_page", (routes[i].flags & ROUTE_PAGE) != 0);
        json_member_bool(&json, "is_form", (routes[i].flags & ROUTE_FORM) != 0);
        json_member_bool(&json, "is_cached", (routes[i].flags & ROUTE_CACHED) != 0);
        json_object_end(&json);
        printf("%.*s\n", (int)line.size_bytes, line.data);
    }
    buffer_free(&line);
}
