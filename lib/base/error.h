/* How a function says what went wrong: a status for the code that decides, and
 * a struct error for the person who reads. Errors carry no stack and no
 * allocation, so they can be made when memory is short. */
#ifndef POTTO_BASE_ERROR_H
#define POTTO_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

/* STATUS_OK is 0, the one enum here whose zero is a value: `if (status)` reads
 * as "if it failed". The HTTP code of each is in status_table (error.c). */
enum status {
    STATUS_OK = 0,
    STATUS_MALFORMED,       /* cannot be parsed at all */
    STATUS_UNAUTHENTICATED, /* who are you */
    STATUS_FORBIDDEN,       /* your role may not */
    STATUS_ABSENT,          /* hidden or not there; the two look the same */
    STATUS_METHOD,          /* path exists, method does not */
    STATUS_CONFLICT,        /* the state of things forbids it */
    STATUS_TOO_LARGE,       /* over a documented bound */
    STATUS_MEDIA_TYPE,      /* content type or encoding not understood */
    STATUS_INVALID,         /* parsed, but a value is not allowed */
    STATUS_THROTTLED,       /* too often; see retry_after_s */
    STATUS_UNAVAILABLE,     /* a part we need is away */
    STATUS_TIMEOUT,         /* a part we need took too long */
    STATUS_INTERNAL,        /* a bug of ours */
    STATUS_COUNT
};

enum { ERROR_FIELD_MAX = 16 };

/* One thing wrong with one field of the input. */
struct field_error {
    char field[96];
    char message[160];
};

/* Zero-initialise (`struct error error = {0}`); the first error set wins over
 * none, a later one replaces it. */
struct error {
    enum status status;
    char message[256]; /* for the user: no secrets, no SQL, no addresses of ours */
    char detail[1024]; /* for the log: the cause as the library told it */
    int retry_after_s; /* with STATUS_THROTTLED and STATUS_UNAVAILABLE; 0: none */
    size_t field_count;
    struct field_error fields[ERROR_FIELD_MAX];
};

/* Each returns `status`, so that a caller can write
 * `return error_set(error, STATUS_ABSENT, "No such connection.")`.
 * `error` may be NULL. Too long texts are cut, never overrun. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum status error_detail(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add what is wrong with one field and make the status INVALID (unless it is
 * MALFORMED already). Past ERROR_FIELD_MAX they are counted by nobody. */
enum status error_field(struct error *error, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int status_http_code(enum status status);     /* 200 for STATUS_OK */
const char *status_title(enum status status); /* "Not Found"; static */
const char *status_name(enum status status);  /* "absent"; static, for logs and metrics */

#endif
