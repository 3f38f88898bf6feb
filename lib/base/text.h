/* A run of bytes that somebody else owns: not NUL-terminated, may hold any byte. */
#ifndef POTTO_BASE_TEXT_H
#define POTTO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct text {
    const char *data;
    size_t size; /* bytes */
};

#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})

static inline struct text text_of(const char *string) /* NULL gives an empty text */
{
    return (struct text){string, string == NULL ? 0 : strlen(string)};
}

static inline bool text_equal(struct text left, struct text right)
{
    return left.size == right.size && (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

bool text_equal_nocase(struct text left, struct text right); /* ASCII case only */
bool text_starts(struct text text, struct text prefix);
struct text text_trim(struct text text); /* ASCII white space at both ends */

/* Cut at the first `separator`; the rest (after it) goes to *text. False when
 * *text is exhausted (data NULL). Empty pieces are returned. */
bool text_split(struct text *text, char separator, struct text *out_piece);

/* The whole text as a decimal number; false for anything else, or out of range. */
bool text_to_int64(struct text text, int64_t *out_value);
bool text_to_double(struct text text, double *out_value); /* finite only */
int text_hex_digit(char digit);                           /* 0 to 15, of either case; -1: it is none */

/* Length of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no
 * overlong forms) and has no NUL. Equal to size when all of it is. */
size_t text_valid_utf8(struct text text);

/* A copy in which every byte that is not part of valid UTF-8, and every NUL,
 * is U+FFFD. Returns `text` itself if there is none. PostgreSQL takes the result. */
struct text text_to_utf8(struct text text, struct arena *arena);

/* Cut to at most max_bytes without splitting a UTF-8 sequence. */
struct text text_cut_utf8(struct text text, size_t max_bytes);

#endif
