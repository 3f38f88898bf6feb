/* COPY … FROM STDIN (FORMAT binary) into the store's PostgreSQL: many rows by one statement. */
#ifndef POTTO_DB_COPY_H
#define POTTO_DB_COPY_H

#include "base/buffer.h"
#include "db/db.h"

/* Append row `index` of `rows`, with copy_fields.h. A buffer that has failed fails the whole. */
typedef void db_copy_put(struct buffer *buffer, const void *rows, size_t index);

/* Within an open transaction: all rows or none. A row has at most 7 MiB. `command`: COPY … FROM STDIN (FORMAT binary).
 * Errors: db_run's, if the server refused a row, the connection is lost, or memory ran out. */
enum status db_copy_rows(struct db *db, const char *command, db_copy_put *put_row, const void *rows, size_t count,
                         struct error *error);

#endif
