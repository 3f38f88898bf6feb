/* Percent-encoding and pairs; see url.h. */
#include "fcgi/request/url.h"

#include <string.h>

bool url_decode(struct text encoded, bool is_query, struct arena *arena, struct text *out)
{
    struct text decoded = encoded;
    bool has_escape = false;
    char *copy;
    size_t size = 0;

    for (size_t i = 0; i < encoded.size && !has_escape; i++)
        has_escape = encoded.data[i] == '%' || (is_query && encoded.data[i] == '+');
    if (has_escape) {
        copy = arena_alloc(arena, encoded.size);
        for (size_t i = 0; i < encoded.size; i++) {
            char byte = encoded.data[i];

            if (byte == '%') {
                int high = i + 2 < encoded.size ? text_hex_digit(encoded.data[i + 1]) : -1;
                int low = i + 2 < encoded.size ? text_hex_digit(encoded.data[i + 2]) : -1;

                if (high < 0 || low < 0)
                    return false;
                byte = (char)(high * 16 + low);
                i += 2;
            } else if (byte == '+' && is_query) {
                byte = ' ';
            }
            copy[size++] = byte;
        }
        decoded = (struct text){copy, size};
    }
    if (text_valid_utf8(decoded) != decoded.size) /* a NUL is not valid either */
        return false;
    *out = decoded;
    return true;
}

char *url_encode(struct text plain, struct arena *arena)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = arena_alloc(arena, plain.size * 3 + 1);
    char *at = encoded;

    for (size_t i = 0; i < plain.size; i++) {
        unsigned char byte = (unsigned char)plain.data[i];

        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
            (byte != 0 && strchr("-._~/", byte) != NULL)) {
            *at++ = (char)byte;
        } else {
            *at++ = '%';
            *at++ = digits[byte >> 4];
            *at++ = digits[byte & 15];
        }
    }
    *at = '\0';
    return encoded;
}

enum status url_pairs_read(struct text encoded, const char *what, struct arena *arena, struct request_param *out_pairs,
                           int max, int *out_count, struct error *error)
{
    struct text rest = encoded, value, name;
    int count = 0;

    while (text_split(&rest, '&', &value)) {
        struct request_param pair;

        if (value.size == 0)
            continue;
        if (count == max)
            return error_set(error, STATUS_MALFORMED, "The %s has more than %d parameters.", what, max);
        if (!text_split(&value, '=', &name) || !url_decode(name, true, arena, &pair.name) ||
            !url_decode(value.data == NULL ? TEXT("") : value, true, arena, &pair.value))
            return error_set(error, STATUS_MALFORMED, "The %s is not percent-encoded UTF-8.", what);
        out_pairs[count++] = pair;
    }
    *out_count = count;
    return STATUS_OK;
}
