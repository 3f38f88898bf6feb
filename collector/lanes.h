/* Lanes: which connections the free threads of a collector may take, so that no organization, no slow database and no
 * new one keeps the others waiting. What a thread really does decides, not what the store says of leases: a lease ends
 * when its connection moves or is deleted, while the run may go on.
 *
 * - An organization has at most POTTO_COLLECTOR_PER_ORGANIZATION threads, unless no other could need one soon.
 * - The slow lane is a quarter of the threads, at least one: connections that never succeeded, or whose last runs
 *   failed, were killed or took long.
 * - The lane of the new is as large: connections no run of which has ended yet. The newest goes first, so that one
 *   that was just added waits for one run there, and each fourth time the one that waits the longest.
 * - Organizations take turns in both. Both together have half of the threads at most, so that connections that answer
 *   well always find the other half. With two or three threads they share one; a
 *   single thread serves all. Then, after a new one, whoever is due the longest goes first.
 *
 * Threads of one collector take connections one after the other, so these bounds are exact.
 *
 * Of the threads that have nothing to do one watches: it asks the store again when a connection is due. If it gets one,
 * the next thread watches. */
#ifndef POTTO_COLLECTOR_LANES_H
#define POTTO_COLLECTOR_LANES_H

#include <pthread.h>

#include "base/config.h"
#include "store/collect/lease.h"

enum { LANES_WORKERS_MAX = 64 };

struct lanes {
    pthread_mutex_t mutex; /* protects the members below */
    pthread_cond_t changed;
    int thread_count, organization_max, host_max;
    bool only_asked_for;    /* MONITORING_ENABLED=false */
    struct budgets budgets; /* of each connection and of its organization */
    int64_t started_us;     /* of this collector; monotonic */
    int64_t last_slow_organization_id, last_new_organization_id;
    int64_t new_run_count;
    bool was_last_new; /* of the slow and the new runs, the last was a new one's */
    struct {
        int64_t organization_id; /* 0: the thread is free */
        enum lease_lane lane;
    } runs[LANES_WORKERS_MAX];
    int watcher; /* index of a thread; -1: none */
    int64_t look_at_us;
    bool is_stopping;
};

void lanes_init(struct lanes *lanes, const struct config *config);

/* Take a lease for the thread `index`, which is free; else as store_lease_take(). lanes_leave() frees the thread. */
enum status lanes_take(struct lanes *lanes, int index, struct store *store, struct text owner, int lease_s,
                       struct arena *arena, struct lease *out_lease, bool *out_is_taken, struct error *error);
void lanes_leave(struct lanes *lanes, int index);

/* The thread `index` took nothing: wait until it should look again, after `wait_max_ms` at most if it is the one that
 * watches. False, at once, after lanes_stop(). */
bool lanes_wait(struct lanes *lanes, int index, int wait_max_ms);
/* The thread `index` will not look for a while: another one watches. */
void lanes_pass(struct lanes *lanes, int index);
void lanes_stop(struct lanes *lanes);

#endif
