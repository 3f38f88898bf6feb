/* Secrets of a connection, sealed before the store sees them. */
#ifndef POTTO_AUTH_CONNECTION_SECRETS_H
#define POTTO_AUTH_CONNECTION_SECRETS_H

#include "auth/authenticate.h"
#include "store/admin/connection_fields.h"

/* Seal input->password; an empty one leaves the ciphertext empty. */
enum status auth_connection_seal_password(const struct auth_keys *keys, struct connection_input *input,
                                          struct arena *arena, struct error *error);
/* For a new connection: seal the password and make an agent token, of which `input` gets the hash, the ciphertext and
 * the hint. *out_agent_token is for the user. */
enum status auth_connection_seal(const struct auth_keys *keys, struct connection_input *input, struct arena *arena,
                                 struct text *out_agent_token, struct error *error);

#endif
