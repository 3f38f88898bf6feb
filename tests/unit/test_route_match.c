/* fcgi/request/route_match.h with the real routes (fcgi/routes.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fcgi/request/route_match.h"
#include "tests/fuzz/route_reference.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/random.h"

static enum status match_path(enum method method, const char *path, struct request *request, struct route_match *match)
{
    *request = (struct request){.method = method, .raw_path = text_of(path), .arena = arena};
    *match = (struct route_match){0};
    return route_match(request, match, NULL);
}

/* The path of the route that the request takes; NULL: no route. */
static const char *route_of(enum method method, const char *path)
{
    struct request request;
    struct route_match match;

    return match_path(method, path, &request, &match) == STATUS_OK ? routes[match.route_index].path : NULL;
}

static void the_table_is_sound(void **state)
{
    (void)state;
    assert_true(route_table_is_sound());
}

/* "/teams/{id}" with `value` for each parameter. */
static const char *with_values(const char *path, const char *value)
{
    const char *filled = "";

    for (const char *at = path; *at != '\0';) {
        const char *end = *at == '{' ? strchr(at, '}') + 1 : at + strcspn(at, "{");

        filled = *at == '{' ? arena_printf(arena, "%s%s", filled, value)
                            : arena_printf(arena, "%s%.*s", filled, (int)(end - at), at);
        at = end;
    }
    return filled;
}

static void every_route_is_found_by_its_own_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        struct request request;
        struct route_match match;

        assert_int_equal(match_path(routes[i].method, with_values(routes[i].path, "a%2Fb%C3%A9"), &request, &match),
                         STATUS_OK);
        assert_int_equal(match.route_index, i);
        for (int k = 0; k < request.path_param_count; k++)
            assert_true(text_equal(request.path_params[k].value, TEXT("a/bé")));
    }
}

static void a_name_comes_before_a_parameter(void **state)
{
    (void)state;
    assert_string_equal(route_of(METHOD_GET, "/databases/new"), "/databases/new");
    assert_string_equal(route_of(METHOD_GET, "/databases/12"), "/databases/{id}");
    assert_string_equal(route_of(METHOD_GET, "/api/v1/slow-queries/fingerprints"), "/api/v1/slow-queries/fingerprints");
    assert_string_equal(route_of(METHOD_GET, "/api/v1/slow-queries/12"), "/api/v1/slow-queries/{id}");
    assert_string_equal(route_of(METHOD_GET, "/databases/n%65w"), "/databases/new");
}

static void other_paths_have_no_route(void **state)
{
    static const char *const paths[] = {"/nothing",
                                        "/databases/",
                                        "/databases//",
                                        "//",
                                        "/databases/1/2",
                                        "/Databases/1",
                                        "/api/v1/teams/1/x",
                                        "/api/v1",
                                        "/a/b/c/d/e/f/g/h/i/j/k/l"};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct request request;
        struct route_match match;

        assert_int_equal(match_path(METHOD_GET, paths[i], &request, &match), STATUS_ABSENT);
        assert_int_equal(match.allowed_methods, 0);
    }
}

static void another_method_is_refused_with_the_allowed_ones(void **state)
{
    struct request request;
    struct route_match match;
    char allow[64];

    (void)state;
    assert_int_equal(match_path(METHOD_PATCH, "/api/v1/teams", &request, &match), STATUS_METHOD);
    route_allow_header(match.allowed_methods, allow, sizeof allow);
    assert_string_equal(allow, "GET, HEAD, POST");
    assert_int_equal(match_path(METHOD_UNSET, "/api/v1/teams/3", &request, &match), STATUS_METHOD);
    route_allow_header(match.allowed_methods, allow, sizeof allow);
    assert_string_equal(allow, "PATCH, DELETE");
}

static void a_broken_escape_is_malformed(void **state)
{
    struct request request;
    struct route_match match;

    (void)state;
    assert_int_equal(match_path(METHOD_GET, "/databases/%4", &request, &match), STATUS_MALFORMED);
    assert_int_equal(match_path(METHOD_GET, "/databases/%ff", &request, &match), STATUS_MALFORMED);
    assert_int_equal(match_path(METHOD_GET, "/databases/%00", &request, &match), STATUS_MALFORMED);
}

static void older_addresses_take_the_same_route(void **state)
{
    (void)state;
    assert_string_equal(route_of(METHOD_GET, "/api/connections"), "/api/v1/database-connections");
    assert_string_equal(route_of(METHOD_GET, "/api/connections/12"), "/api/v1/database-connections/{id}");
    assert_null(route_of(METHOD_GET, "/api/connections2/12"));
}

/* A path made of pieces of the table's paths in any order, and of pieces that are in none. */
static const char *random_path(void)
{
    static const char *const strange[] = {"", "12", "%2F", "{id}", "new", "%zz", "api", "v1"};
    const char *path = "";
    int pieces = (int)random_below(7);

    for (int i = 0; i < pieces; i++) {
        const struct route *route = &routes[random_below(route_count)];
        struct text wanted[ROUTE_PIECES_MAX];
        int count = route_split(text_of(route->path), false, arena, wanted);
        struct text piece = text_of(strange[random_below(sizeof strange / sizeof strange[0])]);

        if (random_below(4) != 0 && i < count)
            piece = wanted[i];
        path = arena_printf(arena, "%s/%.*s", path, (int)piece.size, piece.data);
    }
    return path[0] == '\0' ? "/" : path;
}

static void any_path_takes_the_route_that_a_plain_search_finds(void **state)
{
    int found = 0;

    (void)state;
    random_seed(8);
    for (int i = 0; i < 20000; i++) {
        const char *path = random_path(), *expected = route_expected_path(text_of(path), arena);
        enum method method = (enum method)(1 + random_below(METHOD_DELETE));
        struct request request;
        struct route_match match;
        enum status status = match_path(method, path, &request, &match);

        if (expected == NULL) {
            assert_true(status == STATUS_ABSENT || status == STATUS_MALFORMED);
        } else {
            assert_int_equal(match.allowed_methods, route_expected_methods(expected));
            assert_int_equal(status, match.allowed_methods & 1u << method ? STATUS_OK : STATUS_METHOD);
            if (status == STATUS_OK)
                assert_string_equal(routes[match.route_index].path, expected);
            found++;
        }
        arena_reset(arena);
    }
    assert_true(found > 1000);
}

static int set_up_table(void **state)
{
    route_match_init();
    return set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(every_route_is_found_by_its_own_path),
        cmocka_unit_test(a_name_comes_before_a_parameter),
        cmocka_unit_test(other_paths_have_no_route),
        cmocka_unit_test(another_method_is_refused_with_the_allowed_ones),
        cmocka_unit_test(a_broken_escape_is_malformed),
        cmocka_unit_test(older_addresses_take_the_same_route),
        cmocka_unit_test(any_path_takes_the_route_that_a_plain_search_finds),
    };

    return cmocka_run_group_tests(tests, set_up_table, tear_down);
}
