/* Fingerprints of statements whose literals must not be stored. */
#ifndef POTTO_SQL_REDACTED_H
#define POTTO_SQL_REDACTED_H

#include "sql/statement.h"

/* As sql_fingerprint, for any engine of the API ("oracle", "mongodb", …). The lexer knows only the dialects of
 * PostgreSQL and MySQL and could take a quoted literal of another engine for a name. Such a text becomes `?`, or the
 * fingerprint ends before it: it says less, but never shows a literal. */
struct sql_fingerprint sql_fingerprint_redacted(struct text engine, struct text sql, struct arena *arena);

/* Does the statement have a constant other than a placeholder ($1), or a text whose end is uncertain? NULL, TRUE and
 * FALSE do not count. */
bool sql_has_literals(enum sql_dialect dialect, struct text sql);

#endif
