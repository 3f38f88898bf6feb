/* Monitored databases as people see and edit them. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_CONNECTION_H
#define POTTO_STORE_ADMIN_CONNECTION_H

#include "store/admin/connection_fields.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

struct connection_list_page {
    struct connection *items; /* by name */
    size_t count;
    bool has_more;
};

/* after_id/after_name of the last row of the page before; after_id 0: first page. SQL: sql/connection_list.sql */
enum status store_connection_list(struct store *store, const struct scope *scope, struct text after_name,
                                  int64_t after_id, int limit, struct arena *arena,
                                  struct connection_list_page *out_page, struct error *error);
/* STATUS_ABSENT if not visible. SQL: sql/connection_get.sql */
enum status store_connection_get(struct store *store, const struct scope *scope, int64_t connection_id,
                                 struct arena *arena, struct connection *out_connection, struct error *error);

/* Starts from connection_input_new(); an engine's port stands in where there is a host without one. The caller becomes
 * the owner. Errors: STATUS_CONFLICT (name taken), STATUS_INVALID (team_id not one of
 * the caller's, unless admin). Writes the audit log in the same transaction. */
enum status store_connection_create(struct store *store, const struct scope *scope,
                                    const struct connection_input *input, struct text remote_address,
                                    struct arena *arena, int64_t *out_connection_id, struct error *error);
/* The new connection as connection_get gives it: the caller's scope, made before, does not have it yet.
 * STATUS_ABSENT unless the caller owns it. SQL: sql/connection_get.sql */
enum status store_connection_get_created(struct store *store, const struct scope *scope, int64_t connection_id,
                                         struct arena *arena, struct connection *out_connection, struct error *error);

#endif
