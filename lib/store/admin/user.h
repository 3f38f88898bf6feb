/* Users of an organization, as its admins see and change them. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_USER_H
#define POTTO_STORE_ADMIN_USER_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct user {
    int64_t id;
    struct text email, display_name, role;
    bool is_active;
    int64_t last_login_at_us; /* INT64_MIN: never */
    int64_t created_at_us;
    const int64_t *team_ids; /* by name of the team */
    const struct text *team_names;
    size_t team_count;
};

struct user_list {
    struct user *items; /* by address */
    size_t count;
    bool has_more;
};

/* A page of the users. after_id and after_email are those of the last row of the page before; after_id 0 asks for the
 * first page. SQL: sql/user_list.sql */
enum status store_user_list(struct store *store, const struct scope *scope, struct text after_email, int64_t after_id,
                            int limit, struct arena *arena, struct user_list *out_list, struct error *error);
/* One user. STATUS_ABSENT: the organization has no such user. SQL: sql/user_list.sql */
enum status store_user_get(struct store *store, const struct scope *scope, int64_t user_id, struct arena *arena,
                           struct user *out_user, struct error *error);

struct user_new {
    struct text email, display_name, role, password_hash;
    int64_t team_id; /* 0: none */
};
/* Make a user. STATUS_CONFLICT: the address is taken. STATUS_INVALID: there is no such team (team_id). SQL:
 * sql/user_create.sql */
enum status store_user_create(struct store *store, const struct scope *scope, const struct user_new *fresh,
                              struct text remote_address, struct arena *arena, int64_t *out_user_id,
                              struct error *error);

struct user_change {
    struct text email, display_name, role, password_hash; /* data NULL: as it is */
    bool has_is_active, is_active;
};
/* Change a user. A new password, deactivation and activation end all sessions and API tokens of the user at once. The
 * audit log gets lines. Errors: STATUS_ABSENT; STATUS_CONFLICT (the address is taken, or no admin would be left). SQL:
 * sql/organization_lock.sql, sql/user_update.sql */
enum status store_user_update(struct store *store, const struct scope *scope, int64_t user_id,
                              const struct user_change *change, struct text remote_address, struct arena *arena,
                              struct error *error);

/* Delete a user with all sessions and tokens. Lines of the audit log stay. Connections of the user have no owner
 * afterwards. Errors: STATUS_ABSENT; STATUS_CONFLICT (the last admin, or the owner of connections that nobody else
 * sees). SQL: sql/organization_lock.sql, sql/user_delete.sql */
enum status store_user_delete(struct store *store, const struct scope *scope, int64_t user_id,
                              struct text remote_address, struct arena *arena, struct error *error);

#endif
