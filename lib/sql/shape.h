/* From a statement to its shape: the text that people read and the canonical bytes that are hashed. Both have the same
 * length and differ only in the case of letters and in `!=`, which is hashed as `<>`. Private to lib/sql. */
#ifndef POTTO_SQL_SHAPE_H
#define POTTO_SQL_SHAPE_H

#include "sql/statement.h"

/* Room needed in `out_text` and in `out_canonical` for a statement of `size_bytes`: a token of one byte may need a
 * blank before it, and copies are made sixteen bytes at a time. */
#define SHAPE_ROOM_BYTES(size_bytes) (2 * (size_bytes) + 128)

/* Returns the bytes written to each; 0 for a statement without tokens. Not yet valid UTF-8 if `sql` is not. */
size_t shape_write(enum sql_dialect dialect, struct text sql, char *out_text, char *out_canonical);

#endif
