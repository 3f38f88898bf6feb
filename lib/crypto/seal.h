/* Secrets at rest: AES-256-GCM. A sealed value is
 *   1 byte version (2), 4 bytes key id, 12 bytes nonce, the ciphertext, 16 bytes tag.
 * The tag also authenticates version, key id and the value's place: a text that says where the value is kept. A value
 * that was moved to another place does not open. The key id is the start of the key's SHA-256; it tells which of
 * several keys to use when keys are rotated. Nonces are random, so one key may seal 2^32 values (SP 800-38D 8.3), far
 * more than there are credentials.
 *
 * Values of version 1 have no place. `potto migrate` seals them anew; nothing else opens them. */
#ifndef POTTO_CRYPTO_SEAL_H
#define POTTO_CRYPTO_SEAL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    CRYPTO_SEAL_VERSION = 2, /* the first byte */
    CRYPTO_KEY_BYTES = 32,
    CRYPTO_KEY_ID_BYTES = 4,
    CRYPTO_NONCE_BYTES = 12,
    CRYPTO_TAG_BYTES = 16,
    CRYPTO_SEAL_HEADER_BYTES = 1 + CRYPTO_KEY_ID_BYTES,
    CRYPTO_SEAL_OVERHEAD_BYTES = CRYPTO_SEAL_HEADER_BYTES + CRYPTO_NONCE_BYTES + CRYPTO_TAG_BYTES,
    CRYPTO_SEAL_PLAIN_BYTES_MAX = 1024 * 1024,
    CRYPTO_SEAL_PLACE_BYTES_MAX = 128
};

struct crypto_key {
    unsigned char bytes[CRYPTO_KEY_BYTES];
    unsigned char id[CRYPTO_KEY_ID_BYTES];
};

enum status crypto_key_make(struct text bytes, struct crypto_key *out_key, struct error *error); /* 32 bytes */

/* Results live in `arena`. Errors: STATUS_TOO_LARGE, STATUS_INTERNAL. Opening a value of another key, place or version,
 * or one that was cut or changed, is STATUS_INVALID and returns none of its bytes. `place` has 1 to
 * CRYPTO_SEAL_PLACE_BYTES_MAX bytes. */
enum status crypto_seal(const struct crypto_key *key, struct text place, struct text plain, struct arena *arena,
                        struct text *out_sealed, struct error *error);
enum status crypto_open(const struct crypto_key *key, struct text place, struct text sealed, struct arena *arena,
                        struct text *out_plain, struct error *error);
/* Open a value of version 1, to seal it anew. */
enum status crypto_open_unplaced(const struct crypto_key *key, struct text sealed, struct arena *arena,
                                 struct text *out_plain, struct error *error);

/* AES-256-GCM itself, for test vectors. out_cipher has the plain text's size. */
enum status crypto_gcm_encrypt(const unsigned char key[CRYPTO_KEY_BYTES], const unsigned char nonce[CRYPTO_NONCE_BYTES],
                               struct text additional, struct text plain, unsigned char *out_cipher,
                               unsigned char out_tag[CRYPTO_TAG_BYTES], struct error *error);
/* STATUS_INVALID if the tag does not match; out_plain is then wiped. */
enum status crypto_gcm_decrypt(const unsigned char key[CRYPTO_KEY_BYTES], const unsigned char nonce[CRYPTO_NONCE_BYTES],
                               struct text additional, struct text cipher, const unsigned char tag[CRYPTO_TAG_BYTES],
                               unsigned char *out_plain, struct error *error);

#endif
