/* Signing in, staying so, signing out. A sign-in is a family of refresh tokens: each is used once and
 * replaced. Whoever stole one and whoever owns it will both use it, and the second use, past the
 * grace below, ends the family for both. */
#include <string.h>

#include "auth/access_token.h"
#include "auth/authenticate.h"
#include "auth/keys.h"
#include "auth/role.h"
#include "auth/throttle.h"
#include "crypto/encode.h"
#include "crypto/password.h"
#include "store/admin/audit.h"

enum {
    REFRESH_TOKEN_RANDOM_BYTES = 32,
    REFRESH_TOKEN_BYTES_MAX = 200,
    REFRESH_LIFE_S = 14 * 86400, /* since the last use */
    /* Two tabs that wake at once send the same token; within this time of its replacement the later
     * one gets a token of its own, in the same family, and nothing ends. */
    REFRESH_GRACE_S = 10,
    EMAIL_BYTES_MAX = 254,
};

struct account {
    int64_t organization_id, user_id;
    struct text email, display_name, password_hash;
    enum role role;
    bool is_active;
};

/* A refresh token as the store has it. */
struct refresh_row {
    struct account account;
    int64_t token_id;
    struct sql_hash family_id; /* 128 random bits */
    bool is_alive;             /* neither expired nor revoked */
    bool is_replaced, is_in_grace;
};

static const struct text no_hash = {NULL, 0};

static struct text lookup_name(struct text email, struct arena *arena);
static enum status account_find(struct store *store, struct text name, struct arena *arena, struct account *out,
                                bool *out_is_found, struct error *error);
static enum status account_check(struct store *store, const struct auth_attempt *attempt, struct text name,
                                 struct arena *arena, struct account *out_account, struct text *out_cause,
                                 struct error *error);
static enum status session_open(const struct auth_keys *keys, struct store *store, const struct account *account,
                                const struct sql_hash *family_id, struct text seen_hash, int64_t access_token_s,
                                struct arena *arena, struct auth_session *out_session, struct error *error);
static enum status refresh_find(struct store *store, struct text refresh_token, struct arena *arena,
                                struct refresh_row *out_row, bool *out_is_found, struct error *error);
static enum status refresh_in_transaction(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                          int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                          bool *out_is_refused, struct error *error);
static enum status family_end(struct store *store, const struct refresh_row *row, const char *action,
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
    struct db_params params = {.arena = arena};
    struct account account = {0};
    struct sql_hash family_id;
    struct throttle throttle;
    struct text name, cause, phc;
    PGresult *result;
    enum status status;

    own.email = text_of(scope_user_email(scope));
    name = lookup_name(own.email, arena);
    /* Whoever holds a stolen token guesses no faster here than at the door. */
    status = throttle_begin(keys, store, &own, name, arena, &throttle, error);
    if (status == STATUS_OK)
        status = account_check(store, &own, name, arena, &account, &cause, error);
    if (status == STATUS_OK && (cause.size > 0 || account.user_id != scope_user_id(scope)))
        return error_field(error, "current_password", "is wrong");
    if (status == STATUS_OK)
        status = throttle_succeeded(store, &throttle, arena, error);
    if (status == STATUS_OK)
        status = password_hash(new_password, arena, &phc, error);
    if (status == STATUS_OK)
        status = crypto_random(&family_id, sizeof family_id, error);
    if (status != STATUS_OK)
        return status;
    params_text(&params, account.password_hash);
    params_text(&params, phc);
    params_text(&params, audit_address(attempt->remote_address, arena));
    status = store_run(store, SQL(auth_password_change), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (!row_bool(result, 0, AUTH_PASSWORD_CHANGE_AUTH_PASSWORD_CHANGE)) /* somebody else's new password came first */
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
    struct refresh_row row;
    bool is_found = false;
    enum status status = store_begin(store, error);

    if (status != STATUS_OK)
        return status;
    status = refresh_find(store, refresh_token, arena, &row, &is_found, error);
    if (status == STATUS_OK && is_found && row.is_alive)
        status = family_end(store, &row, "logout", arena, error);
    return store_end(store, status, error);
}

/* By what an account is looked up, and counted: trimmed, ASCII letters in lower case. No others: a letter that the
 * store would fold too, and we did not, would give an account a second counter. What no address can be is looked
 * up all the same, as one that nobody has. */
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

/* One look into the store and one Argon2id, whether or not there is such a user. *out_cause is empty if the password is
 * right and the account active, else JSON for the audit log. */
static enum status account_check(struct store *store, const struct auth_attempt *attempt, struct text name,
                                 struct arena *arena, struct account *out_account, struct text *out_cause,
                                 struct error *error)
{
    bool is_found = false, is_right = false;
    enum status status = account_find(store, name, arena, out_account, &is_found, error);

    if (status != STATUS_OK)
        return status;
    if (is_found)
        status = password_verify(out_account->password_hash, attempt->password, arena, &is_right, error);
    else
        password_verify_nobody(attempt->password);
    /* A stored hash of a kind we do not take lets nobody in, and looks like a wrong password. */
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

static enum status account_find(struct store *store, struct text name, struct arena *arena, struct account *out,
                                bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_text(&params, name);
    status = store_run(store, SQL(auth_account_by_email), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_found = PQntuples(result) == 1;
    if (*out_is_found)
        *out = (struct account){.organization_id = row_int64(result, 0, AUTH_ACCOUNT_BY_EMAIL_ORGANIZATION_ID),
                                .user_id = row_int64(result, 0, AUTH_ACCOUNT_BY_EMAIL_USER_ID),
                                .email = row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_EMAIL),
                                .display_name = row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_DISPLAY_NAME),
                                .role = role_parse(row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_ROLE)),
                                .password_hash = row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_PASSWORD_HASH),
                                .is_active = row_bool(result, 0, AUTH_ACCOUNT_BY_EMAIL_IS_ACTIVE)};
    return STATUS_OK;
}

