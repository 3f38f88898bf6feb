/* Administration without a caller's scope: organizations, users, teams and connections by the owner of the
 * store. For the command line alone (dev/check holds it): whoever has the owner's connection string may do all
 * this in psql too. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_ADMIN_H
#define POTTO_STORE_ADMIN_ADMIN_H

#include "store/admin/connection.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* The organization that was made first; STATUS_ABSENT if there is none. SQL: sql/admin_organization_first.sql */
enum status store_admin_organization_first(struct store *store, struct arena *arena, int64_t *out_organization_id,
                                           struct error *error);

/* Find or make by name. SQL: sql/admin_organization_ensure.sql, sql/admin_team_ensure.sql */
enum status store_admin_organization_ensure(struct store *store, struct text name, struct arena *arena,
                                            int64_t *out_organization_id, struct error *error);
enum status store_admin_team_ensure(struct store *store, int64_t organization_id, struct text name, struct arena *arena,
                                    int64_t *out_team_id, struct error *error);

struct admin_user {
    int64_t organization_id, id;
    struct text email, display_name, role;
    bool is_active;
};

/* By address, in any case; STATUS_ABSENT. SQL: sql/admin_user_find.sql */
enum status store_admin_user_find(struct store *store, struct text email, struct arena *arena,
                                  struct admin_user *out_user, struct error *error);
/* How many users there are, of all organizations. SQL: sql/admin_user_count.sql */
enum status store_admin_user_count(struct store *store, struct arena *arena, int64_t *out_count, struct error *error);

struct admin_user_new {
    int64_t organization_id;
    int64_t team_id; /* 0: none */
    struct text email, display_name, role, password_hash;
};
/* With its membership and a line in the audit log. STATUS_CONFLICT: the address is taken. SQL:
 * sql/user_create.sql */
enum status store_admin_user_create(struct store *store, const struct admin_user_new *fresh, struct arena *arena,
                                    int64_t *out_user_id, struct error *error);

/* Either ends every session of the user at once. SQL: sql/admin_user_set_active.sql, sql/admin_user_set_password.sql */
enum status store_admin_user_set_active(struct store *store, const struct admin_user *user, bool is_active,
                                        struct arena *arena, struct error *error);
enum status store_admin_user_set_password(struct store *store, const struct admin_user *user, struct text password_hash,
                                          struct arena *arena, struct error *error);

/* As store_connection_create, without an owner. SQL: sql/connection_create.sql */
enum status store_admin_connection_create(struct store *store, int64_t organization_id,
                                          const struct connection_new *fresh, struct arena *arena,
                                          int64_t *out_connection_id, struct error *error);

/* 0 if there is none of that name, in any case. SQL: sql/admin_connection_find.sql */
enum status store_admin_connection_find(struct store *store, int64_t organization_id, struct text name,
                                        struct arena *arena, int64_t *out_connection_id,
                                        struct text *out_token_ciphertext, struct error *error);

struct admin_connection {
    int64_t id;
    struct text name, engine, host, visibility_scope, team_name, agent_token_hint, state;
    int32_t port;
    bool is_active;
};
/* Every one, by name. SQL: sql/admin_connection_list.sql */
enum status store_admin_connection_list(struct store *store, int64_t organization_id, struct arena *arena,
                                        const struct admin_connection **out_items, size_t *out_count,
                                        struct error *error);

/* An inactive connection is seen by nobody, collected by nobody, and its agent is refused.
 * STATUS_ABSENT. SQL: sql/admin_connection_set_active.sql */
enum status store_admin_connection_set_active(struct store *store, int64_t organization_id, int64_t connection_id,
                                              bool is_active, struct arena *arena, struct error *error);

/* ---- what is sealed with ENCRYPTION_KEY: store_seal.c ---- */

/* One at a time, until the connection ends. */
enum status store_admin_keys_lock(struct store *store, struct error *error);

/* A connection's sealed values; data NULL: none. */
struct sealed_row {
    int64_t organization_id, connection_id;
    struct text password, agent_token;
};
/* Rows with a value that another key than `key_id` (4 bytes) sealed, from after_id on by id, locked until the
 * transaction ends. SQL: sql/sealed_list.sql */
enum status store_admin_sealed_list(struct store *store, struct text key_id, int64_t after_id, int limit,
                                    struct arena *arena, struct sealed_row **out_rows, size_t *out_count,
                                    struct error *error);
/* SQL: sql/sealed_replace.sql */
enum status store_admin_sealed_replace(struct store *store, const struct sealed_row *row, struct arena *arena,
                                       struct error *error);

struct sealed_count {
    struct text key_id; /* 8 hexadecimal digits */
    int64_t count;      /* values */
};
/* SQL: sql/sealed_count.sql */
enum status store_admin_sealed_count(struct store *store, struct arena *arena, struct sealed_count **out_counts,
                                     size_t *out_count, struct error *error);

/* A line in the audit log of every organization: keys are of all. SQL: sql/sealed_audit.sql */
enum status store_admin_keys_audit(struct store *store, const char *action, struct text detail_json,
                                   struct arena *arena, struct error *error);

#endif
