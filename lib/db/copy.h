/* COPY … FROM STDIN on our PostgreSQL: many rows without a statement each. Begin, send, end; in the transaction that is
 * open. */
#ifndef POTTO_DB_COPY_H
#define POTTO_DB_COPY_H

#include "db/db.h"

/* `command`: COPY … FROM STDIN …. Errors: db_run's. */
enum status db_copy_begin(struct db *db, const char *command, struct error *error);

/* Bytes in the format that the command names, at most 1 GiB. False: the connection is gone. */
bool db_copy_send(struct db *db, const char *data, size_t size_bytes);

/* is_whole false: the sender gave up, nothing is kept. Errors: db_run's, if the server refused a row or is_whole is
 * false. */
enum status db_copy_end(struct db *db, bool is_whole, struct error *error);

#endif
