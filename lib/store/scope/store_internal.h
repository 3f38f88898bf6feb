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
    const char *url;
    const char *application_name;
    PGconn *connection;
    int64_t answered_at_us; /* monotonic */
    char sqlstate[6];
    bool is_prepared[STORE_SQL_COUNT];
    struct ingest_seen *ingest_seen;
    struct bound_scope bound;
};

/* Where store_ingest_seen.c keeps what it remembers of this store; freed with the store by free(). */
struct ingest_seen **store_ingest_seen(struct store *store);

/* What the statement is prepared as. The unnamed one is prepared anew, and so planned, at each use. */
const char *store_statement_name(const struct store_sql *sql);

/* Close the connection; the next statement opens another. */
void store_drop_connection(struct store *store);

/* ---- store_scope.c: several statements in one round trip ---- */

struct store_piece {
    const struct store_sql *sql;
    const struct store_params *params; /* NULL: none */
};

/* Run `pieces` as one transaction, or as a part of the one that is open: all are sent at once, prepared where they are
 * not yet. The last one's result is the caller's to clear, what the others answer is dropped. After a failure the
 * connection is ready for the next statement (a transaction begun by a piece has then failed). Errors: as store_run's.
 */
enum status store_pipeline(struct store *store, const struct store_piece *pieces, size_t count, PGresult **out_result,
                           struct error *error);

/* The next statement, or the next transaction, administers: an admin's reaches every connection of the organization
 * (its settings, never its queries), not the visible ones alone. No more than usual for others. */
void store_administer(struct store *store);

/* Whether statements must be bound to a scope before they run: there is one, and no transaction that has it already. */
bool store_must_bind(const struct store *store);

/* The parameters of scope_set.sql; they point into `store`. Errors: STATUS_INTERNAL (out of memory). */
enum status store_bind_params(struct store *store, struct store_params *params, struct error *error);

/* store_begin as potto_ingest, which may write facts and is not bound by row-level security, to the transaction's end.
 */
enum status store_begin_ingest(struct store *store, struct error *error);

#endif
