/* See cluster.h. */
#include "watch/cluster.h"

#include "base/clock.h"

enum {
    GAPS_MAX = 64,
    MISSED_MAX = 3,
    INTERVAL_MIN_S = 10,
    /* Growth of a busy node rises as often as it falls: ten rises in a row are one in three million. */
    CUMULATIVE_REPORTS_MIN = 12,
    CUMULATIVE_RISES_MIN = 10,
};

double cluster_interval_s(const int64_t *times_us, size_t count, double default_s)
{
    int64_t gaps[GAPS_MAX];
    size_t gap_count = count < 2 ? 0 : count - 1 < GAPS_MAX ? count - 1 : GAPS_MAX;
    size_t middle;

    if (gap_count == 0)
        return default_s;
    for (size_t i = 0; i < gap_count; i++) {
        int64_t gap = times_us[i] - times_us[i + 1];
        size_t at = i;

        for (; at > 0 && gaps[at - 1] > gap; at--)
            gaps[at] = gaps[at - 1];
        gaps[at] = gap;
    }
    middle = gap_count / 2;
    return (double)gaps[middle] / (double)CLOCK_SECOND_US;
}

bool cluster_is_stale(int64_t newest_us, double interval_s, int64_t now_us)
{
    double allowed_s = MISSED_MAX * (interval_s > INTERVAL_MIN_S ? interval_s : INTERVAL_MIN_S);

    return (double)(now_us - newest_us) > allowed_s * (double)CLOCK_SECOND_US;
}

enum node_state cluster_node_state(enum node_role role, bool is_stale)
{
    static const enum node_state by_role[] = {[NODE_ROLE_UNSET] = NODE_UNKNOWN,
                                              [NODE_ROLE_PRIMARY] = NODE_PRIMARY,
                                              [NODE_ROLE_SECONDARY] = NODE_SECONDARY,
                                              [NODE_ROLE_ARBITER] = NODE_ARBITER,
                                              [NODE_ROLE_OTHER] = NODE_OTHER};

    return is_stale ? NODE_STALE : by_role[role];
}

enum cluster_state cluster_state_of(const enum node_state *nodes, size_t count)
{
    size_t of_state[NODE_STALE + 1] = {0};

    for (size_t i = 0; i < count; i++)
        of_state[nodes[i]]++;
    if (count == 0)
        return CLUSTER_UNKNOWN;
    if (of_state[NODE_STALE] == count)
        return CLUSTER_STALE;
    if (of_state[NODE_PRIMARY] > 1)
        return CLUSTER_TWO_PRIMARIES;
    if (of_state[NODE_PRIMARY] == 1)
        return of_state[NODE_STALE] > 0 ? CLUSTER_NODE_STALE : CLUSTER_OK;
    return of_state[NODE_SECONDARY] + of_state[NODE_ARBITER] > 0 ? CLUSTER_NO_PRIMARY : CLUSTER_UNKNOWN;
}

const char *cluster_node_state_name(enum node_state state)
{
    static const char *const names[] = {
        [NODE_STATE_UNSET] = "unknown", [NODE_PRIMARY] = "primary", [NODE_SECONDARY] = "secondary",
        [NODE_ARBITER] = "arbiter",     [NODE_OTHER] = "other",     [NODE_UNKNOWN] = "unknown",
        [NODE_STALE] = "stale"};

    return names[state];
}

const char *cluster_state_name(enum cluster_state state)
{
    static const char *const names[] = {
        [CLUSTER_STATE_UNSET] = "unknown",   [CLUSTER_OK] = "ok",
        [CLUSTER_NO_PRIMARY] = "no_primary", [CLUSTER_TWO_PRIMARIES] = "two_primaries",
        [CLUSTER_NODE_STALE] = "node_stale", [CLUSTER_STALE] = "stale",
        [CLUSTER_UNKNOWN] = "unknown",
    };

    return names[state];
}

bool cluster_looks_cumulative(const int64_t *totals, size_t count)
{
    int rises = 0;

    if (count < CUMULATIVE_REPORTS_MIN)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (totals[i] < 0 || (i > 0 && totals[i - 1] < totals[i]))
            return false;
        rises += i > 0 && totals[i - 1] > totals[i];
    }
    return rises >= CUMULATIVE_RISES_MIN;
}
