/* For lib/auth alone: the inside of struct auth_keys. */
#ifndef POTTO_AUTH_KEYS_H
#define POTTO_AUTH_KEYS_H

#include "auth/authenticate.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

enum { JWT_SECRET_BYTES_MIN = 32, JWT_SECRET_BYTES_MAX = 512 };

struct auth_keys {
    unsigned char jwt_secret[JWT_SECRET_BYTES_MAX];
    size_t jwt_secret_bytes;
    unsigned char csrf[CRYPTO_SHA256_BYTES]; /* derived from jwt_secret */
    struct crypto_key encryption;
};

#endif
