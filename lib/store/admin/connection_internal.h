/* For lib/store alone: making and reading connections, for callers and for the command line. */
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

/* STATUS_CONFLICT: the name is taken. STATUS_INVALID: that team is not there, or not the maker's. */
enum status connection_insert(struct store *store, const struct connection_maker *maker,
                              const struct connection_input *input, struct arena *arena, int64_t *out_connection_id,
                              struct error *error);

/* $3 to $5 of the statements that change a connection: which, the caller, whether that is an admin. */
void connection_params_change(struct db_params *params, const struct scope *scope, int64_t connection_id);

/* A page's place in the list, and its length: name and id of the last row before (id 0: from the start), limit. One row
 * more is asked for: it tells whether there is a next page. */
void connection_params_page(struct db_params *params, struct text after_name, int64_t after_id, int limit);

/* The fields of the table that take part in `use` (CONNECTION_CREATE or CONNECTION_CHANGE), in its order. None is NULL
 * for a new connection; for a change, which leaves alone what is NULL, it is '' or 0. The password, last, is a
 * ciphertext for a new connection, and for a change whether it is given. */
void connection_params_fields(struct db_params *params, const struct connection_input *input, enum connection_use use);

/* A page of at most `limit` connections, of those statements that have connection_get.sql's columns. */
void connection_page_read(const PGresult *result, int limit, struct arena *arena,
                          struct connection_list_page *out_page);

/* Reads a row of connection_get.sql, connection_list.sql or connection_list_all.sql, which have the same columns. */
void connection_read(const PGresult *result, int row, struct connection *out);

#endif
