/* For lib/crypto alone: what OpenSSL's error queue says, as a struct error. */
#ifndef POTTO_CRYPTO_OPENSSL_ERROR_H
#define POTTO_CRYPTO_OPENSSL_ERROR_H

#include <openssl/err.h>

#include "base/error.h"

/* STATUS_INTERNAL; empties the queue, so that no later call is blamed. */
enum status crypto_failure(struct error *error, const char *what);

#endif
