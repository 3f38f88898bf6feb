/* The thread that maintains the store: it makes coming partitions and drops old ones, and removes old data, data of
 * deleted connections and literals that are no longer kept. It works in small steps, so that it can stop at once and
 * nobody waits for it. */
#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "store/admin/connection_change.h"
#include "store/upkeep/literals.h"
#include "store/upkeep/retention.h"
#include "store/upkeep/session_waits.h"
#include "store/upkeep/size.h"

enum { ROUND_MS = 1000, STEP_PAUSE_MS = 20, ROWS_MAX = 5000, TEXTS_MAX = 2000, HOURS_MAX = 50 };

struct upkeep {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena;
    struct retention retention;
    int64_t due_us;
    struct literals_purge purge;
};

/* One maintenance step of limited size. *out_has_more true: call again soon. */
typedef enum status maintenance_step(struct upkeep *upkeep, bool *out_has_more, struct error *error);

static enum status prepare(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    *out_has_more = false;
    return store_retention_prepare(upkeep->store, &upkeep->retention, upkeep->arena, error);
}

static enum status drop(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    return store_retention_drop(upkeep->store, &upkeep->retention, upkeep->arena, out_has_more, error);
}

static enum status trim(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    int64_t count = 0;
    enum status status =
        store_retention_trim(upkeep->store, &upkeep->retention, ROWS_MAX, upkeep->arena, &count, error);

    if (status == STATUS_OK && count > 0)
        log_write(LOG_DEBUG, "trimmed", "%lld rows past their time", (long long)count);
    *out_has_more = count > 0;
    return status;
}

static enum status fold_waits(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    int64_t count = 0;
    enum status status = store_session_waits_fold(upkeep->store, HOURS_MAX, upkeep->arena, &count, error);

    *out_has_more = count == HOURS_MAX;
    return status;
}

static enum status walk_texts(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    static struct retention_walk walk; /* used by this thread only */
    bool is_at_end = true;
    enum status status = store_retention_walk(upkeep->store, &walk, TEXTS_MAX, upkeep->arena, &is_at_end, error);

    *out_has_more = !is_at_end;
    return status;
}

static enum status measure(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    enum status status = store_size_measure(upkeep->store, upkeep->arena, error);

    *out_has_more = false;
    if (status == STATUS_OK)
        status = store_size_judge(upkeep->store, upkeep->daemon->config.store_bytes_max, upkeep->arena, error);
    return status;
}

/* Delete the data of deleted connections. */
static enum status purge_connections(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    int64_t count = 0;
    enum status status = store_connection_purge(upkeep->store, ROWS_MAX, upkeep->arena, &count, error);

    if (status == STATUS_OK && count > 0)
        log_write(LOG_DEBUG, "purged", "%lld rows of deleted connections", (long long)count);
    *out_has_more = count > 0;
    return status;
}

static enum status purge_literals(struct upkeep *upkeep, bool *out_has_more, struct error *error)
{
    return store_literals_purge(upkeep->store, &upkeep->purge, upkeep->arena, out_has_more, error);
}

/* Run a step of each kind. After a failure the other kinds are still run, unless the store cannot be reached. Returns
 * the first failure. */
static enum status all_of(struct upkeep *upkeep, maintenance_step *const *kinds, size_t count, struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status != STATUS_UNAVAILABLE; i++) {
        enum status outcome = STATUS_OK;

        for (bool has_more = true; has_more && outcome == STATUS_OK;) {
            struct error failure = {0};

            has_more = false;
            outcome = kinds[i](upkeep, &has_more, &failure);
            arena_reset(upkeep->arena);
            if (outcome != STATUS_OK && (status == STATUS_OK || outcome == STATUS_UNAVAILABLE)) {
                status = outcome;
                *error = failure;
            }
            if (has_more && !daemon_sleep(upkeep->daemon, STEP_PAUSE_MS))
                return status;
        }
    }
    return status;
}

static enum status round_of(struct upkeep *upkeep, struct error *error)
{
    static maintenance_step *const soon[] = {purge_literals, purge_connections};
    static maintenance_step *const seldom[] = {prepare, fold_waits, drop, trim, walk_texts, measure};
    struct error failure = {0};
    enum status status = STATUS_OK, outcome;

    /* Partitions come first. */
    if (clock_monotonic_us() >= upkeep->due_us) {
        status = all_of(upkeep, seldom, sizeof seldom / sizeof seldom[0], error);
        if (status == STATUS_OK)
            upkeep->due_us = clock_monotonic_us() + upkeep->daemon->config.upkeep_interval_s * CLOCK_SECOND_US;
    }
    if (status == STATUS_UNAVAILABLE)
        return status;
    outcome = all_of(upkeep, soon, sizeof soon / sizeof soon[0], &failure);
    if (status != STATUS_OK || outcome == STATUS_OK)
        return status;
    *error = failure;
    return outcome;
}

void *upkeep_main(void *shared)
{
    struct daemon *daemon = shared;
    struct upkeep upkeep = {.daemon = daemon,
                            .store = store_new(daemon->config.store_owner_url, "potto-collector upkeep"),
                            .arena = arena_new(0),
                            .retention = RETENTION_OF(daemon->config)};
    int64_t wait_ms = 0;
    int failures = 0;

    while (daemon_sleep(daemon, wait_ms)) {
        struct error error = {0};
        enum status status = round_of(&upkeep, &error);

        if (status != STATUS_OK && failures == 0)
            log_error("upkeep_failed", "keeping the store small", &error);
        failures = status == STATUS_OK ? 0 : failures + 1;
        wait_ms = failures > 0 ? backoff_ms(failures) : ROUND_MS;
    }
    store_destroy(upkeep.store);
    arena_destroy(upkeep.arena);
    return NULL;
}
