/* Which connections free threads may take; see lanes.h. */
#include "collector/lanes.h"

#include <errno.h>

#include "base/clock.h"

enum {
    /* A lost lease counts fully against its connection if its collector had lived this long: sql/lease_reap.sql. */
    SETTLED_S = 10,
    BLAME_SETTLED = 20,
    BLAME_YOUNG = 1,
    OLDEST_EACH = 4, /* of the new connections */
};

static int at_least_one(int count)
{
    return count > 0 ? count : 1;
}

void lanes_init(struct lanes *lanes, const struct config *config)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&lanes->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lanes->changed, &attributes);
    lanes->thread_count = (int)config->collector_threads;
    lanes->organization_max = config->collector_per_organization > 0 ? (int)config->collector_per_organization
                                                                     : at_least_one(lanes->thread_count / 2);
    lanes->host_max = (int)config->collector_per_host;
    lanes->budgets = (struct budgets)BUDGETS_OF(*config);
    lanes->only_asked_for = config->monitoring_enabled == 0;
    lanes->started_us = clock_monotonic_us();
    lanes->watcher = -1;
}

static int count_runs_of(const struct lanes *lanes, int64_t organization_id)
{
    int count = 0;

    for (int i = 0; i < lanes->thread_count; i++)
        count += lanes->runs[i].organization_id == organization_id;
    return count;
}

static int count_runs_in(const struct lanes *lanes, enum lease_lane lane)
{
    int count = 0;

    for (int i = 0; i < lanes->thread_count; i++)
        count += lanes->runs[i].lane == lane;
    return count;
}

/* `full` has room for LANES_WORKERS_MAX organizations. */
static struct lease_lanes look(const struct lanes *lanes, int64_t *full)
{
    bool is_settled = clock_monotonic_us() - lanes->started_us >= SETTLED_S * CLOCK_SECOND_US;
    int lane_max = at_least_one(lanes->thread_count / 4), both_max = at_least_one(lanes->thread_count / 2);
    int slow_count = count_runs_in(lanes, LEASE_LANE_SLOW), new_count = count_runs_in(lanes, LEASE_LANE_NEW);
    bool is_room = slow_count + new_count < both_max;
    struct lease_lanes found = {.full_organizations = full,
                                .last_slow_organization_id = lanes->last_slow_organization_id,
                                .last_new_organization_id = lanes->last_new_organization_id,
                                .host_runs_max = lanes->host_max,
                                .only_asked_for = lanes->only_asked_for,
                                .is_slow_lane_full = !is_room || slow_count >= lane_max,
                                .is_new_lane_full = !is_room || new_count >= lane_max,
                                .is_oldest_new_first = lanes->new_run_count % OLDEST_EACH == OLDEST_EACH - 1,
                                .is_new_in_turn = both_max < 2 * lane_max && lanes->was_last_new,
                                .blame = is_settled ? BLAME_SETTLED : BLAME_YOUNG};

    for (int i = 0; i < lanes->thread_count; i++) {
        int64_t organization_id = lanes->runs[i].organization_id;

        if (organization_id != 0 && count_runs_of(lanes, organization_id) >= lanes->organization_max)
            full[found.full_organization_count++] = organization_id;
    }
    return found;
}

static void let_another_watch(struct lanes *lanes, int index)
{
    if (lanes->watcher != index)
        return;
    lanes->watcher = -1;
    pthread_cond_signal(&lanes->changed);
}

static void enter(struct lanes *lanes, int index, const struct lease *lease)
{
    lanes->runs[index].organization_id = lease->organization_id;
    lanes->runs[index].lane = lease->lane;
    if (lease->lane != LEASE_LANE_TRUSTED)
        lanes->was_last_new = lease->lane == LEASE_LANE_NEW;
    if (lease->lane == LEASE_LANE_SLOW)
        lanes->last_slow_organization_id = lease->organization_id;
    if (lease->lane == LEASE_LANE_NEW) {
        lanes->last_new_organization_id = lease->organization_id;
        lanes->new_run_count++;
    }
    let_another_watch(lanes, index);
}

enum status lanes_take(struct lanes *lanes, int index, struct store *store, struct text owner, int lease_s,
                       struct arena *arena, struct lease *out_lease, bool *out_is_taken, struct error *error)
{
    int64_t full[LANES_WORKERS_MAX];
    double next_due_ms = 0;
    struct lease_lanes found;
    enum status status;

    pthread_mutex_lock(&lanes->mutex);
    found = look(lanes, full);
    status = store_lease_take(store, owner, lease_s, &found, arena, out_lease, out_is_taken, &next_due_ms, error);
    if (status == STATUS_OK)
        lanes->look_at_us = clock_monotonic_us() + (int64_t)(next_due_ms * 1000);
    if (status == STATUS_OK && *out_is_taken) {
        enter(lanes, index, out_lease);
        out_lease->budgets = lanes->budgets;
    }
    pthread_mutex_unlock(&lanes->mutex);
    return status;
}

void lanes_leave(struct lanes *lanes, int index)
{
    pthread_mutex_lock(&lanes->mutex);
    lanes->runs[index].organization_id = 0;
    lanes->runs[index].lane = LEASE_LANE_UNSET;
    pthread_mutex_unlock(&lanes->mutex);
}

static void wait_until_due(struct lanes *lanes, int wait_max_ms)
{
    int64_t until_us = clock_monotonic_us() + wait_max_ms * INT64_C(1000);
    struct timespec until;

    if (lanes->look_at_us < until_us)
        until_us = lanes->look_at_us;
    until = (struct timespec){.tv_sec = until_us / CLOCK_SECOND_US, .tv_nsec = until_us % CLOCK_SECOND_US * 1000};
    while (!lanes->is_stopping && pthread_cond_timedwait(&lanes->changed, &lanes->mutex, &until) != ETIMEDOUT)
        ;
}

bool lanes_wait(struct lanes *lanes, int index, int wait_max_ms)
{
    bool is_stopping;

    pthread_mutex_lock(&lanes->mutex);
    if (lanes->watcher == index)
        wait_until_due(lanes, wait_max_ms);
    while (!lanes->is_stopping && lanes->watcher >= 0 && lanes->watcher != index)
        pthread_cond_wait(&lanes->changed, &lanes->mutex);
    lanes->watcher = index;
    is_stopping = lanes->is_stopping;
    pthread_mutex_unlock(&lanes->mutex);
    return !is_stopping;
}

void lanes_pass(struct lanes *lanes, int index)
{
    pthread_mutex_lock(&lanes->mutex);
    let_another_watch(lanes, index);
    pthread_mutex_unlock(&lanes->mutex);
}

void lanes_stop(struct lanes *lanes)
{
    pthread_mutex_lock(&lanes->mutex);
    lanes->is_stopping = true;
    pthread_cond_broadcast(&lanes->changed);
    pthread_mutex_unlock(&lanes->mutex);
}
