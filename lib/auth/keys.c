/* Keys, and what is made with them alone: sealed credentials, agent tokens, form tokens. */
#include "auth/keys.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/verified_tokens.h"
#include "base/clock.h"
#include "crypto/encode.h"

enum { TOKEN_RANDOM_BYTES = 32, TOKEN_HINT_CHARACTERS = 4 };

static enum status keys_fill(struct auth_keys *keys, const char *jwt_secret, const char *encryption_key,
                             struct error *error);
static struct text csrf_mac(const unsigned char *key, const struct scope *scope, int64_t day,
                            unsigned char mac[CRYPTO_SHA256_BYTES]);

enum status auth_keys_new(const char *jwt_secret, const char *encryption_key, struct auth_keys **out_keys,
                          struct error *error)
{
    struct auth_keys *keys = calloc(1, sizeof *keys);
    enum status status;

    if (keys == NULL)
        abort();
    keys->verified = verified_tokens_new();
    status = keys_fill(keys, jwt_secret, encryption_key, error);
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
    verified_tokens_destroy(keys->verified);
    crypto_wipe(keys, sizeof *keys);
    free(keys);
}

static enum status derive(const struct key_entry *entry, const char *what, unsigned char *out_key, struct error *error)
{
    return crypto_hmac_sha256((struct text){(const char *)entry->secret, entry->secret_bytes}, text_of(what), out_key,
                              error);
}

static enum status keys_fill(struct auth_keys *keys, const char *jwt_secret, const char *encryption_key,
                             struct error *error)
{
    enum status status = STATUS_OK;

    if (jwt_secret != NULL)
        status = key_list_parse("JWT_SECRET", text_of(jwt_secret), JWT_SECRET_BYTES_MIN, JWT_SECRET_BYTES_MAX,
                                &keys->jwt, error);
    if (status == STATUS_OK)
        status = key_list_parse("ENCRYPTION_KEY", text_of(encryption_key), CRYPTO_KEY_BYTES, CRYPTO_KEY_BYTES,
                                &keys->encryption, error);
    for (size_t i = 0; status == STATUS_OK && i < keys->jwt.count; i++) {
        status = derive(&keys->jwt.entries[i], "potto form tokens, version 1", keys->csrf[i], error);
        if (status == STATUS_OK)
            status = derive(&keys->jwt.entries[i], "potto sign-in counters, version 1", keys->throttle[i], error);
    }
    for (size_t i = 0; status == STATUS_OK && i < keys->encryption.count; i++) {
        const struct key_entry *entry = &keys->encryption.entries[i];

        status =
            crypto_key_make((struct text){(const char *)entry->secret, entry->secret_bytes}, &keys->sealing[i], error);
    }
    return status;
}

static size_t current_of(const struct key_list *list)
{
    assert(list->count > 0);
    return (size_t)(key_list_current(list, clock_now_us() / CLOCK_SECOND_US) - list->entries);
}

size_t auth_keys_signing(const struct auth_keys *keys)
{
    return current_of(&keys->jwt);
}

/* The key that seals today. */
static const struct crypto_key *sealing_key(const struct auth_keys *keys)
{
    return &keys->sealing[current_of(&keys->encryption)];
}

/* The place as a text: "database_connections/7/42/password". */
static struct text place_text(struct seal_place place, struct arena *arena)
{
    static const char *const columns[] = {[SEAL_PASSWORD] = "password", [SEAL_AGENT_TOKEN] = "agent_token"};

    assert(place.organization_id > 0 && place.connection_id > 0 && columns[place.column] != NULL);
    return text_of(arena_printf(arena, "database_connections/%" PRId64 "/%" PRId64 "/%s", place.organization_id,
                                place.connection_id, columns[place.column]));
}

enum status auth_encrypt(const struct auth_keys *keys, struct seal_place place, struct text plain, struct arena *arena,
                         struct text *out_cipher, struct error *error)
{
    return crypto_seal(sealing_key(keys), place_text(place, arena), plain, arena, out_cipher, error);
}

/* The key that a sealed value names. Without such a key: the current one, with which opening the value fails. */
static const struct crypto_key *key_of(const struct auth_keys *keys, struct text cipher)
{
    for (size_t i = 0; i < keys->encryption.count && cipher.size > CRYPTO_SEAL_HEADER_BYTES; i++)
        if (memcmp(cipher.data + 1, keys->sealing[i].id, CRYPTO_KEY_ID_BYTES) == 0)
            return &keys->sealing[i];
    return sealing_key(keys);
}

enum status auth_decrypt(const struct auth_keys *keys, struct seal_place place, struct text cipher, struct arena *arena,
                         struct text *out_plain, struct error *error)
{
    return crypto_open(key_of(keys, cipher), place_text(place, arena), cipher, arena, out_plain, error);
}

