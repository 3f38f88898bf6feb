/* Sessions in the store: each is a family of refresh tokens. lib/auth (auth/session.c) decides what ends a session.
 * Everything returned lives in `arena`. Errors of every function: STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_SCOPE_SESSION_H
#define POTTO_STORE_SCOPE_SESSION_H

#include "sql/sql_hash.h"
#include "store/scope/account.h"

/* A refresh token to be stored. */
struct session_new {
    int64_t organization_id, user_id;
    struct sql_hash family_id;     /* 128 random bits, the same for all tokens of a sign-in */
    struct text token_hash;        /* SHA-256 of the refresh token, 32 bytes */
    int64_t life_s;                /* of the refresh token */
    struct text old_password_hash; /* the hash that the password was checked against; data NULL: none was checked */
};
/* Store a new refresh token. *out_opened_at_us is the time from which the access token is dated, by the store's clock,
 * which also dates the end of sessions (migrations/functions/auth_session_open.sql). INT64_MIN: the password has
 * changed meanwhile, or the user was deactivated; nothing was stored. SQL: sql/auth_session_open.sql */
enum status store_session_open(struct store *store, const struct session_new *fresh, struct arena *arena,
                               int64_t *out_opened_at_us, struct error *error);

struct refresh_token {
    struct account account;
    int64_t token_id;
    struct sql_hash family_id;
    bool is_alive;    /* neither expired nor revoked */
    bool is_replaced; /* used before */
    bool is_in_grace; /* replaced less than grace_s ago */
};
/* Find a refresh token by its hash and lock it until the transaction ends. *out_is_found false: there is no such token.
 * SQL: sql/auth_refresh_find.sql */
enum status store_refresh_token_find(struct store *store, struct text token_hash, int64_t grace_s, struct arena *arena,
                                     struct refresh_token *out_token, bool *out_is_found, struct error *error);
/* Mark it as used. SQL: sql/auth_refresh_replace.sql */
enum status store_refresh_token_replace(struct store *store, const struct refresh_token *token, struct arena *arena,
                                        struct error *error);

/* End the session that the token belongs to. SQL: sql/auth_family_end.sql */
enum status store_session_end(struct store *store, const struct refresh_token *token, struct arena *arena,
                              struct error *error);

#endif
