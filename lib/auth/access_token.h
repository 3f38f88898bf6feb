/* Access tokens: JWT (RFC 7519), HS256 and nothing else. For lib/auth and its tests; programs call auth_user.
 *
 * The header's `kid` names the key of JWT_SECRET that signed it. A token that names none of them is refused.
 * Claims: iss "potto", sub (user id, decimal), org (organization id), use "access", iat, nbf, exp (seconds),
 * iat_us (microseconds: compared with users.tokens_valid_after, for which seconds are too coarse). */
#ifndef POTTO_AUTH_ACCESS_TOKEN_H
#define POTTO_AUTH_ACCESS_TOKEN_H

#include "auth/authenticate.h"

enum {
    ACCESS_TOKEN_BYTES_MAX = 4096,
    ACCESS_TOKEN_LIFE_S_MAX = 86400,
    ACCESS_TOKEN_SKEW_S = 60, /* how far the clock of another process may be ahead of this one's */
};

struct access_claims {
    int64_t user_id, organization_id;
    int64_t issued_at_us;
};

enum status access_token_make(const struct auth_keys *keys, const struct access_claims *claims, int64_t life_s,
                              struct arena *arena, struct text *out_token, struct error *error);

/* STATUS_UNAUTHENTICATED with the cause as detail. The user only reads that the token is not valid or has expired. */
enum status access_token_check(const struct auth_keys *keys, struct text token, int64_t now_us, struct arena *arena,
                               struct access_claims *out_claims, struct error *error);

#endif
