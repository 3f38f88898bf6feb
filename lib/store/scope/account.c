/* Accounts; see account.h. */
#include "store/scope/account.h"

#include "store/scope/role.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

enum status store_account_find(struct store *store, struct text email, struct arena *arena, struct account *out_account,
                               bool *out_is_found, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_text(&params, email);
    status = store_run(store, SQL(auth_account_by_email), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_is_found = PQntuples(result) == 1;
    if (*out_is_found)
        *out_account = (struct account){.organization_id = row_int64(result, 0, AUTH_ACCOUNT_BY_EMAIL_ORGANIZATION_ID),
                                        .user_id = row_int64(result, 0, AUTH_ACCOUNT_BY_EMAIL_USER_ID),
                                        .email = row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_EMAIL),
                                        .display_name = row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_DISPLAY_NAME),
                                        .role = role_parse(row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_ROLE)),
                                        .password_hash = row_text(result, 0, AUTH_ACCOUNT_BY_EMAIL_PASSWORD_HASH),
                                        .is_active = row_bool(result, 0, AUTH_ACCOUNT_BY_EMAIL_IS_ACTIVE)};
    return STATUS_OK;
}

enum status store_account_change_password(struct store *store, const struct account_password *password,
                                          struct arena *arena, bool *out_is_changed, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_text(&params, password->old_hash);
    params_text(&params, password->new_hash);
    params_text(&params, password->remote_address);
    status = store_run(store, SQL(auth_password_change), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_changed = row_bool(result, 0, AUTH_PASSWORD_CHANGE_AUTH_PASSWORD_CHANGE);
    return status;
}

enum status store_account_upgrade_password(struct store *store, const struct account *account, struct text fresh_hash,
                                           struct arena *arena, bool *out_is_replaced, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, account->organization_id);
    params_int64(&params, account->user_id);
    params_text(&params, account->password_hash);
    params_text(&params, fresh_hash);
    status = store_run(store, SQL(auth_password_upgrade), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_replaced = row_bool(result, 0, AUTH_PASSWORD_UPGRADE_AUTH_PASSWORD_UPGRADE);
    return status;
}

enum status store_account_profile_get(struct store *store, const struct scope *scope, struct arena *arena,
                                      struct account_profile *out_profile, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct account_profile profile;
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
    profile.email = row_text(result, 0, AUTH_ACCOUNT_EMAIL);
    profile.display_name = row_text(result, 0, AUTH_ACCOUNT_DISPLAY_NAME);
    profile.organization_name = row_text(result, 0, AUTH_ACCOUNT_ORGANIZATION_NAME);
    profile.last_login_at_us = row_time(result, 0, AUTH_ACCOUNT_LAST_LOGIN_AT);
    profile.team_ids = row_int64_array(result, 0, AUTH_ACCOUNT_TEAM_IDS, arena, &profile.team_count);
    profile.team_names = row_text_array(result, 0, AUTH_ACCOUNT_TEAM_NAMES, arena, &name_count);
    if (name_count < profile.team_count)
        profile.team_count = name_count;
    *out_profile = profile;
    return STATUS_OK;
}
