/* Bodies that come compressed. */
#ifndef POTTO_FCGI_REQUEST_INFLATE_H
#define POTTO_FCGI_REQUEST_INFLATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    INFLATE_BYTES_MAX = 64 * 1024 * 1024,  /* of one body, inflated */
    INFLATE_RATIO_MAX = 200,               /* SQL as JSON packs 5 to 30 fold; a bomb a thousand */
    INFLATE_RATIO_FREE_BYTES = 1024 * 1024 /* below this no ratio is too high */
};

/* Undo Content-Encoding: gzip (RFC 1952; several members in a row are one body). The result lives in
 * `arena`, or is `packed` itself.
 *
 * `encoding` is the header's value: empty or "identity" gives `packed` back, "gzip" and "x-gzip" inflate.
 * Errors: STATUS_MEDIA_TYPE (any other encoding), STATUS_MALFORMED (broken or cut off), STATUS_TOO_LARGE
 * (more than max_bytes, or packed beyond INFLATE_RATIO_MAX). */
enum status body_decode(struct text encoding, struct text packed, size_t max_bytes, struct arena *arena,
                        struct text *out, struct error *error);

#endif
