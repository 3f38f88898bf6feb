/* gzip bodies; see inflate.h. */
#include "fcgi/request/inflate.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buffer.h"

enum {
    GZIP_ONLY_WINDOW_BITS = 15 + 16, /* the largest window; 16 makes zlib accept a gzip header alone */
    GUESSED_RATIO = 4,
    STEP_BYTES_MIN = 64 * 1024,
};

static void *zlib_alloc(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    return calloc(items, size);
}

static void zlib_free(void *opaque, void *memory)
{
    (void)opaque;
    free(memory);
}

static enum status too_large(struct error *error, size_t max_bytes)
{
    return error_set(error, STATUS_TOO_LARGE, "The body inflates to more than %zu bytes.", max_bytes);
}

/* The most bytes that this body may inflate to: max_bytes, or less if the ratio demands it. */
static size_t output_bound(size_t sent_bytes, size_t max_bytes)
{
    size_t by_ratio = sent_bytes * INFLATE_RATIO_MAX;

    if (by_ratio < INFLATE_RATIO_FREE_BYTES)
        by_ratio = INFLATE_RATIO_FREE_BYTES;
    return by_ratio < max_bytes ? by_ratio : max_bytes;
}

/* Inflate one gzip member after another into `out`. The maximum of `out` is the bound. */
static enum status inflate_members(z_stream *stream, struct buffer *out, struct error *error)
{
    for (;;) {
        size_t left = out->max_bytes - out->size_bytes, room;
        int code;

        if (left == 0)
            return STATUS_TOO_LARGE;
        if (out->size_bytes == out->capacity_bytes)
            buffer_reserve(out, left < STEP_BYTES_MIN ? left : STEP_BYTES_MIN);
        if (out->has_failed)
            return error_set(error, STATUS_UNAVAILABLE, "Out of memory; try again shortly.");
        room = out->capacity_bytes - out->size_bytes;
        stream->next_out = (Bytef *)out->data + out->size_bytes;
        stream->avail_out = room > UINT_MAX ? UINT_MAX : (unsigned)room;
        code = inflate(stream, Z_NO_FLUSH);
        out->size_bytes = (size_t)((char *)stream->next_out - out->data);
        if (code == Z_STREAM_END) {
            if (stream->avail_in == 0)
                return STATUS_OK;
            if (inflateReset(stream) == Z_OK)
                continue;
        }
        if (code == Z_BUF_ERROR || (code == Z_OK && stream->avail_in == 0 && stream->avail_out != 0))
            return error_set(error, STATUS_MALFORMED, "The gzip body is cut off.");
        if (code != Z_OK)
            return error_set(error, STATUS_MALFORMED, "The body is not gzip, though Content-Encoding says so.");
    }
}

/* out_is_cut NULL: more than max_bytes is an error. */
static enum status inflate_body(struct text sent, size_t max_bytes, struct arena *arena, struct text *out,
                                bool *out_is_cut, struct error *error)
{
    z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
    size_t bound = output_bound(sent.size, max_bytes);
    struct buffer inflated;
    bool is_over;
    enum status status;

    assert(sent.size <= UINT_MAX);
    if (sent.size == 0)
        return error_set(error, STATUS_MALFORMED, "The gzip body is cut off.");
    if (inflateInit2(&stream, GZIP_ONLY_WINDOW_BITS) != Z_OK)
        return error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    stream.next_in = (Bytef *)(uintptr_t)sent.data;
    stream.avail_in = (unsigned)sent.size;
    buffer_init(&inflated, bound + 1); /* one byte more, which shows that the body exceeds the bound */
    buffer_reserve(&inflated, sent.size * GUESSED_RATIO < bound ? sent.size * GUESSED_RATIO : bound);
    status = inflate_members(&stream, &inflated, error);
    inflateEnd(&stream);
    is_over = status == STATUS_TOO_LARGE || (status == STATUS_OK && inflated.size_bytes > bound);
    if (is_over)
        status = out_is_cut == NULL ? too_large(error, bound) : STATUS_OK;
    if (out_is_cut != NULL)
        *out_is_cut = is_over;
    if (status != STATUS_OK) {
        buffer_free(&inflated);
        return status;
    }
    /* The arena takes over the buffer as it is. A copy would need twice the memory. */
    if (inflated.data != NULL)
        arena_defer(arena, free, inflated.data);
    *out = (struct text){inflated.data == NULL ? "" : inflated.data, inflated.size_bytes};
    return STATUS_OK;
}

static enum status decode(struct text encoding, struct text sent, size_t max_bytes, struct arena *arena,
                          struct text *out, bool *out_is_cut, struct error *error)
{
    encoding = text_trim(encoding);
    if (encoding.size == 0 || text_equal_nocase(encoding, TEXT("identity"))) {
        *out = sent;
        return STATUS_OK;
    }
    if (text_equal_nocase(encoding, TEXT("gzip")) || text_equal_nocase(encoding, TEXT("x-gzip")))
        return inflate_body(sent, max_bytes, arena, out, out_is_cut, error);
    return error_set(error, STATUS_MEDIA_TYPE, "Content-Encoding must be gzip or identity.");
}

enum status body_decode(struct text encoding, struct text sent, size_t max_bytes, struct arena *arena, struct text *out,
                        struct error *error)
{
    return decode(encoding, sent, max_bytes, arena, out, NULL, error);
}

enum status body_decode_start(struct text encoding, struct text sent, size_t max_bytes, struct arena *arena,
                              struct text *out, bool *out_is_cut, struct error *error)
{
    *out_is_cut = false;
    return decode(encoding, sent, max_bytes, arena, out, out_is_cut, error);
}
