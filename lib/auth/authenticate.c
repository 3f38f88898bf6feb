/* From a token to a scope; see authenticate.h. */
#include "auth/authenticate.h"

#include "auth/access_token.h"
#include "auth/keys.h"
#include "base/clock.h"
#include "store/admin/api_token.h"
#include "store/scope/scope_read.h"

enum { TOKEN_BYTES_MAX = 200 };

static enum status user_scope(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                              struct arena *arena, struct scope **out_scope, struct error *error);
static enum status token_refused(struct error *error);

enum status auth_user(const struct auth_keys *keys, struct store *store, struct text access_token, struct arena *arena,
                      const struct scope **out_scope, struct error *error)
{
    struct access_claims claims;
    struct scope *scope = NULL;
    enum status status = access_token_check(keys, access_token, clock_now_us(), arena, &claims, error);

    if (status == STATUS_OK)
        status = user_scope(store, claims.organization_id, claims.user_id, claims.issued_at_us, arena, &scope, error);
    if (status == STATUS_OK)
        *out_scope = scope;
    return status;
}

enum status auth_api_token(struct store *store, struct text api_token, struct arena *arena,
                           const struct scope **out_scope, struct error *error)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    struct api_token_owner owner = {0};
    const struct api_token_kind *kind;
    struct scope *scope = NULL;
    bool is_found;
    enum status status;

    if (!text_starts(api_token, TEXT("pot_")) || api_token.size > TOKEN_BYTES_MAX)
        return token_refused(error);
    status = crypto_sha256(api_token, hash, error);
    if (status == STATUS_OK)
        status = store_api_token_owner_find(store, (struct text){(const char *)hash, sizeof hash}, arena, &owner,
                                            &is_found, error);
    if (status != STATUS_OK)
        return status;
    kind = is_found ? api_token_kind(owner.token_scope) : NULL;
    if (kind == NULL)
        return token_refused(error);
    /* Deactivation ends an API token. A new password does not: the token is no session, and a user who changes the
     * password may end the tokens as well. */
    status = user_scope(store, owner.organization_id, owner.user_id, INT64_MAX, arena, &scope, error);
    if (status != STATUS_OK)
        return status;
    scope->api_token_id = owner.token_id;
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

/* issued_at_us INT64_MAX: a token that a new password does not end. */
static enum status user_scope(struct store *store, int64_t organization_id, int64_t user_id, int64_t issued_at_us,
                              struct arena *arena, struct scope **out_scope, struct error *error)
{
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    bool is_found;
    enum status status =
        store_user_scope_read(store, organization_id, user_id, issued_at_us, arena, scope, &is_found, error);

    if (status != STATUS_OK)
        return status;
    if (!is_found)
        return token_refused(error);
    *out_scope = scope;
    return STATUS_OK;
}

enum status auth_agent(struct store *store, struct text agent_token, struct arena *arena,
                       const struct scope **out_scope, struct error *error)
{
    static const char refusal[] = "The agent token is not known, was replaced, or its connection is not active.";
    unsigned char hash[CRYPTO_SHA256_BYTES];
    struct scope *scope;
    bool is_found;
    enum status status;

    if (!text_starts(agent_token, TEXT("agt_")) || agent_token.size > TOKEN_BYTES_MAX)
        return error_set(error, STATUS_UNAUTHENTICATED, "%s", refusal);
    status = crypto_sha256(agent_token, hash, error);
    if (status != STATUS_OK)
        return status;
    scope = arena_alloc(arena, sizeof *scope);
    status =
        store_agent_scope_read(store, (struct text){(const char *)hash, sizeof hash}, arena, scope, &is_found, error);
    if (status != STATUS_OK)
        return status;
    if (!is_found)
        return error_set(error, STATUS_UNAUTHENTICATED, "%s", refusal);
    *out_scope = scope;
    return STATUS_OK;
}
