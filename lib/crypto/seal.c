/* AES-256-GCM; see seal.h. */
#include "crypto/seal.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/openssl_error.h"

enum { VERSION_UNPLACED = 1 };

enum status crypto_key_make(struct text bytes, struct crypto_key *out_key, struct error *error)
{
    unsigned char digest[CRYPTO_SHA256_BYTES];
    enum status status;

    if (bytes.size != CRYPTO_KEY_BYTES)
        return error_set(error, STATUS_INVALID, "An encryption key has %d bytes.", CRYPTO_KEY_BYTES);
    status = crypto_sha256(bytes, digest, error);
    if (status != STATUS_OK)
        return status;
    memcpy(out_key->bytes, bytes.data, CRYPTO_KEY_BYTES);
    memcpy(out_key->id, digest, CRYPTO_KEY_ID_BYTES);
    return STATUS_OK;
}

/* What the tag authenticates beside the ciphertext: version and key id of `sealed`, then the place. The first part has
 * a fixed size, so no two pairs give the same bytes. */
static struct text additional_of(const unsigned char *sealed, struct text place, struct arena *arena)
{
    char *bytes = arena_alloc(arena, CRYPTO_SEAL_HEADER_BYTES + place.size);

    memcpy(bytes, sealed, CRYPTO_SEAL_HEADER_BYTES);
    if (place.size > 0)
        memcpy(bytes + CRYPTO_SEAL_HEADER_BYTES, place.data, place.size);
    return (struct text){bytes, CRYPTO_SEAL_HEADER_BYTES + place.size};
}

static bool is_place(struct text place)
{
    return place.size > 0 && place.size <= CRYPTO_SEAL_PLACE_BYTES_MAX;
}

enum status crypto_seal(const struct crypto_key *key, struct text place, struct text plain, struct arena *arena,
                        struct text *out_sealed, struct error *error)
{
    unsigned char *sealed, *nonce, *cipher;
    enum status status;

    if (plain.size > CRYPTO_SEAL_PLAIN_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "A secret has at most %d bytes.", CRYPTO_SEAL_PLAIN_BYTES_MAX);
    if (!is_place(place))
        return error_set(error, STATUS_INTERNAL, "A sealed value needs a place.");
    sealed = arena_alloc(arena, plain.size + CRYPTO_SEAL_OVERHEAD_BYTES);
    nonce = sealed + CRYPTO_SEAL_HEADER_BYTES;
    cipher = nonce + CRYPTO_NONCE_BYTES;
    sealed[0] = CRYPTO_SEAL_VERSION;
    memcpy(sealed + 1, key->id, CRYPTO_KEY_ID_BYTES);
    status = crypto_random(nonce, CRYPTO_NONCE_BYTES, error);
    if (status == STATUS_OK)
        status = crypto_gcm_encrypt(key->bytes, nonce, additional_of(sealed, place, arena), plain, cipher,
                                    cipher + plain.size, error);
    if (status != STATUS_OK)
        return status;
    *out_sealed = (struct text){(char *)sealed, plain.size + CRYPTO_SEAL_OVERHEAD_BYTES};
    return STATUS_OK;
}

static enum status open_version(int version, const struct crypto_key *key, struct text place, struct text sealed,
                                struct arena *arena, struct text *out_plain, struct error *error)
{
    const unsigned char *bytes = (const unsigned char *)sealed.data, *nonce, *cipher;
    unsigned char *plain;
    size_t size;
    enum status status;

