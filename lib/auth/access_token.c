/* JWT by libjwt; see access_token.h. libjwt checks a signature by the algorithm that the token names, even `none`. So
 * the algorithm is compared here, before anything else of the token is read. */
#include "auth/access_token.h"

#include <errno.h>
#include <inttypes.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/keys.h"
#include "auth/verified_tokens.h"
#include "base/clock.h"

static const char ISSUER[] = "potto";
static const char USE[] = "access";

static enum status refuse(struct error *error, const char *why);
static jwt_t *decode(const struct auth_keys *keys, struct text token, struct arena *arena);
static bool is_compact_form(struct text token);
static enum status read_content(const struct auth_keys *keys, struct text token, struct arena *arena,
                                struct token_content *out_content, struct error *error);
static enum status check_times(const struct token_content *content, int64_t now_s, struct error *error);
static bool grant_is(jwt_t *jwt, const char *name, const char *value);
static bool grant_int(jwt_t *jwt, const char *name, int64_t *out_value);

static void free_jwt(void *jwt)
{
    jwt_free(jwt);
}

static void free_string(void *string)
{
    free(string);
}

enum status access_token_make(const struct auth_keys *keys, const struct access_claims *claims, int64_t life_s,
                              struct arena *arena, struct text *out_token, struct error *error)
{
    const struct key_entry *key = &keys->jwt.entries[auth_keys_signing(keys)];
    int64_t issued_at_s = claims->issued_at_us / CLOCK_SECOND_US;
    char subject[24];
    char *encoded = NULL;
    jwt_t *jwt = NULL;
    bool is_ok = jwt_new(&jwt) == 0;

    if (is_ok)
        arena_defer(arena, free_jwt, jwt);
    snprintf(subject, sizeof subject, "%" PRId64, claims->user_id);
    is_ok = is_ok && jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, (int)key->secret_bytes) == 0 &&
            jwt_add_header(jwt, "kid", key->name) == 0 && jwt_add_grant(jwt, "iss", ISSUER) == 0 &&
            jwt_add_grant(jwt, "sub", subject) == 0 && jwt_add_grant_int(jwt, "org", claims->organization_id) == 0 &&
            jwt_add_grant(jwt, "use", USE) == 0 && jwt_add_grant_int(jwt, "iat", issued_at_s) == 0 &&
            jwt_add_grant_int(jwt, "nbf", issued_at_s) == 0 &&
            jwt_add_grant_int(jwt, "exp", issued_at_s + life_s) == 0 &&
            jwt_add_grant_int(jwt, "iat_us", claims->issued_at_us) == 0;
    if (is_ok)
        encoded = jwt_encode_str(jwt);
    if (encoded == NULL) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        error_detail(error, "libjwt could not make a token");
        return STATUS_INTERNAL;
    }
    arena_defer(arena, free_string, encoded);
    *out_token = text_of(encoded);
    return STATUS_OK;
}

enum status access_token_check(const struct auth_keys *keys, struct text token, int64_t now_us, struct arena *arena,
                               struct access_claims *out_claims, struct error *error)
{
    struct token_content content;
    enum status status = STATUS_OK;

    if (!is_compact_form(token))
        return refuse(error, "not three base64url parts of a bearable size");
    if (!verified_tokens_find(keys->verified, token, &content)) {
        status = read_content(keys, token, arena, &content, error);
        if (status == STATUS_OK)
            verified_tokens_put(keys->verified, token, &content);
    }
    if (status == STATUS_OK)
        status = check_times(&content, now_us / CLOCK_SECOND_US, error);
    if (status == STATUS_OK)
        *out_claims = content.claims;
    return status;
}

/* Check the signature, the algorithm and the claims: everything that does not depend on the clock. */
static enum status read_content(const struct auth_keys *keys, struct text token, struct arena *arena,
                                struct token_content *out_content, struct error *error)
{
    struct token_content content = {0};
    struct access_claims *claims = &content.claims;
    const char *type;
    jwt_t *jwt = NULL;

