/* Agent tokens: an agent sends the data of one connection with its token. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_AGENT_TOKEN_H
#define POTTO_STORE_ADMIN_AGENT_TOKEN_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

/* How long a replaced token stays valid by default, so that there is time to give the agents the new one. */
enum { STORE_TOKEN_GRACE_S = 3600, STORE_TOKEN_GRACE_S_MAX = 7 * 86400 };

struct connection_token {
    struct text hash, ciphertext, hint; /* of struct auth_agent_token, sealed */
    int64_t grace_s;                    /* how long the one before stays good; 0: it ends now */
};
/* Replace the token. Admins, the owner and the members of the connection's team may. The audit log gets a line. Errors:
 * STATUS_ABSENT (the connection is not visible), STATUS_FORBIDDEN. SQL: sql/connection_set_token.sql */
enum status store_connection_rotate_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                          const struct connection_token *token, struct text remote_address,
                                          struct arena *arena, struct error *error);
/* The same, with STORE_TOKEN_GRACE_S. */
enum status store_connection_set_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                       struct text token_hash, struct text token_ciphertext, struct text token_hint,
                                       struct text remote_address, struct arena *arena, struct error *error);
/* Read the ciphertext of the token. The same callers may. The audit log gets a line. Errors: STATUS_ABSENT (the
 * connection is not visible, or has no token), STATUS_FORBIDDEN. SQL: sql/connection_reveal_token.sql */
enum status store_connection_reveal_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                          struct text remote_address, struct arena *arena,
                                          struct text *out_token_ciphertext, struct error *error);

#endif
