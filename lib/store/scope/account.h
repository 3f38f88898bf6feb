/* Accounts of people as lib/auth needs them, who signs in and with what password, and the caller's own account.
 * Everything returned lives in `arena`. Every function: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_SCOPE_ACCOUNT_H
#define POTTO_STORE_SCOPE_ACCOUNT_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct account {
    int64_t organization_id, user_id;
    struct text email, display_name;
    struct text password_hash; /* PHC string; data NULL where a session was asked for, not the account */
    enum role role;
    bool is_active; /* the user and its organization */
};

/* By address; `email` has its ASCII letters in lower case. *out_is_found false: nobody has that address, and
 * `out_account` is untouched. SQL: sql/auth_account_by_email.sql */
enum status store_account_find(struct store *store, struct text email, struct arena *arena, struct account *out_account,
                               bool *out_is_found, struct error *error);

struct account_password {
    struct text old_hash, new_hash; /* PHC strings */
    struct text remote_address;     /* for the audit log; data NULL: unknown */
};
/* The caller's own. Ends every session of the user and writes the audit log. *out_is_changed false: the old hash is
 * another one by now, and nothing was done. SQL: sql/auth_password_change.sql */
enum status store_account_change_password(struct store *store, const struct account_password *password,
                                          struct arena *arena, bool *out_is_changed, struct error *error);

/* What the caller sees of the caller's own account. */
struct account_profile {
    struct text email, display_name, organization_name;
    int64_t last_login_at_us; /* INT64_MIN: never */
    const int64_t *team_ids;  /* by name of the team */
    const struct text *team_names;
    size_t team_count;
};
/* STATUS_ABSENT: the account is gone. SQL: sql/auth_account.sql */
enum status store_account_profile_get(struct store *store, const struct scope *scope, struct arena *arena,
                                      struct account_profile *out_profile, struct error *error);

#endif
