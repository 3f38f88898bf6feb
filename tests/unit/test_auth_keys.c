/* lib/auth: lists of keys, and how tokens and sealed values behave with several keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "auth/access_token.h"
#include "auth/key_list.h"
#include "auth/throttle.h"
#include "base/clock.h"
#include "store/scope/scope_internal.h"
#include "tests/unit/arena_fixture.h"

#define ONE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define TWO "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct seal_place PLACE = {7, 42, SEAL_PASSWORD};

static struct auth_keys *keys_of(const char *jwt_secret, const char *encryption_key)
{
    struct auth_keys *keys = NULL;

    assert_int_equal(auth_keys_new(jwt_secret, encryption_key, &keys, NULL), STATUS_OK);
    return keys;
}

static bool is_taken(const struct auth_keys *keys, struct text token)
{
    struct access_claims claims = {0};

    return access_token_check(keys, token, clock_now_us(), arena, &claims, NULL) == STATUS_OK && claims.user_id == 42;
}

static struct text token_of(const struct auth_keys *keys)
{
    const struct access_claims claims = {.user_id = 42, .organization_id = 7, .issued_at_us = clock_now_us()};
    struct text token;

    assert_int_equal(access_token_make(keys, &claims, 900, arena, &token, NULL), STATUS_OK);
    return token;
}

static void first_key_signs_and_every_key_verifies(void **state)
{
    struct auth_keys *one = keys_of(ONE, ONE), *two = keys_of(TWO, ONE), *both = keys_of(TWO "," ONE, ONE);

    (void)state;
    assert_true(is_taken(both, token_of(one)));
    assert_true(is_taken(both, token_of(two)));
    assert_true(is_taken(two, token_of(both)));
    assert_false(is_taken(one, token_of(both)));
    assert_false(is_taken(one, token_of(two)));
    auth_keys_destroy(one);
    auth_keys_destroy(two);
    auth_keys_destroy(both);
}

static void token_needs_the_key_of_its_name(void **state)
{
    struct auth_keys *plain = keys_of(ONE, ONE), *named = keys_of("spring-2026:" ONE, ONE);
    struct auth_keys *renamed = keys_of("autumn:" ONE, ONE);

    (void)state;
    assert_true(is_taken(named, token_of(named)));
    assert_false(is_taken(named, token_of(plain)));
    assert_false(is_taken(plain, token_of(named)));
    assert_false(is_taken(renamed, token_of(named)));
    auth_keys_destroy(plain);
    auth_keys_destroy(named);
    auth_keys_destroy(renamed);
}

static void key_with_a_time_to_come_verifies_but_does_not_sign_yet(void **state)
{
    struct auth_keys *one = keys_of(ONE, ONE), *two = keys_of(TWO, TWO);
    struct auth_keys *before = keys_of(TWO "@99999999999," ONE, TWO "@99999999999," ONE);
    struct auth_keys *after = keys_of(TWO "@1000000000," ONE, TWO "@1000000000," ONE);
    struct text sealed, opened;

    (void)state;
    assert_true(is_taken(one, token_of(before)));
    assert_true(is_taken(before, token_of(two)));
    assert_true(is_taken(two, token_of(after)));
    assert_true(is_taken(after, token_of(one)));
    assert_int_equal(auth_encrypt(before, PLACE, TEXT("s3cret"), arena, &sealed, NULL), STATUS_OK);
    assert_int_equal(auth_decrypt(one, PLACE, sealed, arena, &opened, NULL), STATUS_OK);
    assert_int_equal(auth_encrypt(after, PLACE, TEXT("s3cret"), arena, &sealed, NULL), STATUS_OK);
    assert_int_equal(auth_decrypt(one, PLACE, sealed, arena, &opened, NULL), STATUS_INVALID);
    assert_int_equal(auth_decrypt(before, PLACE, sealed, arena, &opened, NULL), STATUS_OK);
    assert_true(text_equal(opened, TEXT("s3cret")));
    assert_memory_equal(auth_sealing_key_id(after).data, sealed.data + 1, 4);
    auth_keys_destroy(one);
    auth_keys_destroy(two);
    auth_keys_destroy(before);
    auth_keys_destroy(after);
}

static void form_token_of_an_older_key_is_still_valid(void **state)
{
    const struct scope alice = {.organization_id = 1, .user_id = 2};
    struct auth_keys *one = keys_of(ONE, ONE), *both = keys_of(TWO "," ONE, ONE), *two = keys_of(TWO, ONE);
    struct text token = auth_csrf_token(one, &alice, arena);

    (void)state;
    assert_true(auth_csrf_check(both, &alice, token));
    assert_false(auth_csrf_check(two, &alice, token));
    assert_true(auth_csrf_check(two, &alice, auth_csrf_token(both, &alice, arena)));
    auth_keys_destroy(one);
    auth_keys_destroy(both);
    auth_keys_destroy(two);
}

static void sealed_value_opens_in_its_place_alone(void **state)
{
    static const struct seal_place others[] = {
        {8, 42, SEAL_PASSWORD}, {7, 43, SEAL_PASSWORD}, {7, 42, SEAL_AGENT_TOKEN}, {42, 7, SEAL_PASSWORD},
        {74, 2, SEAL_PASSWORD}, {7, 4, SEAL_PASSWORD},  {7, 421, SEAL_PASSWORD}};
    struct auth_keys *keys = keys_of(ONE, ONE);
    struct text sealed, opened = TEXT("untouched");

    (void)state;
    assert_int_equal(auth_encrypt(keys, PLACE, TEXT("s3cret"), arena, &sealed, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(auth_decrypt(keys, others[i], sealed, arena, &opened, NULL), STATUS_INVALID);
    assert_true(text_equal(opened, TEXT("untouched")));
    assert_int_equal(auth_decrypt(keys, PLACE, sealed, arena, &opened, NULL), STATUS_OK);
    assert_true(text_equal(opened, TEXT("s3cret")));
    auth_keys_destroy(keys);
}

static void agent_token_of_another_connection_is_said_to_need_rotation(void **state)
{
    static const struct seal_place place = {7, 42, SEAL_AGENT_TOKEN};
    struct auth_keys *keys = keys_of(ONE, ONE);
    struct text sealed, opened;

    (void)state;
    assert_int_equal(auth_encrypt(keys, place, TEXT("agt_x"), arena, &sealed, NULL), STATUS_OK);
    assert_int_equal(auth_agent_token_open(keys, 7, 42, sealed, arena, &opened, NULL), STATUS_OK);
    assert_int_equal(auth_agent_token_open(keys, 7, 43, sealed, arena, &opened, NULL), STATUS_CONFLICT);
    assert_int_equal(auth_agent_token_open(keys, 6, 42, sealed, arena, &opened, NULL), STATUS_CONFLICT);
    auth_keys_destroy(keys);
}

static void list_is_written_as_it_was_read(void **state)
{
    static const char *const lists[] = {ONE, "a:" ONE, ONE "," TWO, "a:" TWO "@1900000000,b.2-_:" ONE};
    struct key_list list;

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct buffer out;

        buffer_init(&out, 4096);
        assert_int_equal(key_list_parse("KEY", text_of(lists[i]), 32, 32, &list, NULL), STATUS_OK);
        key_list_format(&list, &out);
        assert_true(text_equal(buffer_text(&out), text_of(lists[i])));
        buffer_free(&out);
    }
    assert_int_equal(key_list_parse("KEY", TEXT(" " ONE " , x:" TWO " "), 32, 32, &list, NULL), STATUS_OK);
    assert_string_equal(list.entries[0].name, "630dcd29");
    assert_string_equal(list.entries[1].name, "x");
}

static void odd_lists_are_refused_without_a_word_of_their_value(void **state)
{
    static const char *const lists[] = {"",
                                        ",",
                                        ONE ",",
                                        "," ONE,
                                        ONE ",," TWO,
                                        ":" ONE,
                                        "a b:" ONE,
                                        "a:b:" ONE,
                                        "é:" ONE,
                                        ONE "," ONE,
                                        "a:" ONE ",a:" TWO,
                                        ONE "@",
                                        ONE "@soon",
                                        ONE "@-5",
                                        ONE "@0",
                                        ONE "@1.5",
                                        ONE "@9999999999999",
                                        ONE "@1900000000" /* no key is in use before that */,
                                        ONE "@@1",
                                        "a:",
                                        "123456789012345678901234567890123:" ONE,
                                        ONE "00",
                                        "0" ONE,
                                        ONE "," ONE "1," TWO};

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct error error = {0};
        struct key_list list;

        assert_int_equal(key_list_parse("KEY", text_of(lists[i]), 32, 32, &list, &error), STATUS_INVALID);
        assert_string_equal(error.fields[0].field, "KEY");
        assert_null(strstr(error.fields[0].message, "0102"));
    }
}

