/* The thread that has sessions of monitored databases looked at. A child looks for about a minute (lib/child); this
 * thread waits for all of them at once, stores what they found and starts the next ones. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"
#include "facts/overhead.h"
#include "store/collect/waits.h"

#define BUCKET_US (WAITS_BUCKET_S * CLOCK_SECOND_US)

enum {
    TAKEN_MAX = 16, /* leases at once, so that children that ended need not wait for new ones to start */
    WAIT_MS = 250,
    TAKE_PAUSE_MS = 1000,
    SPARE_MS = 8000,          /* a child may take so long to connect and to end, beyond its stretch */
    SPARE_LEASE_S = 20,       /* and its lease holds so much longer */
    STRETCH_PAUSES_MIN = 2,   /* of looks in a stretch */
    STOP_WAIT_MS = 1500,      /* children that are told to stop may take so long */
    SHARE_OF_ORGANIZATION = 4 /* an organization leaves a fourth of the places to others */
};

struct watched {
    struct child_waits *child; /* NULL: the place is free */
    struct arena *arena;       /* of the lease */
    struct lease lease;
    int64_t begun_us; /* wall clock */
};

struct watcher {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena; /* emptied in each round */
    struct watched *places;
    int place_count;
    int64_t take_at_us, run_count;
    bool is_failing;
};

static void tell_store(struct watcher *watcher, enum status status, const struct error *error)
{
    bool is_failing = status != STATUS_OK && status != STATUS_CONFLICT;

    if (is_failing && !watcher->is_failing && !atomic_load(&watcher->daemon->should_stop))
        log_error("waits_not_written", "looks at sessions", error);
    watcher->is_failing = is_failing;
}

/* ---- the end of a child ---- */

static void write_result(struct watcher *watcher, const struct watched *place, const struct waits_result *result)
{
    static const char *const states[] = {[COLLECT_STATE_UNSET] = "failed",
                                         [COLLECT_STATE_OK] = "ok",
                                         [COLLECT_STATE_WARNING] = "warning",
                                         [COLLECT_STATE_FAILED] = "failed"};
    int64_t bucket_us = clock_floor(place->begun_us, BUCKET_US);
    struct waits_write write = {.state = states[result->state],
                                .problem = cycle_sentence(result->problem, watcher->arena),
                                .remedy = cycle_sentence(result->remedy, watcher->arena),
                                .bucket_us = {bucket_us, bucket_us + BUCKET_US},
                                .facts = &result->facts};
    struct error error = {0};
    enum status status = store_waits_write(watcher->store, &place->lease, &write, watcher->arena, &error);

    tell_store(watcher, status, &error);
    if (result->state == COLLECT_STATE_FAILED)
        log_write(LOG_WARN, "waits_failed", "connection %lld: %s (%s)", (long long)place->lease.connection_id,
                  result->problem, result->detail);
    else
        log_write(LOG_DEBUG, "waits_seen", "connection %lld: %lld looks", (long long)place->lease.connection_id,
                  (long long)result->facts.parts[0].look_count + (long long)result->facts.parts[1].look_count);
}

static void leave(struct watched *place)
{
    arena_destroy(place->arena);
    *place = (struct watched){.child = NULL};
}

static void end(struct watcher *watcher, struct watched *place)
{
    struct waits_result result;
    enum child_end end = child_waits_end(place->child, watcher->arena, &result);

    if (end == CHILD_ABSENT || end == CHILD_STOPPED)
        store_waits_release(watcher->store, &place->lease, watcher->arena, NULL);
    else
        write_result(watcher, place, &result);
    leave(place);
}

/* ---- its begin ---- */

static struct text kept(struct text text, struct arena *arena)
{
    return text.data == NULL ? text : (struct text){arena_string(arena, text.data, text.size), text.size};
}

/* Only what is needed when the child has ended. */
static struct lease kept_lease(const struct lease *lease, struct arena *arena)
{
    return (struct lease){.organization_id = lease->organization_id,
                          .connection_id = lease->connection_id,
                          .owner = kept(lease->owner, arena),
                          .engine = kept(lease->engine, arena),
                          .keeps_literals = lease->keeps_literals};
}

static int64_t cost_ppm_of(const struct config *config, const struct lease *lease)
{
    int64_t budget_ppm = overhead_looks_ppm(lease->overhead_percent);

    return budget_ppm < config->waits_cost_ppm ? budget_ppm : config->waits_cost_ppm;
}

/* Room for a few looks, however rare they are. */
static int64_t stretch_ms_of(const struct config *config, int64_t pause_ms)
{
    int64_t stretch_ms = config->waits_stretch_s * 1000;

    return stretch_ms > pause_ms * STRETCH_PAUSES_MIN ? stretch_ms : pause_ms * STRETCH_PAUSES_MIN;
}

static void begin(struct watcher *watcher, struct watched *place, const struct lease *lease)
{
    const struct config *config = &watcher->daemon->config;
    int64_t pause_ms = overhead_stage_of(lease->overhead_stage)->look_pause_ms;
    int64_t stretch_ms = stretch_ms_of(config, pause_ms), now_us = clock_now_us(), left_ms;
    struct target_options options;
    struct waits_input input = {.target = &options,
                                .keeps_literals = lease->keeps_literals,
                                .stretch_ms = stretch_ms,
                                .pause_ms = pause_ms,
                                .cost_ppm = cost_ppm_of(config, lease)};
    struct waits_result result = {
        .state = COLLECT_STATE_FAILED, .problem = NO_PASSWORD_PROBLEM, .remedy = NO_PASSWORD_REMEDY};

    *place = (struct watched){.arena = arena_new(0), .begun_us = now_us};
    place->lease = kept_lease(lease, place->arena);
    place->lease.budgets = watcher->daemon->lanes.budgets;
    left_ms = (clock_floor(now_us, BUCKET_US) + BUCKET_US - now_us) / 1000;
    input.first_part_ms = left_ms < stretch_ms ? left_ms : stretch_ms;
    if (cycle_options(watcher->daemon, lease, watcher->arena, &options) != STATUS_OK) {
        write_result(watcher, place, &result);
        leave(place);
        return;
    }
    place->child = child_waits_begin(watcher->daemon->spawner, &input, (int)(stretch_ms + SPARE_MS), &result);
    cycle_forget_password(&options);
    if (place->child != NULL)
        return;
    store_waits_release(watcher->store, &place->lease, watcher->arena, NULL);
    leave(place);
}

