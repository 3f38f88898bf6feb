/* Internal to lib/crypto: OpenSSL's error queue as a struct error. */
#ifndef POTTO_CRYPTO_OPENSSL_ERROR_H
#define POTTO_CRYPTO_OPENSSL_ERROR_H

#include <openssl/err.h>

#include "base/error.h"

/* Returns STATUS_INTERNAL. Empties the queue, so that a later error does not report these again. */
enum status crypto_failure(struct error *error, const char *what);

#endif
