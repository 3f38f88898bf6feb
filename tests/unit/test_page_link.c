/* Addresses of pages: state in the query string, and which addresses lead to Potto itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fcgi/pages/link.c"

static void a_link_holds_the_state_percent_encoded(void **state)
{
    struct arena *arena = arena_new(0);
    struct link_state link = {.count = 0};

    (void)state;
    link_state_set(&link, "q", TEXT("a&b=<\"é"));
    link_state_set(&link, "page", TEXT("2"));
    assert_string_equal(link_make(arena, "/queries", &link).data, "/queries?q=a%26b%3D%3C%22%C3%A9&page=2");
    assert_string_equal(link_change(arena, "/queries", &link, "page", TEXT("3")).data,
                        "/queries?q=a%26b%3D%3C%22%C3%A9&page=3");
    assert_string_equal(link_change(arena, "/queries", &link, "q", (struct text){NULL, 0}).data, "/queries?page=2");
    link_state_set(&link, "q", (struct text){NULL, 0});
    link_state_set(&link, "page", (struct text){NULL, 0});
    link_state_set(&link, "absent", (struct text){NULL, 0});
    assert_string_equal(link_make(arena, "/queries", &link).data, "/queries");
    arena_destroy(arena);
}

static void a_state_too_long_for_an_address_is_left_out(void **state)
{
    struct arena *arena = arena_new(0);
    struct link_state link = {.count = 0};
    char *text = arena_alloc(arena, 50000);

    (void)state;
    memset(text, '<', 50000);
    link_state_set(&link, "q", (struct text){text, 50000});
    assert_string_equal(link_make(arena, "/queries", &link).data, "/queries");
    arena_destroy(arena);
}

static void only_own_paths_may_follow_sign_in(void **state)
{
    static const char *const own[] = {"/", "/queries", "/queries?from=1&to=2#x", "/a//b", "/queries?u=http://x"};
    static const char *const foreign[] = {"",
                                          "queries",
                                          "//evil.example",
                                          "/\\evil.example",
                                          "\\\\evil",
                                          "http:/",
                                          "https://",
                                          "javascript:x",
                                          "/a\\b",
                                          "/a\r\nX: y",
                                          "/\t/evil",
                                          " /a",
                                          "/ /evil.example",
                                          "/\x7f"};

    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_true(link_is_own_path(text_of(own[i])));
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_false(link_is_own_path(text_of(foreign[i])));
    assert_false(link_is_own_path((struct text){"/\0/evil", 7}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_holds_the_state_percent_encoded),
        cmocka_unit_test(a_state_too_long_for_an_address_is_left_out),
        cmocka_unit_test(only_own_paths_may_follow_sign_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
