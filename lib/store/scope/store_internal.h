/* Internal to lib/store: the members of struct store. */
#ifndef POTTO_STORE_SCOPE_STORE_INTERNAL_H
#define POTTO_STORE_SCOPE_STORE_INTERNAL_H

#include <libpq-fe.h>

#include "base/buffer.h"
#include "base/tag_keys.h"
#include "store/scope/quota.h"
#include "store/scope/scope_internal.h"
#include "store/scope/store.h"

/* The caller as parameters of scope_set.sql, written from the scope at the first statement. */
struct bound_scope {
    const struct scope *scope; /* not owned; NULL: an anonymous caller */
    int64_t made_id;           /* a connection made since, which is not in the scope; 0: none */
    bool is_written;           /* the texts below belong to this scope */
    bool is_administering;     /* for the next statement or transaction; see store_administer */
    int64_t hurry_until_us;    /* see store_hurry; INT64_MAX: no hurry */
    char limit_ms[24];         /* the time that is left, as text */
    char organization_id[24], user_id[24];
    struct buffer connection_ids; /* a bigint[] as text */
};

struct store {
    struct db *db;
    struct bound_scope bound;
    int64_t quotas[QUOTA_COUNT]; /* of scope/quota.c; 0: as in its table */
    struct tag_keys tag_keys;
    struct literals_noted *literals_noted; /* of admin/literal_audit.c; freed with the store by free() */
    struct budget_pending *budget_pending; /* of ingest/budget.c; freed with the store by free() */
    struct ingest_seen *ingest_seen;       /* of ingest/ingest_seen.c; freed with the store by free() */
};

/* The next statement or transaction acts as an administrator: if the caller is an admin, it reaches all connections of
 * the organization, not only the visible ones (their settings, never their queries). Other roles see no more. */
void store_administer(struct store *store);

/* Four columns of the first row, from `first` on, in the order of struct scope_spending. */
struct scope_spending scope_spending_read(const PGresult *result, int first);

/* Begin a transaction as the role potto_ingest, which may write facts and to which row policies do not apply. */
enum status store_begin_ingest(struct store *store, struct error *error);

#endif
