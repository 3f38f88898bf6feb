/* Signing in, staying signed in, signing out. A sign-in is a family of refresh tokens: each is used once and replaced.
 * A thief and the owner of a stolen token both use it; the second use, after the grace below, ends the family for both.
 */
#include <string.h>

#include "auth/access_token.h"
#include "auth/authenticate.h"
#include "auth/keys.h"
#include "auth/throttle.h"
#include "crypto/encode.h"
#include "crypto/password.h"
#include "store/admin/audit.h"
#include "store/scope/account.h"
#include "store/scope/session.h"

enum {
    REFRESH_TOKEN_RANDOM_BYTES = 32,
    REFRESH_TOKEN_BYTES_MAX = 200,
    REFRESH_LIFE_S = 14 * 86400, /* since the last use */
    /* Two tabs that wake at once send the same token. Within this time of its replacement the later tab gets a token
     * of its own in the same family, and nothing ends. */
    REFRESH_GRACE_S = 10,
    EMAIL_BYTES_MAX = 254,
};

static const struct text no_hash = {NULL, 0};

static struct text lookup_name(struct text email, struct arena *arena);
static enum status account_check(struct store *store, const struct auth_attempt *attempt, struct text name,
                                 struct arena *arena, struct account *out_account, struct text *out_cause,
                                 struct error *error);
static enum status password_upgrade(struct store *store, const struct auth_attempt *attempt, struct account *account,
                                    struct arena *arena, struct error *error);
static enum status session_open(const struct auth_keys *keys, struct store *store, const struct account *account,
                                const struct sql_hash *family_id, struct text seen_hash, int64_t access_token_s,
                                struct arena *arena, struct auth_session *out_session, struct error *error);
static enum status refresh_find(struct store *store, struct text refresh_token, struct arena *arena,
                                struct refresh_token *out_token, bool *out_is_found, struct error *error);
static enum status refresh_in_transaction(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                          int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                          bool *out_is_refused, struct error *error);
static enum status family_end(struct store *store, const struct refresh_token *token, const char *action,
                              struct arena *arena, struct error *error);

enum status auth_sign_in(const struct auth_keys *keys, struct store *store, const struct auth_attempt *attempt,
                         struct arena *arena, struct auth_session *out_session, struct error *error)
{
    struct text name = lookup_name(attempt->email, arena), cause;
    struct account account = {0};
    struct sql_hash family_id;
    struct throttle throttle;
    enum status status = throttle_begin(keys, store, attempt, name, arena, &throttle, error);

    if (status == STATUS_OK)
        status = account_check(store, attempt, name, arena, &account, &cause, error);
    if (status != STATUS_OK)
        return status;
    status = store_audit_add(store,
                             &(struct audit_entry){.organization_id = account.organization_id,
                                                   .user_id = account.user_id,
                                                   .action = cause.size == 0 ? "login" : "login_failed",
                                                   .subject_kind = "user",
                                                   .subject_id = account.user_id,
                                                   .remote_address = attempt->remote_address,
                                                   .detail_json = cause.size == 0 ? TEXT("{}") : cause},
                             arena, error);
    if (status != STATUS_OK)
        return status;
    if (cause.size > 0)
        return error_set(error, STATUS_UNAUTHENTICATED, "The address or the password is wrong.");
    status = throttle_succeeded(store, &throttle, arena, error);
    if (status == STATUS_OK && password_is_foreign(account.password_hash))
        status = password_upgrade(store, attempt, &account, arena, error);
    if (status == STATUS_OK)
        status = crypto_random(&family_id, sizeof family_id, error);
    if (status != STATUS_OK)
        return status;
    status = session_open(keys, store, &account, &family_id, account.password_hash, attempt->access_token_s, arena,
                          out_session, error);
    if (status == STATUS_UNAUTHENTICATED) /* a new password came meanwhile */
        return error_set(error, status, "The address or the password is wrong.");
    return status;
}

enum status auth_change_password(const struct auth_keys *keys, struct store *store, const struct scope *scope,
                                 const struct auth_attempt *attempt, struct text new_password, struct arena *arena,
                                 struct auth_session *out_session, struct error *error)
{
    struct auth_attempt own = *attempt;
    struct account_password password;
    struct account account = {0};
    struct sql_hash family_id;
    struct throttle throttle;
    struct text name, cause;
    bool is_changed;
    enum status status;

