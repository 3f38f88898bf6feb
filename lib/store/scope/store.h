/* A connection to the store, used on behalf of a caller: each statement runs within the scope that was entered. The
 * scope is sent to PostgreSQL in the same round trip, so that row policies are the second barrier behind the filters of
 * the statements. Programs call functions of the rooms of lib/store with a struct store; only lib/store runs statements
 * (store/scope/statement.h). One store is used by one thread. */
#ifndef POTTO_STORE_SCOPE_STORE_H
#define POTTO_STORE_SCOPE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct store;
struct scope;

/* Makes the object; it connects at the first statement. `url` and `application_name` (shown in pg_stat_activity) are
 * kept, not copied. */
struct store *store_new(const char *url, const char *application_name);
void store_destroy(struct store *store); /* NULL is fine */

/* True if the store answered something in the last `fresh_ms`, or answers now. */
bool store_is_healthy(struct store *store, int fresh_ms);

/* No statement waits beyond this time (monotonic), and those that begin after it fail with STATUS_TIMEOUT: what a
 * caller waits for the store is bounded, however many statements an answer takes. INT64_MAX: no such bound, as at
 * first. Each single statement is bounded in any case (db/db.h). */
void store_set_deadline(struct store *store, int64_t deadline_us);

/* The program stops: the same for the statements of all stores and threads, also for those that wait already. */
void store_stop_by(int64_t deadline_us);

/* ---- the caller ---- */

/* From now on, every statement and transaction sees only what `scope` may see, whatever the statement itself filters.
 * NULL: an anonymous caller, who can only use the store's privileged functions (they look up sign-ins and tokens). Only
 * the dispatcher calls this: it enters the scope when it knows the caller and enters NULL when the answer is made. The
 * scope must live until then. Row policies do not apply to the role that owns the tables (command line, collector),
 * which enters no scope. */
void store_enter(struct store *store, const struct scope *scope);

/* Until the next store_enter, what the caller reads must come until then (monotonic): the server ends its statements,
 * and they fail with STATUS_TIMEOUT. For callers that only read, because a COMMIT is not ended in time. */
void store_hurry(struct store *store, int64_t until_us);

/* Add a connection that the caller has just created to those visible in the entered scope, so that the answer can show
 * it. */
void store_enter_made(struct store *store, int64_t connection_id);

/* ---- transactions ---- */

/* Transactions do not nest. After a function of the store has failed call store_rollback; outside a transaction or
 * without a connection it does nothing. */
enum status store_begin(struct store *store, struct error *error);
enum status store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);
/* Commit if `status` is STATUS_OK, else roll back. Returns `status`, or the failure of the commit. */
enum status store_end(struct store *store, enum status status, struct error *error);

#endif
