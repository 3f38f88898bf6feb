/* A scope: who the caller is and what they may see. Only lib/auth makes scopes (auth/authenticate.h), and only lib/auth
 * and lib/store include store/scope/scope_internal.h; all other code gets a `const struct scope *` and passes it on.
 * Every function of the store that reads tenant data takes one. Lives in the request's arena. */
#ifndef POTTO_STORE_SCOPE_SCOPE_H
#define POTTO_STORE_SCOPE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scope;

enum role { ROLE_UNSET, ROLE_VIEWER, ROLE_MEMBER, ROLE_ADMIN }; /* in order: each may do all that those before it may */

int64_t scope_organization_id(const struct scope *scope);
int64_t scope_user_id(const struct scope *scope);        /* 0: an agent */
int64_t scope_connection_id(const struct scope *scope);  /* an agent's one connection; 0: a user */
enum role scope_role(const struct scope *scope);         /* ROLE_UNSET: an agent */
int64_t scope_api_token_id(const struct scope *scope);   /* 0: a session, not an API token */
bool scope_is_read_only(const struct scope *scope);      /* an API token that may only read */
const char *scope_user_email(const struct scope *scope); /* "" for an agent */

bool scope_has_connection(const struct scope *scope, int64_t connection_id);

/* Increases whenever the organization's rolled-up data or its connections change. So two
 * answers that use only rollups, with the same version and scope, are equal. */
int64_t scope_data_version(const struct scope *scope);

/* A 64-bit hash of organization, user, role and visible connections. As part of a cache key
 * it keeps the answers of different callers apart. */
uint64_t scope_digest(const struct scope *scope);

#endif