    own.email = text_of(scope_user_email(scope));
    name = lookup_name(own.email, arena);
    /* A thief of an access token may not guess passwords faster here than when signing in. */
    status = throttle_begin(keys, store, &own, name, arena, &throttle, error);
    if (status == STATUS_OK)
        status = account_check(store, &own, name, arena, &account, &cause, error);
    if (status == STATUS_OK && (cause.size > 0 || account.user_id != scope_user_id(scope)))
        return error_field(error, "current_password", "is wrong");
    if (status == STATUS_OK)
        status = throttle_succeeded(store, &throttle, arena, error);
    if (status == STATUS_OK)
        status = password_hash(new_password, arena, &password.new_hash, error);
    if (status == STATUS_OK)
        status = crypto_random(&family_id, sizeof family_id, error);
    if (status != STATUS_OK)
        return status;
    password.old_hash = account.password_hash;
    password.remote_address = audit_address(attempt->remote_address, arena);
    status = store_account_change_password(store, &password, arena, &is_changed, error);
    if (status != STATUS_OK)
        return status;
    if (!is_changed) /* somebody else's new password came first */
        return error_field(error, "current_password", "is wrong");
    return session_open(keys, store, &account, &family_id, no_hash, attempt->access_token_s, arena, out_session, error);
}

enum status auth_refresh_session(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                 int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                 struct error *error)
{
    struct auth_session session;
    bool is_refused = false;
    enum status status = store_begin(store, error);

    if (status != STATUS_OK)
        return status;
    status = refresh_in_transaction(keys, store, refresh_token, access_token_s, arena, &session, &is_refused, error);
    /* A refusal is committed too: it may have ended the family. */
    status = store_end(store, status, error);
    if (status != STATUS_OK)
        return status;
    if (is_refused)
        return error_set(error, STATUS_UNAUTHENTICATED, "The refresh token is not valid, or has expired.");
    *out_session = session;
    return STATUS_OK;
}

enum status auth_sign_out(struct store *store, struct text refresh_token, struct arena *arena, struct error *error)
{
    struct refresh_token token;
    bool is_found = false;
    enum status status = store_begin(store, error);

    if (status != STATUS_OK)
        return status;
    status = refresh_find(store, refresh_token, arena, &token, &is_found, error);
    if (status == STATUS_OK && is_found && token.is_alive)
        status = family_end(store, &token, "logout", arena, error);
    return store_end(store, status, error);
}

/* The name that an account is looked up and counted by: trimmed, with ASCII letters in lower case. Other letters stay
 * as they are, as in the store: a letter that only one of the two folded would give an account a second counter. A text
 * that cannot be an address is looked up too, as an address that nobody has. */
static struct text lookup_name(struct text email, struct arena *arena)
{
    struct text name = text_trim(email);
    char *lower;

    if (name.size > EMAIL_BYTES_MAX || text_valid_utf8(name) != name.size)
        return TEXT("");
    lower = arena_string(arena, name.data, name.size);
    for (size_t i = 0; i < name.size; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] + ('a' - 'A'));
    return (struct text){lower, name.size};
}

/* One statement and one Argon2id, whether or not there is such a user. *out_cause is empty if the password is right and
 * the account active, else JSON for the audit log. */
static enum status account_check(struct store *store, const struct auth_attempt *attempt, struct text name,
                                 struct arena *arena, struct account *out_account, struct text *out_cause,
                                 struct error *error)
{
    bool is_found = false, is_right = false;
    enum status status = store_account_find(store, name, arena, out_account, &is_found, error);

    if (status != STATUS_OK)
        return status;
    if (is_found)
        status = password_verify(out_account->password_hash, attempt->password, arena, &is_right, error);
    else
        password_verify_nobody(attempt->password);
    /* A stored hash of a kind that is not supported lets nobody in, and looks like a wrong password. */
    if (status == STATUS_INVALID)
        password_verify_nobody(attempt->password);
    else if (status != STATUS_OK)
        return status;
    *out_cause = !is_found                 ? TEXT("{\"cause\":\"unknown address\"}")
                 : !is_right               ? TEXT("{\"cause\":\"wrong password\"}")
                 : !out_account->is_active ? TEXT("{\"cause\":\"deactivated\"}")
                                           : TEXT("");
    return STATUS_OK;
}

/* A predecessor's hash was good enough once: now that the password is known, an Argon2id hash takes its place. If the
 * password changed meanwhile, nothing is replaced, and session_open refuses. */
