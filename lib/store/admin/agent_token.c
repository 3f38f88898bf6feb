/* Agent tokens of connections: replaced and revealed; see agent_token.h. */
#include "store/admin/agent_token.h"

#include "store/admin/audit.h"
#include "store/admin/connection_internal.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

/* Both statements have is_allowed as their first column. They return no row if the connection is not visible. */
static enum status check_allowed(const PGresult *result, struct error *error)
{
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such connection.");
    if (!row_bool(result, 0, CONNECTION_SET_TOKEN_IS_ALLOWED))
        return error_set(error, STATUS_FORBIDDEN,
                         "Only members of the connection's team, its owner and admins may see or replace its token.");
    return STATUS_OK;
}

enum status store_connection_set_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                       struct text token_hash, struct text token_ciphertext, struct text token_hint,
                                       struct text remote_address, struct arena *arena, struct error *error)
{
    const struct connection_token token = {
        .hash = token_hash, .ciphertext = token_ciphertext, .hint = token_hint, .grace_s = STORE_TOKEN_GRACE_S};

    return store_connection_rotate_token(store, scope, connection_id, &token, remote_address, arena, error);
}

enum status store_connection_rotate_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                          const struct connection_token *token, struct text remote_address,
                                          struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    connection_params_change(&params, scope, connection_id);
    params_bytes(&params, token->hash);
    params_bytes(&params, token->ciphertext);
    params_text(&params, token->hint);
    params_int64(&params, token->grace_s);
    params_text(&params, audit_address(remote_address, arena));
    status = store_read(store, scope, SQL(connection_set_token), &params, arena, &result, error);
    return status == STATUS_OK ? check_allowed(result, error) : status;
}

enum status store_connection_reveal_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                          struct text remote_address, struct arena *arena,
                                          struct text *out_token_ciphertext, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    connection_params_change(&params, scope, connection_id);
    params_text(&params, audit_address(remote_address, arena));
    status = store_read(store, scope, SQL(connection_reveal_token), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = check_allowed(result, error);
    if (status != STATUS_OK)
        return status;
    if (row_is_null(result, 0, CONNECTION_REVEAL_TOKEN_CIPHERTEXT))
        return error_set(error, STATUS_ABSENT, "This connection has no agent token.");
    *out_token_ciphertext = row_text(result, 0, CONNECTION_REVEAL_TOKEN_CIPHERTEXT);
    return STATUS_OK;
}
