/* Which of the connections that a caller sees a request is about. It is settled once for each request: all reading
 * takes the scope that comes out, and knows no filter of connections. */
#ifndef POTTO_STORE_READ_FILTER_H
#define POTTO_STORE_READ_FILTER_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { READ_SEARCH_BYTES_MAX = 500 }; /* of what is searched for in fingerprints */

/* Zeros and NULL: all. */
struct connection_filter {
    int64_t connection_id;
    struct text engine; /* "postgresql", "mysql", … */
    int64_t team_id;
};

/* The scope with the connections that the filter picks alone, which may be none. It lives in `arena`; without a filter
 * it is `scope` itself. An engine or a team costs a statement; a connection does not. Errors: STATUS_UNAVAILABLE.
 * SQL: sql/connection_matching_list.sql */
enum status store_scope_narrow(struct store *store, const struct scope *scope, const struct connection_filter *filter,
                               struct arena *arena, const struct scope **out_scope, struct error *error);

/* The same with one connection; connection_id 0: `scope` itself. A connection that is not visible leaves none. */
const struct scope *store_scope_narrow_to(const struct scope *scope, int64_t connection_id, struct arena *arena);
/* The same with several connections; those that are not visible are left out. */
const struct scope *store_scope_narrow_to_several(const struct scope *scope, const int64_t *connection_ids,
                                                  size_t count, struct arena *arena);

#endif
