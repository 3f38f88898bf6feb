/* Monitored databases as people see and edit them. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_CONNECTION_H
#define POTTO_STORE_ADMIN_CONNECTION_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct connection {
    int64_t id, team_id, owner_user_id; /* 0: none */
    struct text name, engine, host, database_name, username, tls_mode, visibility_scope, team_name;
    struct text agent_token_hint; /* "agt_…abcd"; data NULL: none */
    int32_t port;                 /* 0: none */
    bool has_password, is_active, is_legacy, monitoring_enabled, keep_literals;
    int32_t interval_s;
    double min_duration_ms;
    int64_t created_at_us, updated_at_us;
    /* How collection goes (connection_collection); times INT64_MIN: never. */
    struct text state, problem, remedy, server_version;
    int64_t last_run_at_us, last_success_at_us, next_run_at_us;
    double last_duration_ms;
    int64_t last_found, total_found;
    /* The newest fact: sample or counter, also those that agents sent. INT64_MIN: none. */
    int64_t last_data_at_us;
    bool is_visible; /* the caller may read its queries, and not only administer it */
};

struct connection_list_page {
    struct connection *items; /* by name */
    size_t count;
    bool has_more;
};

/* after_id/after_name of the last row of the page before; after_id 0: first page. SQL: sql/connection_list.sql */
enum status store_connection_list(struct store *store, const struct scope *scope, struct text after_name,
                                  int64_t after_id, int limit, struct arena *arena,
                                  struct connection_list_page *out_page, struct error *error);
/* As store_connection_list, but every connection of the organization, inactive ones too, without what is known of its
 * data where it is not visible. For admins: STATUS_FORBIDDEN otherwise. SQL: sql/connection_list_all.sql */
enum status store_connection_list_all(struct store *store, const struct scope *scope, struct text after_name,
                                      int64_t after_id, int limit, struct arena *arena,
                                      struct connection_list_page *out_page, struct error *error);
/* One of those. STATUS_ABSENT, STATUS_FORBIDDEN. */
enum status store_connection_get_any(struct store *store, const struct scope *scope, int64_t connection_id,
                                     struct arena *arena, struct connection *out_connection, struct error *error);
/* STATUS_ABSENT if not visible. SQL: sql/connection_get.sql */
enum status store_connection_get(struct store *store, const struct scope *scope, int64_t connection_id,
                                 struct arena *arena, struct connection *out_connection, struct error *error);

struct connection_new {
    struct text name, engine, host, database_name, username, tls_mode,
        visibility_scope; /* data NULL: none or default */
    struct text password_ciphertext;
    int32_t port, interval_s; /* 0: default; the port of the engine if there is a host */
    int64_t team_id;          /* 0: none */
    double min_duration_ms;   /* < 0: default */
    bool monitoring_enabled, keep_literals;
    struct text agent_token_hash, agent_token_ciphertext, agent_token_hint;
};
/* The caller becomes the owner. Errors: STATUS_CONFLICT (name taken), STATUS_INVALID (team_id not one of
 * the caller's, unless admin). Writes the audit log in the same transaction. */
enum status store_connection_create(struct store *store, const struct scope *scope, const struct connection_new *fresh,
                                    struct text remote_address, struct arena *arena, int64_t *out_connection_id,
                                    struct error *error);
/* The new connection as connection_get gives it: the caller's scope, made before, does not have it yet.
 * STATUS_ABSENT unless the caller owns it. SQL: sql/connection_get.sql */
enum status store_connection_get_created(struct store *store, const struct scope *scope, int64_t connection_id,
                                         struct arena *arena, struct connection *out_connection, struct error *error);

struct connection_change {
    struct text name, host, database_name, username, tls_mode, visibility_scope; /* data NULL: as it is; "": none */
    struct text password_ciphertext;                                             /* likewise */
    bool has_port, has_team_id, has_owner_user_id;
    int32_t port;                   /* 0: none, or the engine's where there is a host */
    int64_t team_id, owner_user_id; /* 0: none */
    bool has_is_active, is_active;
    bool has_monitoring_enabled, monitoring_enabled;
    bool has_keep_literals, keep_literals;
    int32_t interval_s;     /* 0: as it is */
    double min_duration_ms; /* < 0: as it is */
};
/* By an admin any connection of the organization; by others a visible one that is theirs or their team's. Where host,
 * port or database change, counting begins anew. `out_connection` is as it is now, whether or not the caller still sees
 * it. A line in the audit log. Errors: STATUS_ABSENT; STATUS_FORBIDDEN; STATUS_CONFLICT (name taken); STATUS_INVALID
 * (team_id, owner_user_id, visibility_scope). SQL: sql/connection_update.sql, sql/connection_set_password.sql,
 * sql/connection_counters_forget.sql, sql/connection_list_all.sql */
enum status store_connection_update(struct store *store, const struct scope *scope, int64_t connection_id,
                                    const struct connection_change *change, struct text remote_address,
                                    struct arena *arena, struct connection *out_connection, struct error *error);

/* Hidden from everybody at once, its secrets gone, its name free; store_connection_purge removes its data and then its
 * row. Who may: as above. Errors: STATUS_ABSENT, STATUS_FORBIDDEN. SQL: sql/connection_delete.sql */
enum status store_connection_delete(struct store *store, const struct scope *scope, int64_t connection_id,
                                    struct text remote_address, struct arena *arena, struct error *error);
/* At most `max_rows` rows of deleted connections; *out_count 0: nothing is left to remove. For the owner of the tables.
 * SQL: sql/connection_purge.sql */
enum status store_connection_purge(struct store *store, int max_rows, struct arena *arena, int64_t *out_count,
                                   struct error *error);

/* How long a replaced agent token stays good, unless said otherwise: time to give agents the new one. */
enum { STORE_TOKEN_GRACE_S = 3600, STORE_TOKEN_GRACE_S_MAX = 7 * 86400 };

struct connection_token {
    struct text hash, ciphertext, hint; /* of struct auth_agent_token, sealed */
    int64_t grace_s;                    /* how long the one before stays good; 0: it ends now */
};
/* Admins, the owner and members of the connection's team may. Errors: STATUS_ABSENT (not visible),
 * STATUS_FORBIDDEN. With a line in the audit log. SQL: sql/connection_set_token.sql */
enum status store_connection_rotate_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                          const struct connection_token *token, struct text remote_address,
                                          struct arena *arena, struct error *error);
/* The same with STORE_TOKEN_GRACE_S. */
enum status store_connection_set_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                       struct text token_hash, struct text token_ciphertext, struct text token_hint,
                                       struct text remote_address, struct arena *arena, struct error *error);
/* The ciphertext, and a line in the audit log. Who may: as for rotating. STATUS_ABSENT also if there is no token. */
enum status store_connection_reveal_token(struct store *store, const struct scope *scope, int64_t connection_id,
                                          struct text remote_address, struct arena *arena,
                                          struct text *out_token_ciphertext, struct error *error);

struct team {
    int64_t id;
    struct text name;
    bool is_own; /* the caller is a member */
};
/* Teams in which the caller may place a connection: its own; all, for an admin. */
enum status store_team_list(struct store *store, const struct scope *scope, struct arena *arena,
                            const struct team **out_teams, size_t *out_count, struct error *error);

#endif
