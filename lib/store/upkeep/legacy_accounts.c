/* Takes over the predecessors' accounts; see legacy_accounts.h. */
#include "store/upkeep/legacy_accounts.h"

#include "store/scope/statement.h"

enum status store_legacy_accounts_check(struct store *store, struct arena *arena, struct error *error)
{
    struct text refusal;
    PGresult *result;
    enum status status = store_run(store, SQL(legacy_accounts_refusal), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    refusal = row_text(result, 0, LEGACY_ACCOUNTS_REFUSAL_REFUSAL);
    if (refusal.data == NULL)
        return STATUS_OK;
    return error_set(error, STATUS_CONFLICT, "%.*s", (int)refusal.size, refusal.data);
}

enum status store_legacy_accounts_aside(struct store *store, struct arena *arena, struct error *error)
{
    return store_run(store, SQL(legacy_accounts_aside), NULL, arena, NULL, error);
}

enum status store_legacy_accounts_carry(struct store *store, struct arena *arena, struct legacy_accounts *out_accounts,
                                        struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(legacy_accounts_carry), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    *out_accounts = (struct legacy_accounts){.is_found = PQntuples(result) > 0};
    if (out_accounts->is_found)
        *out_accounts =
            (struct legacy_accounts){.is_found = true,
                                     .organizations = row_int64(result, 0, LEGACY_ACCOUNTS_CARRY_ORGANIZATIONS),
                                     .teams = row_int64(result, 0, LEGACY_ACCOUNTS_CARRY_TEAMS),
                                     .users = row_int64(result, 0, LEGACY_ACCOUNTS_CARRY_USERS),
                                     .connections = row_int64(result, 0, LEGACY_ACCOUNTS_CARRY_CONNECTIONS),
                                     .passwords_lost = row_int64(result, 0, LEGACY_ACCOUNTS_CARRY_PASSWORDS_LOST),
                                     .lacks_admin = row_bool(result, 0, LEGACY_ACCOUNTS_CARRY_LACKS_ADMIN)};
    return STATUS_OK;
}

enum status store_legacy_agent_token_list(struct store *store, int limit, struct arena *arena,
                                          struct legacy_agent_token **out_tokens, size_t *out_count,
                                          struct error *error)
{
    struct db_params params = {.arena = arena};
    struct legacy_agent_token *tokens;
    PGresult *result;
    enum status status;

    params_int32(&params, limit);
    status = store_run(store, SQL(legacy_agent_token_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_count = (size_t)PQntuples(result);
    tokens = arena_alloc_array(arena, *out_count, sizeof *tokens);
    for (int row = 0; row < PQntuples(result); row++)
        tokens[row] = (struct legacy_agent_token){
            .organization_id = row_int64(result, row, LEGACY_AGENT_TOKEN_LIST_ORGANIZATION_ID),
            .connection_id = row_int64(result, row, LEGACY_AGENT_TOKEN_LIST_CONNECTION_ID),
            .token = row_text(result, row, LEGACY_AGENT_TOKEN_LIST_AGENT_TOKEN)};
    *out_tokens = tokens;
    return STATUS_OK;
}

enum status store_legacy_agent_token_seal(struct store *store, const struct legacy_agent_token *token,
                                          struct text ciphertext, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, token->organization_id);
    params_int64(&params, token->connection_id);
    params_bytes(&params, ciphertext);
    return store_run(store, SQL(legacy_agent_token_seal), &params, arena, NULL, error);
}
