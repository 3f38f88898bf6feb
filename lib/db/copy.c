/* COPY … FROM STDIN; see copy.h. */
#include "db/copy.h"

#include "db/db_internal.h"

enum {
    UNFLUSHED_BYTES_MAX = 256 * 1024,
    CHUNK_BYTES = 64 * 1024,
    BUFFER_BYTES_MAX = 8 * 1024 * 1024, /* a chunk and one row of the largest texts */
};

static const char header[19] = "PGCOPY\n\377\r\n"; /* the NUL, then no flags and no extension */
static const char trailer[2] = {'\377', '\377'};

static enum status copy_begin(struct db *db, const char *command, struct error *error)
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

/* False: the connection is lost. */
static bool copy_send(struct db *db, const char *data, size_t size_bytes)
{
    if (db->connection == NULL || PQputCopyData(db->connection, data, (int)size_bytes) != 1)
        return false;
    db->unflushed_bytes += size_bytes;
    if (db->unflushed_bytes < UNFLUSHED_BYTES_MAX)
        return true;
    db->unflushed_bytes = 0;
    return db_flush(db);
}

/* is_whole false: the caller gives up, and the server keeps no row. */
static enum status copy_end(struct db *db, bool is_whole, struct error *error)
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

/* False: the connection is lost, or memory ran out. */
static bool send_rows(struct db *db, db_copy_put *put_row, const void *rows, size_t count)
{
    struct buffer buffer;
    bool is_sent = true;

    buffer_init(&buffer, BUFFER_BYTES_MAX);
    buffer_reserve(&buffer, CHUNK_BYTES + CHUNK_BYTES / 4);
    buffer_append(&buffer, header, sizeof header);
    for (size_t i = 0; i < count && is_sent; i++) {
        put_row(&buffer, rows, i);
        if (buffer.size_bytes >= CHUNK_BYTES) {
            is_sent = !buffer.has_failed && copy_send(db, buffer.data, buffer.size_bytes);
            buffer_clear(&buffer);
        }
    }
    buffer_append(&buffer, trailer, sizeof trailer);
    is_sent = is_sent && !buffer.has_failed && copy_send(db, buffer.data, buffer.size_bytes);
    buffer_free(&buffer);
    return is_sent;
}

enum status db_copy_rows(struct db *db, const char *command, db_copy_put *put_row, const void *rows, size_t count,
                         struct error *error)
{
    enum status status = copy_begin(db, command, error);

    if (status == STATUS_OK)
        status = copy_end(db, send_rows(db, put_row, rows, count), error);
    return status;
}