/* `seen_hash` is the hash of the password that opens it, or `no_hash`: a session or a new password does.
 * STATUS_UNAUTHENTICATED: it is another by now, or the user was deactivated. */
static enum status session_open(const struct auth_keys *keys, struct store *store, const struct account *account,
                                const struct sql_hash *family_id, struct text seen_hash, int64_t access_token_s,
                                struct arena *arena, struct auth_session *out_session, struct error *error)
{
    struct db_params params = {.arena = arena};
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
    PGresult *result;
    enum status status = crypto_random(random, sizeof random, error);

    if (status != STATUS_OK)
        return status;
    session.refresh_token =
        text_of(arena_printf(arena, "rft_%s", crypto_base64url((struct text){random, sizeof random}, arena).data));
    status = crypto_sha256(session.refresh_token, hash, error);
    if (status != STATUS_OK)
        return status;
    params_int64(&params, account->organization_id);
    params_int64(&params, account->user_id);
    params_hash(&params, *family_id);
    params_bytes(&params, (struct text){(char *)hash, sizeof hash});
    params_int64(&params, REFRESH_LIFE_S);
    params_text(&params, seen_hash);
    status = store_run(store, SQL(auth_session_open), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (row_is_null(result, 0, AUTH_SESSION_OPEN_AUTH_SESSION_OPEN))
        return error_set(error, STATUS_UNAUTHENTICATED, "The session has ended.");
    /* By the store's clock, which dates the end of sessions too: see migrations/functions/auth_session_open.sql. */
    claims.issued_at_us = row_time(result, 0, AUTH_SESSION_OPEN_AUTH_SESSION_OPEN);
    status = access_token_make(keys, &claims, access_token_s, arena, &session.access_token, error);
    if (status == STATUS_OK)
        *out_session = session;
    return status;
}

static enum status refresh_in_transaction(const struct auth_keys *keys, struct store *store, struct text refresh_token,
                                          int64_t access_token_s, struct arena *arena, struct auth_session *out_session,
                                          bool *out_is_refused, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct refresh_row row;
    bool is_found = false;
    enum status status = refresh_find(store, refresh_token, arena, &row, &is_found, error);

    if (status != STATUS_OK)
        return status;
    *out_is_refused = true;
    if (!is_found || !row.is_alive || !row.account.is_active)
        return STATUS_OK;
    if (row.is_replaced && !row.is_in_grace)
        return family_end(store, &row, "refresh_token_reused", arena, error);
    params_int64(&params, row.account.organization_id);
    params_int64(&params, row.token_id);
    status = store_run(store, SQL(auth_refresh_replace), &params, arena, NULL, error);
    if (status != STATUS_OK)
        return status;
    *out_is_refused = false;
    return session_open(keys, store, &row.account, &row.family_id, no_hash, access_token_s, arena, out_session, error);
}

static enum status refresh_find(struct store *store, struct text refresh_token, struct arena *arena,
                                struct refresh_row *out_row, bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    unsigned char hash[CRYPTO_SHA256_BYTES];
    PGresult *result;
    enum status status;

    *out_is_found = false;
    if (refresh_token.size > REFRESH_TOKEN_BYTES_MAX || !text_starts(refresh_token, TEXT("rft_")))
        return STATUS_OK;
    status = crypto_sha256(refresh_token, hash, error);
    if (status != STATUS_OK)
        return status;
    params_bytes(&params, (struct text){(char *)hash, sizeof hash});
    params_int64(&params, REFRESH_GRACE_S);
    status = store_run(store, SQL(auth_refresh_find), &params, arena, &result, error);
    if (status != STATUS_OK || PQntuples(result) == 0)
        return status;
    *out_row =
        (struct refresh_row){.account = {.organization_id = row_int64(result, 0, AUTH_REFRESH_FIND_ORGANIZATION_ID),
                                         .user_id = row_int64(result, 0, AUTH_REFRESH_FIND_USER_ID),
                                         .email = row_text(result, 0, AUTH_REFRESH_FIND_EMAIL),
                                         .display_name = row_text(result, 0, AUTH_REFRESH_FIND_DISPLAY_NAME),
                                         .role = role_parse(row_text(result, 0, AUTH_REFRESH_FIND_ROLE)),
                                         .is_active = row_bool(result, 0, AUTH_REFRESH_FIND_IS_ACTIVE)},
                             .token_id = row_int64(result, 0, AUTH_REFRESH_FIND_TOKEN_ID),
                             .family_id = row_hash(result, 0, AUTH_REFRESH_FIND_FAMILY_ID),
                             .is_alive = row_bool(result, 0, AUTH_REFRESH_FIND_IS_ALIVE),
                             .is_replaced = row_bool(result, 0, AUTH_REFRESH_FIND_IS_REPLACED),
                             .is_in_grace = row_bool(result, 0, AUTH_REFRESH_FIND_IS_IN_GRACE)};
    *out_is_found = true;
    return STATUS_OK;
}

static enum status family_end(struct store *store, const struct refresh_row *row, const char *action,
                              struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status;

    params_int64(&params, row->account.organization_id);
    params_hash(&params, row->family_id);
    status = store_run(store, SQL(auth_family_end), &params, arena, NULL, error);
    if (status != STATUS_OK)
        return status;
    return store_audit_add(store,
                           &(struct audit_entry){.organization_id = row->account.organization_id,
                                                 .user_id = row->account.user_id,
                                                 .action = action,
                                                 .subject_kind = "user",
                                                 .subject_id = row->account.user_id},
                           arena, error);
}
