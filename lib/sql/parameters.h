/* Values in the place of parameters, as a server logs both. */
#ifndef POTTO_SQL_PARAMETERS_H
#define POTTO_SQL_PARAMETERS_H

#include "base/arena.h"
#include "base/text.h"

/* PostgreSQL's statement with $1, and what its log says of the parameters, "$1 = '42', $2 = NULL": the statement with
 * the values. A parameter without a value, or whose value the server has cut ('abc...'), stays $1. The statement itself
 * where there is nothing to put in. Memory: `arena`. Takes linear time. */
struct text sql_with_values(struct text sql, struct text parameters, struct arena *arena);

#endif
