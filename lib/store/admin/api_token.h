/* Tokens of scripts: a user's own rights, cut down to a scope, until a date. Shown once, when made; the store has a
 * hash. */
#ifndef POTTO_STORE_ADMIN_API_TOKEN_H
#define POTTO_STORE_ADMIN_API_TOKEN_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { API_TOKEN_LIFE_DAYS_MAX = 365 };

/* What a scope leaves of its user's rights. */
struct api_token_kind {
    const char *name;
    enum role role_max;
    bool is_read_only; /* GET alone */
};
extern const struct api_token_kind api_token_kinds[];          /* read, write, admin; ends with a NULL name */
const struct api_token_kind *api_token_kind(struct text name); /* NULL: no such scope */

struct api_token {
    int64_t id;
    struct text name, scope, hint;
    int64_t created_at_us, expires_at_us;
    int64_t last_used_at_us, revoked_at_us; /* INT64_MIN: never */
};

struct api_token_list {
    struct api_token *items; /* newest first */
    size_t count;
    bool has_more;
};

/* The caller's own. before_id 0: the first page. SQL: sql/api_token_list.sql */
enum status store_api_token_list(struct store *store, const struct scope *scope, int64_t before_id, int limit,
                                 struct arena *arena, struct api_token_list *out_list, struct error *error);

struct api_token_new {
    struct text name, scope, hash, hint;
    int64_t expires_at_us;
};
/* For the caller, with a line in the audit log. STATUS_CONFLICT: QUOTA_API_TOKENS, QUOTA_API_TOKENS_KEPT.
 * SQL: sql/api_token_create.sql */
enum status store_api_token_create(struct store *store, const struct scope *scope, const struct api_token_new *fresh,
                                   struct text remote_address, struct arena *arena, struct api_token *out_token,
                                   struct error *error);

/* Ends at once. STATUS_ABSENT: not the caller's. Again: as before. SQL: sql/api_token_revoke.sql */
enum status store_api_token_revoke(struct store *store, const struct scope *scope, int64_t token_id,
                                   struct text remote_address, struct arena *arena, struct error *error);
/* All of the caller's; *out_count is how many there were. SQL: sql/api_token_revoke_all.sql */
enum status store_api_token_revoke_all(struct store *store, const struct scope *scope, struct text remote_address,
                                       struct arena *arena, int64_t *out_count, struct error *error);

#endif
