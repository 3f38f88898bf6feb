/* Access tokens whose signature this process has checked already: a token that is the same byte by byte,
 * under the same key, is what it was. Only what is in the token is kept; its times are compared with the
 * clock, and the user is read from the store, on every request as before. For lib/auth alone. */
#ifndef POTTO_AUTH_VERIFIED_TOKENS_H
#define POTTO_AUTH_VERIFIED_TOKENS_H

#include "auth/access_token.h"

/* What a token says, its signature being right. */
struct token_content {
    struct access_claims claims;
    int64_t issued_at_s, not_before_s, expires_at_s;
};

/* Used by one thread. Bounded: a newer token takes the place of an older one of the same slot. */
struct verified_tokens;
struct verified_tokens *verified_tokens_new(void);
void verified_tokens_destroy(struct verified_tokens *tokens); /* wipes them; NULL is fine */

bool verified_tokens_find(const struct verified_tokens *tokens, struct text token, struct token_content *out_content);
void verified_tokens_put(struct verified_tokens *tokens, struct text token, const struct token_content *content);

#endif
