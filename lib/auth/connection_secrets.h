/* Seals the secrets of a connection before they are stored. */
#ifndef POTTO_AUTH_CONNECTION_SECRETS_H
#define POTTO_AUTH_CONNECTION_SECRETS_H

#include "auth/authenticate.h"
#include "store/admin/connection_fields.h"

/* Seal input->password into input->password_ciphertext, for the connection input->values.id; nothing happens if the
 * password is empty. */
enum status auth_connection_seal_password(const struct auth_keys *keys, int64_t organization_id,
                                          struct connection_input *input, struct arena *arena, struct error *error);
/* Reserve the id of a new connection, since secrets are sealed for their connection, and seal them: its password, and
 * an agent token that is made here. Id, and the token's hash, ciphertext and hint go into `input`; *out_agent_token is
 * the token, to be shown once. */
enum status auth_connection_seal(const struct auth_keys *keys, struct store *store, int64_t organization_id,
                                 struct connection_input *input, struct arena *arena, struct text *out_agent_token,
                                 struct error *error);
/* Make and seal a new agent token for an existing connection. */
enum status auth_connection_token_new(const struct auth_keys *keys, int64_t organization_id, int64_t connection_id,
                                      struct arena *arena, struct auth_agent_token *out_token,
                                      struct text *out_ciphertext, struct error *error);

#endif
