/* What the store knows of a caller, for lib/auth, which makes the scope of it. Everything returned lives in `arena`.
 * *out_is_found false: the caller is nobody, and the other results are untouched. Every function: STATUS_UNAVAILABLE
 * when the store is away. */
#ifndef POTTO_STORE_SCOPE_SCOPE_READ_H
#define POTTO_STORE_SCOPE_SCOPE_READ_H

#include "store/scope/scope_internal.h"
#include "store/scope/store.h"

/* A user's scope, read on every request. issued_at_us: when the token was made that the user shows; a new password
 * ends older ones. INT64_MAX: a token that no new password ends. SQL: sql/auth_user_scope.sql */
enum status store_user_scope_read(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                                  struct arena *arena, struct scope *out_scope, bool *out_is_found,
                                  struct error *error);

/* The scope of an agent, which is its one connection. token_hash: SHA-256 of the agent token, 32 bytes.
 * SQL: sql/auth_agent_scope.sql */
enum status store_agent_scope_read(struct store *store, struct text token_hash, struct arena *arena,
                                   struct scope *out_scope, bool *out_is_found, struct error *error);

/* Whose API token it is. */
struct api_token_owner {
    int64_t organization_id, user_id, token_id;
    struct text token_scope; /* a name of store/admin/api_token.h's kinds */
};
/* token_hash: SHA-256 of the token, 32 bytes. Not found: unknown, expired, revoked. SQL: sql/auth_api_token.sql */
enum status store_api_token_owner_find(struct store *store, struct text token_hash, struct arena *arena,
                                       struct api_token_owner *out_owner, bool *out_is_found, struct error *error);

#endif
