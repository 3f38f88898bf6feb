/* Cursors of lists. A cursor holds the position of the last row of a page, in base64url, and is opaque to callers. It
 * has no signature, because a position gives no right to see anything. It is bound to its list; a cursor that was cut,
 * altered or made up is refused. */
#ifndef POTTO_FCGI_REQUEST_CURSOR_H
#define POTTO_FCGI_REQUEST_CURSOR_H

#include "fcgi/request/request.h"

enum { CURSOR_NUMBERS_MAX = 4, CURSOR_TEXT_BYTES_MAX = 1024 };

struct cursor {
    int number_count;
    int64_t numbers[CURSOR_NUMBERS_MAX]; /* a double is stored by cursor_from_double */
    struct text text;                    /* valid UTF-8 without NUL; data NULL if the cursor has no text */
};

/* `list` names the list and, where it matters, its order ("slow-queries:-duration"). The text of a cursor must not be
 * longer than CURSOR_TEXT_BYTES_MAX; this is asserted. The result lives in `arena`, with a NUL after it. */
struct text cursor_write(const char *list, const struct cursor *cursor, struct arena *arena);

/* Read the query parameter `cursor`. If it is absent: STATUS_OK, with *out_is_given false. Errors: STATUS_MALFORMED if
 * it is not a cursor that `list` wrote with `number_count` numbers. */
enum status cursor_read(const struct request *request, const char *list, int number_count, struct cursor *out_cursor,
                        bool *out_is_given, struct error *error);

/* Whether a number of a cursor is a possible time of a row: in the years 1 to 9999. Needed because anybody can make a
 * cursor with a valid checksum. */
bool cursor_is_time(int64_t time_us);

static inline int64_t cursor_from_double(double value)
{
    int64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double cursor_to_double(int64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
