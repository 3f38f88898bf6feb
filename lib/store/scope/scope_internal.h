/* The members of struct scope, only for lib/auth, which makes scopes, and lib/store.
 * dev/check makes sure that no other code includes this. */
#ifndef POTTO_STORE_SCOPE_SCOPE_INTERNAL_H
#define POTTO_STORE_SCOPE_SCOPE_INTERNAL_H

#include "store/scope/scope.h"

/* What an agent's connection or organization stored lately (store/ingest/budget.h), as counted `age_s` ago. */
struct scope_spending {
    double bytes, rows, statements, age_s;
};

struct scope {
    int64_t organization_id;
    int64_t user_id;
    int64_t connection_id; /* of an agent; 0: a user */
    int64_t api_token_id;  /* 0: a session */
    bool is_read_only;
    enum role role;
    const char *user_email;
    const int64_t *connection_ids; /* ascending */
    size_t connection_count;
    const struct scope *whole; /* what this scope was narrowed from (store/read/filter.h); NULL: it was not */
    int64_t data_version;
    struct scope_spending spending, organization_spending; /* of an agent */
    bool is_store_full;                                    /* known to agents */
};

/* The scope with all connections that the caller sees. */
static inline const struct scope *scope_whole(const struct scope *scope)
{
    return scope->whole != NULL ? scope->whole : scope;
}

#endif
