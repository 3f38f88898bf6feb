/* How a function reports a failure: the status is for the calling code, the
 * struct error is for people. Errors hold no stack trace and need no
 * allocation, so they work when memory is short. */
#ifndef POTTO_BASE_ERROR_H
#define POTTO_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

/* STATUS_OK is 0, so that `if (status)` reads as "if it failed"; in all other
 * enums 0 means unset. status_table (error.c) holds the HTTP code of each. */
enum status {
    STATUS_OK = 0,
    STATUS_MALFORMED,       /* cannot be parsed at all */
    STATUS_UNAUTHENTICATED, /* the caller is not known */
    STATUS_FORBIDDEN,       /* the caller's role does not allow it */
    STATUS_ABSENT,          /* hidden or not there; callers cannot tell which */
    STATUS_METHOD,          /* the path exists, but not with this method */
    STATUS_CONFLICT,        /* the current state does not allow it */
    STATUS_TOO_LARGE,       /* over a documented bound */
    STATUS_MEDIA_TYPE,      /* content type or encoding not understood */
    STATUS_INVALID,         /* parsed, but a value is not allowed */
    STATUS_THROTTLED,       /* too many requests; see retry_after_s */
    STATUS_UNAVAILABLE,     /* something that we depend on cannot be reached */
    STATUS_TIMEOUT,         /* something that we depend on took too long */
    STATUS_INTERNAL,        /* a bug in this program */
    STATUS_COUNT
};

enum { ERROR_FIELD_MAX = 16 };

/* One thing wrong with one field of the input. */
struct field_error {
    char field[96];
    char message[160];
};

/* Zero-initialise (`struct error error = {0}`). A later error_set replaces an
 * earlier one. */
struct error {
    enum status status;
    char message[256]; /* for the user: no secrets, no SQL, no internal addresses */
    char detail[1024]; /* for the log: the cause in the words of the library that failed */
    int retry_after_s; /* with STATUS_THROTTLED and STATUS_UNAVAILABLE; 0: none */
    size_t field_count;
    struct field_error fields[ERROR_FIELD_MAX];
};

/* Each returns `status`, so that a caller can write
 * `return error_set(error, STATUS_ABSENT, "No such connection.")`.
 * `error` may be NULL. Texts that are too long are cut. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum status error_detail(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add an error of one field. The status becomes INVALID, unless it is MALFORMED
 * already. After ERROR_FIELD_MAX errors further ones are dropped. */
enum status error_field(struct error *error, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int status_http_code(enum status status);     /* 200 for STATUS_OK */
const char *status_title(enum status status); /* "Not Found"; static */
const char *status_name(enum status status);  /* "absent"; static, for logs and metrics */

#endif
