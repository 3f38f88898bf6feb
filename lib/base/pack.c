/* Values as bytes; see pack.h. */
#include "base/pack.h"

#include <endian.h>
#include <math.h>

enum { GROUP_BITS = 7, GROUP_MORE = 0x80, NUMBER_BYTES_MAX = 10 };

void pack_int64(struct buffer *buffer, int64_t value)
{
    uint64_t left = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);

    for (; left >= GROUP_MORE; left >>= GROUP_BITS)
        buffer_append_byte(buffer, (char)(unsigned char)(left | GROUP_MORE));
    buffer_append_byte(buffer, (char)(unsigned char)left);
}

void pack_double(struct buffer *buffer, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    bits = htole64(bits);
    buffer_append(buffer, &bits, sizeof bits);
}

void pack_bool(struct buffer *buffer, bool value)
{
    buffer_append_byte(buffer, value ? 1 : 0);
}

void pack_text(struct buffer *buffer, struct text text)
{
    pack_int64(buffer, text.data == NULL ? -1 : (int64_t)text.size);
    buffer_append_text(buffer, text);
}

void pack_string(struct buffer *buffer, const char *string)
{
    pack_text(buffer, text_of(string));
}

struct unpacker unpack_begin(struct text bytes)
{
    if (bytes.data == NULL)
        bytes = TEXT("");
    return (struct unpacker){.at = bytes.data, .end = bytes.data + bytes.size};
}

bool unpack_finish(const struct unpacker *unpacker)
{
    return !unpacker->has_failed && unpacker->at == unpacker->end;
}

static size_t bytes_left(const struct unpacker *unpacker)
{
    return unpacker->has_failed ? 0 : (size_t)(unpacker->end - unpacker->at);
}

int64_t unpack_int64(struct unpacker *unpacker, int64_t minimum, int64_t maximum)
{
    size_t left = bytes_left(unpacker);
    uint64_t bits = 0;
    int64_t value;

    for (size_t i = 0; i < left && i < NUMBER_BYTES_MAX; i++) {
        unsigned char byte = (unsigned char)unpacker->at[i];

        bits |= (uint64_t)(byte & (GROUP_MORE - 1)) << (i * GROUP_BITS);
        if ((byte & GROUP_MORE) != 0)
            continue;
        value = (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
        if (value < minimum || value > maximum)
            break;
        unpacker->at += i + 1;
        return value;
    }
    unpacker->has_failed = true;
    return 0;
}

void unpack_bytes(struct unpacker *unpacker, void *out, size_t size)
{
    if (size > bytes_left(unpacker)) {
        unpacker->has_failed = true;
        memset(out, 0, size);
        return;
    }
    memcpy(out, unpacker->at, size);
    unpacker->at += size;
}

double unpack_double(struct unpacker *unpacker, double minimum)
{
    uint64_t bits;
    double value;

    unpack_bytes(unpacker, &bits, sizeof bits);
    bits = le64toh(bits);
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value) && value >= minimum)
        return value;
    unpacker->has_failed = true;
    return 0;
}

bool unpack_bool(struct unpacker *unpacker)
{
    return unpack_int64(unpacker, -1, 0) != 0;
}

struct text unpack_text_or_null(struct unpacker *unpacker, size_t max_bytes)
{
    int64_t size = unpack_int64(unpacker, -1, (int64_t)max_bytes);
    struct text text = {unpacker->at, (size_t)size};

    if (size < 0)
        return (struct text){NULL, 0};
    if (text.size > bytes_left(unpacker) || text_valid_utf8(text) != text.size) {
        unpacker->has_failed = true;
        return (struct text){NULL, 0};
    }
    unpacker->at += text.size;
    return text;
}

struct text unpack_text(struct unpacker *unpacker, size_t max_bytes)
{
    struct text text = unpack_text_or_null(unpacker, max_bytes);

    if (text.data == NULL)
        unpacker->has_failed = true;
    return text;
}

size_t unpack_count(struct unpacker *unpacker, size_t max_count, size_t item_bytes)
{
    size_t count = (size_t)unpack_int64(unpacker, 0, (int64_t)max_count);

    /* Of what is left behind the count: its own bytes are no item's. */
    if (count > bytes_left(unpacker) / item_bytes) {
        unpacker->has_failed = true;
        return 0;
    }
    return count;
}
