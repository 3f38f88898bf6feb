/* See cluster_status.h. */
#include "fcgi/cluster_status.h"

#include <math.h>

#include "base/clock.h"

static enum node_role role_of(struct text role)
{
    static const enum node_role known[] = {[MONGODB_ROLE_UNSET] = NODE_ROLE_OTHER,
                                           [MONGODB_ROLE_PRIMARY] = NODE_ROLE_PRIMARY,
                                           [MONGODB_ROLE_SECONDARY] = NODE_ROLE_SECONDARY,
                                           [MONGODB_ROLE_ARBITER] = NODE_ROLE_ARBITER};

    return role.size == 0 ? NODE_ROLE_UNSET : known[mongodb_role_of(role)];
}

static struct cluster_node node_make(const struct mongodb_member *node, int32_t default_s, int64_t now_us)
{
    struct cluster_node made = {.node = node, .newest = &node->newest, .operations_per_s = NAN};
    int64_t newest_us = node->times_us[0], operations = node->operations[0];

    made.interval_s = cluster_interval_s(node->times_us, node->count, default_s);
    made.age_s = fmax(0, (double)(now_us - newest_us) / (double)CLOCK_SECOND_US);
    made.looks_cumulative = cluster_looks_cumulative(node->operations, node->count);
    if (node->count > 1 && operations >= 0 && !made.looks_cumulative)
        made.operations_per_s =
            (double)operations / ((double)(newest_us - node->times_us[1]) / (double)CLOCK_SECOND_US);
    made.state = cluster_node_state(role_of(made.newest->role), cluster_is_stale(newest_us, made.interval_s, now_us));
    return made;
}

struct cluster_status cluster_status_make(const struct mongodb_cluster *cluster, int64_t now_us, struct arena *arena)
{
    struct cluster_status status = {.cluster = cluster,
                                    .nodes = arena_alloc_array(arena, cluster->count, sizeof *status.nodes)};
    enum node_state *states = arena_alloc_array(arena, cluster->count, sizeof *states);

    for (size_t i = 0; i < cluster->count; i++) {
        status.nodes[i] = node_make(&cluster->nodes[i], cluster->interval_s, now_us);
        states[i] = status.nodes[i].state;
    }
    status.state = cluster_state_of(states, cluster->count);
    return status;
}
