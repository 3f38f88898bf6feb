/* Our PostgreSQL, used for somebody: each statement runs within the scope that was entered. PostgreSQL is told the
 * scope in the same round trip, so that its row policies are the second barrier behind the statements' own filters.
 * Programs call the functions of the store's rooms with a struct store; statements are the store's alone
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

/* Makes the object; connects at the first statement. `url` and `application_name` (shown in pg_stat_activity) are kept,
 * not copied. */
struct store *store_new(const char *url, const char *application_name);
void store_destroy(struct store *store); /* NULL is fine */

/* True if the store answered something in the last `fresh_ms`, or answers now. */
bool store_is_healthy(struct store *store, int fresh_ms);

/* ---- whom the statements are run for ---- */

/* From here on, every statement and transaction sees only what `scope` may see, whatever the statement filters by
 * itself. NULL: nobody, to whom only privileged functions of the store are open (those that look up sign-ins and
 * tokens). For the dispatcher, which enters when it knows who calls and leaves when the answer is made; the scope must
 * live until then. The owner's role (command line, collector) is not bound and enters nothing. */
void store_enter(struct store *store, const struct scope *scope);

/* A connection that the caller has just made counts as visible until the scope is left, for the answer that shows it.
 */
void store_enter_made(struct store *store, int64_t connection_id);

/* ---- transactions ---- */

/* Transactions do not nest. After a failure of a function of the store call store_rollback; it is safe (and does
 * nothing) outside a transaction or without a connection. */
enum status store_begin(struct store *store, struct error *error);
enum status store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);
/* Commit if `status` is STATUS_OK, else roll back. Returns `status`, or how the commit failed. */
enum status store_end(struct store *store, enum status status, struct error *error);

#endif
