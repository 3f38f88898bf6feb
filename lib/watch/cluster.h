/* The state of MongoDB nodes and of the clusters that they form, judged by their last reports. Pure. */
#ifndef POTTO_WATCH_CLUSTER_H
#define POTTO_WATCH_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum node_state {
    NODE_STATE_UNSET,
    NODE_PRIMARY,
    NODE_SECONDARY,
    NODE_ARBITER,
    NODE_OTHER,   /* a role of another name */
    NODE_UNKNOWN, /* it did not tell its role */
    NODE_STALE,   /* three reports are missing */
};

/* The role that a node told last. */
enum node_role { NODE_ROLE_UNSET, NODE_ROLE_PRIMARY, NODE_ROLE_SECONDARY, NODE_ROLE_ARBITER, NODE_ROLE_OTHER };

enum cluster_state {
    CLUSTER_STATE_UNSET,
    CLUSTER_OK,
    CLUSTER_NO_PRIMARY,
    CLUSTER_TWO_PRIMARIES, /* or more */
    CLUSTER_NODE_STALE,    /* there is one primary, but some node is stale */
    CLUSTER_STALE,         /* every node is */
    CLUSTER_UNKNOWN,       /* nothing reported, or no node tells its role */
};

/* The usual distance of reports in seconds: the middle one of the distances between `times_us`, which descend.
 * `default_s` if there are less than two. */
double cluster_interval_s(const int64_t *times_us, size_t count, double default_s);

/* True if three reports are missing. An interval of less than ten seconds counts as ten. */
bool cluster_is_stale(int64_t newest_us, double interval_s, int64_t now_us);

enum node_state cluster_node_state(enum node_role role, bool is_stale);
enum cluster_state cluster_state_of(const enum node_state *nodes, size_t count);

/* As in the API: "primary", "two_primaries". */
const char *cluster_node_state_name(enum node_state state);
const char *cluster_state_name(enum cluster_state state);

/* Whether numbers that should be growth look like counters that only rise: `totals` are the operations of the last
 * reports, newest first; -1: not told. */
bool cluster_looks_cumulative(const int64_t *totals, size_t count);

#endif
