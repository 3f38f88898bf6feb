/* Hexadecimal and base64; see encode.h. */
#include "crypto/encode.h"

#include <stdint.h>
#include <string.h>

static const char URL_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char STANDARD_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct text base64(struct text bytes, const char *alphabet, struct arena *arena);
static bool base64_decode(struct text text, const char *alphabet, struct arena *arena, struct text *out_bytes);

struct text crypto_hex(struct text bytes, struct arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(arena, bytes.size * 2 + 1);

    for (size_t i = 0; i < bytes.size; i++) {
        out[2 * i] = digits[(unsigned char)bytes.data[i] >> 4];
        out[2 * i + 1] = digits[(unsigned char)bytes.data[i] & 15];
    }
    out[bytes.size * 2] = '\0';
    return (struct text){out, bytes.size * 2};
}

bool crypto_hex_decode(struct text text, struct arena *arena, struct text *out_bytes)
{
    char *out;

    if (text.size % 2 != 0)
        return false;
    out = arena_alloc(arena, text.size / 2 + 1);
    for (size_t i = 0; i < text.size; i += 2) {
        int high = text_hex_digit(text.data[i]), low = text_hex_digit(text.data[i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (char)(high << 4 | low);
    }
    out[text.size / 2] = '\0';
    *out_bytes = (struct text){out, text.size / 2};
    return true;
}

struct text crypto_base64url(struct text bytes, struct arena *arena)
{
    return base64(bytes, URL_ALPHABET, arena);
}

struct text crypto_base64(struct text bytes, struct arena *arena)
{
    return base64(bytes, STANDARD_ALPHABET, arena);
}

bool crypto_base64url_decode(struct text text, struct arena *arena, struct text *out_bytes)
{
    return base64_decode(text, URL_ALPHABET, arena, out_bytes);
}

bool crypto_base64_decode(struct text text, struct arena *arena, struct text *out_bytes)
{
    return base64_decode(text, STANDARD_ALPHABET, arena, out_bytes);
}

static struct text base64(struct text bytes, const char *alphabet, struct arena *arena)
{
    char *out = arena_alloc(arena, (bytes.size + 2) / 3 * 4 + 1);
    size_t size = 0;

    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t group = (uint32_t)(unsigned char)bytes.data[i] << 16;

        if (left > 1)
            group |= (uint32_t)(unsigned char)bytes.data[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)bytes.data[i + 2];
        out[size++] = alphabet[group >> 18];
        out[size++] = alphabet[group >> 12 & 63];
        if (left > 1)
            out[size++] = alphabet[group >> 6 & 63];
        if (left > 2)
            out[size++] = alphabet[group & 63];
    }
    out[size] = '\0';
    return (struct text){out, size};
}

static bool base64_decode(struct text text, const char *alphabet, struct arena *arena, struct text *out_bytes)
{
    char *out;
    size_t size = 0;
    uint32_t bits = 0;
    int bit_count = 0;

    if (text.size % 4 == 1)
        return false;
    out = arena_alloc(arena, text.size / 4 * 3 + 3);
    for (size_t i = 0; i < text.size; i++) {
        const char *found = text.data[i] == '\0' ? NULL : strchr(alphabet, text.data[i]);

        if (found == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(found - alphabet);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[size++] = (char)(bits >> bit_count & 255);
        }
    }
    if ((bits & ((1u << bit_count) - 1)) != 0)
        return false;
    out[size] = '\0';
    *out_bytes = (struct text){out, size};
    return true;
}
