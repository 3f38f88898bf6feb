/* For lib/store/read alone: what servers counted of a fingerprint beside its calls, time, rows and blocks, added up
 * over a period. */
#ifndef POTTO_STORE_READ_MEASURES_H
#define POTTO_STORE_READ_MEASURES_H

#include "facts/measures.h"
#include "sql/sql_hash.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* A measure is the sum over the connections, and the part of the period, whose servers tell it. Errors:
 * STATUS_UNAVAILABLE when the store is away. SQL: sql/query_measures_read.sql */
enum status measures_read(struct store *store, const struct scope *scope, struct sql_hash hash,
                          const struct period *period, struct arena *arena, struct measures *out_measures,
                          struct error *error);

#endif
