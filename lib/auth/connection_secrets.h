/* Seals the secrets of a connection before they are stored. */
#ifndef POTTO_AUTH_CONNECTION_SECRETS_H
#define POTTO_AUTH_CONNECTION_SECRETS_H

#include "auth/authenticate.h"
#include "store/admin/connection_fields.h"

/* Seal input->password into input->password_ciphertext; nothing happens if it is empty. */
enum status auth_connection_seal_password(const struct auth_keys *keys, struct connection_input *input,
                                          struct arena *arena, struct error *error);
/* Seal the secrets of a new connection: its password, and an agent token that is made here. The token's hash,
 * ciphertext and hint go into `input`; *out_agent_token is the token, to be shown once. */
enum status auth_connection_seal(const struct auth_keys *keys, struct connection_input *input, struct arena *arena,
                                 struct text *out_agent_token, struct error *error);

#endif
