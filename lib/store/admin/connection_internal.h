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
                              const struct connection_new *fresh, struct arena *arena, int64_t *out_connection_id,
                              struct error *error);

/* $3 to $5 of the statements that change a connection: which, the caller, whether that is an admin. */
void connection_params_change(struct db_params *params, const struct scope *scope, int64_t connection_id);

/* A page's place in the list, and its length: name and id of the last row before (id 0: from the start), limit. One row
 * more is asked for: it tells whether there is a next page. */
void connection_params_page(struct db_params *params, struct text after_name, int64_t after_id, int limit);

/* Reads connection_get.sql, connection_list.sql and connection_list_all.sql, which begin with the same columns. */
void connection_read(const PGresult *result, int row, struct connection *out);

#endif
