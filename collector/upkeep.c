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

enum { ROUND_MS = 1000, STEP_PAUSE_MS = 20, ROWS_MAX = 5000, TEXTS_MAX = 2000, HOURS_MAX = 50, KINDS_MAX = 8 };

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

/* Run steps of the kinds, one of each in turn, until none has more to do: no kind waits for what is piled up of
 * another. A kind that fails does no more, and the others go on unless the store cannot be reached. Returns the first
 * failure. */
static enum status all_of(struct upkeep *upkeep, maintenance_step *const *kinds, size_t count, struct error *error)
{
    bool is_ended[KINDS_MAX] = {false}, has_any = true;
    enum status status = STATUS_OK;

    while (has_any) {
        has_any = false;
        for (size_t i = 0; i < count; i++) {
            struct error failure = {0};
            bool has_more = false;
            enum status outcome;

            if (is_ended[i])
                continue;
            outcome = kinds[i](upkeep, &has_more, &failure);
            arena_reset(upkeep->arena);
            if (outcome != STATUS_OK && (status == STATUS_OK || outcome == STATUS_UNAVAILABLE)) {
                status = outcome;
                *error = failure;
            }
            if (outcome == STATUS_UNAVAILABLE)
                return status;
            is_ended[i] = outcome != STATUS_OK || !has_more;
            has_any = has_any || !is_ended[i];
            if (!is_ended[i] && !daemon_sleep(upkeep->daemon, STEP_PAUSE_MS))
                return status;
        }
    }
    return status;
}

static enum status round_of(struct upkeep *upkeep, struct error *error)
{
    /* Partitions come first. */
    static maintenance_step *const all[] = {prepare, purge_literals, purge_connections, fold_waits,
                                            drop,    trim,           walk_texts,        measure};
    static maintenance_step *const soon[] = {purge_literals, purge_connections};
    _Static_assert(sizeof all / sizeof all[0] <= KINDS_MAX, "all_of() has room for them");
    enum status status;

    if (clock_monotonic_us() < upkeep->due_us)
        return all_of(upkeep, soon, sizeof soon / sizeof soon[0], error);
    status = all_of(upkeep, all, sizeof all / sizeof all[0], error);
    if (status == STATUS_OK)
        upkeep->due_us = clock_monotonic_us() + upkeep->daemon->config.upkeep_interval_s * CLOCK_SECOND_US;
    return status;
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
