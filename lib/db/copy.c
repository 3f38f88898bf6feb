/* COPY … FROM STDIN; see copy.h. */
#include "db/copy.h"

#include "db/db_internal.h"

enum status db_copy_begin(struct db *db, const char *command, struct error *error)
{
    PGresult *result = PQexec(db->connection, command);
    enum status status = STATUS_OK;

    if (PQresultStatus(result) != PGRES_COPY_IN)
        status = db_failure(db, result, error);
    PQclear(result);
    return status;
}

bool db_copy_send(struct db *db, const char *data, size_t size_bytes)
{
    return PQputCopyData(db->connection, data, (int)size_bytes) == 1;
}

enum status db_copy_end(struct db *db, bool is_whole, struct error *error)
{
    PGresult *result;
    enum status status = STATUS_OK;

    if (PQputCopyEnd(db->connection, is_whole ? NULL : "the sender failed") != 1)
        is_whole = false;
    while ((result = PQgetResult(db->connection)) != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK && status == STATUS_OK)
            status = db_failure(db, result, error);
        PQclear(result);
        /* If the end could not be sent, libpq returns PGRES_COPY_IN again and again. */
        if (PQstatus(db->connection) != CONNECTION_OK)
            break;
    }
    return status == STATUS_OK && !is_whole ? db_failure(db, NULL, error) : status;
}
