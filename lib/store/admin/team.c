/* Teams and their members; see team.h. */
#include "store/admin/team.h"

#include "store/admin/audit.h"
#include "store/scope/quota.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

static const char name_taken[] = "A team of this name exists already.";

static struct team_summary read_team(const PGresult *result, int row)
{
    return (struct team_summary){.id = row_int64(result, row, TEAM_CREATE_ID),
                                 .name = row_text(result, row, TEAM_CREATE_NAME),
                                 .created_at_us = row_time(result, row, TEAM_CREATE_CREATED_AT),
                                 .member_count = row_int64(result, row, TEAM_CREATE_MEMBER_COUNT),
                                 .connection_count = row_int64(result, row, TEAM_CREATE_CONNECTION_COUNT),
                                 .is_member = row_bool(result, row, TEAM_CREATE_IS_MEMBER)};
}

static enum status no_such_team(struct error *error)
{
    return error_set(error, STATUS_ABSENT, "No such team.");
}

enum status store_team_list(struct store *store, const struct scope *scope, struct arena *arena,
                            const struct team **out_teams, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct team *teams;
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    params_bool(&params, scope->role == ROLE_ADMIN);
    status = store_run(store, SQL(team_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_count = (size_t)PQntuples(result);
    teams = arena_alloc_array(arena, *out_count, sizeof *teams);
    for (size_t i = 0; i < *out_count; i++)
        teams[i] = (struct team){.id = row_int64(result, (int)i, TEAM_LIST_ID),
                                 .name = row_text(result, (int)i, TEAM_LIST_NAME),
                                 .is_own = row_bool(result, (int)i, TEAM_LIST_IS_OWN)};
    *out_teams = teams;
    return STATUS_OK;
}

enum status store_team_page(struct store *store, const struct scope *scope, struct text after_name, int64_t after_id,
                            int limit, struct arena *arena, struct team_page *out_page, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct team_page page = {0};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->user_id);
    params_bool(&params, scope->role == ROLE_ADMIN);
    params_text(&params, after_id == 0 ? (struct text){NULL, 0} : after_name);
    params_int64(&params, after_id);
    params_int32(&params, limit + 1);
    store_administer(store);
    status = store_read(store, scope, SQL(team_page), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    page.count = row_page_count(result, limit, &page.has_more);
    page.items = arena_alloc_array(arena, page.count, sizeof *page.items);
    for (size_t i = 0; i < page.count; i++)
        page.items[i] = read_team(result, (int)i);
    *out_page = page;
    return STATUS_OK;
}

enum status store_team_create(struct store *store, const struct scope *scope, struct text name,
                              struct text remote_address, struct arena *arena, struct team_summary *out_team,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_text(&params, name);
    audit_params(&params, scope, remote_address);
    status = quota_begin(store, QUOTA_TEAMS, scope->organization_id, 0, arena, error);
    if (status == STATUS_OK) {
        status = store_run(store, SQL(team_create), &params, arena, &result, error);
        if (status == STATUS_CONFLICT)
            status = error_set(error, STATUS_CONFLICT, name_taken);
    }
    if (status == STATUS_OK)
        *out_team = read_team(result, 0);
    return store_end(store, status, error);
}

enum status store_team_rename(struct store *store, const struct scope *scope, int64_t team_id, struct text name,
                              struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, team_id);
    params_text(&params, name);
    audit_params(&params, scope, remote_address);
    status = store_run(store, SQL(team_rename), &params, arena, &result, error);
    if (status == STATUS_CONFLICT)
        return error_set(error, STATUS_CONFLICT, name_taken);
    return status == STATUS_OK && PQntuples(result) == 0 ? no_such_team(error) : status;
}

enum status store_team_delete(struct store *store, const struct scope *scope, int64_t team_id,
                              struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, team_id);
    audit_params(&params, scope, remote_address);
    store_administer(store);
    status = store_run(store, SQL(team_delete), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return no_such_team(error);
    if (row_int64(result, 0, TEAM_DELETE_CONNECTIONS) > 0)
        return error_set(error, STATUS_CONFLICT, "%lld connections belong to this team; move or delete them first.",
                         (long long)row_int64(result, 0, TEAM_DELETE_CONNECTIONS));
    return STATUS_OK;
}

enum status store_team_member_list(struct store *store, const struct scope *scope, int64_t team_id,
                                   struct text after_email, int64_t after_id, int limit, struct arena *arena,
                                   struct team_member_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct team_member_list list = {0};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, team_id);
    params_text(&params, after_id == 0 ? (struct text){NULL, 0} : after_email);
    params_int64(&params, after_id);
    params_int32(&params, limit + 1);
    status = store_run(store, SQL(team_member_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return no_such_team(error);
    if (!row_is_null(result, 0, TEAM_MEMBER_LIST_ID)) /* else nobody comes after the cursor */
        list.count = row_page_count(result, limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (int row = 0; row < (int)list.count; row++)
        list.items[row] = (struct team_member){.user_id = row_int64(result, row, TEAM_MEMBER_LIST_ID),
                                               .email = row_text(result, row, TEAM_MEMBER_LIST_EMAIL),
                                               .display_name = row_text(result, row, TEAM_MEMBER_LIST_DISPLAY_NAME),
                                               .role = row_text(result, row, TEAM_MEMBER_LIST_ROLE),
                                               .is_active = row_bool(result, row, TEAM_MEMBER_LIST_IS_ACTIVE),
                                               .since_us = row_time(result, row, TEAM_MEMBER_LIST_CREATED_AT)};
    *out_list = list;
    return STATUS_OK;
}

static void member_params(struct db_params *params, const struct scope *scope, int64_t team_id, int64_t user_id,
                          struct text remote_address)
{
    params_int64(params, scope->organization_id);
    params_int64(params, team_id);
    params_int64(params, user_id);
    audit_params(params, scope, remote_address);
}

enum status store_team_member_add(struct store *store, const struct scope *scope, int64_t team_id, int64_t user_id,
                                  struct text remote_address, struct arena *arena, bool *out_is_fresh,
                                  struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result = NULL;
    enum status status;

    member_params(&params, scope, team_id, user_id, remote_address);
    status = quota_begin(store, QUOTA_MEMBERSHIPS, scope->organization_id, 0, arena, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(team_member_add), &params, arena, &result, error);
    status = store_end(store, status, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return no_such_team(error);
    if (!row_bool(result, 0, TEAM_MEMBER_ADD_IS_PERSON))
        return error_field(error, "user_id", "is nobody of this organization");
    *out_is_fresh = row_bool(result, 0, TEAM_MEMBER_ADD_IS_FRESH);
    return STATUS_OK;
}

enum status store_team_member_remove(struct store *store, const struct scope *scope, int64_t team_id, int64_t user_id,
                                     struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    member_params(&params, scope, team_id, user_id, remote_address);
    status = store_run(store, SQL(team_member_remove), &params, arena, &result, error);
    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such member.");
    return status;
}
