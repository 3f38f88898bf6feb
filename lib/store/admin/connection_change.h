/* Administering connections: all of them for an admin, changing and deleting them. Everything returned lives in
 * `arena`. */
#ifndef POTTO_STORE_ADMIN_CONNECTION_CHANGE_H
#define POTTO_STORE_ADMIN_CONNECTION_CHANGE_H

#include "store/admin/connection.h"

/* As store_connection_list, but every connection of the organization, inactive ones too, without what is known of its
 * data where it is not visible. For admins: STATUS_FORBIDDEN otherwise. SQL: sql/connection_list_all.sql */
enum status store_connection_list_all(struct store *store, const struct scope *scope, struct text after_name,
                                      int64_t after_id, int limit, struct arena *arena,
                                      struct connection_list_page *out_page, struct error *error);
/* One of those. STATUS_ABSENT, STATUS_FORBIDDEN. */
enum status store_connection_get_any(struct store *store, const struct scope *scope, int64_t connection_id,
                                     struct arena *arena, struct connection *out_connection, struct error *error);

/* Fields of `input` that are given; where such a value is empty or 0, there is none from now on. By an admin any
 * connection of the organization; by others a visible one that is theirs or their team's. Where host, port or database
 * change, counting begins anew. `out_connection` is as it is now, whether or not the caller still sees it. A line in
 * the audit log. Errors: STATUS_ABSENT; STATUS_FORBIDDEN; STATUS_CONFLICT (name taken); STATUS_INVALID (team_id,
 * owner_user_id, visibility_scope). SQL: sql/connection_update.sql, sql/connection_set_password.sql,
 * sql/connection_counters_forget.sql, sql/connection_list_all.sql */
enum status store_connection_update(struct store *store, const struct scope *scope, int64_t connection_id,
                                    const struct connection_input *input, struct text remote_address,
                                    struct arena *arena, struct connection *out_connection, struct error *error);

/* Hidden from everybody at once, its secrets gone, its name free; store_connection_purge removes its data and then its
 * row. Who may: as above. Errors: STATUS_ABSENT, STATUS_FORBIDDEN. SQL: sql/connection_delete.sql */
enum status store_connection_delete(struct store *store, const struct scope *scope, int64_t connection_id,
                                    struct text remote_address, struct arena *arena, struct error *error);
/* At most `max_rows` rows of deleted connections; *out_count 0: nothing is left to remove. For the owner of the tables.
 * SQL: sql/connection_purge.sql */
enum status store_connection_purge(struct store *store, int max_rows, struct arena *arena, int64_t *out_count,
                                   struct error *error);

#endif
