/* The inside of struct store, for lib/store alone. */
#ifndef POTTO_STORE_SCOPE_STORE_INTERNAL_H
#define POTTO_STORE_SCOPE_STORE_INTERNAL_H

#include "base/buffer.h"
#include "store/scope/store.h"

/* Who the statements are run for: what scope_set.sql takes. Made of the scope at the first statement. */
struct bound_scope {
    const struct scope *scope; /* NULL: nobody's; not ours */
    int64_t made_id;           /* a connection made meanwhile, which the scope has not; 0: none */
    bool is_written;           /* the texts below are this scope's */
    bool is_administering;     /* the next statement or transaction is; see store_administer */
    char organization_id[24], user_id[24];
    struct buffer connection_ids; /* text of a bigint[] */
};

struct store {
    struct db *db;
    struct bound_scope bound;
    struct ingest_seen *ingest_seen; /* of ingest/ingest_seen.c; freed with the store by free() */
};

/* The next statement, or the next transaction, administers: an admin's reaches every connection of the organization
 * (its settings, never its queries), not the visible ones alone. No more than usual for others. */
void store_administer(struct store *store);

/* store_begin as potto_ingest, which may write facts and is not bound by row policies, to the transaction's end. */
enum status store_begin_ingest(struct store *store, struct error *error);

#endif
