/* Monitored databases, as a user sees and makes them. Everything returned lives in `arena`. */
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

/* A page of the visible connections. after_id and after_name are those of the last row of the page before; after_id 0
 * asks for the first page. SQL: sql/connection_list.sql */
enum status store_connection_list(struct store *store, const struct scope *scope, struct text after_name,
                                  int64_t after_id, int limit, struct arena *arena,
                                  struct connection_list_page *out_page, struct error *error);
/* One visible connection. STATUS_ABSENT: there is none. SQL: sql/connection_get.sql */
enum status store_connection_get(struct store *store, const struct scope *scope, int64_t connection_id,
                                 struct arena *arena, struct connection *out_connection, struct error *error);

/* Reserve the id of a connection that will be made: its secrets are sealed for it before. SQL:
 * sql/connection_reserve.sql */
enum status store_connection_reserve(struct store *store, struct arena *arena, int64_t *out_connection_id,
                                     struct error *error);
/* Make a connection with the id input->values.id, which was reserved. The caller becomes its owner. Begin `input` with
 * connection_input_new(). A host without a port gets the default port of the engine. Monitoring is off if collectors do
 * not read the engine. The audit log gets a line. Errors:
 * STATUS_CONFLICT (the name is taken), STATUS_INVALID (team_id is not one of the caller's teams; an admin may choose
 * any). SQL: sql/connection_create.sql */
enum status store_connection_create(struct store *store, const struct scope *scope,
                                    const struct connection_input *input, struct text remote_address,
                                    struct arena *arena, struct error *error);
/* Read the connection that the caller just made: the scope is older and lacks it. STATUS_ABSENT: the caller does not
 * own it. SQL: sql/connection_get.sql */
enum status store_connection_get_created(struct store *store, const struct scope *scope, int64_t connection_id,
                                         struct arena *arena, struct connection *out_connection, struct error *error);

#endif
