/* Bytes as text: hexadecimal, base64url (RFC 4648 section 5, without padding) and PHC's base64. */
#ifndef POTTO_CRYPTO_ENCODE_H
#define POTTO_CRYPTO_ENCODE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* Each result lives in `arena` and is followed by a NUL. */
struct text crypto_hex(struct text bytes, struct arena *arena); /* lower case */
struct text crypto_base64url(struct text bytes, struct arena *arena);
struct text crypto_base64(struct text bytes, struct arena *arena); /* `+` and `/`, no padding */

/* Decode the whole text; false if it is not valid. White space, padding and unused bits that are not 0
 * are refused, so that a value has only one spelling. */
bool crypto_hex_decode(struct text text, struct arena *arena, struct text *out_bytes); /* either case */
bool crypto_base64url_decode(struct text text, struct arena *arena, struct text *out_bytes);
bool crypto_base64_decode(struct text text, struct arena *arena, struct text *out_bytes);

#endif
