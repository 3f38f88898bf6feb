/* fcgi/request/url.h: percent-encoding both ways, and pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fcgi/request/url.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/random.h"

enum { PAIRS_MAX = 4 };

static void escapes_are_decoded(void **state)
{
    static const struct {
        struct text encoded;
        bool is_query;
        const char *plain; /* NULL: refused */
    } rows[] = {
        {TEXT(""), false, ""},
        {TEXT("plain"), false, "plain"},
        {TEXT("%41%2f%2F"), false, "A//"},
        {TEXT("a+b"), false, "a+b"},
        {TEXT("a+b"), true, "a b"},
        {TEXT("%2B+"), true, "+ "},
        {TEXT("%C3%A9"), false, "é"},
        {TEXT("%C3\xa9"), false, "é"},
        {TEXT("\xc3\xa9"), false, "é"},
        {TEXT("%2541"), false, "%41"},
        {TEXT("%"), false, NULL},
        {TEXT("%4"), false, NULL},
        {TEXT("a%4g"), false, NULL},
        {TEXT("%-1"), false, NULL},
        {TEXT("%00"), false, NULL},
        {TEXT("%C3"), false, NULL},
        {TEXT("\xff"), false, NULL},
        {TEXT("%ED%A0%80"), false, NULL}, /* a surrogate */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text plain = TEXT("untouched");
        bool is_good = url_decode(rows[i].encoded, rows[i].is_query, arena, &plain);

        assert_int_equal(is_good, rows[i].plain != NULL);
        assert_true(text_equal(plain, is_good ? text_of(rows[i].plain) : TEXT("untouched")));
    }
}

static void text_without_escapes_is_not_copied(void **state)
{
    struct text encoded = TEXT("a-b_c"), plain;

    (void)state;
    assert_true(url_decode(encoded, true, arena, &plain));
    assert_ptr_equal(plain.data, encoded.data);
}

static void all_but_letters_digits_and_five_signs_are_encoded(void **state)
{
    (void)state;
    assert_string_equal(url_encode(TEXT("aZ09-._~/"), arena), "aZ09-._~/");
    assert_string_equal(url_encode(TEXT(" +&=?#%\"<é\0"), arena), "%20%2B%26%3D%3F%23%25%22%3C%C3%A9%00");
    assert_string_equal(url_encode(TEXT(""), arena), "");
}

static void pairs_are_read_in_order(void **state)
{
    struct request_param pairs[PAIRS_MAX];
    int count = -1;

    (void)state;
    assert_int_equal(url_pairs_read(TEXT("&a=1&&b=x%26y&c&=d&"), "query string", arena, pairs, PAIRS_MAX, &count, NULL),
                     STATUS_OK);
    assert_int_equal(count, 4);
    assert_true(text_equal(pairs[0].name, TEXT("a")) && text_equal(pairs[0].value, TEXT("1")));
    assert_true(text_equal(pairs[1].name, TEXT("b")) && text_equal(pairs[1].value, TEXT("x&y")));
    assert_true(text_equal(pairs[2].name, TEXT("c")) && pairs[2].value.size == 0 && pairs[2].value.data != NULL);
    assert_true(pairs[3].name.size == 0 && text_equal(pairs[3].value, TEXT("d")));
    assert_int_equal(url_pairs_read(TEXT("a=b=c"), "form", arena, pairs, PAIRS_MAX, &count, NULL), STATUS_OK);
    assert_true(count == 1 && text_equal(pairs[0].value, TEXT("b=c")));
    assert_int_equal(url_pairs_read((struct text){NULL, 0}, "form", arena, pairs, PAIRS_MAX, &count, NULL), STATUS_OK);
    assert_int_equal(count, 0);
}

static void malformed_pairs_are_refused_by_their_place(void **state)
{
    static const struct {
        const char *encoded, *message;
    } rows[] = {
        {"a=%4", "The form is not percent-encoded UTF-8."},
        {"%ff=1", "The form is not percent-encoded UTF-8."},
        {"a&b&c&d&e", "The form has more than 4 parameters."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request_param pairs[PAIRS_MAX];
        struct error error = {0};
        int count = -1;

        assert_int_equal(url_pairs_read(text_of(rows[i].encoded), "form", arena, pairs, PAIRS_MAX, &count, &error),
                         STATUS_MALFORMED);
        assert_string_equal(error.message, rows[i].message);
        assert_int_equal(count, -1);
    }
}

static void any_bytes_are_encoded_and_utf8_comes_back(void **state)
{
    int utf8 = 0;

    (void)state;
    random_seed(9);
    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        struct text plain = {bytes, random_below(sizeof bytes)}, decoded;
        bool is_utf8;

        for (size_t k = 0; k < plain.size; k++)
            bytes[k] = (char)(random_below(4) == 0 ? random_below(256) : 1 + random_below(127));
        is_utf8 = text_valid_utf8(plain) == plain.size;
        assert_int_equal(url_decode(text_of(url_encode(plain, arena)), i % 2 == 0, arena, &decoded), is_utf8);
        assert_true(!is_utf8 || text_equal(decoded, plain));
        utf8 += is_utf8;
        arena_reset(arena);
    }
    assert_true(utf8 > 1000 && utf8 < 19000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(text_without_escapes_is_not_copied),
        cmocka_unit_test(all_but_letters_digits_and_five_signs_are_encoded),
        cmocka_unit_test(pairs_are_read_in_order),
        cmocka_unit_test(malformed_pairs_are_refused_by_their_place),
        cmocka_unit_test(any_bytes_are_encoded_and_utf8_comes_back),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
