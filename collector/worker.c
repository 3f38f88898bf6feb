/* A worker: takes the connection that has been due the longest, collects from it, writes the result, takes the next. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "store/ingest/ingest.h"

/* *out_is_idle: nothing was due. */
static enum status work_once(struct worker *worker, struct store *store, struct arena *arena, bool *out_is_idle,
                             struct error *error)
{
    struct daemon *daemon = worker->daemon;
    char owner[OWNER_BYTES];
    bool is_taken = false;
    struct lease lease;
    enum status status;

    snprintf(owner, sizeof owner, "%s/%d/%lld", daemon->process, worker->index, (long long)++worker->run_count);
    status = lanes_take(&daemon->lanes, worker->index, store, text_of(owner), LEASE_S, arena, &lease, &is_taken, error);
    *out_is_idle = !is_taken;
    if (status != STATUS_OK || !is_taken)
        return status;
    daemon_set_owner(daemon, worker->index, owner);
    status = cycle_perform(daemon, store, &lease, arena, error);
    daemon_set_owner(daemon, worker->index, "");
    /* Nothing was written, so the connection is still due. If the store cannot be reached, the lease ends by itself. */
    if (status != STATUS_OK)
        store_lease_release(store, &lease, arena, NULL);
    lanes_leave(&daemon->lanes, worker->index);
    return status;
}

void *worker_main(void *shared)
{
    struct worker *worker = shared;
    struct daemon *daemon = worker->daemon;
    struct store *store = store_new(daemon->config.store_owner_url, "potto-collector worker");
    struct arena *arena = arena_new(0);
    int failures = 0;
    bool goes_on = true;

    store_set_tag_keys(store, daemon->config.tag_keys);
    while (goes_on) {
        struct error error = {0};
        bool is_idle = true;
        enum status status = work_once(worker, store, arena, &is_idle, &error);

        if (status != STATUS_OK && failures == 0 && !atomic_load(&daemon->should_stop))
            log_error("cycle_not_written", "worker", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        arena_reset(arena);
        if (failures > 0)
            lanes_pass(&daemon->lanes, worker->index);
        goes_on = failures > 0 ? daemon_sleep(daemon, backoff_ms(failures))
                  : is_idle    ? lanes_wait(&daemon->lanes, worker->index, POLL_MS)
                               : !atomic_load(&daemon->should_stop);
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
