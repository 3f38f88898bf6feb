/* What a caller may see. Only lib/auth makes one (auth/authenticate.h), and only lib/auth and lib/store include
 * store/scope/scope_internal.h; everybody else gets a `const struct scope *` and passes it on. Every function of the
 * store that reads tenant data takes one. Lives in the request's arena. */
#ifndef POTTO_STORE_SCOPE_SCOPE_H
#define POTTO_STORE_SCOPE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scope;

enum role { ROLE_UNSET, ROLE_VIEWER, ROLE_MEMBER, ROLE_ADMIN }; /* ordered: a later one may all an earlier may */

int64_t scope_organization_id(const struct scope *scope);
int64_t scope_user_id(const struct scope *scope);        /* 0: an agent */
int64_t scope_connection_id(const struct scope *scope);  /* an agent's one connection; 0: a user */
enum role scope_role(const struct scope *scope);         /* ROLE_UNSET: an agent */
int64_t scope_api_token_id(const struct scope *scope);   /* 0: signed in by a person */
bool scope_is_read_only(const struct scope *scope);      /* an API token that only reads */
const char *scope_user_email(const struct scope *scope); /* "" for an agent */

bool scope_has_connection(const struct scope *scope, int64_t connection_id);

/* Goes up whenever rolled-up data of the organization or its connections change; answers
 * made from rollups alone under the same version and scope are the same. */
int64_t scope_data_version(const struct scope *scope);

/* 64 bits over organization, user, role and visible connections: the part of a cache key
 * that keeps one caller's answers from another. */
uint64_t scope_digest(const struct scope *scope);

#endif
