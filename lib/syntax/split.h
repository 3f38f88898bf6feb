/* A text of several statements, one by one. */
#ifndef POTTO_SYNTAX_SPLIT_H
#define POTTO_SYNTAX_SPLIT_H

#include <stdbool.h>

#include "base/engine.h"
#include "base/text.h"

/* Take the next statement off, without its semicolon; *io_rest becomes what stands behind it. Passes over what dumps
 * have between statements: psql's backslash commands, and the data behind COPY … FROM stdin. False: there is none.
 * All calls together take linear time. */
bool syntax_split(enum sql_dialect dialect, struct text *io_rest, struct text *out_statement);

#endif
