/* Users of an organization; see user.h. */
#include "store/admin/user.h"

#include "store/admin/audit.h"
#include "store/scope/quota.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

static void user_read(const PGresult *result, int row, struct arena *arena, struct user *out);
static enum status begin_locked(struct store *store, const struct scope *scope, struct arena *arena,
                                struct error *error);
static enum status set_password(struct store *store, const struct scope *scope, int64_t user_id,
                                struct text password_hash, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, scope->organization_id);
    params_int64(&params, user_id);
    params_text(&params, password_hash);
    return store_run(store, SQL(user_set_password), &params, arena, NULL, error);
}

static enum status update(struct store *store, const struct scope *scope, int64_t user_id,
                          const struct user_change *change, struct text remote_address, struct arena *arena,
                          struct error *error);
static enum status remove_user(struct store *store, const struct scope *scope, int64_t user_id,
                               struct text remote_address, struct arena *arena, struct error *error);
static enum status last_admin(struct error *error);

/* user_id 0: all users. */
static enum status read_users(struct store *store, const struct scope *scope, struct text after_email, int64_t after_id,
                              int limit, int64_t user_id, struct arena *arena, struct user_list *out_list,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    struct user_list list = {0};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_text(&params, after_id == 0 ? (struct text){NULL, 0} : after_email);
    params_int64(&params, after_id);
    params_int32(&params, limit + 1);
    params_int64(&params, user_id);
    status = store_run(store, SQL(user_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = row_page_count(result, limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        user_read(result, (int)i, arena, &list.items[i]);
    *out_list = list;
    return STATUS_OK;
}

enum status store_user_list(struct store *store, const struct scope *scope, struct text after_email, int64_t after_id,
                            int limit, struct arena *arena, struct user_list *out_list, struct error *error)
{
    return read_users(store, scope, after_email, after_id, limit, 0, arena, out_list, error);
}

enum status store_user_get(struct store *store, const struct scope *scope, int64_t user_id, struct arena *arena,
                           struct user *out_user, struct error *error)
{
    struct user_list list;
    enum status status = read_users(store, scope, (struct text){NULL, 0}, 0, 1, user_id, arena, &list, error);

    if (status == STATUS_OK && list.count == 0)
        return error_set(error, STATUS_ABSENT, "No such user.");
    if (status == STATUS_OK)
        *out_user = list.items[0];
    return status;
}

enum status store_user_create(struct store *store, const struct scope *scope, const struct user_new *fresh,
                              struct text remote_address, struct arena *arena, int64_t *out_user_id,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_text(&params, fresh->email);
    params_text(&params, fresh->display_name.data == NULL ? TEXT("") : fresh->display_name);
    params_text(&params, fresh->role);
    params_text(&params, fresh->password_hash);
    params_int64(&params, fresh->team_id);
    audit_params(&params, scope, remote_address);
    status = quota_begin(store, QUOTA_USERS, scope->organization_id, 0, arena, error);
    if (status == STATUS_OK && fresh->team_id != 0)
        status = quota_hold(store, QUOTA_MEMBERSHIPS, scope->organization_id, 0, arena, error);
    if (status == STATUS_OK) {
        status = store_run(store, SQL(user_create), &params, arena, &result, error);
        if (status == STATUS_CONFLICT)
            status = error_set(error, STATUS_CONFLICT, "Somebody has this address already.");
    }
    if (status == STATUS_OK && PQntuples(result) == 0)
        status = error_field(error, "team_id", "is not a team of this organization");
    if (status == STATUS_OK)
        *out_user_id = row_int64(result, 0, USER_CREATE_ID);
    return store_end(store, status, error);
}

enum status store_user_update(struct store *store, const struct scope *scope, int64_t user_id,
                              const struct user_change *change, struct text remote_address, struct arena *arena,
                              struct error *error)
{
    enum status status = begin_locked(store, scope, arena, error);

    if (status == STATUS_OK)
        status = update(store, scope, user_id, change, remote_address, arena, error);
    return store_end(store, status, error);
}

enum status store_user_delete(struct store *store, const struct scope *scope, int64_t user_id,
                              struct text remote_address, struct arena *arena, struct error *error)
{
    enum status status = begin_locked(store, scope, arena, error);

    if (status == STATUS_OK)
        status = remove_user(store, scope, user_id, remote_address, arena, error);
    return store_end(store, status, error);
}

/* Two admins who demote each other at once would both find the other one still there: changes of who administers are
 * made one after the other. */
static enum status begin_locked(struct store *store, const struct scope *scope, struct arena *arena,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status;

    params_int64(&params, scope->organization_id);
    store_administer(store);
    status = store_begin(store, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(organization_lock), &params, arena, NULL, error);
    return status;
}

static enum status update(struct store *store, const struct scope *scope, int64_t user_id,
                          const struct user_change *change, struct text remote_address, struct arena *arena,
                          struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, user_id);
    params_text(&params, change->email);
    params_text(&params, change->display_name);
    params_text(&params, change->role);
    if (change->has_is_active)
        params_bool(&params, change->is_active);
    else
        params_null(&params);
    params_bool(&params, change->password_hash.data != NULL);
    audit_params(&params, scope, remote_address);
    status = store_run(store, SQL(user_update), &params, arena, &result, error);
    if (status == STATUS_CONFLICT)
        return error_set(error, STATUS_CONFLICT, "Somebody has this address already.");
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such user.");
    if (row_bool(result, 0, USER_UPDATE_IS_LAST_ADMIN))
        return last_admin(error);
    return change->password_hash.data == NULL
               ? STATUS_OK
               : set_password(store, scope, user_id, change->password_hash, arena, error);
}

static enum status remove_user(struct store *store, const struct scope *scope, int64_t user_id,
                               struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, user_id);
    audit_params(&params, scope, remote_address);
    status = store_run(store, SQL(user_delete), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such user.");
    if (row_bool(result, 0, USER_DELETE_IS_LAST_ADMIN))
        return last_admin(error);
    if (row_int64(result, 0, USER_DELETE_OWNED) > 0)
        return error_set(error, STATUS_CONFLICT,
                         "This user owns %lld connections that nobody else sees; give them to somebody or delete them.",
                         (long long)row_int64(result, 0, USER_DELETE_OWNED));
    return STATUS_OK;
}

static enum status last_admin(struct error *error)
{
    return error_set(error, STATUS_CONFLICT, "This is the last active admin; make somebody else one first.");
}

static void user_read(const PGresult *result, int row, struct arena *arena, struct user *out)
{
    size_t name_count;

    *out = (struct user){.id = row_int64(result, row, USER_LIST_ID),
                         .email = row_text(result, row, USER_LIST_EMAIL),
                         .display_name = row_text(result, row, USER_LIST_DISPLAY_NAME),
                         .role = row_text(result, row, USER_LIST_ROLE),
                         .is_active = row_bool(result, row, USER_LIST_IS_ACTIVE),
                         .last_login_at_us = row_time(result, row, USER_LIST_LAST_LOGIN_AT),
                         .created_at_us = row_time(result, row, USER_LIST_CREATED_AT)};
    out->team_ids = row_int64_array(result, row, USER_LIST_TEAM_IDS, arena, &out->team_count);
    out->team_names = row_text_array(result, row, USER_LIST_TEAM_NAMES, arena, &name_count);
    if (name_count < out->team_count)
        out->team_count = name_count;
}
