/* The thread that folds deltas into rollups. It does nothing else, so that rollups are never late. */
#include "store/rollup/rollup.h"
#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"

static enum status fold_all(struct daemon *daemon, struct store *store, struct arena *arena, struct error *error)
{
    int64_t count = ROLLUP_ROWS_MAX;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && count == ROLLUP_ROWS_MAX && !atomic_load(&daemon->should_stop)) {
        status = store_rollup_fold(store, ROLLUP_ROWS_MAX, arena, &count, error);
        if (status == STATUS_OK && count > 0)
            log_write(LOG_DEBUG, "rolled_up", "%lld deltas", (long long)count);
        arena_reset(arena);
    }
    return status;
}

void *rollup_main(void *shared)
{
    struct daemon *daemon = shared;
    struct store *store = store_new(daemon->config.store_owner_url, "potto-collector rollup");
    struct arena *arena = arena_new(0);
    int64_t wait_ms = 0;
    int failures = 0;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        enum status status = fold_all(daemon, store, arena, &error);

        if (status != STATUS_OK && failures == 0)
            log_error("rollup_failed", "folding deltas", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : daemon->config.rollup_interval_ms;
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
