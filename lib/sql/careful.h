/* Fingerprints of statements whose literals must not be stored. */
#ifndef POTTO_SQL_CAREFUL_H
#define POTTO_SQL_CAREFUL_H

#include "sql/statement.h"

/* As sql_fingerprint, but where an engine (as in the API: "oracle", "mongodb", …) has quoted text that the lexer, which
 * knows the dialects of PostgreSQL and MySQL, would take for names, that text is `?` or left out with all that follows
 * it: a fingerprint that says less, never a literal. */
struct sql_fingerprint sql_fingerprint_careful(struct text engine, struct text sql, struct arena *arena);

/* Whether there are constants other than placeholders ($1), or texts whose end is in doubt. NULL, TRUE and FALSE are
 * none. */
bool sql_has_literals(enum sql_dialect dialect, struct text sql);

#endif
