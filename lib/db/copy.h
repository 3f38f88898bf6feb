/* COPY … FROM STDIN into the store's PostgreSQL: many rows by one statement. Call begin, send, end within an open
 * transaction. */
#ifndef POTTO_DB_COPY_H
#define POTTO_DB_COPY_H

#include "db/db.h"

/* `command`: COPY … FROM STDIN …. Errors: db_run's. */
enum status db_copy_begin(struct db *db, const char *command, struct error *error);

/* Send at most 1 GiB of bytes in the command's format. False: the connection is lost. */
bool db_copy_send(struct db *db, const char *data, size_t size_bytes);

/* is_whole false: the caller gives up, and the server keeps no row. Errors: db_run's, if the server refused a row or
 * is_whole is false. */
enum status db_copy_end(struct db *db, bool is_whole, struct error *error);

#endif
