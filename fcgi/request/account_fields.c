/* Common parts of the handlers of accounts; see account_fields.h. */
#include "fcgi/request/account_fields.h"

#include <string.h>

#include "crypto/digest.h"
#include "crypto/encode.h"

const char *const role_choices[] = {"viewer", "member", "admin", NULL};

bool email_is_plausible(struct text email)
{
    const char *at = email.size == 0 ? NULL : memchr(email.data, '@', email.size);

    return at != NULL && at != email.data && at + 1 < email.data + email.size &&
           memchr(email.data, ' ', email.size) == NULL;
}

enum status password_generate(struct arena *arena, struct text *out_password, struct error *error)
{
    char random[GENERATED_PASSWORD_BYTES];
    enum status status = crypto_random(random, sizeof random, error);

    if (status == STATUS_OK)
        *out_password = crypto_base64url((struct text){random, sizeof random}, arena);
    return status;
}

enum status body_refuse_nulls(const struct body_field *fields, size_t field_count, const struct body_seen *seen,
                              const char *const *nullable, struct error *error)
{
    size_t given_count = 0;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < field_count; i++) {
        const char *const *name = nullable;

        given_count += seen[i].is_given;
        if (!seen[i].is_null)
            continue;
        while (*name != NULL && strcmp(*name, fields[i].name) != 0)
            name++;
        if (*name == NULL)
            status = error_field(error, fields[i].name, "must not be null");
    }
    if (given_count == 0)
        return error_set(error, STATUS_INVALID, "Name at least one field to change.");
    return status;
}
