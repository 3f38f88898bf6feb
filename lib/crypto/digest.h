/* SHA-256, HMAC-SHA-256, comparison in constant time and random bytes; over OpenSSL 3. */
#ifndef POTTO_CRYPTO_DIGEST_H
#define POTTO_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum { CRYPTO_SHA256_BYTES = 32 };

/* Errors of all three: STATUS_INTERNAL if OpenSSL fails (no memory, no entropy). */
enum status crypto_sha256(struct text data, unsigned char out_digest[CRYPTO_SHA256_BYTES], struct error *error);
enum status crypto_hmac_sha256(struct text key, struct text data, unsigned char out_mac[CRYPTO_SHA256_BYTES],
                               struct error *error);
enum status crypto_random(void *out_bytes, size_t size_bytes, struct error *error);

/* The time depends on the sizes alone, never on the contents. */
bool crypto_equal(struct text left, struct text right);

/* Overwrite a secret; the compiler may not drop it. */
void crypto_wipe(void *data, size_t size_bytes);

#endif
