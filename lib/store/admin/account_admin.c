/* Organizations, teams and users for the command line; see account_admin.h. */
#include "store/admin/account_admin.h"

#include "store/scope/quota.h"
#include "store/scope/statement.h"

static enum status run_for_id(struct store *store, const struct db_sql *sql, const struct db_params *params,
                              struct arena *arena, int64_t *out_id, struct error *error);

enum status store_admin_organization_first(struct store *store, struct arena *arena, int64_t *out_organization_id,
                                           struct error *error)
{
    enum status status = run_for_id(store, SQL(admin_organization_first), NULL, arena, out_organization_id, error);

    if (status == STATUS_ABSENT)
        return error_set(error, STATUS_ABSENT, "There is no organization yet; run `potto bootstrap`.");
    return status;
}

enum status store_admin_organization_ensure(struct store *store, struct text name, struct arena *arena,
                                            int64_t *out_organization_id, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_text(&params, name);
    return run_for_id(store, SQL(admin_organization_ensure), &params, arena, out_organization_id, error);
}

enum status store_admin_team_ensure(struct store *store, int64_t organization_id, struct text name, struct arena *arena,
                                    int64_t *out_team_id, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status;

    params_int64(&params, organization_id);
    params_text(&params, name);
    status = run_for_id(store, SQL(admin_team_find), &params, arena, out_team_id, error);
    if (status != STATUS_ABSENT)
        return status;
    status = quota_begin(store, QUOTA_TEAMS, organization_id, 0, arena, error);
    if (status == STATUS_OK)
        status = run_for_id(store, SQL(admin_team_ensure), &params, arena, out_team_id, error);
    return store_end(store, status, error);
}

enum status store_admin_user_find(struct store *store, struct text email, struct arena *arena,
                                  struct admin_user *out_user, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_text(&params, email);
    status = store_run(store, SQL(admin_user_find), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "Nobody has this address.");
    *out_user = (struct admin_user){.organization_id = row_int64(result, 0, ADMIN_USER_FIND_ORGANIZATION_ID),
                                    .id = row_int64(result, 0, ADMIN_USER_FIND_ID),
                                    .email = row_text(result, 0, ADMIN_USER_FIND_EMAIL),
                                    .display_name = row_text(result, 0, ADMIN_USER_FIND_DISPLAY_NAME),
                                    .role = row_text(result, 0, ADMIN_USER_FIND_ROLE),
                                    .is_active = row_bool(result, 0, ADMIN_USER_FIND_IS_ACTIVE)};
    return STATUS_OK;
}

enum status store_admin_user_count(struct store *store, struct arena *arena, int64_t *out_count, struct error *error)
{
    return run_for_id(store, SQL(admin_user_count), NULL, arena, out_count, error);
}

enum status store_admin_user_create(struct store *store, const struct admin_user_new *fresh, struct arena *arena,
                                    int64_t *out_user_id, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status;

    params_int64(&params, fresh->organization_id);
    params_text(&params, fresh->email);
    params_text(&params, fresh->display_name.data == NULL ? TEXT("") : fresh->display_name);
    params_text(&params, fresh->role);
    params_text(&params, fresh->password_hash);
    params_int64(&params, fresh->team_id);
    params_null(&params);
    params_string(&params, "");
    status = quota_begin(store, QUOTA_USERS, fresh->organization_id, 0, arena, error);
    if (status == STATUS_OK && fresh->team_id != 0)
        status = quota_hold(store, QUOTA_MEMBERSHIPS, fresh->organization_id, 0, arena, error);
    if (status == STATUS_OK) {
        status = run_for_id(store, SQL(user_create), &params, arena, out_user_id, error);
        if (status == STATUS_CONFLICT)
            status = error_set(error, STATUS_CONFLICT, "Somebody has this address already.");
    }
    return store_end(store, status, error);
}

enum status store_admin_user_set_active(struct store *store, const struct admin_user *user, bool is_active,
                                        struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t user_id;

    params_int64(&params, user->organization_id);
    params_int64(&params, user->id);
    params_bool(&params, is_active);
    return run_for_id(store, SQL(admin_user_set_active), &params, arena, &user_id, error);
}

enum status store_admin_user_set_password(struct store *store, const struct admin_user *user, struct text password_hash,
                                          struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t user_id;

    params_int64(&params, user->organization_id);
    params_int64(&params, user->id);
    params_text(&params, password_hash);
    return run_for_id(store, SQL(admin_user_set_password), &params, arena, &user_id, error);
}

/* Run a statement that returns one number. STATUS_ABSENT: it returned no row. */
static enum status run_for_id(struct store *store, const struct db_sql *sql, const struct db_params *params,
                              struct arena *arena, int64_t *out_id, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, sql, params, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is none.");
    *out_id = row_int64(result, 0, ROW_ONLY_COLUMN);
    return STATUS_OK;
}
