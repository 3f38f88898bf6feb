/* What handlers of accounts have in common: addresses, passwords, changes that hold null. */
#ifndef POTTO_FCGI_API_ACCOUNT_FIELDS_H
#define POTTO_FCGI_API_ACCOUNT_FIELDS_H

#include "fcgi/request/body.h"
#include "fcgi/request/request.h"

enum {
    NEW_PASSWORD_BYTES_MIN = 10,
    GENERATED_PASSWORD_BYTES = 15, /* random ones; 20 characters */
};

extern const char *const role_choices[]; /* for BODY_CHOICE */

/* Something, an @, something; no white space. */
bool email_is_plausible(struct text email);

/* 20 characters at random, for an account whose maker gives none. */
enum status password_generate(struct arena *arena, struct text *out_password, struct error *error);

/* A field error for each field that was given as null and is not named in `nullable` (ends with NULL), and one for a
 * change that changes nothing. */
enum status body_refuse_nulls(const struct body_field *fields, size_t field_count, const struct body_seen *seen,
                              const char *const *nullable, struct error *error);

#endif
