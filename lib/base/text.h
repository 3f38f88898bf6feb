/* A pointer to bytes and their number. The bytes belong to somebody else, may have
 * any value and do not end with NUL. */
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

/* By bytes, a text before all that begin with it: below 0, 0, or above 0, as memcmp. Texts without data are empty. */
int text_compare(struct text left, struct text right);

bool text_equal_nocase(struct text left, struct text right); /* ASCII case only */
bool text_starts(struct text text, struct text prefix);
bool text_ends(struct text text, struct text suffix);
/* Take `prefix` off the beginning. False: the text does not begin with it, and stays. */
bool text_take_off(struct text *text, struct text prefix);
struct text text_trim(struct text text); /* ASCII white space at both ends */

/* Take the part before the first `separator`; *text becomes the rest after it.
 * Parts may be empty. False when nothing is left (data NULL). */
bool text_split(struct text *text, char separator, struct text *out_piece);

/* Parse the whole text as a decimal number. False if it is not one, or out of range. */
bool text_to_int64(struct text text, int64_t *out_value);
bool text_to_double(struct text text, double *out_value); /* finite only */
int text_hex_digit(char digit);                           /* 0 to 15, either case; -1: not a hexadecimal digit */

/* Length of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no
 * overlong forms) and has no NUL. Equals text.size if the whole text is. */
size_t text_valid_utf8(struct text text);

/* A copy with U+FFFD for every NUL and for every byte that is not valid UTF-8;
 * `text` itself if it has none. PostgreSQL accepts the result. */
struct text text_to_utf8(struct text text, struct arena *arena);

/* Cut to at most max_bytes without splitting a UTF-8 sequence. */
struct text text_cut_utf8(struct text text, size_t max_bytes);

#endif
