/* Internal to lib/db: the members of struct db. */
#ifndef POTTO_DB_DB_INTERNAL_H
#define POTTO_DB_DB_INTERNAL_H

#include <stdint.h>

#include "db/db.h"

struct db {
    const char *url;
    const char *application_name;
    PGconn *connection;
    int64_t answered_at_us; /* monotonic */
    char sqlstate[6];
    size_t statement_count;
    bool is_prepared[]; /* by struct db_sql.index */
};

/* The name under which the statement is prepared; "" for one that is prepared, and so planned, at each use. */
const char *db_statement_name(const struct db_sql *sql);

/* Close the connection; the next statement opens another. */
void db_drop_connection(struct db *db);

/* Turn the failure of `result` (or of the connection, if NULL) into a status. */
enum status db_failure(struct db *db, const PGresult *result, struct error *error);

/* Run `calls` as one transaction, or as part of the open one. All are sent at once, with those that must be prepared
 * first. The caller clears the result, which is the last call's. After a failure the connection is ready for the next
 * statement; a transaction that a call began has then failed. */
enum status db_pipeline(struct db *db, const struct db_call *calls, size_t count, PGresult **out_result,
                        struct error *error);

#endif
