/* Secrets of a connection; see connection_secrets.h. */
#include "auth/connection_secrets.h"

enum status auth_connection_seal_password(const struct auth_keys *keys, struct connection_input *input,
                                          struct arena *arena, struct error *error)
{
    if (input->password.size == 0)
        return STATUS_OK;
    return auth_encrypt(keys, input->password, arena, &input->password_ciphertext, error);
}

enum status auth_connection_seal(const struct auth_keys *keys, struct connection_input *input, struct arena *arena,
                                 struct text *out_agent_token, struct error *error)
{
    struct auth_agent_token token;
    enum status status = auth_connection_seal_password(keys, input, arena, error);

    if (status == STATUS_OK)
        status = auth_agent_token_new(arena, &token, error);
    if (status == STATUS_OK)
        status = auth_encrypt(keys, token.token, arena, &input->agent_token_ciphertext, error);
    if (status != STATUS_OK)
        return status;
    input->agent_token_hash = token.hash;
    input->values.agent_token_hint = token.hint;
    *out_agent_token = token.token;
    return STATUS_OK;
}
