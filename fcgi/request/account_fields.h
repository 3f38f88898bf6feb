/* Common parts of the handlers of accounts: checks of addresses, generated passwords, changes that hold null. */
#ifndef POTTO_FCGI_REQUEST_ACCOUNT_FIELDS_H
#define POTTO_FCGI_REQUEST_ACCOUNT_FIELDS_H

#include "fcgi/request/body.h"
#include "fcgi/request/request.h"

enum {
    NEW_PASSWORD_BYTES_MIN = 10,
    GENERATED_PASSWORD_BYTES = 15, /* random bytes; they make 20 characters */
};

extern const char *const role_choices[]; /* for BODY_CHOICE */

/* Whether `email` has characters on both sides of an @, and no blank. */
bool email_is_plausible(struct text email);

/* Make a random password of 20 characters, for an account that was created without one. It lives in `arena`. */
enum status password_generate(struct arena *arena, struct text *out_password, struct error *error);

/* Refuse a change: a field error for each field that is null and not named in `nullable` (ends with NULL), and an error
 * if no field is given. Errors: STATUS_INVALID. */
enum status body_refuse_nulls(const struct body_field *fields, size_t field_count, const struct body_seen *seen,
                              const char *const *nullable, struct error *error);

#endif
