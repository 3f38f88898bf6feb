/* lib/auth: access tokens that are accepted and that are refused; agent tokens, form tokens, keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "auth/access_token.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/encode.h"
#include "store/scope/scope_internal.h"

static const char SECRET_HEX[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char OTHER_HEX[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#define NOW_S  INT64_C(1767225600) /* 2026-01-01 */
#define NOW_US (NOW_S * CLOCK_SECOND_US)

static struct arena *arena;
static struct auth_keys *keys;

/* A token as anybody could write it, signed with `secret_hex` by HMAC-SHA-256. */
static struct text signed_token(const char *header, const char *payload, const char *secret_hex)
{
    struct text secret, signing;
    unsigned char mac[CRYPTO_SHA256_BYTES];

    assert_true(crypto_hex_decode(text_of(secret_hex), arena, &secret));
    signing = text_of(arena_printf(arena, "%s.%s", crypto_base64url(text_of(header), arena).data,
                                   crypto_base64url(text_of(payload), arena).data));
    assert_int_equal(crypto_hmac_sha256(secret, signing, mac, NULL), STATUS_OK);
    return text_of(arena_printf(arena, "%s.%s", signing.data,
                                crypto_base64url((struct text){(char *)mac, sizeof mac}, arena).data));
}

/* The key's name: the first bytes of its SHA-256. */
static const char HEADER[] = "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"630dcd29\"}";
static const char PAYLOAD[] = "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,"
                              "\"nbf\":1767225590,\"exp\":1767226490,\"iat_us\":1767225590000000}";

static enum status check(struct text token)
{
    /* A copy of exactly this size, so that the sanitizer sees a read past its end. */
    struct text exact = {malloc(token.size + (token.size == 0)), token.size};
    struct access_claims claims = {0};
    struct error error = {0};
    enum status status;

    memcpy((char *)(uintptr_t)exact.data, token.data, token.size);
    status = access_token_check(keys, exact, NOW_US, arena, &claims, &error);
    free((char *)(uintptr_t)exact.data);
    if (status == STATUS_OK) {
        assert_int_equal(claims.user_id, 42);
        assert_int_equal(claims.organization_id, 7);
    } else {
        assert_int_equal(claims.user_id, 0); /* untouched */
        assert_true(error.detail[0] != '\0');
    }
    return status;
}

static void own_token_is_taken(void **state)
{
    const struct access_claims claims = {.user_id = 42, .organization_id = 7, .issued_at_us = NOW_US - 123456};
    struct access_claims read;
    struct text token;

    (void)state;
    assert_int_equal(access_token_make(keys, &claims, 900, arena, &token, NULL), STATUS_OK);
    assert_int_equal(access_token_check(keys, token, NOW_US, arena, &read, NULL), STATUS_OK);
    assert_int_equal(read.user_id, 42);
    assert_int_equal(read.organization_id, 7);
    assert_int_equal(read.issued_at_us, NOW_US - 123456);
    assert_int_equal(check(signed_token(HEADER, PAYLOAD, SECRET_HEX)), STATUS_OK);
}

static void token_ends_at_its_second(void **state)
{
    const struct access_claims claims = {.user_id = 42, .organization_id = 7, .issued_at_us = NOW_US};
    struct access_claims read;
    struct text token;

    (void)state;
    assert_int_equal(access_token_make(keys, &claims, 900, arena, &token, NULL), STATUS_OK);
    assert_int_equal(access_token_check(keys, token, NOW_US + 899 * CLOCK_SECOND_US, arena, &read, NULL), STATUS_OK);
    assert_int_equal(access_token_check(keys, token, NOW_US + 900 * CLOCK_SECOND_US, arena, &read, NULL),
                     STATUS_UNAUTHENTICATED);
    /* The clock of the machine that issued it may be at most a minute ahead. */
    assert_int_equal(access_token_check(keys, token, NOW_US - 60 * CLOCK_SECOND_US, arena, &read, NULL), STATUS_OK);
    assert_int_equal(access_token_check(keys, token, NOW_US - 62 * CLOCK_SECOND_US, arena, &read, NULL),
                     STATUS_UNAUTHENTICATED);
}

