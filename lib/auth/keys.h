/* For lib/auth alone: the inside of struct auth_keys. */
#ifndef POTTO_AUTH_KEYS_H
#define POTTO_AUTH_KEYS_H

#include "auth/authenticate.h"
#include "auth/key_list.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

enum { JWT_SECRET_BYTES_MIN = 32, JWT_SECRET_BYTES_MAX = KEY_SECRET_BYTES_MAX };

struct verified_tokens;

/* Both lists, and the keys that are derived from each of their entries. */
struct auth_keys {
    struct key_list jwt;
    unsigned char csrf[KEY_LIST_MAX][CRYPTO_SHA256_BYTES];     /* key of form tokens */
    unsigned char throttle[KEY_LIST_MAX][CRYPTO_SHA256_BYTES]; /* key of the names of sign-in counters */
    struct key_list encryption;
    struct crypto_key sealing[KEY_LIST_MAX];
    struct verified_tokens *verified; /* signed with a key of `jwt`; nothing else here changes */
};

/* Index of the key that signs now. */
size_t auth_keys_signing(const struct auth_keys *keys);

#endif
