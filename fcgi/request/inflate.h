/* Decompression of request bodies. */
#ifndef POTTO_FCGI_REQUEST_INFLATE_H
#define POTTO_FCGI_REQUEST_INFLATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    INFLATE_BYTES_MAX = 64 * 1024 * 1024,  /* of one body, inflated */
    INFLATE_RATIO_MAX = 200,               /* SQL in JSON compresses by a factor of 5 to 30, a gzip bomb by 1000 */
    INFLATE_RATIO_FREE_BYTES = 1024 * 1024 /* output up to this size is allowed at any ratio */
};

/* Undo Content-Encoding: gzip (RFC 1952; several members in a row make one body). *out lives in `arena`, or is `sent`
 * itself.
 *
 * `encoding` is the header's value. Empty and "identity" return `sent`; "gzip" and "x-gzip" inflate it.
 * Errors: STATUS_MEDIA_TYPE (any other encoding), STATUS_MALFORMED (broken or cut off), STATUS_TOO_LARGE (more than
 * max_bytes, or a ratio above INFLATE_RATIO_MAX). */
enum status body_decode(struct text encoding, struct text sent, size_t max_bytes, struct arena *arena, struct text *out,
                        struct error *error);

/* The same for the first max_bytes at most, whatever follows them. *out_is_cut: more follows. A body that is not
 * encoded is returned whole. */
enum status body_decode_start(struct text encoding, struct text sent, size_t max_bytes, struct arena *arena,
                              struct text *out, bool *out_is_cut, struct error *error);

#endif
