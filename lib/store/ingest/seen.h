/* A process's memory of fingerprints that it has written. It is bounded; what is forgotten is written once more. */
#ifndef POTTO_STORE_INGEST_SEEN_H
#define POTTO_STORE_INGEST_SEEN_H

#include "store/ingest/fingerprints.h"
#include "store/ingest/ingest.h"

/* Whether writing the statement would change nothing. */
bool ingest_seen_covers(struct store *store, const struct ingest_target *target,
                        const struct ingest_statement *statement);
/* After the commit that wrote them. */
void ingest_seen_add(struct store *store, const struct ingest_target *target, const struct ingest_statement *statements,
                     size_t count);

#endif
