/* Accounts of people: for lib/auth, who signs in and with what password; and the caller's own account. Everything
 * returned lives in `arena`. Errors of every function: STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_SCOPE_ACCOUNT_H
#define POTTO_STORE_SCOPE_ACCOUNT_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct account {
    int64_t organization_id, user_id;
    struct text email, display_name;
    struct text password_hash; /* PHC string; data NULL in struct refresh_token */
    enum role role;
    bool is_active; /* both the user and the organization */
};

/* Find an account by address; `email` must have its ASCII letters in lower case. *out_is_found false: no account has
 * this address, and *out_account does not change. SQL: sql/auth_account_by_email.sql */
enum status store_account_find(struct store *store, struct text email, struct arena *arena, struct account *out_account,
                               bool *out_is_found, struct error *error);

struct account_password {
    struct text old_hash, new_hash; /* PHC strings */
    struct text remote_address;     /* for the audit log; data NULL: unknown */
};
/* Change the caller's own password. Ends every session of the user and writes the audit log. *out_is_changed false: the
 * password has changed meanwhile, and nothing was done. SQL: sql/auth_password_change.sql */
enum status store_account_change_password(struct store *store, const struct account_password *password,
                                          struct arena *arena, bool *out_is_changed, struct error *error);

/* Replace the hash account->password_hash, which a predecessor made, by another one of the same password. Sessions
 * stay. *out_is_replaced false: the password has changed meanwhile. SQL: sql/auth_password_upgrade.sql */
enum status store_account_upgrade_password(struct store *store, const struct account *account, struct text fresh_hash,
                                           struct arena *arena, bool *out_is_replaced, struct error *error);

/* The caller's own account. */
struct account_profile {
    struct text email, display_name, organization_name;
    int64_t last_login_at_us; /* INT64_MIN: never */
    const int64_t *team_ids;  /* sorted by the team's name */
    const struct text *team_names;
    size_t team_count;
};
/* STATUS_ABSENT: the account is gone. SQL: sql/auth_account.sql */
enum status store_account_profile_get(struct store *store, const struct scope *scope, struct arena *arena,
                                      struct account_profile *out_profile, struct error *error);

#endif
