/* Between waits.c and the engines: one look at the sessions of a server. */
#ifndef POTTO_COLLECT_WAITS_LOOK_H
#define POTTO_COLLECT_WAITS_LOOK_H

#include "base/vector.h"
#include "collect/waits.h"

enum { WAITS_SESSIONS_MAX = 1000, WAITS_EDGES_MAX = 4000 };

/* A session that is at work, or that keeps others waiting. Texts as the server gave them; data NULL: unknown. */
struct wait_session {
    int64_t id;     /* the server's; 0: a prepared transaction */
    bool is_active; /* it counts; else it is only there as a root of others */
    enum wait_class wait_class;
    struct text event;
    struct text sql;
    bool is_cut; /* the server shows the begin of `sql` alone */
    struct text counter_key;
    struct text user, host, application;
    enum block_state state;
};

/* `waiter` waits for a lock that `blocker` holds, or asked for before. */
struct wait_edge {
    int64_t waiter, blocker;
};

/* One look while it is taken. Lives in `arena`, which is emptied after it. */
struct waits_look {
    struct target *target;
    struct arena *arena;
    bool is_first; /* of the session */
    /* What the engine found out at the first look; bits of its own. */
    unsigned server_shows;
    struct arena *session_arena; /* lives as long as the session */
    const char *account;         /* who we are there, as GRANT wants it; NULL: unknown, or not asked */
    /* What the server does not show, and what helps; "" when it shows all. */
    char unseen_problem[320], unseen_remedy[800];
    struct target_problem failure;
    VECTOR(struct wait_session) sessions;
    /* Sessions that others wait for, as they were when that was read; those that are not here are in `sessions`. */
    VECTOR(struct wait_session) holders;
    VECTOR(struct wait_edge) edges;
    int64_t active_count; /* of active sessions that there are; more than those in `sessions` where they are too many */
};

enum status waits_run(struct waits_look *look, const struct target_statement *statement, const struct text *params,
                      int param_count, struct target_rows *out_rows);
/* False: there are too many. */
bool waits_add_edge(struct waits_look *look, int64_t waiter, int64_t blocker);
bool waits_has_session(const struct waits_look *look, int64_t id);

#endif
