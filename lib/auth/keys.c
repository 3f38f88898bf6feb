/* Keys, and what is made with them alone: sealed credentials, agent tokens, form tokens. */
#include "auth/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/encode.h"

enum { AGENT_TOKEN_RANDOM_BYTES = 32, AGENT_TOKEN_HINT_CHARACTERS = 4 };

static enum status keys_fill(struct auth_keys *keys, const char *jwt_secret_hex, const char *encryption_key_hex,
                             struct arena *arena, struct error *error);
static struct text csrf_mac(const struct auth_keys *keys, const struct scope *scope, int64_t day,
                            unsigned char mac[CRYPTO_SHA256_BYTES]);

enum status auth_keys_new(const char *jwt_secret_hex, const char *encryption_key_hex, struct auth_keys **out_keys,
                          struct error *error)
{
    struct auth_keys *keys = calloc(1, sizeof *keys);
    struct arena *arena = arena_new(0);
    enum status status;

    if (keys == NULL)
        abort();
    status = keys_fill(keys, jwt_secret_hex, encryption_key_hex, arena, error);
    arena_destroy(arena);
    if (status != STATUS_OK) {
        auth_keys_destroy(keys);
        return status;
    }
    *out_keys = keys;
    return STATUS_OK;
}

void auth_keys_destroy(struct auth_keys *keys)
{
    if (keys == NULL)
        return;
    crypto_wipe(keys, sizeof *keys);
    free(keys);
}

static enum status keys_fill(struct auth_keys *keys, const char *jwt_secret_hex, const char *encryption_key_hex,
                             struct arena *arena, struct error *error)
{
    struct text secret, key;
    enum status status;

    if (!crypto_hex_decode(text_of(jwt_secret_hex), arena, &secret) || secret.size < JWT_SECRET_BYTES_MIN ||
        secret.size > JWT_SECRET_BYTES_MAX)
        return error_field(error, "JWT_SECRET", "must be %d to %d bytes in hexadecimal", JWT_SECRET_BYTES_MIN,
                           JWT_SECRET_BYTES_MAX);
    if (!crypto_hex_decode(text_of(encryption_key_hex), arena, &key) || key.size != CRYPTO_KEY_BYTES)
        return error_field(error, "ENCRYPTION_KEY", "must be %d bytes in hexadecimal", CRYPTO_KEY_BYTES);
    memcpy(keys->jwt_secret, secret.data, secret.size);
    keys->jwt_secret_bytes = secret.size;
    status = crypto_key_make(key, &keys->encryption, error);
    if (status == STATUS_OK)
        status = crypto_hmac_sha256(secret, TEXT("potto form tokens, version 1"), keys->csrf, error);
    crypto_wipe((void *)(uintptr_t)secret.data, secret.size);
    crypto_wipe((void *)(uintptr_t)key.data, key.size);
    return status;
}

enum status auth_encrypt(const struct auth_keys *keys, struct text plain, struct arena *arena, struct text *out_cipher,
                         struct error *error)
{
    return crypto_seal(&keys->encryption, plain, arena, out_cipher, error);
}

enum status auth_decrypt(const struct auth_keys *keys, struct text cipher, struct arena *arena, struct text *out_plain,
                         struct error *error)
{
    return crypto_open(&keys->encryption, cipher, arena, out_plain, error);
}

enum status auth_agent_token_new(struct arena *arena, struct auth_agent_token *out_token, struct error *error)
{
    char random[AGENT_TOKEN_RANDOM_BYTES];
    unsigned char *hash = arena_alloc(arena, CRYPTO_SHA256_BYTES);
    struct text token;
    enum status status = crypto_random(random, sizeof random, error);

    if (status != STATUS_OK)
        return status;
    token = text_of(arena_printf(arena, "agt_%s", crypto_base64url((struct text){random, sizeof random}, arena).data));
    status = crypto_sha256(token, hash, error);
    if (status != STATUS_OK)
        return status;
    out_token->token = token;
    out_token->hash = (struct text){(char *)hash, CRYPTO_SHA256_BYTES};
    out_token->hint = text_of(arena_printf(arena, "agt_…%s", token.data + token.size - AGENT_TOKEN_HINT_CHARACTERS));
    return STATUS_OK;
}

struct text auth_csrf_token(const struct auth_keys *keys, const struct scope *scope, struct arena *arena)
{
    int64_t today = clock_now_us() / (86400 * CLOCK_SECOND_US);
    unsigned char mac[CRYPTO_SHA256_BYTES];

    return crypto_base64url(csrf_mac(keys, scope, today, mac), arena);
}

/* A form opened today may be sent until the end of tomorrow. */
bool auth_csrf_check(const struct auth_keys *keys, const struct scope *scope, struct text token)
{
    int64_t today = clock_now_us() / (86400 * CLOCK_SECOND_US);
    unsigned char mac[CRYPTO_SHA256_BYTES];
    struct arena *arena = arena_new(0);
    struct text given = {NULL, 0};
    bool is_right = token.size <= 64 && crypto_base64url_decode(token, arena, &given) && given.size > 0;

    if (is_right) {
        bool is_todays = crypto_equal(given, csrf_mac(keys, scope, today, mac));
        bool is_yesterdays = crypto_equal(given, csrf_mac(keys, scope, today - 1, mac));

        is_right = is_todays || is_yesterdays;
    }
    arena_destroy(arena);
    return is_right;
}

/* Returns `mac` as a text; an empty one, which equals no token, if OpenSSL fails. */
static struct text csrf_mac(const struct auth_keys *keys, const struct scope *scope, int64_t day,
                            unsigned char mac[CRYPTO_SHA256_BYTES])
{
    char subject[96];

    snprintf(subject, sizeof subject, "%" PRId64 "/%" PRId64 "/%" PRId64, scope_organization_id(scope),
             scope_user_id(scope), day);
    if (crypto_hmac_sha256((struct text){(const char *)keys->csrf, sizeof keys->csrf}, text_of(subject), mac, NULL) !=
        STATUS_OK)
        return (struct text){NULL, 0};
    return (struct text){(char *)mac, CRYPTO_SHA256_BYTES};
}
