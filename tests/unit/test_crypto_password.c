/* lib/crypto/password: Argon2id by the vectors of RFC 9106 and of the reference implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <argon2.h>
#include <string.h>

#include "crypto/encode.h"
#include "crypto/password.h"
#include "tests/unit/arena_fixture.h"

static void argon2id_answers_as_in_rfc_9106(void **state)
{
    char password[32], salt[16], secret[8], associated[12];
    const struct password_parameters parameters = {.memory_kib = 32,
                                                   .passes = 3,
                                                   .lanes = 4,
                                                   .salt = {salt, sizeof salt},
                                                   .secret = {secret, sizeof secret},
                                                   .associated = {associated, sizeof associated}};
    unsigned char hash[32];

    (void)state;
    memset(password, 1, sizeof password);
    memset(salt, 2, sizeof salt);
    memset(secret, 3, sizeof secret);
    memset(associated, 4, sizeof associated);
    assert_int_equal(password_derive((struct text){password, sizeof password}, &parameters, hash, sizeof hash, NULL),
                     STATUS_OK);
    assert_string_equal(crypto_hex((struct text){(char *)hash, sizeof hash}, arena).data,
                        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

static bool is_right(const char *phc, const char *password)
{
    bool answer = false;

    assert_int_equal(password_verify(text_of(phc), text_of(password), arena, &answer, NULL), STATUS_OK);
    return answer;
}

/* From test.c of the reference implementation, version 0x13. */
static void hashes_of_the_reference_implementation_are_taken(void **state)
{
    static const char phc[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    static const char two_lanes[] =
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";

    (void)state;
    assert_true(is_right(phc, "password"));
    assert_false(is_right(phc, "Password"));
    assert_true(is_right(two_lanes, "password"));
}

/* The first two are of the tests of crypt_blowfish. */
static void bcrypt_of_the_predecessors_is_taken_and_known_as_foreign(void **state)
{
    static const char phc[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    static const char *const bad[] = {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
                                      "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                      "$2a$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                      "$2a$0x$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                      "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"};
    bool answer = true;

    (void)state;
    assert_true(is_right(phc, "U*U"));
    assert_false(is_right(phc, "U*U*"));
    assert_false(is_right(phc, ""));
    assert_true(is_right("$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"));
    assert_int_equal(password_verify(text_of(phc), (struct text){"U*U\0x", 5}, arena, &answer, NULL), STATUS_OK);
    assert_false(answer);
    assert_true(password_is_foreign(text_of(phc)));
    assert_false(password_is_foreign(TEXT("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAp")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(password_is_foreign(text_of(bad[i])));
        assert_int_equal(password_verify(text_of(bad[i]), TEXT("U*U"), arena, &answer, NULL), STATUS_INVALID);
    }
}

static void own_hashes_verify_here_and_in_libargon2(void **state)
{
    struct text phc, again;

    (void)state;
    assert_int_equal(password_hash(TEXT("correct horse"), arena, &phc, NULL), STATUS_OK);
    assert_int_equal(password_hash(TEXT("correct horse"), arena, &again, NULL), STATUS_OK);
    assert_true(text_starts(phc, TEXT("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_false(text_equal(phc, again)); /* another salt */
    assert_true(is_right(phc.data, "correct horse"));
    assert_false(is_right(phc.data, "correct horsf"));
    assert_false(is_right(phc.data, ""));
    assert_int_equal(argon2id_verify(phc.data, "correct horse", 13), ARGON2_OK);
    assert_int_equal(argon2id_verify(phc.data, "correct horsf", 13), ARGON2_VERIFY_MISMATCH);
}

static void stored_hash_that_asks_for_too_much_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "secret",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=99999999999999999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=11,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=5$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c2Fs$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$CTFh",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ==$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1,x=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=-256,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc$",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bool answer = true;

        assert_int_equal(password_verify(text_of(bad[i]), TEXT("password"), arena, &answer, NULL), STATUS_INVALID);
    }
}

static void too_long_password_is_refused_and_never_right(void **state)
{
    static const char phc[] = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    char *longer = arena_zalloc(arena, PASSWORD_BYTES_MAX + 2);
    struct text made;
    bool answer = true;

    (void)state;
    memset(longer, 'p', PASSWORD_BYTES_MAX + 1);
    assert_int_equal(password_hash(text_of(longer), arena, &made, NULL), STATUS_TOO_LARGE);
    assert_int_equal(password_verify(text_of(phc), text_of(longer), arena, &answer, NULL), STATUS_OK);
    assert_false(answer);
    longer[PASSWORD_BYTES_MAX] = '\0';
    assert_int_equal(password_hash(text_of(longer), arena, &made, NULL), STATUS_OK);
    assert_true(is_right(made.data, longer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argon2id_answers_as_in_rfc_9106),
        cmocka_unit_test(hashes_of_the_reference_implementation_are_taken),
        cmocka_unit_test(bcrypt_of_the_predecessors_is_taken_and_known_as_foreign),
        cmocka_unit_test(own_hashes_verify_here_and_in_libargon2),
        cmocka_unit_test(stored_hash_that_asks_for_too_much_is_refused),
        cmocka_unit_test(too_long_password_is_refused_and_never_right),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
