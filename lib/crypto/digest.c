/* Digests and randomness; see digest.h. */
#include "crypto/digest.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "crypto/openssl_error.h"

enum status crypto_sha256(struct text data, unsigned char out_digest[CRYPTO_SHA256_BYTES], struct error *error)
{
    if (EVP_Digest(data.data, data.size, out_digest, NULL, EVP_sha256(), NULL) != 1)
        return crypto_failure(error, "sha256");
    return STATUS_OK;
}

enum status crypto_hmac_sha256(struct text key, struct text data, unsigned char out_mac[CRYPTO_SHA256_BYTES],
                               struct error *error)
{
    if (key.size > INT_MAX ||
        HMAC(EVP_sha256(), key.data, (int)key.size, (const unsigned char *)data.data, data.size, out_mac, NULL) == NULL)
        return crypto_failure(error, "hmac");
    return STATUS_OK;
}

enum status crypto_random(void *out_bytes, size_t size_bytes, struct error *error)
{
    if (size_bytes > INT_MAX || RAND_bytes(out_bytes, (int)size_bytes) != 1)
        return crypto_failure(error, "random");
    return STATUS_OK;
}

bool crypto_equal(struct text left, struct text right)
{
    return left.size == right.size && (left.size == 0 || CRYPTO_memcmp(left.data, right.data, left.size) == 0);
}

void crypto_wipe(void *data, size_t size_bytes)
{
    if (data != NULL)
        OPENSSL_cleanse(data, size_bytes);
}

enum status crypto_failure(struct error *error, const char *what)
{
    char reason[200];

    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    error_detail(error, "%s: %s", what, reason);
    return STATUS_INTERNAL;
}
