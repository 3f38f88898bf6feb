/* The inside of struct store that other files of lib/store need. */
#ifndef POTTO_STORE_STORE_INTERNAL_H
#define POTTO_STORE_STORE_INTERNAL_H

#include "store/store.h"

/* Where store_ingest_seen.c keeps what it remembers of this store; freed with the store by free(). */
struct ingest_seen **store_ingest_seen(struct store *store);

#endif
