/* The thread that folds deltas into rollups. It does nothing else, so that rollups are never late. */
#include "store/rollup/rollup.h"
#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "store/rollup/mongodb.h"

enum { STUCK_FAILURES = 7 /* in half a minute */ };

struct mongodb_folds {
    int rows_max; /* of the next fold; see store/rollup/mongodb.h */
    int failures; /* in a row */
};

static void log_folded(const struct rollup_folded *folded)
{
    if (folded->deltas > 0)
        log_write(LOG_DEBUG, "rolled_up", "%lld deltas", (long long)folded->deltas);
    for (size_t i = 0; i < folded->aside_count; i++)
        log_write(LOG_ERROR, "rollup_set_aside", "connection %lld: %.*s%s", (long long)folded->aside[i].connection_id,
                  (int)folded->aside[i].reason.size, folded->aside[i].reason.data,
                  folded->aside[i].holds_segments ? " (segments)" : "");
}

static enum status fold(struct daemon *daemon, struct store *store, struct rollup_turns *turns, bool is_stuck,
                        struct arena *arena, bool *out_has_more, struct error *error)
{
    struct rollup_folded folded = {0};
    enum status status = store_rollup_fold(store, turns, is_stuck, arena, &folded, error);

    log_folded(&folded);
    arena_reset(arena);
    *out_has_more = status == STATUS_OK && folded.has_more && !atomic_load(&daemon->should_stop);
    return status;
}

/* Reports of MongoDB have deltas and sums of their own. If they cannot be folded, the other fold goes on. */
static void fold_mongodb(struct daemon *daemon, struct store *store, struct mongodb_folds *folds, struct arena *arena,
                         bool *out_has_more)
{
    struct error error = {0};
    struct rollup_folded folded = {0};
    enum status status =
        store_mongodb_fold(store, &folds->rows_max, folds->failures >= STUCK_FAILURES, arena, &folded, &error);

    log_folded(&folded);
    arena_reset(arena);
    if (status != STATUS_OK && folds->failures == 0)
        log_error("rollup_failed", "folding reports of MongoDB", &error);
    folds->failures = status == STATUS_OK ? 0 : folds->failures + 1;
    *out_has_more = status == STATUS_OK && folded.deltas > 0 && !atomic_load(&daemon->should_stop);
}

/* All that waits, of both kinds in turn, so that neither waits for what is piled up of the other. */
static enum status fold_all(struct daemon *daemon, struct store *store, struct rollup_turns *turns, bool is_stuck,
                            struct mongodb_folds *folds, struct arena *arena, struct error *error)
{
    bool has_more, has_more_mongodb;
    enum status status;

    do {
        status = fold(daemon, store, turns, is_stuck, arena, &has_more, error);
        if (status == STATUS_UNAVAILABLE)
            return status;
        fold_mongodb(daemon, store, folds, arena, &has_more_mongodb);
    } while (status == STATUS_OK && (has_more || has_more_mongodb));
    return status;
}

void *rollup_main(void *shared)
{
    struct daemon *daemon = shared;
    struct store *store = store_new(daemon->config.store_owner_url, "potto-collector rollup");
    struct arena *arena = arena_new(0);
    struct rollup_turns turns = {0};
    int64_t wait_ms = 0;
    struct mongodb_folds folds = {0};
    int failures = 0;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        enum status status = fold_all(daemon, store, &turns, failures >= STUCK_FAILURES, &folds, arena, &error);

        if (status != STATUS_OK && failures == 0)
            log_error("rollup_failed", "folding deltas", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : daemon->config.rollup_interval_ms;
    }
    store_destroy(store);
    arena_destroy(arena);
    return NULL;
}
