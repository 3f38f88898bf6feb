/* Leases on connections, by which several collectors share the work, and the daemon's own row. Runs as the role that
 * owns the tables: a collector serves every organization, so nothing here takes a scope.
 *
 * Every function: STATUS_UNAVAILABLE when the store is away. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_COLLECT_LEASE_H
#define POTTO_STORE_COLLECT_LEASE_H

#include "store/ingest/budget.h"
#include "store/scope/store.h"

/* See collector/lanes.h. */
enum lease_lane {
    LEASE_LANE_UNSET,
    LEASE_LANE_TRUSTED,
    LEASE_LANE_SLOW, /* its last runs failed, were killed or took long, or none ever succeeded */
    LEASE_LANE_NEW,  /* no run has ended yet */
};

/* A connection that this collector alone collects from, until the lease runs out. `owner` names one run. Whoever takes
 * the connection later writes another name there, and the store then refuses what the first run finds. */
struct lease {
    int64_t organization_id, connection_id;
    struct text owner;
    struct text name, engine, host, database_name, username, tls_mode; /* data NULL: none */
    struct text password_ciphertext;                                   /* data NULL: none */
    int32_t port;                                                      /* 0: the engine's own */
    double min_duration_ms;                                            /* of this run */
    double least_duration_ms; /* the same, or the connection's own setting if that is less */
    bool keeps_literals;
    struct text cursor; /* JSON object of the last cycle */
    enum lease_lane lane;
    bool is_store_full;      /* a run stores its state and nothing else */
    double pause_s;          /* since the last success; at most 300 */
    double overhead_percent; /* of one processor, that the connection's server may be asked for */
    int64_t overhead_stage;  /* how much is held back because of it: facts/overhead.h */
    struct budgets budgets;  /* set by the caller: what the connection and its organization may store in an hour */
};

/* What the caller's other runs leave free. */
struct lease_lanes {
    const int64_t *full_organizations; /* they have all the runs that they may have at once */
    size_t full_organization_count;
    int64_t last_slow_organization_id, last_new_organization_id; /* others go first in that lane; 0: none */
    int host_runs_max; /* at once on one host for one organization, over all collectors */
    bool is_slow_lane_full, is_new_lane_full;
    bool only_asked_for;      /* no run because of the schedule */
    bool is_oldest_new_first; /* else the newest of the new */
    bool is_new_in_turn;      /* else the new go before all others */
    int blame;                /* points against the connection if the caller dies; see sql/lease_reap.sql */
};

/* Take the connection that has been due the longest among those that `lanes` lets in: monitored, active, with a host,
 * not paused, and not held by others. *out_is_taken false: none is due. *out_next_due_ms: when the next one will be,
 * which may have to wait then. SQL: sql/lease_take.sql */
enum status store_lease_take(struct store *store, struct text owner, int lease_s, const struct lease_lanes *lanes,
                             struct arena *arena, struct lease *out_lease, bool *out_is_taken, double *out_next_due_ms,
                             struct error *error);
/* Prolong the leases of these owners. SQL: sql/lease_renew.sql */
enum status store_lease_renew(struct store *store, const struct text *owners, size_t count, int lease_s,
                              struct arena *arena, struct error *error);
/* Take back leases that nobody prolonged, and pause connections during whose runs collectors died several times.
 * SQL: sql/lease_reap.sql */
enum status store_lease_reap(struct store *store, struct arena *arena, struct error *error);
/* Give a connection back after a run that found nothing out. It is as due as before. SQL: sql/lease_release.sql */
enum status store_lease_release(struct store *store, const struct lease *lease, struct arena *arena,
                                struct error *error);
/* Make the rows of connection_collection that connections lack. SQL: sql/lease_ensure.sql */
enum status store_lease_ensure(struct store *store, struct arena *arena, struct error *error);

/* Take one connection for one run, whether it is monitored or not, and give it back by store_lease_release().
 * *out_is_taken false: another run holds it, or it has no host, is switched off or gone. SQL: sql/lease_take_one.sql */
enum status store_lease_take_one(struct store *store, int64_t organization_id, int64_t connection_id, struct text owner,
                                 int lease_s, struct arena *arena, struct lease *out_lease, bool *out_is_taken,
                                 struct error *error);

/* ---- the daemon's own row in collectors ---- */

/* Say that the daemon is alive. Its row has the host's name, or "name #2" where another daemon of that host is alive;
 * `process` tells daemons apart. `detail` is a JSON object. *out_id 0: the name was taken meanwhile; try again at the
 * next beat. SQL: sql/daemon_beat.sql */
enum status store_daemon_beat(struct store *store, struct text hostname, struct text process, struct text version,
                              struct text detail, struct arena *arena, int64_t *out_id, struct error *error);
/* Say that the daemon ends. Its name is free at once. SQL: sql/daemon_end.sql */
enum status store_daemon_end(struct store *store, int64_t id, struct arena *arena, struct error *error);

#endif
