/* Sessions; see session.h. */
#include "store/scope/session.h"

#include "store/scope/quota.h"
#include "store/scope/role.h"
#include "store/scope/statement.h"

enum status store_session_open(struct store *store, const struct session_new *fresh, struct arena *arena,
                               int64_t *out_opened_at_us, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, fresh->organization_id);
    params_int64(&params, fresh->user_id);
    params_hash(&params, fresh->family_id);
    params_bytes(&params, fresh->token_hash);
    params_int64(&params, fresh->life_s);
    params_text(&params, fresh->old_password_hash);
    params_int64(&params, quota_maximum(store, QUOTA_REFRESH_TOKENS));
    status = store_run(store, SQL(auth_session_open), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_opened_at_us = row_time(result, 0, AUTH_SESSION_OPEN_AUTH_SESSION_OPEN);
    return status;
}

enum status store_refresh_token_find(struct store *store, struct text token_hash, int64_t grace_s, struct arena *arena,
                                     struct refresh_token *out_token, bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_bytes(&params, token_hash);
    params_int64(&params, grace_s);
    status = store_run(store, SQL(auth_refresh_find), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_found = PQntuples(result) == 1;
    if (!*out_is_found)
        return STATUS_OK;
    *out_token =
        (struct refresh_token){.account = {.organization_id = row_int64(result, 0, AUTH_REFRESH_FIND_ORGANIZATION_ID),
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
    return STATUS_OK;
}

enum status store_refresh_token_replace(struct store *store, const struct refresh_token *token, struct arena *arena,
                                        struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, token->account.organization_id);
    params_int64(&params, token->token_id);
    return store_run(store, SQL(auth_refresh_replace), &params, arena, NULL, error);
}

enum status store_session_end(struct store *store, const struct refresh_token *token, struct arena *arena,
                              struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, token->account.organization_id);
    params_hash(&params, token->family_id);
    return store_run(store, SQL(auth_family_end), &params, arena, NULL, error);
}
