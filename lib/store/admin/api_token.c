/* Tokens of scripts; see api_token.h. Checking them: lib/auth/authenticate.c. */
#include "store/admin/api_token.h"

#include "store/admin/audit.h"
#include "store/scope/quota.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

const struct api_token_kind api_token_kinds[] = {
    {"read", ROLE_VIEWER, true},
    {"write", ROLE_MEMBER, false},
    {"admin", ROLE_ADMIN, false},
    {NULL, ROLE_UNSET, true},
};

const struct api_token_kind *api_token_kind(struct text name)
{
    for (const struct api_token_kind *kind = api_token_kinds; kind->name != NULL; kind++)
        if (text_equal(name, text_of(kind->name)))
            return kind;
    return NULL;
}

static struct api_token read_token(const PGresult *result, int row)
{
    return (struct api_token){.id = row_int64(result, row, API_TOKEN_CREATE_ID),
                              .name = row_text(result, row, API_TOKEN_CREATE_NAME),
                              .scope = row_text(result, row, API_TOKEN_CREATE_SCOPE),
                              .hint = row_text(result, row, API_TOKEN_CREATE_TOKEN_HINT),
                              .created_at_us = row_time(result, row, API_TOKEN_CREATE_CREATED_AT),
                              .expires_at_us = row_time(result, row, API_TOKEN_CREATE_EXPIRES_AT),
                              .last_used_at_us = row_time(result, row, API_TOKEN_CREATE_LAST_USED_AT),
                              .revoked_at_us = row_time(result, row, API_TOKEN_CREATE_REVOKED_AT)};
}

enum status store_api_token_list(struct store *store, const struct scope *scope, int64_t before_id, int limit,
                                 struct arena *arena, struct api_token_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct api_token_list list = {0};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    params_int64(&params, before_id == 0 ? INT64_MAX : before_id);
    params_int32(&params, limit + 1);
    status = store_run(store, SQL(api_token_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = row_page_count(result, limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = read_token(result, (int)i);
    *out_list = list;
    return STATUS_OK;
}

enum status store_api_token_create(struct store *store, const struct scope *scope, const struct api_token_new *fresh,
                                   struct text remote_address, struct arena *arena, struct api_token *out_token,
                                   struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    params_text(&params, fresh->name);
    params_text(&params, fresh->scope);
    params_bytes(&params, fresh->hash);
    params_text(&params, fresh->hint);
    params_time(&params, fresh->expires_at_us);
    params_text(&params, audit_address(remote_address, arena));
    status = quota_begin(store, QUOTA_API_TOKENS, scope->organization_id, scope->user_id, arena, error);
    if (status == STATUS_OK)
        status = quota_hold(store, QUOTA_API_TOKENS_KEPT, scope->organization_id, scope->user_id, arena, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(api_token_create), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_token = read_token(result, 0);
    return store_end(store, status, error);
}

enum status store_api_token_revoke(struct store *store, const struct scope *scope, int64_t token_id,
                                   struct text remote_address, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    params_int64(&params, token_id);
    params_text(&params, audit_address(remote_address, arena));
    status = store_run(store, SQL(api_token_revoke), &params, arena, &result, error);
    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "You have no such token.");
    return status;
}

enum status store_api_token_revoke_all(struct store *store, const struct scope *scope, struct text remote_address,
                                       struct arena *arena, int64_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    audit_params(&params, scope, remote_address);
    status = store_run(store, SQL(api_token_revoke_all), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_count = row_int64(result, 0, API_TOKEN_REVOKE_ALL_REVOKED_COUNT);
    return status;
}
