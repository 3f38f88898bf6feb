/* Connections for the command line, which acts as the owner of the tables and without a scope; dev/check keeps others
 * from including this. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_CONNECTION_ADMIN_H
#define POTTO_STORE_ADMIN_CONNECTION_ADMIN_H

#include "store/admin/connection.h"

/* Make a connection that nobody owns; otherwise as store_connection_create. SQL: sql/connection_create.sql */
enum status store_admin_connection_create(struct store *store, int64_t organization_id,
                                          const struct connection_input *input, struct arena *arena,
                                          struct error *error);

/* Find a connection by its name, in any case. *out_connection_id 0: there is none. SQL: sql/admin_connection_find.sql
 */
enum status store_admin_connection_find(struct store *store, int64_t organization_id, struct text name,
                                        struct arena *arena, int64_t *out_connection_id,
                                        struct text *out_token_ciphertext, struct error *error);

struct admin_connection {
    int64_t id;
    struct text name, engine, host, visibility_scope, team_name, agent_token_hint, state;
    int32_t port;
    bool is_active;
};
/* All connections of the organization, by name. SQL: sql/admin_connection_list.sql */
enum status store_admin_connection_list(struct store *store, int64_t organization_id, struct arena *arena,
                                        const struct admin_connection **out_items, size_t *out_count,
                                        struct error *error);

/* Activate or deactivate a connection. Nobody sees an inactive one, no collector reads it, and its agent is refused.
 * STATUS_ABSENT: there is none. SQL: sql/admin_connection_set_active.sql */
enum status store_admin_connection_set_active(struct store *store, int64_t organization_id, int64_t connection_id,
                                              bool is_active, struct arena *arena, struct error *error);

#endif
