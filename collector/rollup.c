/* The thread that folds deltas into rollups. It does nothing else, so that rollups are never late. */
#include "store/rollup/rollup.h"
#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "store/rollup/mongodb.h"

enum { STUCK_FAILURES = 7 /* in half a minute */ };

static void log_folded(const struct rollup_folded *folded)
{
    if (folded->deltas > 0)
        log_write(LOG_DEBUG, "rolled_up", "%lld deltas", (long long)folded->deltas);
    for (size_t i = 0; i < folded->aside_count; i++)
        log_write(LOG_ERROR, "rollup_set_aside", "connection %lld: %.*s%s", (long long)folded->aside[i].connection_id,
                  (int)folded->aside[i].reason.size, folded->aside[i].reason.data,
                  folded->aside[i].holds_segments ? " (segments)" : "");
}

static enum status fold_all(struct daemon *daemon, struct store *store, struct rollup_turns *turns, bool is_stuck,
                            struct arena *arena, struct error *error)
{
    struct rollup_folded folded = {.has_more = true};
    enum status status = STATUS_OK;

    while (status == STATUS_OK && folded.has_more && !atomic_load(&daemon->should_stop)) {
        status = store_rollup_fold(store, turns, is_stuck, arena, &folded, error);
        log_folded(&folded);
        arena_reset(arena);
    }
    return status;
}

/* Reports of MongoDB have deltas and sums of their own. If they cannot be folded, the other fold goes on. *failures: in
 * a row. */
static void fold_mongodb(struct daemon *daemon, struct store *store, struct arena *arena, int *failures)
{
    struct error error = {0};
    enum status status = STATUS_OK;
    int64_t deltas = MONGODB_FOLD_ROWS_MAX;

    while (status == STATUS_OK && deltas == MONGODB_FOLD_ROWS_MAX && !atomic_load(&daemon->should_stop)) {
        status = store_mongodb_fold(store, arena, &deltas, &error);
        arena_reset(arena);
    }
    if (status != STATUS_OK && *failures == 0)
        log_error("rollup_failed", "folding reports of MongoDB", &error);
    *failures = status == STATUS_OK ? 0 : *failures + 1;
}

void *rollup_main(void *shared)
{
    struct daemon *daemon = shared;
    struct store *store = store_new(daemon->config.store_owner_url, "potto-collector rollup");
    struct arena *arena = arena_new(0);
    struct rollup_turns turns = {0};
    int64_t wait_ms = 0;
    int failures = 0, mongodb_failures = 0;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        enum status status = fold_all(daemon, store, &turns, failures >= STUCK_FAILURES, arena, &error);

        if (status != STATUS_UNAVAILABLE)
            fold_mongodb(daemon, store, arena, &mongodb_failures);
        if (status != STATUS_OK && failures == 0)
            log_error("rollup_failed", "folding deltas", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : daemon->config.rollup_interval_ms;
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
