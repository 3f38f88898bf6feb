/* Turns a statement into its shape: a text for people and canonical bytes for the hash. Both have the same length. They
 * differ only in the case of letters and in `!=`, which is `<>` in the canonical bytes. Private to lib/sql. */
#ifndef POTTO_SQL_SHAPE_H
#define POTTO_SQL_SHAPE_H

#include "sql/statement.h"

/* Bytes that `out_text` and `out_canonical` need each for a statement of `size_bytes`: a token of one byte may get a
 * blank before it, and sixteen bytes are copied at a time. */
#define SHAPE_ROOM_BYTES(size_bytes) (2 * (size_bytes) + 128)

/* Returns the number of bytes written to each; 0 for a statement without tokens. *out_has_semicolon is set if there is
 * one after a token. If `sql` is not valid UTF-8, the shape
 * is not either. */
size_t shape_write(enum sql_dialect dialect, struct text sql, char *out_text, char *out_canonical,
                   bool *out_has_semicolon);

#endif
