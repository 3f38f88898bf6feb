/* Who is calling, and what they may see. The only maker of struct scope. */
#ifndef POTTO_AUTH_AUTHENTICATE_H
#define POTTO_AUTH_AUTHENTICATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* What is needed to check and make tokens; made from the configuration, whose form auth/key_list.h describes. */
struct auth_keys;
enum status auth_keys_new(const char *jwt_secret, const char *encryption_key, struct auth_keys **out_keys,
                          struct error *error);
void auth_keys_destroy(struct auth_keys *keys);

/* A user by access token (JWT). The token's signature, algorithm and times are checked, then one
 * statement reads the user, whether both user and organization are active, and the visible connections, so that a
 * deactivation counts at the next request. Errors: STATUS_UNAUTHENTICATED, STATUS_UNAVAILABLE.
 * Store: store/scope/scope_read.h */
enum status auth_user(const struct auth_keys *keys, struct store *store, struct text access_token, struct arena *arena,
                      const struct scope **out_scope, struct error *error);

/* A user by API token ("pot_…"): what the user sees, with the role cut down to the token's scope
 * (store/admin/api_token.h). Ends with the user, its organization, its date and its revocation, at the next request.
 * Errors as auth_user. Store: store/scope/scope_read.h */
enum status auth_api_token(struct store *store, struct text api_token, struct arena *arena,
                           const struct scope **out_scope, struct error *error);

/* An agent by its token. The scope has the one connection. Errors: STATUS_UNAUTHENTICATED (unknown,
 * rotated away, connection inactive), STATUS_UNAVAILABLE. Store: store/scope/scope_read.h */
enum status auth_agent(struct store *store, struct text agent_token, struct arena *arena,
                       const struct scope **out_scope, struct error *error);

/* ---- sign-in ---- */

struct auth_session {
    struct text access_token; /* JWT, HS256 */
    int64_t access_expires_in_s;
    struct text refresh_token; /* opaque */
    int64_t refresh_expires_in_s;
    int64_t user_id, organization_id;
    struct text email, display_name;
    enum role role;
};

/* Somebody who wants to sign in. */
struct auth_attempt {
    struct text email, password;
    struct text remote_address;
    int64_t access_token_s;
    int64_t account_failures_max; /* of this account from this network, before each further one waits */
    int64_t network_failures_max; /* of this network */
};

/* Errors: STATUS_UNAUTHENTICATED (the same, in the same time, for an unknown address and a wrong
 * password), STATUS_THROTTLED (with retry_after_s; nothing was looked at), STATUS_UNAVAILABLE. Written to the audit
 * log, unless throttled. */
enum status auth_sign_in(const struct auth_keys *keys, struct store *store, const struct auth_attempt *attempt,
                         struct arena *arena, struct auth_session *out_session, struct error *error);

/* A new password for the caller, who knows the old one (attempt->password; the address is the caller's own). Ends
 * every session but the one that is opened here. Errors: STATUS_INVALID (the old one is wrong: a field
 * `current_password`), STATUS_THROTTLED, STATUS_UNAVAILABLE. */
enum status auth_change_password(const struct auth_keys *keys, struct store *store, const struct scope *scope,
                                 const struct auth_attempt *attempt, struct text new_password, struct arena *arena,
                                 struct auth_session *out_session, struct error *error);
/* Replaces the refresh token; a token used twice (past a few seconds' grace for parallel tabs) ends its family. */
enum status auth_refresh_session(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                 int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                 struct error *error);
enum status auth_sign_out(struct store *store, struct text refresh_token, struct arena *arena, struct error *error);

/* A page form's token, bound to the user; checked in constant time. */
struct text auth_csrf_token(const struct auth_keys *keys, const struct scope *scope, struct arena *arena);
bool auth_csrf_check(const struct auth_keys *keys, const struct scope *scope, struct text token);

/* Credentials and agent tokens at rest. */
enum status auth_encrypt(const struct auth_keys *keys, struct text plain, struct arena *arena, struct text *out_cipher,
                         struct error *error);
enum status auth_decrypt(const struct auth_keys *keys, struct text cipher, struct arena *arena, struct text *out_plain,
                         struct error *error);

/* The 4 bytes that name the key in what auth_encrypt seals now. */
struct text auth_sealing_key_id(const struct auth_keys *keys);

/* "agt_" and 43 characters of base64url; its SHA-256; "agt_…" with the last four. */
struct auth_agent_token {
    struct text token, hash, hint;
};
enum status auth_agent_token_new(struct arena *arena, struct auth_agent_token *out_token, struct error *error);
/* A sealed one. STATUS_CONFLICT: ENCRYPTION_KEY lacks the key that it was sealed with; only a new one helps. */
enum status auth_agent_token_open(const struct auth_keys *keys, struct text cipher, struct arena *arena,
                                  struct text *out_token, struct error *error);
/* The same with another prefix ("pot"). */
enum status auth_token_new(const char *prefix, struct arena *arena, struct auth_agent_token *out_token,
                           struct error *error);

#endif
