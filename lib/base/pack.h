/* Bytes that two processes of Potto exchange: values one after the other, without names. Whole numbers take as many
 * bytes as they need (zigzag, seven bits a byte), doubles eight (little-endian), texts their size first.
 *
 * A reader believes nothing. After the first value that is missing, too large or out of its range has_failed is set,
 * and every later call gives zeros; so a caller may read a whole message and check once. No count is believed before
 * the bytes for so many items are there. Pure. */
#ifndef POTTO_BASE_PACK_H
#define POTTO_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

void pack_int64(struct buffer *buffer, int64_t value);
void pack_double(struct buffer *buffer, double value);
void pack_bool(struct buffer *buffer, bool value);
void pack_text(struct buffer *buffer, struct text text);     /* data NULL stays apart from an empty text */
void pack_string(struct buffer *buffer, const char *string); /* as a text; NULL is data NULL */

struct unpacker {
    const char *at, *end;
    bool has_failed;
};

struct unpacker unpack_begin(struct text bytes);
bool unpack_finish(const struct unpacker *unpacker); /* nothing failed, and nothing is left */

int64_t unpack_int64(struct unpacker *unpacker, int64_t minimum, int64_t maximum);
double unpack_double(struct unpacker *unpacker, double minimum); /* finite, and `minimum` or more */
bool unpack_bool(struct unpacker *unpacker);
void unpack_bytes(struct unpacker *unpacker, void *out, size_t size);

/* UTF-8 without NUL, at most max_bytes, pointing into the message. unpack_text refuses data NULL. */
struct text unpack_text(struct unpacker *unpacker, size_t max_bytes);
struct text unpack_text_or_null(struct unpacker *unpacker, size_t max_bytes);

/* A number of items, each of which takes at least `item_bytes` of what is left. */
size_t unpack_count(struct unpacker *unpacker, size_t max_count, size_t item_bytes);

#endif