    if (sealed.size < CRYPTO_SEAL_OVERHEAD_BYTES ||
        sealed.size > CRYPTO_SEAL_PLAIN_BYTES_MAX + CRYPTO_SEAL_OVERHEAD_BYTES || bytes[0] != version)
        return error_set(error, STATUS_INVALID, "This is not a sealed value of version %d.", version);
    if (memcmp(bytes + 1, key->id, CRYPTO_KEY_ID_BYTES) != 0)
        return error_set(error, STATUS_INVALID, "This value was sealed with another key.");
    size = sealed.size - CRYPTO_SEAL_OVERHEAD_BYTES;
    nonce = bytes + CRYPTO_SEAL_HEADER_BYTES;
    cipher = nonce + CRYPTO_NONCE_BYTES;
    plain = arena_alloc(arena, size + 1);
    status = crypto_gcm_decrypt(key->bytes, nonce, additional_of(bytes, place, arena),
                                (struct text){(const char *)cipher, size}, cipher + size, plain, error);
    if (status != STATUS_OK)
        return status;
    plain[size] = '\0';
    *out_plain = (struct text){(char *)plain, size};
    return STATUS_OK;
}

enum status crypto_open(const struct crypto_key *key, struct text place, struct text sealed, struct arena *arena,
                        struct text *out_plain, struct error *error)
{
    if (!is_place(place))
        return error_set(error, STATUS_INTERNAL, "A sealed value needs a place.");
    return open_version(CRYPTO_SEAL_VERSION, key, place, sealed, arena, out_plain, error);
}

enum status crypto_open_unplaced(const struct crypto_key *key, struct text sealed, struct arena *arena,
                                 struct text *out_plain, struct error *error)
{
    return open_version(VERSION_UNPLACED, key, (struct text){NULL, 0}, sealed, arena, out_plain, error);
}

enum status crypto_gcm_encrypt(const unsigned char key[CRYPTO_KEY_BYTES], const unsigned char nonce[CRYPTO_NONCE_BYTES],
                               struct text additional, struct text plain, unsigned char *out_cipher,
                               unsigned char out_tag[CRYPTO_TAG_BYTES], struct error *error)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char rest[16];
    int size = 0;
    bool is_ok = context != NULL && plain.size <= INT_MAX && additional.size <= INT_MAX &&
                 EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1;

    if (is_ok && additional.size > 0)
        is_ok =
            EVP_EncryptUpdate(context, NULL, &size, (const unsigned char *)additional.data, (int)additional.size) == 1;
    if (is_ok && plain.size > 0)
        is_ok = EVP_EncryptUpdate(context, out_cipher, &size, (const unsigned char *)plain.data, (int)plain.size) == 1;
    is_ok = is_ok && EVP_EncryptFinal_ex(context, rest, &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG_BYTES, out_tag) == 1;
    EVP_CIPHER_CTX_free(context);
    return is_ok ? STATUS_OK : crypto_failure(error, "aes-256-gcm");
}

enum status crypto_gcm_decrypt(const unsigned char key[CRYPTO_KEY_BYTES], const unsigned char nonce[CRYPTO_NONCE_BYTES],
                               struct text additional, struct text cipher, const unsigned char tag[CRYPTO_TAG_BYTES],
                               unsigned char *out_plain, struct error *error)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char rest[16], wanted[CRYPTO_TAG_BYTES];
    int size = 0;
    bool is_ok = context != NULL && cipher.size <= INT_MAX && additional.size <= INT_MAX &&
                 EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1;

    memcpy(wanted, tag, sizeof wanted); /* OpenSSL's parameter is not const */
    if (is_ok && additional.size > 0)
        is_ok =
            EVP_DecryptUpdate(context, NULL, &size, (const unsigned char *)additional.data, (int)additional.size) == 1;
    if (is_ok && cipher.size > 0)
        is_ok = EVP_DecryptUpdate(context, out_plain, &size, (const unsigned char *)cipher.data, (int)cipher.size) == 1;
    is_ok = is_ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, CRYPTO_TAG_BYTES, wanted) == 1;
    if (!is_ok) {
        EVP_CIPHER_CTX_free(context);
        return crypto_failure(error, "aes-256-gcm");
    }
    is_ok = EVP_DecryptFinal_ex(context, rest, &size) == 1;
    EVP_CIPHER_CTX_free(context);
    if (is_ok)
        return STATUS_OK;
    crypto_wipe(out_plain, cipher.size);
    return error_set(error, STATUS_INVALID, "This value was changed, or moved from its place, since it was sealed.");
}
