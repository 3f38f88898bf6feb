/* Shared by the sources that make, read and change connections. */
#ifndef POTTO_STORE_ADMIN_CONNECTION_INTERNAL_H
#define POTTO_STORE_ADMIN_CONNECTION_INTERNAL_H

#include "db/params.h"
#include "db/rows.h"
#include "store/admin/connection.h"

struct connection_maker {
    int64_t organization_id;
    int64_t owner_user_id; /* 0: none */
    bool may_any_team;
    struct text remote_address;
};

/* Make a connection with the id input->values.id. STATUS_CONFLICT: the name is taken, or
 * QUOTA_CONNECTIONS. STATUS_INVALID: the maker may not
 * choose this team. */
enum status connection_insert(struct store *store, const struct connection_maker *maker,
                              const struct connection_input *input, struct arena *arena, struct error *error);

/* Add $3 to $5 of the statements that change a connection: its id, the caller, and whether the caller is an admin. */
void connection_params_change(struct db_params *params, const struct scope *scope, int64_t connection_id);

/* Add the parameters of a page: name and id of the last row before it (id 0: from the start), and one more than
 * `limit`. The additional row tells whether there is a next page. */
void connection_params_page(struct db_params *params, struct text after_name, int64_t after_id, int limit);

/* Add a parameter for each field of connection_fields that has `use` (CONNECTION_CREATE or CONNECTION_CHANGE), in the
 * order of the table. CONNECTION_CREATE: a missing value is NULL; the password is its ciphertext. CONNECTION_CHANGE:
 * NULL leaves the old value, and '' or 0 removes it; the password is a boolean that says whether it changes. */
void connection_params_fields(struct db_params *params, const struct connection_input *input, enum connection_use use);

/* Read a page of at most `limit` connections, whose rows are those of connection_read. */
void connection_page_read(const PGresult *result, int limit, struct arena *arena,
                          struct connection_list_page *out_page);

/* Read a row of connection_get.sql, connection_list.sql or connection_list_all.sql: they have the same columns. */
void connection_read(const PGresult *result, int row, struct connection *out);

#endif
