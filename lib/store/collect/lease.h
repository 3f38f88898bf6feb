/* Leases on connections, and the daemon's own row: how several collectors share the work. Run as the role that owns the
 * tables: a collector serves every organization, so nothing here takes a scope.
 *
 * Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_LEASE_H
#define POTTO_STORE_COLLECT_LEASE_H

#include "store/scope/store.h"

/* A connection that is ours to collect from until the lease runs out. `owner` names one run: whoever takes
 * the connection later writes another name there, and what the first one finds after that is refused. */
struct lease {
    int64_t organization_id, connection_id;
    struct text owner;
    struct text name, engine, host, database_name, username, tls_mode; /* data NULL: none */
    struct text password_ciphertext;                                   /* data NULL: none */
    int32_t port;                                                      /* 0: the engine's own */
    double min_duration_ms;
    double least_duration_ms; /* the same, or the connection's own where that is less */
    bool keeps_literals;
    struct text cursor; /* JSON object of the last cycle */
};

/* Take the connection that has been due the longest, if any is: monitored, active, with a host. Skips those
 * that others hold. *out_is_taken false: nothing is due. SQL: sql/lease_take.sql */
enum status store_lease_take(struct store *store, struct text owner, int lease_s, struct arena *arena,
                             struct lease *out_lease, bool *out_is_taken, struct error *error);
/* Prolong what these owners hold. SQL: sql/lease_renew.sql */
enum status store_lease_renew(struct store *store, const struct text *owners, size_t count, int lease_s,
                              struct arena *arena, struct error *error);
/* Give a connection back as due as it was: the run came to nothing. SQL: sql/lease_release.sql */
enum status store_lease_release(struct store *store, const struct lease *lease, struct arena *arena,
                                struct error *error);
/* Connections made by hand get their row too. SQL: sql/lease_ensure.sql */
enum status store_lease_ensure(struct store *store, struct arena *arena, struct error *error);

/* A connection for one run, whether it is monitored or not. *out_is_taken false: another run holds it, or it has no
 * host, is switched off or gone. Give it back by store_lease_release. SQL: sql/lease_take_one.sql */
enum status store_lease_take_one(struct store *store, int64_t organization_id, int64_t connection_id, struct text owner,
                                 int lease_s, struct arena *arena, struct lease *out_lease, bool *out_is_taken,
                                 struct error *error);

/* ---- the daemon's own row in collectors ---- */

/* A row by the host's name (or "name #2" where another daemon of that host is alive). `process` tells daemons
 * apart. `detail` is a JSON object. *out_id 0: the name was taken meanwhile; try again at the next beat.
 * SQL: sql/daemon_beat.sql */
enum status store_daemon_beat(struct store *store, struct text hostname, struct text process, struct text version,
                              struct text detail, struct arena *arena, int64_t *out_id, struct error *error);
/* A clean end: the name is free at once. SQL: sql/daemon_end.sql */
enum status store_daemon_end(struct store *store, int64_t id, struct arena *arena, struct error *error);

#endif
