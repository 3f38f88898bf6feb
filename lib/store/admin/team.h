/* Teams and their members. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_TEAM_H
#define POTTO_STORE_ADMIN_TEAM_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct team {
    int64_t id;
    struct text name;
    bool is_own; /* the caller is a member */
};
/* The teams that the caller may give a connection to: the caller's own; for an admin, all. SQL: sql/team_list.sql */
enum status store_team_list(struct store *store, const struct scope *scope, struct arena *arena,
                            const struct team **out_teams, size_t *out_count, struct error *error);

struct team_summary {
    int64_t id;
    struct text name;
    int64_t created_at_us, member_count;
    int64_t connection_count; /* that the caller sees; all, for an admin */
    bool is_member;           /* the caller */
};

struct team_page {
    struct team_summary *items; /* by name */
    size_t count;
    bool has_more;
};

/* A page of the caller's teams; for an admin, of all. after_id 0 asks for the first page. SQL: sql/team_page.sql */
enum status store_team_page(struct store *store, const struct scope *scope, struct text after_name, int64_t after_id,
                            int limit, struct arena *arena, struct team_page *out_page, struct error *error);

/* The functions below are for admins; fcgi/routes.c checks that. A change adds a line to the audit log and makes cached
 * answers stale. STATUS_CONFLICT: the name is taken. STATUS_ABSENT: the organization has no such team. */

/* SQL: sql/team_create.sql */
enum status store_team_create(struct store *store, const struct scope *scope, struct text name,
                              struct text remote_address, struct arena *arena, struct team_summary *out_team,
                              struct error *error);
/* SQL: sql/team_rename.sql */
enum status store_team_rename(struct store *store, const struct scope *scope, int64_t team_id, struct text name,
                              struct text remote_address, struct arena *arena, struct error *error);
/* STATUS_CONFLICT: it has connections. SQL: sql/team_delete.sql */
enum status store_team_delete(struct store *store, const struct scope *scope, int64_t team_id,
                              struct text remote_address, struct arena *arena, struct error *error);

struct team_member {
    int64_t user_id;
    struct text email, display_name, role;
    bool is_active;
    int64_t since_us;
};

struct team_member_list {
    struct team_member *items; /* by address */
    size_t count;
    bool has_more;
};

/* SQL: sql/team_member_list.sql */
enum status store_team_member_list(struct store *store, const struct scope *scope, int64_t team_id,
                                   struct text after_email, int64_t after_id, int limit, struct arena *arena,
                                   struct team_member_list *out_list, struct error *error);
/* STATUS_INVALID: there is no such user (user_id). *out_is_fresh false: the user was a member already. SQL:
 * sql/team_member_add.sql */
enum status store_team_member_add(struct store *store, const struct scope *scope, int64_t team_id, int64_t user_id,
                                  struct text remote_address, struct arena *arena, bool *out_is_fresh,
                                  struct error *error);
/* STATUS_ABSENT: the user is no member. SQL: sql/team_member_remove.sql */
enum status store_team_member_remove(struct store *store, const struct scope *scope, int64_t team_id, int64_t user_id,
                                     struct text remote_address, struct arena *arena, struct error *error);

#endif
