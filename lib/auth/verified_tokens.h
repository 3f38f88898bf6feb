/* Access tokens whose signature this process has already checked. The same bytes need no second check under the same
 * keys. Only the contents of a token are kept: every request still compares its times with the clock and reads the user
 * from the store. For lib/auth alone. */
#ifndef POTTO_AUTH_VERIFIED_TOKENS_H
#define POTTO_AUTH_VERIFIED_TOKENS_H

#include "auth/access_token.h"

/* What a token with a right signature says. */
struct token_content {
    struct access_claims claims;
    int64_t issued_at_s, not_before_s, expires_at_s;
};

/* Used by one thread. Its size is fixed: a newer token replaces an older one in the same slot. */
struct verified_tokens;
struct verified_tokens *verified_tokens_new(void);
void verified_tokens_destroy(struct verified_tokens *tokens); /* wipes them; NULL is fine */

bool verified_tokens_find(const struct verified_tokens *tokens, struct text token, struct token_content *out_content);
void verified_tokens_put(struct verified_tokens *tokens, struct text token, const struct token_content *content);

#endif
