/* Compressed bodies: any bytes as gzip, and any bytes compressed by zlib into one or several members.
 * The first byte chooses which; the second one chooses the limit of the uncompressed size. */
#include <zlib.h>

#include "base/buffer.h"
#include "fcgi/request/inflate.h"
#include "tests/fuzz/fuzz.h"

enum { REPEATS = 1024 };

static size_t bound_of(unsigned choice)
{
    static const size_t bounds[] = {1, 2, 100, 1000, 4096, 65536, 1024 * 1024, INFLATE_BYTES_MAX};

    return bounds[choice % (sizeof bounds / sizeof bounds[0])];
}

/* The most bytes that may come out. */
static size_t limit_of(size_t packed_bytes, size_t max_bytes)
{
    size_t by_ratio = packed_bytes * INFLATE_RATIO_MAX;

    by_ratio = by_ratio < INFLATE_RATIO_FREE_BYTES ? INFLATE_RATIO_FREE_BYTES : by_ratio;
    return by_ratio < max_bytes ? by_ratio : max_bytes;
}

static enum status inflate_checked(struct text packed, size_t max_bytes, struct arena *arena, struct text *out)
{
    struct error error = {0};
    enum status status = body_decode(TEXT("gzip"), packed, max_bytes, arena, out, &error);

    if (status == STATUS_OK)
        fuzz_check(out->size <= limit_of(packed.size, max_bytes) && out->data != NULL, "no body passes its limit");
    else
        fuzz_check((status == STATUS_MALFORMED || status == STATUS_TOO_LARGE) && error.message[0] != '\0' &&
                       out->data == NULL,
                   "a refusal has a message and no result");
    return status;
}

/* Append one gzip member to `out`. */
static void pack(struct text plain, int level, struct buffer *out)
{
    z_stream stream = {0};
    size_t room;

    fuzz_check(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflate starts");
    room = deflateBound(&stream, plain.size);
    fuzz_check(buffer_reserve(out, room), "there is memory");
    stream.next_in = (Bytef *)(uintptr_t)plain.data;
    stream.avail_in = (unsigned)plain.size;
    stream.next_out = (Bytef *)out->data + out->size_bytes;
    stream.avail_out = (unsigned)room;
    fuzz_check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate ends");
    out->size_bytes += room - stream.avail_out;
    deflateEnd(&stream);
}

/* A text within the limit must come out unchanged; a longer one must be refused. */
static void check_packed(struct text plain, struct text packed, size_t max_bytes, struct arena *arena)
{
    struct text out = {NULL, 0}, cut = {NULL, 0};
    enum status status = inflate_checked(packed, max_bytes, arena, &out);

    if (plain.size <= limit_of(packed.size, max_bytes))
        fuzz_check(status == STATUS_OK && text_equal(out, plain), "a packed body comes out as it was");
    else
        fuzz_check(status == STATUS_TOO_LARGE, "a body over its limit is refused as too large");
    packed.size--;
    fuzz_check(inflate_checked(packed, max_bytes, arena, &cut) != STATUS_OK, "a cut body is refused");
}

static void check_members(struct text plain, int level, size_t max_bytes, struct arena *arena)
{
    size_t half = plain.size / 2;
    struct buffer packed;

    buffer_init(&packed, 2 * plain.size + 4096);
    pack((struct text){plain.data, half}, level, &packed);
    pack((struct text){plain.data + half, plain.size - half}, level, &packed);
    check_packed(plain, buffer_text(&packed), max_bytes, arena);
    buffer_free(&packed);
}

/* Check the input repeated a thousand times, which compresses best. */
static void check_repeated(struct text piece, size_t max_bytes, struct arena *arena)
{
    struct text plain = {arena_alloc(arena, piece.size * REPEATS), piece.size * REPEATS};
    struct buffer packed;

    for (size_t i = 0; i < REPEATS && piece.size > 0; i++)
        memcpy((char *)(uintptr_t)plain.data + i * piece.size, piece.data, piece.size);
    buffer_init(&packed, 2 * plain.size + 4096);
    pack(plain, 1, &packed);
    check_packed(plain, buffer_text(&packed), max_bytes, arena);
    buffer_free(&packed);
}

static void check_encoding(struct text encoding, struct arena *arena)
{
    struct text body = TEXT("{}"), out = {NULL, 0};
    struct error error = {0};
    enum status status = body_decode(encoding, body, 100, arena, &out, &error);

    fuzz_check(status == STATUS_OK ? out.data == body.data : error.message[0] != '\0',
               "a body is taken as it is, or not");
    fuzz_check(status != STATUS_OK || text_trim(encoding).size == 0 ||
                   text_equal_nocase(text_trim(encoding), TEXT("identity")),
               "no other encoding leaves a body as it is");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size}, out = {NULL, 0};
    struct arena *arena = arena_new(0);
    unsigned choice = fuzz_take_byte(&input);
    size_t max_bytes = bound_of(fuzz_take_byte(&input));

    switch (choice % 8) {
    case 0:
        check_encoding(input, arena);
        break;
    case 1:
        check_members(input, (int)(choice / 8 % 10), max_bytes, arena);
        break;
    case 2:
        if (input.size <= 2048)
            check_repeated(input, max_bytes, arena);
        break;
    default:
        inflate_checked(input, max_bytes, arena, &out);
    }
    arena_destroy(arena);
    return 0;
}
