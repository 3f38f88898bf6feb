/* From a token to a scope; see authenticate.h. */
#include "auth/authenticate.h"

#include "auth/access_token.h"
#include "auth/keys.h"
#include "auth/role.h"
#include "base/clock.h"
#include "store/admin/api_token.h"
#include "store/scope/scope_internal.h"

enum { TOKEN_BYTES_MAX = 200 };

static enum status scope_read(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                              struct arena *arena, struct scope **out_scope, struct error *error);
static enum status token_refused(struct error *error);

enum status auth_user(const struct auth_keys *keys, struct store *store, struct text access_token, struct arena *arena,
                      const struct scope **out_scope, struct error *error)
{
    struct access_claims claims;
    struct scope *scope = NULL;
    enum status status = access_token_check(keys, access_token, clock_now_us(), arena, &claims, error);

    if (status == STATUS_OK)
        status = scope_read(store, claims.organization_id, claims.user_id, claims.issued_at_us, arena, &scope, error);
    if (status == STATUS_OK)
        *out_scope = scope;
    return status;
}

enum status auth_api_token(struct store *store, struct text api_token, struct arena *arena,
                           const struct scope **out_scope, struct error *error)
{
    struct db_params params = {.arena = arena};
    unsigned char hash[CRYPTO_SHA256_BYTES];
    const struct api_token_kind *kind;
    struct scope *scope = NULL;
    PGresult *result;
    enum status status;

    if (!text_starts(api_token, TEXT("pot_")) || api_token.size > TOKEN_BYTES_MAX)
        return token_refused(error);
    status = crypto_sha256(api_token, hash, error);
    if (status != STATUS_OK)
        return status;
    params_bytes(&params, (struct text){(char *)hash, sizeof hash});
    status = store_run(store, SQL(auth_api_token), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return token_refused(error);
    kind = api_token_kind(row_text(result, 0, AUTH_API_TOKEN_TOKEN_SCOPE));
    if (kind == NULL)
        return token_refused(error);
    /* Deactivation ends it, a new password does not: it is no session (who changes it may end tokens as well). */
    status = scope_read(store, row_int64(result, 0, AUTH_API_TOKEN_ORGANIZATION_ID),
                        row_int64(result, 0, AUTH_API_TOKEN_USER_ID), INT64_MAX, arena, &scope, error);
    if (status != STATUS_OK)
        return status;
    scope->api_token_id = row_int64(result, 0, AUTH_API_TOKEN_TOKEN_ID);
    scope->is_read_only = kind->is_read_only;
    if (scope->role > kind->role_max)
        scope->role = kind->role_max;
    *out_scope = scope;
    return STATUS_OK;
}

static enum status token_refused(struct error *error)
{
    error_set(error, STATUS_UNAUTHENTICATED, "The access token is not valid, or has expired.");
    return STATUS_UNAUTHENTICATED;
}

/* `issued_at_us` INT64_MAX: a token that a new password does not end. */
static enum status scope_read(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                              struct arena *arena, struct scope **out_scope, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct scope *scope;
    PGresult *result;
    enum status status;

    params_int64(&params, organization_id);
    params_int64(&params, user_id);
    if (issued_at_us == INT64_MAX)
        params_null(&params);
    else
        params_time(&params, issued_at_us);
    status = store_run(store, SQL(auth_user_scope), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return token_refused(error);
    scope = arena_zalloc(arena, sizeof *scope);
    scope->organization_id = organization_id;
    scope->user_id = user_id;
    scope->user_email = arena_string(arena, row_text(result, 0, AUTH_USER_SCOPE_EMAIL).data,
                                     row_text(result, 0, AUTH_USER_SCOPE_EMAIL).size);
    scope->role = role_parse(row_text(result, 0, AUTH_USER_SCOPE_ROLE));
    scope->data_version = row_int64(result, 0, AUTH_USER_SCOPE_DATA_VERSION);
    scope->connection_ids = row_int64_array(result, 0, AUTH_USER_SCOPE_CONNECTION_IDS, arena, &scope->connection_count);
    *out_scope = scope;
    return STATUS_OK;
}

enum status auth_agent(struct store *store, struct text agent_token, struct arena *arena,
                       const struct scope **out_scope, struct error *error)
{
    static const char refusal[] = "The agent token is not known, was replaced, or its connection is not active.";
    struct db_params params = {.arena = arena};
    unsigned char hash[CRYPTO_SHA256_BYTES];
    struct scope *scope;
    PGresult *result;
    enum status status;

    if (!text_starts(agent_token, TEXT("agt_")) || agent_token.size > TOKEN_BYTES_MAX)
        return error_set(error, STATUS_UNAUTHENTICATED, "%s", refusal);
    status = crypto_sha256(agent_token, hash, error);
    if (status != STATUS_OK)
        return status;
    params_bytes(&params, (struct text){(char *)hash, sizeof hash});
    status = store_run(store, SQL(auth_agent_scope), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_UNAUTHENTICATED, "%s", refusal);
    scope = arena_zalloc(arena, sizeof *scope);
    scope->organization_id = row_int64(result, 0, AUTH_AGENT_SCOPE_ORGANIZATION_ID);
    scope->connection_id = row_int64(result, 0, AUTH_AGENT_SCOPE_CONNECTION_ID);
    scope->connection_ids = &scope->connection_id;
    scope->connection_count = 1;
    scope->data_version = row_int64(result, 0, AUTH_AGENT_SCOPE_DATA_VERSION);
    *out_scope = scope;
    return STATUS_OK;
}

enum status auth_account_read(struct store *store, const struct scope *scope, struct arena *arena,
                              struct auth_account *out_account, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct auth_account account;
    PGresult *result;
    size_t name_count;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    status = store_run(store, SQL(auth_account), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such account any more.");
    account.email = row_text(result, 0, AUTH_ACCOUNT_EMAIL);
    account.display_name = row_text(result, 0, AUTH_ACCOUNT_DISPLAY_NAME);
    account.organization_name = row_text(result, 0, AUTH_ACCOUNT_ORGANIZATION_NAME);
    account.last_login_at_us = row_time(result, 0, AUTH_ACCOUNT_LAST_LOGIN_AT);
    account.team_ids = row_int64_array(result, 0, AUTH_ACCOUNT_TEAM_IDS, arena, &account.team_count);
    account.team_names = row_text_array(result, 0, AUTH_ACCOUNT_TEAM_NAMES, arena, &name_count);
    if (name_count < account.team_count)
        account.team_count = name_count;
    *out_account = account;
    return STATUS_OK;
}
