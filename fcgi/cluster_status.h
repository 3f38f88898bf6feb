/* What the last reports of a MongoDB cluster say, judged by lib/watch: for the API and for the page. */
#ifndef POTTO_FCGI_CLUSTER_STATUS_H
#define POTTO_FCGI_CLUSTER_STATUS_H

#include "base/arena.h"
#include "store/read/mongodb.h"
#include "watch/cluster.h"

struct cluster_node {
    const struct mongodb_member *node;
    const struct mongodb_point *newest;
    enum node_state state;
    double age_s, interval_s;
    double operations_per_s; /* NAN: not told, not known yet, or looks_cumulative */
    bool looks_cumulative;   /* its operations look like counters that only rise */
};

struct cluster_status {
    const struct mongodb_cluster *cluster;
    enum cluster_state state;
    struct cluster_node *nodes; /* as many as the cluster has */
};

/* Lives in `arena`. */
struct cluster_status cluster_status_make(const struct mongodb_cluster *cluster, int64_t now_us, struct arena *arena);

#endif