static void token_without_signature_is_refused(void **state)
{
    static const char *const headers[] = {"{\"typ\":\"JWT\",\"alg\":\"none\"}", "{\"alg\":\"none\"}",
                                          "{\"typ\":\"JWT\",\"alg\":\"None\"}", "{\"typ\":\"JWT\",\"alg\":\"\"}",
                                          "{\"typ\":\"JWT\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *unsigned_part = arena_printf(arena, "%s.%s", crypto_base64url(text_of(headers[i]), arena).data,
                                                 crypto_base64url(text_of(PAYLOAD), arena).data);

        assert_int_equal(check(text_of(unsigned_part)), STATUS_UNAUTHENTICATED);
        assert_int_equal(check(text_of(arena_printf(arena, "%s.", unsigned_part))), STATUS_UNAUTHENTICATED);
        assert_int_equal(check(text_of(arena_printf(arena, "%s.AA", unsigned_part))), STATUS_UNAUTHENTICATED);
        /* Even though its HMAC is right. */
        assert_int_equal(check(signed_token(headers[i], PAYLOAD, SECRET_HEX)), STATUS_UNAUTHENTICATED);
    }
}

static void token_of_another_algorithm_is_refused_though_its_signature_fits(void **state)
{
    static const jwt_alg_t algorithms[] = {JWT_ALG_HS384, JWT_ALG_HS512};
    struct text secret;

    (void)state;
    assert_true(crypto_hex_decode(text_of(SECRET_HEX), arena, &secret));
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        jwt_t *jwt = NULL;
        char *token;

        assert_int_equal(jwt_new(&jwt), 0);
        assert_int_equal(jwt_set_alg(jwt, algorithms[i], (const unsigned char *)secret.data, (int)secret.size), 0);
        assert_int_equal(jwt_add_grants_json(jwt, PAYLOAD), 0);
        token = jwt_encode_str(jwt);
        assert_non_null(token);
        assert_int_equal(check(text_of(token)), STATUS_UNAUTHENTICATED);
        free(token);
        jwt_free(jwt);
    }
}

static void token_that_names_an_asymmetric_algorithm_is_refused(void **state)
{
    static const char *const names[] = {"RS256", "RS512", "ES256", "PS256", "HS257", "hs256", "EdDSA", "HS256 "};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        /* The classical attack takes the secret for a public key. libjwt reads "hs256" as HS256, and then the
         * signature is right. */
        assert_int_equal(
            check(signed_token(arena_printf(arena, "{\"typ\":\"JWT\",\"alg\":\"%s\",\"kid\":\"630dcd29\"}", names[i]),
                               PAYLOAD, SECRET_HEX)),
            strcmp(names[i], "hs256") == 0 ? STATUS_OK : STATUS_UNAUTHENTICATED);
}

static void token_signed_with_another_key_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check(signed_token(HEADER, PAYLOAD, OTHER_HEX)), STATUS_UNAUTHENTICATED);
    assert_int_equal(check(signed_token(HEADER, PAYLOAD, "")), STATUS_UNAUTHENTICATED);
}

static void every_changed_character_is_noticed(void **state)
{
    const struct text token = signed_token(HEADER, PAYLOAD, SECRET_HEX);
    char *copy = arena_string(arena, token.data, token.size);

    (void)state;
    for (size_t i = 0; i < token.size; i++) {
        char was = copy[i];

        /* Another letter that differs in more than the unused bits of the last letter. */
        copy[i] = was == '.' ? '-' : was == 'A' ? 'w' : was >= 'A' && was <= 'Z' ? 'A' : 'Q';
        if (copy[i] != was)
            assert_int_equal(check((struct text){copy, token.size}), STATUS_UNAUTHENTICATED);
        copy[i] = was;
    }
    for (size_t size = 0; size < token.size; size++)
        assert_int_equal(check((struct text){copy, size}), STATUS_UNAUTHENTICATED);
    assert_int_equal(check((struct text){copy, token.size}), STATUS_OK);
}