static enum status password_upgrade(struct store *store, const struct auth_attempt *attempt, struct account *account,
                                    struct arena *arena, struct error *error)
{
    struct text fresh;
    bool is_replaced = false;
    enum status status = password_hash(attempt->password, arena, &fresh, error);

    if (status == STATUS_OK)
        status = store_account_upgrade_password(store, account, fresh, arena, &is_replaced, error);
    if (status == STATUS_OK && is_replaced)
        account->password_hash = fresh;
    return status;
}

/* `seen_hash` is the hash of the password that was checked; `no_hash` where a refresh token or a new password opens the
 * session. STATUS_UNAUTHENTICATED: the password is another one by now, or the user was deactivated. */
static enum status session_open(const struct auth_keys *keys, struct store *store, const struct account *account,
                                const struct sql_hash *family_id, struct text seen_hash, int64_t access_token_s,
                                struct arena *arena, struct auth_session *out_session, struct error *error)
{
    struct access_claims claims = {.user_id = account->user_id, .organization_id = account->organization_id};
    struct auth_session session = {.access_expires_in_s = access_token_s,
                                   .refresh_expires_in_s = REFRESH_LIFE_S,
                                   .user_id = account->user_id,
                                   .organization_id = account->organization_id,
                                   .email = account->email,
                                   .display_name = account->display_name,
                                   .role = account->role};
    char random[REFRESH_TOKEN_RANDOM_BYTES];
    unsigned char hash[CRYPTO_SHA256_BYTES];
    const struct session_new fresh = {.organization_id = account->organization_id,
                                      .user_id = account->user_id,
                                      .family_id = *family_id,
                                      .token_hash = {(const char *)hash, sizeof hash},
                                      .life_s = REFRESH_LIFE_S,
                                      .old_password_hash = seen_hash};
    enum status status = crypto_random(random, sizeof random, error);

    if (status != STATUS_OK)
        return status;
    session.refresh_token =
        text_of(arena_printf(arena, "rft_%s", crypto_base64url((struct text){random, sizeof random}, arena).data));
    status = crypto_sha256(session.refresh_token, hash, error);
    if (status == STATUS_OK)
        status = store_session_open(store, &fresh, arena, &claims.issued_at_us, error);
    if (status != STATUS_OK)
        return status;
    if (claims.issued_at_us == INT64_MIN)
        return error_set(error, STATUS_UNAUTHENTICATED, "The session has ended.");
    status = access_token_make(keys, &claims, access_token_s, arena, &session.access_token, error);
    if (status == STATUS_OK)
        *out_session = session;
    return status;
}

static enum status refresh_in_transaction(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                          int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                          bool *out_is_refused, struct error *error)
{
    struct refresh_token token;
    bool is_found = false;
    enum status status = refresh_find(store, refresh_token, arena, &token, &is_found, error);

    if (status != STATUS_OK)
        return status;
    *out_is_refused = true;
    if (!is_found || !token.is_alive || !token.account.is_active)
        return STATUS_OK;
    if (token.is_replaced && !token.is_in_grace)
        return family_end(store, &token, "refresh_token_reused", arena, error);
    status = store_refresh_token_replace(store, &token, arena, error);
    if (status != STATUS_OK)
        return status;
    *out_is_refused = false;
    return session_open(keys, store, &token.account, &token.family_id, no_hash, access_token_s, arena, out_session,
                        error);
}

static enum status refresh_find(struct store *store, struct text refresh_token, struct arena *arena,
                                struct refresh_token *out_token, bool *out_is_found, struct error *error)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    enum status status;

    *out_is_found = false;
    if (refresh_token.size > REFRESH_TOKEN_BYTES_MAX || !text_starts(refresh_token, TEXT("rft_")))
        return STATUS_OK;
    status = crypto_sha256(refresh_token, hash, error);
    if (status != STATUS_OK)
        return status;
    return store_refresh_token_find(store, (struct text){(const char *)hash, sizeof hash}, REFRESH_GRACE_S, arena,
                                    out_token, out_is_found, error);
}

static enum status family_end(struct store *store, const struct refresh_token *token, const char *action,
                              struct arena *arena, struct error *error)
{
    enum status status = store_session_end(store, token, arena, error);

    if (status != STATUS_OK)
        return status;
    return store_audit_add(store,
                           &(struct audit_entry){.organization_id = token->account.organization_id,
                                                 .user_id = token->account.user_id,
                                                 .action = action,
                                                 .subject_kind = "user",
                                                 .subject_id = token->account.user_id},
                           arena, error);
}
