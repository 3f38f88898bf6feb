/* Internal to lib/store/ingest: storing a batch of any kind in one transaction, and the ids by which a batch that is
 * sent again counts once. */
#ifndef POTTO_STORE_INGEST_BATCH_ID_H
#define POTTO_STORE_INGEST_BATCH_ID_H

#include "store/ingest/ingest.h"

struct ingest_batch_id {
    int64_t organization_id, connection_id;
    struct text id; /* data NULL: the batch has none */
    uint64_t body_digest;
};

/* How the items of a batch are written, within the transaction. `items` is the writer's own. */
struct ingest_batch_writer {
    /* Write those that are not stored yet, and count them. With by_copy: fast, all or none; STATUS_CONFLICT if one is
     * stored already. */
    enum status (*write_items)(struct store *store, void *items, bool by_copy, int64_t *out_new, struct error *error);
    /* Write what the new ones add up to, and say what all of it costs. Not called without new ones. */
    enum status (*write_sums)(struct store *store, void *items, struct arena *arena, struct budget_spent *out_spent,
                              struct error *error);
};

struct ingest_batch_counts {
    int64_t sent, distinct;  /* items of the batch; sent twice in it, an item counts once */
    int64_t rejected;        /* refused before; kept with the id */
    bool expects_duplicates; /* some items are likely stored already, so that COPY is not tried */
};

/* Store a batch: all of it or nothing. The answer of a batch whose id is known is that of ingest_batch_replay().
 * Errors as store_ingest(). SQL: sql/ingest_batch_add.sql, sql/ingest_batch_count.sql */
enum status ingest_batch_store(struct store *store, const struct ingest_batch_id *batch,
                               const struct ingest_batch_counts *counts, const struct ingest_batch_writer *writer,
                               void *items, struct arena *arena, struct ingest_outcome *out_outcome,
                               struct error *error);

/* As store_ingest_replay(). A batch without an id was not stored before. */
enum status ingest_batch_replay(struct store *store, const struct ingest_batch_id *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error);

#endif
