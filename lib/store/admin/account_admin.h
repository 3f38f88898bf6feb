/* Organizations, teams and users for the command line, which acts as the owner of the tables and without a scope:
 * whoever has the owner's connection string could do the same in psql. dev/check keeps others from including this.
 * Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_ACCOUNT_ADMIN_H
#define POTTO_STORE_ADMIN_ACCOUNT_ADMIN_H

#include "store/scope/store.h"

/* The oldest organization. STATUS_ABSENT: there is none. SQL: sql/admin_organization_first.sql */
enum status store_admin_organization_first(struct store *store, struct arena *arena, int64_t *out_organization_id,
                                           struct error *error);

/* Find one by its name, or make it. SQL: sql/admin_organization_ensure.sql, sql/admin_team_ensure.sql */
enum status store_admin_organization_ensure(struct store *store, struct text name, struct arena *arena,
                                            int64_t *out_organization_id, struct error *error);
enum status store_admin_team_ensure(struct store *store, int64_t organization_id, struct text name, struct arena *arena,
                                    int64_t *out_team_id, struct error *error);

struct admin_user {
    int64_t organization_id, id;
    struct text email, display_name, role;
    bool is_active;
};

/* Find a user by the address, in any case. STATUS_ABSENT: there is none. SQL: sql/admin_user_find.sql */
enum status store_admin_user_find(struct store *store, struct text email, struct arena *arena,
                                  struct admin_user *out_user, struct error *error);
/* The number of users of all organizations. SQL: sql/admin_user_count.sql */
enum status store_admin_user_count(struct store *store, struct arena *arena, int64_t *out_count, struct error *error);

struct admin_user_new {
    int64_t organization_id;
    int64_t team_id; /* 0: none */
    struct text email, display_name, role, password_hash;
};
/* Make a user, and a member of the team. The audit log gets a line. STATUS_CONFLICT: the address is taken.
 * SQL: sql/user_create.sql */
enum status store_admin_user_create(struct store *store, const struct admin_user_new *fresh, struct arena *arena,
                                    int64_t *out_user_id, struct error *error);

/* Both end all sessions of the user at once. SQL: sql/admin_user_set_active.sql, sql/admin_user_set_password.sql */
enum status store_admin_user_set_active(struct store *store, const struct admin_user *user, bool is_active,
                                        struct arena *arena, struct error *error);
enum status store_admin_user_set_password(struct store *store, const struct admin_user *user, struct text password_hash,
                                          struct arena *arena, struct error *error);

#endif
