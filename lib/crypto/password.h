/* Passwords: Argon2id, as PHC strings ("$argon2id$v=19$m=19456,t=2,p=1$salt$hash"). bcrypt ("$2b$12$…"), which Potto's
 * predecessors stored, is verified too, so that it can be replaced when its user signs in. */
#ifndef POTTO_CRYPTO_PASSWORD_H
#define POTTO_CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    PASSWORD_BYTES_MAX = 1024, /* longer passwords are refused without hashing */
    /* OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane; some 20 ms of one core. */
    PASSWORD_MEMORY_KIB = 19456,
    PASSWORD_PASSES = 2,
    PASSWORD_LANES = 1,
    /* Limits of a stored string, so that a forged string cannot exhaust the server. */
    PASSWORD_MEMORY_KIB_MAX = 65536,
    PASSWORD_PASSES_MAX = 10,
    PASSWORD_LANES_MAX = 4,
    PASSWORD_BCRYPT_COST_MAX = 13, /* some 500 ms of one core */
};

/* The PHC string lives in `arena`. Errors: STATUS_TOO_LARGE, STATUS_INTERNAL. */
enum status password_hash(struct text password, struct arena *arena, struct text *out_phc, struct error *error);

/* STATUS_OK with *out_is_right; STATUS_INVALID if `phc` is neither Argon2id nor bcrypt, or exceeds the limits above. */
enum status password_verify(struct text phc, struct text password, struct arena *arena, bool *out_is_right,
                            struct error *error);

/* Is it a bcrypt hash within the limits above? Once its password is known, password_hash should replace it. */
bool password_is_foreign(struct text hash);

/* Takes as long as verifying a wrong password. For e-mail addresses without an account, so that the time does not tell
 * whether an account exists. */
void password_verify_nobody(struct text password);

/* Argon2id with given parameters; for test vectors. */
struct password_parameters {
    uint32_t memory_kib, passes, lanes;
    struct text salt, secret, associated;
};
enum status password_derive(struct text password, const struct password_parameters *parameters, unsigned char *out_hash,
                            size_t hash_bytes, struct error *error);

#endif
