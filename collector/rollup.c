/* The thread that folds deltas into rollups. It does nothing else, so that rollups are never late. */
#include "store/rollup/rollup.h"
#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"

enum { ROWS_MIN = 100, STUCK_FAILURES = 7 /* in half a minute */ };

static void log_folded(const struct rollup_folded *folded)
{
    if (folded->deltas > 0)
        log_write(LOG_DEBUG, "rolled_up", "%lld deltas", (long long)folded->deltas);
    for (size_t i = 0; i < folded->aside_count; i++)
        log_write(LOG_ERROR, "rollup_set_aside", "connection %lld: %.*s%s", (long long)folded->aside[i].connection_id,
                  (int)folded->aside[i].reason.size, folded->aside[i].reason.data,
                  folded->aside[i].holds_segments ? " (segments)" : "");
}

/* *rows_max is how many deltas are folded at once: fewer after a fold that took too long, more again after the others.
 */
static enum status fold_all(struct daemon *daemon, struct store *store, bool is_stuck, int *rows_max,
                            struct arena *arena, struct error *error)
{
    enum status status = STATUS_OK;
    bool has_more = true;

    while (status == STATUS_OK && has_more && !atomic_load(&daemon->should_stop)) {
        struct rollup_folded folded;
        int max = *rows_max;

        status = store_rollup_fold(store, max, is_stuck, arena, &folded, error);
        log_folded(&folded);
        has_more = folded.deltas == max;
        if (has_more)
            *rows_max = max * 2 < ROLLUP_ROWS_MAX ? max * 2 : ROLLUP_ROWS_MAX;
        if (status == STATUS_TIMEOUT && max > ROWS_MIN) {
            *rows_max = max / 8 > ROWS_MIN ? max / 8 : ROWS_MIN;
            has_more = true;
            status = STATUS_OK;
        }
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
    int failures = 0, rows_max = ROLLUP_ROWS_MAX;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        enum status status = fold_all(daemon, store, failures >= STUCK_FAILURES, &rows_max, arena, &error);

        if (status != STATUS_OK && failures == 0)
            log_error("rollup_failed", "folding deltas", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : daemon->config.rollup_interval_ms;
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
