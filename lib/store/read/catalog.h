/* For lib/store/read alone: statements that read a database's own catalogues are left out of lists. */
#ifndef POTTO_STORE_READ_CATALOG_H
#define POTTO_STORE_READ_CATALOG_H

#include "store/read/segments.h"

/* Take them out of `count` sums; totals stay those of everything. SQL: sql/catalog_fingerprints.sql */
enum status catalog_drop(struct store *store, const struct scope *scope, struct arena *arena, struct segment_sums *sums,
                         size_t count, struct error *error);

#endif