static const char *const junk_payloads[] = {
    "",
    "null",
    "[]",
    "{}",
    "{\"iss\":\"potto\"",
    "\"potto\"",
    /* each has one error */
    "{\"iss\":\"other\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490,\"iat_us\":1767225590000000}",
    "{\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":1767226490,\"iat_"
    "us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"refresh\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":42,\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"-1\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42 OR "
    "1=1\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":1767226490,\"iat_us\":"
    "1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"99999999999999999999\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":"
    "1767225590,\"exp\":1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":\"7\",\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,"
    "\"exp\":1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":0,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":1767226490,"
    "\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"nbf\":1767225590,\"exp\":1767226490,\"iat_"
    "us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"exp\":1767226490,\"iat_"
    "us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"iat_"
    "us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "\"1767226490\",\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1767226490.5,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "true,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "1e300,\"iat_us\":1767225590000000}",
    /* expired; not yet; a life without end; far past and far future */
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225000,\"nbf\":1767225000,\"exp\":"
    "1767225600,\"iat_us\":1767225000000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767229200,\"nbf\":1767229200,\"exp\":"
    "1767230100,\"iat_us\":1767229200000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767229200,\"exp\":"
    "1767230100,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "9223372036854775807,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":-9223372036854775808,\"nbf\":"
    "1767225590,\"exp\":1767226490,\"iat_us\":1767225590000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":-9223372036854,\"nbf\":0,\"exp\":"
    "1767226490,\"iat_us\":-9223372036854000000}",
    "{\"iss\":\"potto\",\"sub\":\"42\",\"org\":7,\"use\":\"access\",\"iat\":1767225590,\"nbf\":1767225590,\"exp\":"
    "99999999999999999999999,\"iat_us\":1767225590000000}",
};

static const char *const junk_headers[] = {"{\"typ\":\"JOSE\",\"alg\":\"HS256\",\"kid\":\"630dcd29\"}",
                                           "{\"alg\":\"HS256\",\"kid\":\"630dcd29\"}",
                                           "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
                                           "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"630dcd2\"}",
                                           "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"630DCD29\"}",
                                           "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":7}",
                                           "{}",
                                           "[]",
                                           "x"};

static void rightly_signed_junk_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof junk_payloads / sizeof junk_payloads[0]; i++)
        assert_int_equal(check(signed_token(HEADER, junk_payloads[i], SECRET_HEX)), STATUS_UNAUTHENTICATED);
    for (size_t i = 0; i < sizeof junk_headers / sizeof junk_headers[0]; i++)
        assert_int_equal(check(signed_token(junk_headers[i], PAYLOAD, SECRET_HEX)), STATUS_UNAUTHENTICATED);
}

static void text_that_is_no_token_is_refused(void **state)
{
    static const struct text junk[] = {
        TEXT(""),        TEXT("."),           TEXT(".."),      TEXT("..."),   TEXT("a.b.c"),         TEXT("a..c"),
        TEXT("a.b.c.d"), TEXT("eyJ\0.eyJ.x"), TEXT("a b.c.d"), TEXT("agt_x"), TEXT("\xff.\xfe.\xfd")};

    (void)state;
    for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++)
        assert_int_equal(check(junk[i]), STATUS_UNAUTHENTICATED);
}

static void huge_token_is_refused_before_it_is_read(void **state)
{
    char *payload = arena_alloc(arena, 8 * 1024 * 1024);
    int size;

    (void)state;
    /* Rightly signed, but a few bytes over the limit, or megabytes. */
    for (int filler = 3000; filler <= 6 * 1024 * 1024; filler *= 40) {
        size = snprintf(payload, 200, "{\"filler\":\"");
        memset(payload + size, 'x', (size_t)filler);
        snprintf(payload + size + filler, 200, "\",\"iss\":\"potto\"}");
        assert_int_equal(check(signed_token(HEADER, payload, SECRET_HEX)), STATUS_UNAUTHENTICATED);
    }
    /* Deeply nested, but within the size limit. */
    memset(payload, '[', 2500);
    payload[2500] = '\0';
    assert_int_equal(check(signed_token(HEADER, payload, SECRET_HEX)), STATUS_UNAUTHENTICATED);
}

static void short_or_odd_keys_are_refused(void **state)
{
    static const char *const secrets[] = {NULL, "", "00",
                                          "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
                                          "change me, this is not hexadecimal at all, but long enough, is it"};
    struct auth_keys *made = NULL;
    struct error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        if (secrets[i] != NULL) /* a program without access tokens has no JWT_SECRET */
            assert_int_equal(auth_keys_new(secrets[i], SECRET_HEX, &made, &error), STATUS_INVALID);
        assert_int_equal(auth_keys_new(SECRET_HEX, secrets[i], &made, &error), STATUS_INVALID);
        assert_null(made);
    }
    assert_string_equal(error.fields[1].field, "JWT_SECRET");
    auth_keys_destroy(NULL);
}

