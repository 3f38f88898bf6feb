/* Who is calling, and what they may see. The only maker of struct scope. */
#ifndef POTTO_AUTH_AUTHENTICATE_H
#define POTTO_AUTH_AUTHENTICATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* The keys that check and make tokens and seal credentials, read from the configuration (auth/key_list.h).
 * `jwt_secret` is NULL in programs that neither check nor make tokens of people; they must not call a function that
 * does. Errors: STATUS_INVALID, with the setting's name as a field. */
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

/* A user by API token ("pot_…"). The scope is the user's, with the role reduced to the token's scope
 * (store/admin/api_token.h). The token ends with its date, its revocation, the user or the organization; each counts at
 * the next request. Errors as auth_user. Store: store/scope/scope_read.h */
enum status auth_api_token(struct store *store, struct text api_token, struct arena *arena,
                           const struct scope **out_scope, struct error *error);

/* An agent by its token. The scope is one connection. Errors: STATUS_UNAUTHENTICATED (the token is unknown or replaced,
 * or its connection is inactive), STATUS_UNAVAILABLE. Store: store/scope/scope_read.h */
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

/* Writes the audit log, unless throttled. Errors: STATUS_UNAUTHENTICATED (an unknown address and a wrong password give
 * the same answer in the same time), STATUS_THROTTLED (with retry_after_s; the password was not checked),
 * STATUS_UNAVAILABLE. */
enum status auth_sign_in(const struct auth_keys *keys, struct store *store, const struct auth_attempt *attempt,
                         struct arena *arena, struct auth_session *out_session, struct error *error);

/* Set a new password for the caller, who proves to know the old one (attempt->password; attempt->email is not used).
 * Ends every session of the caller and opens a new one. Errors: STATUS_INVALID (the old password is wrong: a field
 * `current_password`), STATUS_THROTTLED, STATUS_UNAVAILABLE. */
enum status auth_change_password(const struct auth_keys *keys, struct store *store, const struct scope *scope,
                                 const struct auth_attempt *attempt, struct text new_password, struct arena *arena,
                                 struct auth_session *out_session, struct error *error);
/* Replace a refresh token by a new one. If a token is used again, more than a few seconds after it was replaced
 * (parallel tabs send it twice), its family ends. */
enum status auth_refresh_session(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                 int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                 struct error *error);
enum status auth_sign_out(struct store *store, struct text refresh_token, struct arena *arena, struct error *error);

/* A page form's token, bound to the user; checked in constant time. */
struct text auth_csrf_token(const struct auth_keys *keys, const struct scope *scope, struct arena *arena);
bool auth_csrf_check(const struct auth_keys *keys, const struct scope *scope, struct text token);

/* Where a sealed value is kept: a column of a connection. It opens nowhere else. */
enum seal_column { SEAL_COLUMN_UNSET, SEAL_PASSWORD, SEAL_AGENT_TOKEN };
struct seal_place {
    int64_t organization_id, connection_id;
    enum seal_column column;
};

/* Credentials and agent tokens at rest. STATUS_INVALID: no key of ENCRYPTION_KEY has sealed this value for this place.
 */
enum status auth_encrypt(const struct auth_keys *keys, struct seal_place place, struct text plain, struct arena *arena,
                         struct text *out_cipher, struct error *error);
enum status auth_decrypt(const struct auth_keys *keys, struct seal_place place, struct text cipher, struct arena *arena,
                         struct text *out_plain, struct error *error);
/* Seal anew a value of version 1, which is bound to no place. For `potto migrate` alone. */
enum status auth_encrypt_unplaced(const struct auth_keys *keys, struct seal_place place, struct text cipher,
                                  struct arena *arena, struct text *out_cipher, struct error *error);

/* The 4 bytes by which sealed values name the key that auth_encrypt uses now. */
struct text auth_sealing_key_id(const struct auth_keys *keys);

/* token: "agt_" and 43 characters of base64url. hash: its SHA-256. hint: "agt_…" and its last four characters. */
struct auth_agent_token {
    struct text token, hash, hint;
};
enum status auth_agent_token_new(struct arena *arena, struct auth_agent_token *out_token, struct error *error);
/* Decrypt the sealed token of a connection. STATUS_CONFLICT: ENCRYPTION_KEY does not have the key that sealed it, or it
 * was sealed for another connection; only a new token helps. */
enum status auth_agent_token_open(const struct auth_keys *keys, int64_t organization_id, int64_t connection_id,
                                  struct text cipher, struct arena *arena, struct text *out_token, struct error *error);
/* A new token with another prefix ("pot"). */
enum status auth_token_new(const char *prefix, struct arena *arena, struct auth_agent_token *out_token,
                           struct error *error);

#endif
