/* COPY … FROM STDIN; see copy.h. */
#include "db/copy.h"

#include "db/db_internal.h"

enum { UNFLUSHED_BYTES_MAX = 256 * 1024 };

enum status db_copy_begin(struct db *db, const char *command, struct error *error)
{
    PGresult *result = db_query(db, command);
    enum status status = STATUS_OK;

    /* The server counts the time of a COPY from here to its end, and so do the calls below. */
    if (PQresultStatus(result) != PGRES_COPY_IN)
        status = db_failure(db, result, error);
    PQclear(result);
    db->unflushed_bytes = 0;
    return status;
}

bool db_copy_send(struct db *db, const char *data, size_t size_bytes)
{
    if (db->connection == NULL || PQputCopyData(db->connection, data, (int)size_bytes) != 1)
        return false;
    db->unflushed_bytes += size_bytes;
    if (db->unflushed_bytes < UNFLUSHED_BYTES_MAX)
        return true;
    db->unflushed_bytes = 0;
    return db_flush(db);
}

enum status db_copy_end(struct db *db, bool is_whole, struct error *error)
{
    PGresult *result;
    enum status status = STATUS_OK;

    if (db->connection != NULL && PQputCopyEnd(db->connection, is_whole ? NULL : "the sender failed") != 1) {
        status = db_failure(db, NULL, error);
        db_drop_connection(db); /* the server still waits for rows */
        return status;
    }
    while ((result = db_next_result(db)) != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK && status == STATUS_OK)
            status = db_failure(db, result, error);
        PQclear(result);
        if (PQstatus(db->connection) != CONNECTION_OK)
            break;
    }
    if (status == STATUS_OK && (!is_whole || db->connection == NULL))
        status = db_failure(db, NULL, error);
    return status;
}
