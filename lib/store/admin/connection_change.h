/* Administration of connections: the list of all for admins, changes, deletion. Everything returned lives in `arena`.
 */
#ifndef POTTO_STORE_ADMIN_CONNECTION_CHANGE_H
#define POTTO_STORE_ADMIN_CONNECTION_CHANGE_H

#include "store/admin/connection.h"

/* A page of all connections of the organization, also of inactive ones. Facts about the data of a connection are left
 * out if it is not visible. STATUS_FORBIDDEN: the caller is no admin. SQL: sql/connection_list_all.sql */
enum status store_connection_list_all(struct store *store, const struct scope *scope, struct text after_name,
                                      int64_t after_id, int limit, struct arena *arena,
                                      struct connection_list_page *out_page, struct error *error);
/* One connection of that list. Errors: STATUS_ABSENT, STATUS_FORBIDDEN. SQL: sql/connection_list_all.sql */
enum status store_connection_get_any(struct store *store, const struct scope *scope, int64_t connection_id,
                                     struct arena *arena, struct connection *out_connection, struct error *error);

/* Change the given fields of a connection. A given value that is empty or 0 removes the old one. An admin may change
 * any connection of the organization; others may change visible ones that they or their team own. If the host, the port
 * or the database changes, counters begin again. *out_connection is the changed connection, even if the caller no
 * longer sees it. The audit log gets a line. Errors: STATUS_ABSENT; STATUS_FORBIDDEN; STATUS_CONFLICT (the name is
 * taken); STATUS_INVALID (team_id, owner_user_id, visibility_scope, monitoring_enabled where collectors do not read the
 * engine, and an engine that is given and another one). SQL: sql/connection_update.sql,
 * sql/connection_set_password.sql, sql/connection_counters_forget.sql, sql/connection_list_all.sql */
enum status store_connection_update(struct store *store, const struct scope *scope, int64_t connection_id,
                                    const struct connection_input *input, struct text remote_address,
                                    struct arena *arena, struct connection *out_connection, struct error *error);

/* Delete a connection: nobody sees it any more, its secrets are removed and its name is free. Its data and its row stay
 * until store_connection_purge removes them. The same callers may do it. Errors: STATUS_ABSENT, STATUS_FORBIDDEN.
 * SQL: sql/connection_delete.sql */
enum status store_connection_delete(struct store *store, const struct scope *scope, int64_t connection_id,
                                    struct text remote_address, struct arena *arena, struct error *error);
/* Remove at most `max_rows` rows of deleted connections. *out_count 0: nothing is left to remove. Only the owner of the
 * tables may. SQL: sql/connection_purge.sql */
enum status store_connection_purge(struct store *store, int max_rows, struct arena *arena, int64_t *out_count,
                                   struct error *error);

#endif