enum status auth_encrypt_unplaced(const struct auth_keys *keys, struct seal_place place, struct text cipher,
                                  struct arena *arena, struct text *out_cipher, struct error *error)
{
    struct text plain;
    enum status status = crypto_open_unplaced(key_of(keys, cipher), cipher, arena, &plain, error);

    return status == STATUS_OK ? auth_encrypt(keys, place, plain, arena, out_cipher, error) : status;
}

struct text auth_sealing_key_id(const struct auth_keys *keys)
{
    return (struct text){(const char *)sealing_key(keys)->id, CRYPTO_KEY_ID_BYTES};
}

static struct text random_token(const char *prefix, struct arena *arena, enum status *out_status, struct error *error)
{
    char random[TOKEN_RANDOM_BYTES];

    *out_status = crypto_random(random, sizeof random, error);
    if (*out_status != STATUS_OK)
        return (struct text){NULL, 0};
    return text_of(
        arena_printf(arena, "%s_%s", prefix, crypto_base64url((struct text){random, sizeof random}, arena).data));
}

enum status auth_token_new(const char *prefix, struct arena *arena, struct auth_agent_token *out_token,
                           struct error *error)
{
    unsigned char *hash = arena_alloc(arena, CRYPTO_SHA256_BYTES);
    enum status status;
    struct text token = random_token(prefix, arena, &status, error);

    if (status == STATUS_OK)
        status = crypto_sha256(token, hash, error);
    if (status != STATUS_OK)
        return status;
    out_token->token = token;
    out_token->hash = (struct text){(char *)hash, CRYPTO_SHA256_BYTES};
    out_token->hint = text_of(arena_printf(arena, "%s_…%s", prefix, token.data + token.size - TOKEN_HINT_CHARACTERS));
    return STATUS_OK;
}

enum status auth_agent_token_new(struct arena *arena, struct auth_agent_token *out_token, struct error *error)
{
    return auth_token_new("agt", arena, out_token, error);
}

enum status auth_agent_token_open(const struct auth_keys *keys, int64_t organization_id, int64_t connection_id,
                                  struct text cipher, struct arena *arena, struct text *out_token, struct error *error)
{
    const struct seal_place place = {organization_id, connection_id, SEAL_AGENT_TOKEN};

    if (auth_decrypt(keys, place, cipher, arena, out_token, error) == STATUS_OK)
        return STATUS_OK;
    if (error != NULL)
        error_detail(error, "agent token: %s", error->message);
    return error_set(error, STATUS_CONFLICT,
                     "The token cannot be decrypted with the present key; rotate it to get a new one.");
}

struct text auth_csrf_token(const struct auth_keys *keys, const struct scope *scope, struct arena *arena)
{
    int64_t today = clock_now_us() / (86400 * CLOCK_SECOND_US);
    unsigned char mac[CRYPTO_SHA256_BYTES];

    return crypto_base64url(csrf_mac(keys->csrf[auth_keys_signing(keys)], scope, today, mac), arena);
}

/* A form that is opened today may be sent until the end of tomorrow, with the key of today or an older one. */
bool auth_csrf_check(const struct auth_keys *keys, const struct scope *scope, struct text token)
{
    int64_t today = clock_now_us() / (86400 * CLOCK_SECOND_US);
    unsigned char mac[CRYPTO_SHA256_BYTES];
    struct arena *arena = arena_new(0);
    struct text given = {NULL, 0};
    bool is_form = token.size <= 64 && crypto_base64url_decode(token, arena, &given) && given.size > 0;
    bool is_right = false;

    for (size_t i = 0; is_form && i < keys->jwt.count; i++)
        for (int64_t day = today - 1; day <= today; day++)
            is_right |= crypto_equal(given, csrf_mac(keys->csrf[i], scope, day, mac));
    arena_destroy(arena);
    return is_right;
}

/* Returns `mac` as a text. If OpenSSL fails, the text is empty, which equals no token. */
static struct text csrf_mac(const unsigned char *key, const struct scope *scope, int64_t day,
                            unsigned char mac[CRYPTO_SHA256_BYTES])
{
    char subject[96];

    snprintf(subject, sizeof subject, "%" PRId64 "/%" PRId64 "/%" PRId64, scope_organization_id(scope),
             scope_user_id(scope), day);
    if (crypto_hmac_sha256((struct text){(const char *)key, CRYPTO_SHA256_BYTES}, text_of(subject), mac, NULL) !=
        STATUS_OK)
        return (struct text){NULL, 0};
    return (struct text){(char *)mac, CRYPTO_SHA256_BYTES};
}
