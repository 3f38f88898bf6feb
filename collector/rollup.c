/* The thread that folds deltas into rollups, and does once an hour what the store needs. */
#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "store/connection.h"

enum { PURGE_ROWS_MAX = 5000 };

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

/* Data of deleted connections, a piece in each round: facts that arrive come first. */
static enum status purge(struct store *store, struct arena *arena, struct error *error)
{
    int64_t count = 0;
    enum status status = store_connection_purge(store, PURGE_ROWS_MAX, arena, &count, error);

    if (status == STATUS_OK && count > 0)
        log_write(LOG_DEBUG, "purged", "%lld rows of deleted connections", (long long)count);
    arena_reset(arena);
    return status;
}

static enum status upkeep_if_due(struct store *store, struct arena *arena, int64_t *due_us, struct error *error)
{
    enum status status;

    if (clock_monotonic_us() < *due_us)
        return STATUS_OK;
    status = store_upkeep(store, arena, error);
    if (status == STATUS_OK)
        *due_us = clock_monotonic_us() + UPKEEP_MS * INT64_C(1000);
    arena_reset(arena);
    return status;
}

void *rollup_main(void *shared)
{
    struct daemon *daemon = shared;
    struct store *store = store_new(daemon->config.store_owner_url, "potto-collector rollup");
    struct arena *arena = arena_new(0);
    int64_t upkeep_us = 0, wait_ms = 0;
    int failures = 0;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        enum status status = upkeep_if_due(store, arena, &upkeep_us, &error);

        if (status == STATUS_OK)
            status = fold_all(daemon, store, arena, &error);
        if (status == STATUS_OK)
            status = purge(store, arena, &error);
        if (status != STATUS_OK && failures == 0)
            log_error("rollup_failed", "folding deltas", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : daemon->config.rollup_interval_ms;
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