static void new_key_comes_in_front_and_the_old_ones_go(void **state)
{
    struct key_list list;
    struct key_entry fresh;

    (void)state;
    assert_int_equal(key_list_parse("KEY", TEXT(ONE), 32, 32, &list, NULL), STATUS_OK);
    assert_int_equal(key_list_put_new(&list, 32, 2000, NULL), STATUS_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(key_list_current(&list, 1999)->name, "630dcd29");
    assert_ptr_equal(key_list_current(&list, 2000), &list.entries[0]);
    fresh = list.entries[0];
    key_list_retire(&list, 2000);
    assert_int_equal(list.count, 1);
    assert_memory_equal(list.entries[0].secret, fresh.secret, 32);
    assert_int_equal(list.entries[0].from_s, 0);
    while (list.count < KEY_LIST_MAX)
        assert_int_equal(key_list_put_new(&list, 32, 0, NULL), STATUS_OK);
    assert_int_equal(key_list_put_new(&list, 32, 0, NULL), STATUS_CONFLICT);
}

static void neighbours_of_an_address_are_its_network(void **state)
{
    static const struct {
        const char *left, *right;
        bool is_same;
    } pairs[] = {
        {"192.0.2.1", "192.0.2.254", true},
        {"192.0.2.1", "192.0.3.1", false},
        {"192.0.2.1", "::ffff:192.0.2.77", true},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
        {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
        {"unix:", "unix:", true},
        {"", "192.0.2.1", false},
        {"192.0.2.1.5", "192.0.2.1.6", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(text_equal(throttle_network(text_of(pairs[i].left), arena),
                                    throttle_network(text_of(pairs[i].right), arena)),
                         pairs[i].is_same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_key_signs_and_every_key_verifies),
        cmocka_unit_test(token_needs_the_key_of_its_name),
        cmocka_unit_test(key_with_a_time_to_come_verifies_but_does_not_sign_yet),
        cmocka_unit_test(form_token_of_an_older_key_is_still_valid),
        cmocka_unit_test(sealed_value_opens_in_its_place_alone),
        cmocka_unit_test(agent_token_of_another_connection_is_said_to_need_rotation),
        cmocka_unit_test(list_is_written_as_it_was_read),
        cmocka_unit_test(odd_lists_are_refused_without_a_word_of_their_value),
        cmocka_unit_test(new_key_comes_in_front_and_the_old_ones_go),
        cmocka_unit_test(neighbours_of_an_address_are_its_network),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
