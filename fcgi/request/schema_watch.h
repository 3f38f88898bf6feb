/* What this process last learned of the store's schema. */
#ifndef POTTO_FCGI_REQUEST_SCHEMA_WATCH_H
#define POTTO_FCGI_REQUEST_SCHEMA_WATCH_H

#include "store/upkeep/schema_version.h"

/* Asks the store unless that was done in the last `fresh_ms`, and logs when the answer has changed. Its state is UNSET
 * if the store did not tell. */
const struct store_schema *schema_watch(struct store *store, struct arena *arena, int fresh_ms);

#endif
