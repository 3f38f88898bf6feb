/* Texts; see text.h. */
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + 32) : byte;
}

int text_compare(struct text left, struct text right)
{
    size_t shorter = left.size < right.size ? left.size : right.size;
    int order = shorter == 0 ? 0 : memcmp(left.data, right.data, shorter);

    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

bool text_equal_nocase(struct text left, struct text right)
{
    if (left.size != right.size)
        return false;
    for (size_t i = 0; i < left.size; i++)
        if (lower((unsigned char)left.data[i]) != lower((unsigned char)right.data[i]))
            return false;
    return true;
}

bool text_starts(struct text text, struct text prefix)
{
    return text.size >= prefix.size && (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}

bool text_take_off(struct text *text, struct text prefix)
{
    if (!text_starts(*text, prefix))
        return false;
    text->data += prefix.size;
    text->size -= prefix.size;
    return true;
}

bool text_ends(struct text text, struct text suffix)
{
    return text.size >= suffix.size &&
           (suffix.size == 0 || memcmp(text.data + text.size - suffix.size, suffix.data, suffix.size) == 0);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct text text_trim(struct text text)
{
    while (text.size > 0 && is_space(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

bool text_split(struct text *text, char separator, struct text *out_piece)
{
    const char *found;

    if (text->data == NULL)
        return false;
    found = text->size == 0 ? NULL : memchr(text->data, separator, text->size);
    if (found == NULL) {
        *out_piece = *text;
        *text = (struct text){NULL, 0};
        return true;
    }
    *out_piece = (struct text){text->data, (size_t)(found - text->data)};
    text->size -= out_piece->size + 1;
    text->data = found + 1;
    return true;
}

bool text_to_int64(struct text text, int64_t *out_value)
{
    char copy[24];
    char *end;
    long long value;

    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    if (text.data[0] != '-' && (text.data[0] < '0' || text.data[0] > '9'))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    errno = 0;
    value = strtoll(copy, &end, 10);
    if (errno != 0 || end != copy + text.size)
        return false;
    *out_value = value;
    return true;
}

bool text_to_double(struct text text, double *out_value)
{
    char copy[64];
    char *end;
    double value;

    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (strchr("0123456789+-.eE", text.data[i]) == NULL || text.data[i] == '\0')
            return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    errno = 0;
    value = strtod(copy, &end);
    if (end != copy + text.size || !isfinite(value))
        return false;
    *out_value = value;
    return true;
}

int text_hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* The size of the valid UTF-8 sequence at `at`, in bytes; 0 if there is none. */
static size_t sequence_size(const unsigned char *at, size_t left)
{
    unsigned char lead = at[0];

    if (lead < 0x80)
        return lead == 0 ? 0 : 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return left >= 2 && (at[1] & 0xC0) == 0x80 ? 2 : 0;
    if (lead < 0xF0) {
        if (left < 3 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80)
            return 0;
        if ((lead == 0xE0 && at[1] < 0xA0) || (lead == 0xED && at[1] > 0x9F))
            return 0;
        return 3;
    }
    if (lead > 0xF4 || left < 4 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80 || (at[3] & 0xC0) != 0x80)
        return 0;
    if ((lead == 0xF0 && at[1] < 0x90) || (lead == 0xF4 && at[1] > 0x8F))
        return 0;
    return 4;
}

size_t text_valid_utf8(struct text text)
{
    const unsigned char *data = (const unsigned char *)text.data;
    size_t at = 0;

    while (at < text.size) {
        size_t step;
        uint64_t word;

        /* Eight ASCII bytes at a time: none has its high bit set, none is NUL. */
        while (text.size - at >= sizeof word) {
            memcpy(&word, data + at, sizeof word);
            if ((word & 0x8080808080808080u) != 0 || ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0)
                break;
            at += sizeof word;
        }
        if (at == text.size)
            break;
        step = sequence_size(data + at, text.size - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}

struct text text_to_utf8(struct text text, struct arena *arena)
{
    size_t valid = text_valid_utf8(text);
    size_t used = 0;
    char *copy;

    if (valid == text.size)
        return text;
    copy = arena_alloc(arena, text.size * 3);
    for (;;) {
        memcpy(copy + used, text.data, valid);
        used += valid;
        text.data += valid;
        text.size -= valid;
        if (text.size == 0)
            return (struct text){copy, used};
        memcpy(copy + used, "\xEF\xBF\xBD", 3);
        used += 3;
        text.data++;
        text.size--;
        valid = text_valid_utf8(text);
    }
}

struct text text_cut_utf8(struct text text, size_t max_bytes)
{
    if (text.size <= max_bytes)
        return text;
    while (max_bytes > 0 && ((unsigned char)text.data[max_bytes] & 0xC0) == 0x80)
        max_bytes--;
    text.size = max_bytes;
    return text;
}
