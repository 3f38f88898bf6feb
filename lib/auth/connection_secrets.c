/* Secrets of a connection; see connection_secrets.h. */
#include "auth/connection_secrets.h"

#include "store/admin/connection.h"

enum status auth_connection_seal_password(const struct auth_keys *keys, int64_t organization_id,
                                          struct connection_input *input, struct arena *arena, struct error *error)
{
    const struct seal_place place = {organization_id, input->values.id, SEAL_PASSWORD};

    if (input->password.size == 0)
        return STATUS_OK;
    return auth_encrypt(keys, place, input->password, arena, &input->password_ciphertext, error);
}

enum status auth_connection_token_new(const struct auth_keys *keys, int64_t organization_id, int64_t connection_id,
                                      struct arena *arena, struct auth_agent_token *out_token,
                                      struct text *out_ciphertext, struct error *error)
{
    const struct seal_place place = {organization_id, connection_id, SEAL_AGENT_TOKEN};
    enum status status = auth_agent_token_new(arena, out_token, error);

    return status == STATUS_OK ? auth_encrypt(keys, place, out_token->token, arena, out_ciphertext, error) : status;
}

enum status auth_connection_seal(const struct auth_keys *keys, struct store *store, int64_t organization_id,
                                 struct connection_input *input, struct arena *arena, struct text *out_agent_token,
                                 struct error *error)
{
    struct auth_agent_token token;
    enum status status = store_connection_reserve(store, arena, &input->values.id, error);

    if (status == STATUS_OK)
        status = auth_connection_seal_password(keys, organization_id, input, arena, error);
    if (status == STATUS_OK)
        status = auth_connection_token_new(keys, organization_id, input->values.id, arena, &token,
                                           &input->agent_token_ciphertext, error);
    if (status != STATUS_OK)
        return status;
    input->agent_token_hash = token.hash;
    input->values.agent_token_hint = token.hint;
    *out_agent_token = token.token;
    return STATUS_OK;
}
