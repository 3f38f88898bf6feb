/* The state of collection as a whole, for /health and /metrics: counts and ages over all organizations, without any
 * tenant's data. */
#ifndef POTTO_STORE_UPKEEP_HEALTH_H
#define POTTO_STORE_UPKEEP_HEALTH_H

#include "store/scope/store.h"

enum { STORE_BACKLOG_MAX = 100000, STORE_ROLLUPS_OVERDUE_S = 300 /* rollups that are later than this are a fault */ };

/* What a collector last found out about the language model: copies, since nobody's arena lives as long. */
struct store_llm_told {
    char status[24];       /* llm_health_name(); "": no collector tells it */
    char kind[16];         /* llm_kind_name(); "": none */
    char model[208];       /* "": none */
    char problem[256];     /* a sentence for everybody; "": none */
    bool has_model;        /* the server has it */
    int64_t checked_at_us; /* INT64_MIN: nothing was asked */
};

struct store_health {
    int64_t daemons_online, daemons; /* online: sent a heartbeat in the last 3 minutes */
    int64_t agents_online, agents;
    int64_t daemon_seen_at_us;     /* the last heartbeat of any daemon; INT64_MIN: never */
    int64_t connections_monitored; /* active, and collected by a daemon */
    int64_t connections_failed;    /* those of them whose last run failed */
    double collection_lag_s;       /* of the most overdue connection */
    int64_t rollup_backlog;        /* deltas not yet rolled up; at most STORE_BACKLOG_MAX */
    int64_t rollups_set_aside;     /* connections whose deltas could not be rolled up */
    int64_t connections_held_back; /* monitored ones that cost their servers more than they may: facts/overhead.h */
    double rollup_lag_s;           /* age of the oldest of them; 0: none */
    struct store_llm_told llm;
};

/* Errors: STATUS_UNAVAILABLE. SQL: sql/health_read.sql */
enum status store_health_read(struct store *store, struct arena *arena, struct store_health *out_health,
                              struct error *error);

/* The language model alone, as collectors last found it. Errors: STATUS_UNAVAILABLE. SQL: sql/llm_told.sql */
enum status store_llm_told_read(struct store *store, struct arena *arena, struct store_llm_told *out_told,
                                struct error *error);

/* The time up to which the numbers of the caller's connections are complete, if rollups of theirs are overdue;
 * otherwise INT64_MIN. What waits of others' is not told. SQL: sql/rollups_complete_until.sql */
enum status store_rollups_complete_until(struct store *store, struct arena *arena, int64_t *out_until_us,
                                         struct error *error);

#endif
