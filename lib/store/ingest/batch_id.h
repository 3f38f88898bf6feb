/* Internal to lib/store/ingest: ids of batches, by which a batch that is sent again counts once. */
#ifndef POTTO_STORE_INGEST_BATCH_ID_H
#define POTTO_STORE_INGEST_BATCH_ID_H

#include "store/ingest/ingest.h"

struct ingest_batch_id {
    int64_t organization_id, connection_id;
    struct text id; /* data NULL: the batch has none, and it is neither claimed nor corrected */
    uint64_t body_digest;
};

/* The row of a batch's id costs as any other, also one that is not kept in the end. Nothing for a batch without an id.
 */
struct budget_spent ingest_batch_cost(const struct ingest_batch_id *batch);

/* Claim the id, in the transaction that stores the batch. *out_is_known: it was stored before, and nothing was written.
 * SQL: sql/ingest_batch_add.sql */
enum status ingest_batch_claim(struct store *store, const struct ingest_batch_id *batch, int64_t accepted,
                               int64_t duplicates, int64_t rejected, struct arena *arena, bool *out_is_known,
                               struct error *error);
/* Correct the counts of a claimed batch. SQL: sql/ingest_batch_count.sql */
enum status ingest_batch_correct(struct store *store, const struct ingest_batch_id *batch, int64_t accepted,
                                 int64_t duplicates, struct arena *arena, struct error *error);
/* As store_ingest_replay(). A batch without an id was not stored before. */
enum status ingest_batch_replay(struct store *store, const struct ingest_batch_id *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error);

#endif
