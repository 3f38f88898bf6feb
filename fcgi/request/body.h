/* JSON bodies by declaration. A handler lists its fields in a table; body_read fills a struct, or reports a problem for
 * each wrong field. A field that is not in the table is refused by name. */
#ifndef POTTO_FCGI_REQUEST_BODY_H
#define POTTO_FCGI_REQUEST_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "fcgi/request/request.h"

enum body_kind {
    BODY_UNSET,
    BODY_TEXT,    /* struct text: valid UTF-8 without NUL; minimum and maximum are bytes */
    BODY_LINE,    /* as BODY_TEXT, but without control characters, and trimmed of white space at both ends */
    BODY_CHOICE,  /* struct text: one of `choices`, spelled as there */
    BODY_ENGINE,  /* struct text: an engine's name; an alias is replaced by the name (base/engine.h) */
    BODY_INTEGER, /* int64_t */
    BODY_NUMBER,  /* double, finite */
    BODY_BOOL,    /* bool */
    BODY_PASTED,  /* struct text: what a string holds, or the JSON of an object or array; minimum and maximum are bytes
                   */
};

struct body_field {
    const char *name;
    enum body_kind kind;
    size_t offset;           /* of the member in the struct to fill */
    double minimum, maximum; /* inclusive; whole numbers up to 2^53 are exact */
    bool is_required;
    const char *const *choices; /* for BODY_CHOICE; ends with NULL */
};

/* Read request->body, which must be one JSON object. A field that is absent or null leaves its member unchanged, so
 * callers put defaults there first. Texts live in the request's arena.
 *
 * Errors: STATUS_MALFORMED (empty, or not JSON); STATUS_INVALID, with a field error for each field of the wrong kind,
 * out of range, unknown, missing, or given twice. The members are undefined after an error. */
enum status body_read(const struct request *request, const struct body_field *fields, size_t field_count, void *out,
                      struct error *error);

/* For changes: as body_read, and say which fields were given, and which of them as null. `out_seen` has `field_count`
 * items. */
struct body_seen {
    bool is_given, is_null;
};
enum status body_read_seen(const struct request *request, const struct body_field *fields, size_t field_count,
                           void *out, struct body_seen *out_seen, struct error *error);

/* As body_read, but an empty body counts as {}. */
enum status body_read_optional(const struct request *request, const struct body_field *fields, size_t field_count,
                               void *out, struct error *error);

#endif