    jwt = decode(keys, token, arena);
    if (jwt == NULL)
        return refuse(error, "cannot be decoded, or no key that it names fits the signature");
    if (jwt_get_alg(jwt) != JWT_ALG_HS256)
        return refuse(error, "signed by another algorithm");
    type = jwt_get_header(jwt, "typ");
    if (type == NULL || strcmp(type, "JWT") != 0 || !grant_is(jwt, "iss", ISSUER) || !grant_is(jwt, "use", USE))
        return refuse(error, "another kind of token");
    if (!grant_int(jwt, "iat", &content.issued_at_s) || !grant_int(jwt, "nbf", &content.not_before_s) ||
        !grant_int(jwt, "exp", &content.expires_at_s) || !grant_int(jwt, "iat_us", &claims->issued_at_us) ||
        claims->issued_at_us / CLOCK_SECOND_US != content.issued_at_s)
        return refuse(error, "times are missing or not whole numbers");
    if (!text_to_int64(text_of(jwt_get_grant(jwt, "sub")), &claims->user_id) || claims->user_id <= 0 ||
        !grant_int(jwt, "org", &claims->organization_id) || claims->organization_id <= 0)
        return refuse(error, "names nobody");
    *out_content = content;
    return STATUS_OK;
}

static enum status check_times(const struct token_content *content, int64_t now_s, struct error *error)
{
    if (content->issued_at_s > now_s + ACCESS_TOKEN_SKEW_S || content->not_before_s > now_s + ACCESS_TOKEN_SKEW_S)
        return refuse(error, "not valid yet");
    /* Both times are limited by now first, so that their difference cannot overflow. */
    if (content->expires_at_s <= now_s)
        return refuse(error, "expired");
    if (content->expires_at_s > now_s + ACCESS_TOKEN_SKEW_S + ACCESS_TOKEN_LIFE_S_MAX ||
        content->expires_at_s - content->issued_at_s > ACCESS_TOKEN_LIFE_S_MAX)
        return refuse(error, "lives longer than any we make");
    return STATUS_OK;
}

static enum status refuse(struct error *error, const char *why)
{
    error_set(error, STATUS_UNAUTHENTICATED, "The access token is not valid, or has expired.");
    error_detail(error, "access token: %s", why);
    return STATUS_UNAUTHENTICATED;
}

/* Find the key that signed the token, then compare it with the key that the header names: a header is read only when
 * its signature is right. NULL: none of the keys signed it. */
static jwt_t *decode(const struct auth_keys *keys, struct text token, struct arena *arena)
{
    const char *string = arena_string(arena, token.data, token.size);

    for (size_t i = 0; i < keys->jwt.count; i++) {
        const struct key_entry *key = &keys->jwt.entries[i];
        const char *kid;
        jwt_t *jwt = NULL;

        if (jwt_decode(&jwt, string, key->secret, (int)key->secret_bytes) != 0 || jwt == NULL)
            continue;
        arena_defer(arena, free_jwt, jwt);
        kid = jwt_get_header(jwt, "kid");
        return kid != NULL && strcmp(kid, key->name) == 0 ? jwt : NULL;
    }
    return NULL;
}

/* The token is header.payload.signature, none of them empty, and not too long. Checked before anything is decoded. */
static bool is_compact_form(struct text token)
{
    int dots = 0;

    if (token.size == 0 || token.size > ACCESS_TOKEN_BYTES_MAX)
        return false;
    for (size_t i = 0; i < token.size; i++) {
        char c = token.data[i];

        if (c == '.') {
            if (i == 0 || i + 1 == token.size || token.data[i - 1] == '.')
                return false;
            dots++;
        } else if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_')) {
            return false;
        }
    }
    return dots == 2;
}

static bool grant_is(jwt_t *jwt, const char *name, const char *value)
{
    const char *grant = jwt_get_grant(jwt, name);

    return grant != NULL && strcmp(grant, value) == 0;
}

static bool grant_int(jwt_t *jwt, const char *name, int64_t *out_value)
{
    errno = 0;
    *out_value = jwt_get_grant_int(jwt, name);
    return errno == 0;
}
