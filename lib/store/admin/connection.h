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

#endif
