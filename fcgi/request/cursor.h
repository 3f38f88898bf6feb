/* Cursors of lists: the position of the last row of a page, opaque to callers, in base64url. There is no
 * signature, since a position gives no right to see anything; but it is bound to its list, and one that was
 * cut, altered or made up is refused. */
#ifndef POTTO_FCGI_REQUEST_CURSOR_H
#define POTTO_FCGI_REQUEST_CURSOR_H

#include "fcgi/request/request.h"

enum { CURSOR_NUMBERS_MAX = 4, CURSOR_TEXT_BYTES_MAX = 1024 };

struct cursor {
    int number_count;
    int64_t numbers[CURSOR_NUMBERS_MAX]; /* a double by cursor_from_double */
    struct text text;                    /* valid UTF-8 without NUL; data NULL: none */
};

/* `list` names the list and, where it matters, its order ("slow-queries:-duration"). A text longer than
 * CURSOR_TEXT_BYTES_MAX is a bug of the caller. The result has a NUL after it and lives in `arena`. */
struct text cursor_write(const char *list, const struct cursor *cursor, struct arena *arena);

/* The query parameter `cursor`. Absent: STATUS_OK with *out_is_given false. STATUS_MALFORMED if it is not one
 * that `list` wrote with so many numbers. */
enum status cursor_read(const struct request *request, const char *list, int number_count, struct cursor *out_cursor,
                        bool *out_is_given, struct error *error);

/* Whether a number of a cursor is a time that a row can have: the years 1 to 9999. Anybody can make a cursor whose
 * check is right. */
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
