/* Reads what the store knows about a caller. For lib/auth, which makes scopes. Everything returned lives in `arena`.
 * *out_is_found false: the caller is unknown, and the other results do not change. Errors of every function:
 * STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_SCOPE_SCOPE_READ_H
#define POTTO_STORE_SCOPE_SCOPE_READ_H

#include "store/scope/scope_internal.h"
#include "store/scope/store.h"

/* A user's scope, read on every request. issued_at_us: when the user's token was issued; a new password ends older
 * tokens. INT64_MAX: an API token, which a new password does not end. SQL: sql/auth_user_scope.sql */
enum status store_user_scope_read(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                                  struct arena *arena, struct scope *out_scope, bool *out_is_found,
                                  struct error *error);

/* The scope of an agent: its one connection. token_hash: SHA-256 of the agent token, 32 bytes.
 * SQL: sql/auth_agent_scope.sql */
enum status store_agent_scope_read(struct store *store, struct text token_hash, struct arena *arena,
                                   struct scope *out_scope, bool *out_is_found, struct error *error);

/* The user of an API token. */
struct api_token_owner {
    int64_t organization_id, user_id, token_id;
    struct text token_scope; /* name of a kind in store/admin/api_token.h */
};
/* token_hash: SHA-256 of the token, 32 bytes. Not found: unknown, expired or revoked. SQL: sql/auth_api_token.sql */
enum status store_api_token_owner_find(struct store *store, struct text token_hash, struct arena *arena,
                                       struct api_token_owner *out_owner, bool *out_is_found, struct error *error);

#endif