/* Organizations that have all the places that they may have. `full` has room for all. */
static size_t full_organizations(const struct watcher *watcher, int64_t *full)
{
    int most = watcher->place_count - watcher->place_count / SHARE_OF_ORGANIZATION;
    size_t count = 0;

    for (int i = 0; i < watcher->place_count; i++) {
        int64_t organization_id = watcher->places[i].lease.organization_id;
        int places = 0;

        if (watcher->places[i].child == NULL)
            continue;
        for (int j = 0; j < watcher->place_count; j++)
            places += watcher->places[j].child != NULL && watcher->places[j].lease.organization_id == organization_id;
        if (places >= most)
            full[count++] = organization_id;
    }
    return count;
}

static int free_place(const struct watcher *watcher)
{
    for (int i = 0; i < watcher->place_count; i++)
        if (watcher->places[i].child == NULL)
            return i;
    return -1;
}

static int count_free(const struct watcher *watcher)
{
    int count = 0;

    for (int i = 0; i < watcher->place_count; i++)
        count += watcher->places[i].child == NULL;
    return count;
}

static void take(struct watcher *watcher)
{
    const struct config *config = &watcher->daemon->config;
    int free_count = count_free(watcher), max = free_count < TAKEN_MAX ? free_count : TAKEN_MAX;
    int lease_s = (int)(stretch_ms_of(config, COLLECT_WAITS_PAUSE_MAX_MS) + SPARE_MS) / 1000 + SPARE_LEASE_S;
    int64_t *full = arena_alloc_array(watcher->arena, (size_t)watcher->place_count, sizeof *full);
    char owner[OWNER_BYTES];
    struct lease *leases = NULL;
    struct error error = {0};
    size_t count = 0;
    enum status status;

    if (max == 0)
        return;
    snprintf(owner, sizeof owner, "%s/waits/%lld", watcher->daemon->process, (long long)++watcher->run_count);
    status = store_waits_take(watcher->store, text_of(owner), lease_s, full, full_organizations(watcher, full),
                              (int)config->waits_per_host, max, watcher->arena, &leases, &count, &error);
    tell_store(watcher, status, &error);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        begin(watcher, &watcher->places[free_place(watcher)], &leases[i]);
    /* Others may be waiting. */
    if (status == STATUS_OK && count == (size_t)max)
        watcher->take_at_us = 0;
}

/* ---- rounds ---- */

static void look_after_children(struct watcher *watcher, int wait_ms)
{
    struct pollfd *sockets = arena_alloc_array(watcher->arena, (size_t)watcher->place_count, sizeof *sockets);
    nfds_t count = 0;

    for (int i = 0; i < watcher->place_count; i++)
        if (watcher->places[i].child != NULL)
            sockets[count++] = (struct pollfd){.fd = child_waits_socket(watcher->places[i].child), .events = POLLIN};
    poll(sockets, count, wait_ms);
    for (int i = 0; i < watcher->place_count; i++)
        if (watcher->places[i].child != NULL && child_waits_is_over(watcher->places[i].child))
            end(watcher, &watcher->places[i]);
}

static void round_of(struct watcher *watcher)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us >= watcher->take_at_us) {
        watcher->take_at_us = now_us + TAKE_PAUSE_MS * INT64_C(1000);
        take(watcher);
    }
    look_after_children(watcher, WAIT_MS);
    arena_reset(watcher->arena);
}

/* What was seen so far is stored, if it comes soon. */
static void stop(struct watcher *watcher)
{
    int64_t until_us = clock_monotonic_us() + STOP_WAIT_MS * INT64_C(1000);

    for (int i = 0; i < watcher->place_count; i++)
        if (watcher->places[i].child != NULL)
            child_waits_stop(watcher->places[i].child);
    while (count_free(watcher) < watcher->place_count && clock_monotonic_us() < until_us) {
        look_after_children(watcher, 50);
        arena_reset(watcher->arena);
    }
    for (int i = 0; i < watcher->place_count; i++)
        if (watcher->places[i].child != NULL)
            end(watcher, &watcher->places[i]);
}

void *waits_main(void *shared)
{
    struct daemon *daemon = shared;
    struct watcher watcher = {.daemon = daemon, .place_count = (int)daemon->config.waits_at_once};

    if (daemon->config.waits == 0 || daemon->config.monitoring_enabled == 0)
        return NULL;
    watcher.store = store_new(daemon->config.store_owner_url, "potto-collector waits");
    watcher.arena = arena_new(0);
    watcher.places = calloc((size_t)watcher.place_count, sizeof *watcher.places);
    if (watcher.places == NULL)
        abort();
    while (!atomic_load(&daemon->should_stop))
        round_of(&watcher);
    stop(&watcher);
    free(watcher.places);
    store_destroy(watcher.store);
    arena_destroy(watcher.arena);
    return NULL;
}
