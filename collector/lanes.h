/* Lanes: which connections the free threads of a collector may take, so that no organization and no slow database keeps
 * the others waiting. What a thread really does decides, not what the store says of leases: a lease ends when its
 * connection moves or is deleted, while the run may go on.
 *
 * - An organization has at most POTTO_COLLECTOR_PER_ORGANIZATION threads, unless no other could need one soon.
 * - The slow lane is a quarter of the threads, at least one: connections that never succeeded, or whose last runs
 *   failed, were killed or took long. Organizations take turns in it.
 * - A connection that never ran takes any thread but the last free one.
 *
 * Threads of one collector take connections one after the other, so these bounds are exact. */
#ifndef POTTO_COLLECTOR_LANES_H
#define POTTO_COLLECTOR_LANES_H

#include <pthread.h>

#include "base/config.h"
#include "store/collect/lease.h"

enum { LANES_WORKERS_MAX = 64 };

struct lanes {
    pthread_mutex_t mutex; /* protects the members below */
    int thread_count, organization_max, host_max;
    struct budget budget; /* of each connection */
    int64_t started_us;   /* of this collector; monotonic */
    int64_t last_slow_organization_id;
    struct {
        int64_t organization_id; /* 0: the thread is free */
        bool is_slow;
    } runs[LANES_WORKERS_MAX];
};

void lanes_init(struct lanes *lanes, const struct config *config);

/* Take a lease for the thread `index`, which is free; else as store_lease_take(). lanes_leave() frees the thread. */
enum status lanes_take(struct lanes *lanes, int index, struct store *store, struct text owner, int lease_s,
                       struct arena *arena, struct lease *out_lease, bool *out_is_taken, struct error *error);
void lanes_leave(struct lanes *lanes, int index);

#endif
