/* What a statement does, from its canonical text. Private to lib/sql. */
#ifndef POTTO_SQL_STATEMENT_KIND_H
#define POTTO_SQL_STATEMENT_KIND_H

#include "sql/statement.h"

enum sql_kind statement_kind(enum sql_dialect dialect, struct text canonical);

#endif
