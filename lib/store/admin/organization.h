/* The caller's organization. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_ORGANIZATION_H
#define POTTO_STORE_ADMIN_ORGANIZATION_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct organization {
    int64_t id;
    struct text name;
    int64_t created_at_us, user_count, team_count, connection_count;
};
/* Read it, with the numbers of what belongs to it. SQL: sql/organization_get.sql */
enum status store_organization_get(struct store *store, const struct scope *scope, struct arena *arena,
                                   struct organization *out_organization, struct error *error);
/* Rename it. The audit log gets a line. STATUS_CONFLICT: the name is taken. SQL: sql/organization_rename.sql */
enum status store_organization_rename(struct store *store, const struct scope *scope, struct text name,
                                      struct text remote_address, struct arena *arena, struct error *error);

#endif
