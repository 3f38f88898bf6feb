/* Access tokens: any bytes as a token, and any bytes as header and payload, signed with a configured key or with
 * another one. The first byte chooses. A token that is accepted must be in time and have the HMAC-SHA-256 of a
 * configured key, which is computed again here. */
#include "auth/access_token.h"
#include "auth/keys.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/encode.h"
#include "tests/fuzz/fuzz.h"

static const char SECRETS_HEX[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,"
                                  "second:202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
static const char ENCRYPTION_HEX[] = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
static const char STRANGE_SECRET[] = "nobody has given us this key, whoever signs with it";

#define NOW_S INT64_C(1767225600) /* 2026-01-01 */

enum { KEYS = 2 };

static struct auth_keys *keys;

static struct text mac_of(struct text secret, struct text signing, struct arena *arena)
{
    unsigned char *mac = arena_alloc(arena, CRYPTO_SHA256_BYTES);

    fuzz_check(crypto_hmac_sha256(secret, signing, mac, NULL) == STATUS_OK, "HMAC works");
    return crypto_base64url((struct text){(char *)mac, CRYPTO_SHA256_BYTES}, arena);
}

static struct text secret_of(size_t key)
{
    return (struct text){(const char *)keys->jwt.entries[key].secret, keys->jwt.entries[key].secret_bytes};
}

/* Is the part after the last dot the signature of everything before it, by a configured key? */
static bool is_signed(struct text token, struct arena *arena)
{
    const char *dot = memrchr(token.data, '.', token.size);
    struct text signing, signature;

    if (dot == NULL)
        return false;
    signing = (struct text){token.data, (size_t)(dot - token.data)};
    signature = (struct text){dot + 1, token.size - signing.size - 1};
    for (size_t i = 0; i < KEYS; i++)
        if (text_equal(signature, mac_of(secret_of(i), signing, arena)))
            return true;
    return false;
}

static void check_token(struct text token, struct arena *arena)
{
    struct access_claims claims = {0}, again = {0};
    struct error error = {0};

    if (access_token_check(keys, token, NOW_S * CLOCK_SECOND_US, arena, &claims, &error) != STATUS_OK) {
        fuzz_check(error.status == STATUS_UNAUTHENTICATED && error.detail[0] != '\0' && claims.user_id == 0,
                   "a refusal has a message and no result");
        return;
    }
    fuzz_check(is_signed(token, arena), "an accepted token is signed with one of our keys");
    fuzz_check(claims.user_id > 0 && claims.organization_id > 0, "an accepted token names a user");
    fuzz_check(claims.issued_at_us / CLOCK_SECOND_US <= NOW_S + ACCESS_TOKEN_SKEW_S,
               "an accepted token was issued by now");
    fuzz_check(claims.issued_at_us / CLOCK_SECOND_US >= NOW_S - ACCESS_TOKEN_LIFE_S_MAX,
               "an accepted token is not old");
    /* The second check finds the token among those that were verified before. */
    fuzz_check(access_token_check(keys, token, NOW_S * CLOCK_SECOND_US, arena, &again, &error) == STATUS_OK &&
                   again.user_id == claims.user_id && again.organization_id == claims.organization_id &&
                   again.issued_at_us == claims.issued_at_us,
               "an accepted token is accepted again with the same claims");
    fuzz_check(access_token_check(keys, token, (NOW_S + 2 * ACCESS_TOKEN_LIFE_S_MAX) * CLOCK_SECOND_US, arena, &again,
                                  &error) != STATUS_OK,
               "an accepted token expires");
}

static struct text with_signature(struct text header, struct text payload, struct text secret, struct arena *arena)
{
    struct text signing = text_of(
        arena_printf(arena, "%s.%s", crypto_base64url(header, arena).data, crypto_base64url(payload, arena).data));

    return text_of(arena_printf(arena, "%s.%s", signing.data, mac_of(secret, signing, arena).data));
}

/* Check a signed token with the usual header and the input as payload; or, with has_header, with "header\npayload". */
static void check_signed(struct text input, bool has_header, struct text secret, struct arena *arena)
{
    struct text header =
        text_of(arena_printf(arena, "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"%s\"}", keys->jwt.entries[0].name));

    if (has_header && !text_split(&input, '\n', &header))
        return;
    check_token(with_signature(header, input, secret, arena), arena);
}

/* Check a valid token with one changed byte, or one without a signature. */
static void check_changed(struct text input, struct arena *arena)
{
    const struct access_claims claims = {42, 7, NOW_S * CLOCK_SECOND_US - 1};
    struct text token;
    char *changed;
    size_t at;

    fuzz_check(access_token_make(keys, &claims, 900, arena, &token, NULL) == STATUS_OK, "a token is made");
    check_token(token, arena);
    if (input.size < 3)
        return;
    changed = arena_string(arena, token.data, token.size);
    at = (size_t)(unsigned char)input.data[0] << 8 | (unsigned char)input.data[1];
    changed[at % token.size] = input.data[2];
    check_token((struct text){changed, token.size}, arena);
}

static void keys_make(void)
{
    fuzz_check(auth_keys_new(SECRETS_HEX, ENCRYPTION_HEX, &keys, NULL) == STATUS_OK && keys->jwt.count == KEYS,
               "the keys are keys");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    unsigned choice = fuzz_take_byte(&input) % 8;

    if (keys == NULL)
        keys_make();
    switch (choice) {
    case 0:
        check_token(input, arena);
        break;
    case 1:
        check_changed(input, arena);
        break;
    case 2:
    case 3:
        check_signed(input, choice == 3, text_of(STRANGE_SECRET), arena);
        break;
    case 4:
        check_signed(input, true, secret_of(1), arena);
        break;
    case 5:
        check_signed(input, true, secret_of(0), arena);
        break;
    default:
        check_signed(input, false, secret_of(0), arena);
    }
    arena_destroy(arena);
    return 0;
}