static void agent_tokens_are_random_hashed_and_hinted(void **state)
{
    struct auth_agent_token one, two;
    unsigned char hash[CRYPTO_SHA256_BYTES];

    (void)state;
    assert_int_equal(auth_agent_token_new(arena, &one, NULL), STATUS_OK);
    assert_int_equal(auth_agent_token_new(arena, &two, NULL), STATUS_OK);
    assert_false(text_equal(one.token, two.token));
    assert_int_equal(one.token.size, 4 + 43);
    assert_true(text_starts(one.token, TEXT("agt_")));
    assert_int_equal(crypto_sha256(one.token, hash, NULL), STATUS_OK);
    assert_true(text_equal(one.hash, (struct text){(char *)hash, sizeof hash}));
    assert_true(text_starts(one.hint, TEXT("agt_…")));
    assert_memory_equal(one.hint.data + one.hint.size - 4, one.token.data + one.token.size - 4, 4);
    assert_int_equal(one.hint.size, strlen("agt_…") + 4);
}

static void credentials_are_sealed_with_the_configured_key(void **state)
{
    const struct seal_place password_of_5 = {1, 5, SEAL_PASSWORD};
    struct auth_keys *other;
    struct text cipher, plain;

    (void)state;
    assert_int_equal(auth_encrypt(keys, password_of_5, TEXT("s3cret"), arena, &cipher, NULL), STATUS_OK);
    assert_int_equal(auth_decrypt(keys, password_of_5, cipher, arena, &plain, NULL), STATUS_OK);
    assert_true(text_equal(plain, TEXT("s3cret")));
    assert_int_equal(auth_keys_new(SECRET_HEX, OTHER_HEX, &other, NULL), STATUS_OK);
    assert_int_equal(auth_decrypt(other, password_of_5, cipher, arena, &plain, NULL), STATUS_INVALID);
    auth_keys_destroy(other);
}

static void form_token_is_good_for_its_user_alone(void **state)
{
    const struct scope alice = {.organization_id = 1, .user_id = 1}, bob = {.organization_id = 1, .user_id = 2},
                       namesake = {.organization_id = 2, .user_id = 1};
    const struct text token = auth_csrf_token(keys, &alice, arena);
    struct auth_keys *other;
    char *changed = arena_string(arena, token.data, token.size);

    (void)state;
    assert_true(auth_csrf_check(keys, &alice, token));
    assert_false(auth_csrf_check(keys, &bob, token));
    assert_false(auth_csrf_check(keys, &namesake, token));
    assert_false(auth_csrf_check(keys, &alice, TEXT("")));
    assert_false(auth_csrf_check(keys, &alice, (struct text){NULL, 0}));
    assert_false(auth_csrf_check(keys, &alice, (struct text){token.data, token.size - 1}));
    changed[0] = changed[0] == 'A' ? 'B' : 'A';
    assert_false(auth_csrf_check(keys, &alice, (struct text){changed, token.size}));
    assert_int_equal(auth_keys_new(OTHER_HEX, SECRET_HEX, &other, NULL), STATUS_OK);
    assert_false(auth_csrf_check(other, &alice, token));
    auth_keys_destroy(other);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(0);
    return auth_keys_new(SECRET_HEX, SECRET_HEX, &keys, NULL) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    auth_keys_destroy(keys);
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_token_is_taken),
        cmocka_unit_test(token_ends_at_its_second),
        cmocka_unit_test(token_without_signature_is_refused),
        cmocka_unit_test(token_of_another_algorithm_is_refused_though_its_signature_fits),
        cmocka_unit_test(token_that_names_an_asymmetric_algorithm_is_refused),
        cmocka_unit_test(token_signed_with_another_key_is_refused),
        cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(rightly_signed_junk_is_refused),
        cmocka_unit_test(text_that_is_no_token_is_refused),
        cmocka_unit_test(huge_token_is_refused_before_it_is_read),
        cmocka_unit_test(short_or_odd_keys_are_refused),
        cmocka_unit_test(agent_tokens_are_random_hashed_and_hinted),
        cmocka_unit_test(credentials_are_sealed_with_the_configured_key),
        cmocka_unit_test(form_token_is_good_for_its_user_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
