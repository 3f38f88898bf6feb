/* Which connections free threads may take; see lanes.h. */
#include "collector/lanes.h"

#include "base/clock.h"

enum {
    /* A lost lease counts fully against its connection if its collector had lived this long: sql/lease_reap.sql. */
    SETTLED_S = 10,
    BLAME_SETTLED = 20,
    BLAME_YOUNG = 1,
};

static int at_least_one(int count)
{
    return count > 0 ? count : 1;
}

void lanes_init(struct lanes *lanes, const struct config *config)
{
    pthread_mutex_init(&lanes->mutex, NULL);
    lanes->thread_count = (int)config->collector_threads;
    lanes->organization_max = config->collector_per_organization > 0 ? (int)config->collector_per_organization
                                                                     : at_least_one(lanes->thread_count / 2);
    lanes->host_max = (int)config->collector_per_host;
    lanes->budget = (struct budget)BUDGET_OF(*config);
    lanes->started_us = clock_monotonic_us();
}

static int count_runs_of(const struct lanes *lanes, int64_t organization_id)
{
    int count = 0;

    for (int i = 0; i < lanes->thread_count; i++)
        count += lanes->runs[i].organization_id == organization_id;
    return count;
}

/* `full` has room for LANES_WORKERS_MAX organizations. */
static struct lease_lanes look(const struct lanes *lanes, int64_t *full)
{
    bool is_settled = clock_monotonic_us() - lanes->started_us >= SETTLED_S * CLOCK_SECOND_US;
    struct lease_lanes found = {.full_organizations = full,
                                .not_slow_organization_id = lanes->last_slow_organization_id,
                                .host_runs_max = lanes->host_max,
                                .blame = is_settled ? BLAME_SETTLED : BLAME_YOUNG};
    int slow_count = 0, free_count = 0;

    for (int i = 0; i < lanes->thread_count; i++) {
        int64_t organization_id = lanes->runs[i].organization_id;

        slow_count += lanes->runs[i].is_slow;
        free_count += organization_id == 0;
        if (organization_id != 0 && count_runs_of(lanes, organization_id) >= lanes->organization_max)
            full[found.full_organization_count++] = organization_id;
    }
    found.is_slow_lane_full = slow_count >= at_least_one(lanes->thread_count / 4);
    found.is_last_thread = free_count <= 1;
    return found;
}

enum status lanes_take(struct lanes *lanes, int index, struct store *store, struct text owner, int lease_s,
                       struct arena *arena, struct lease *out_lease, bool *out_is_taken, struct error *error)
{
    int64_t full[LANES_WORKERS_MAX];
    struct lease_lanes found;
    enum status status;

    pthread_mutex_lock(&lanes->mutex);
    found = look(lanes, full);
    status = store_lease_take(store, owner, lease_s, &found, arena, out_lease, out_is_taken, error);
    /* No other organization wants the slow lane. */
    if (status == STATUS_OK && !*out_is_taken && found.not_slow_organization_id != 0 && !found.is_slow_lane_full) {
        found.not_slow_organization_id = 0;
        status = store_lease_take(store, owner, lease_s, &found, arena, out_lease, out_is_taken, error);
    }
    if (status == STATUS_OK && *out_is_taken) {
        lanes->runs[index].organization_id = out_lease->organization_id;
        lanes->runs[index].is_slow = out_lease->is_slow;
        out_lease->budget = lanes->budget;
        if (out_lease->is_slow)
            lanes->last_slow_organization_id = out_lease->organization_id;
    }
    pthread_mutex_unlock(&lanes->mutex);
    return status;
}

void lanes_leave(struct lanes *lanes, int index)
{
    pthread_mutex_lock(&lanes->mutex);
    lanes->runs[index].organization_id = 0;
    lanes->runs[index].is_slow = false;
    pthread_mutex_unlock(&lanes->mutex);
}
