/* Fingerprints, and on which connections they were seen. */
#ifndef POTTO_STORE_INGEST_FINGERPRINTS_H
#define POTTO_STORE_INGEST_FINGERPRINTS_H

#include "sql/statement.h"
#include "store/ingest/budget.h"
#include "store/scope/store.h"

struct ingest_statement {
    const struct sql_fingerprint *fingerprint;
    enum sql_dialect dialect;  /* finds the tables in it */
    int64_t first_us, last_us; /* seen on the connection */
};

/* Ascending by hash. Every transaction locks fingerprints in this order. */
void ingest_statements_sort(struct ingest_statement *statements, size_t count);

/* Write the fingerprints that are not stored yet, and add them to *spent. `statements` ascend by hash, each once.
 * SQL: sql/ingest_fingerprints.sql */
enum status ingest_fingerprints_write(struct store *store, int64_t organization_id,
                                      const struct ingest_statement *statements, size_t count, struct arena *arena,
                                      struct budget_spent *spent, struct error *error);

/* Write when the connection ran them. `statements` as above. */
enum status ingest_fingerprints_seen(struct store *store, int64_t organization_id, int64_t connection_id,
                                     const struct ingest_statement *statements, size_t count, struct arena *arena,
                                     struct error *error);

/* When a connection ran statements: one place in each array for a fingerprint, ascending by hash. */
struct ingest_sightings {
    struct sql_hash *hashes;
    int64_t *first_us, *last_us;
    size_t count;
};
struct ingest_sightings ingest_sightings_new(size_t capacity, struct arena *arena); /* count is 0 */
/* SQL: sql/ingest_fingerprint_connections.sql */
enum status ingest_sightings_write(struct store *store, int64_t organization_id, int64_t connection_id,
                                   const struct ingest_sightings *sightings, struct arena *arena, struct error *error);

#endif
