/* potto-collector: collects from every monitored database by schedule and folds the facts into rollups. Several
 * collectors may run on one store. */
#include <errno.h>
#include <libgen.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/process.h"
#include "collector/daemon.h"
#include "store/upkeep/schema_version.h"

enum {
    RELOADS_MAX = 64,
    PATH_BYTES = 4096,
    DETAIL_BYTES_MAX = 8192, /* of what a heartbeat tells */
    TICK_MAX_MS = 4000,      /* the main thread waits no longer for the store, since signals wait for it */
};

static enum log_level log_level_of(const char *name)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {{"debug", LOG_DEBUG}, {"info", LOG_INFO}, {"warn", LOG_WARN}, {"error", LOG_ERROR}};

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i].name, name) == 0)
            return levels[i].level;
    return LOG_INFO;
}

bool daemon_sleep(struct daemon *daemon, int64_t wait_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&daemon->mutex);
    while (!atomic_load(&daemon->should_stop) &&
           pthread_cond_timedwait(&daemon->stopping, &daemon->mutex, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&daemon->mutex);
    return !atomic_load(&daemon->should_stop);
}

void daemon_set_owner(struct daemon *daemon, int index, const char *owner)
{
    pthread_mutex_lock(&daemon->mutex);
    snprintf(daemon->owners[index], OWNER_BYTES, "%s", owner);
    pthread_mutex_unlock(&daemon->mutex);
}

int64_t backoff_ms(int failure_count)
{
    return clock_backoff_ms(failure_count, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
}

/* ---- the main thread ---- */

struct heartbeat {
    struct daemon *daemon;
    struct store *store;
    struct arena *arena;
    int64_t renew_at_us, beat_at_us, schema_at_us; /* when each is due */
    int64_t collector_id;
    bool is_failing;
    bool has_told_schema;
};

static void tell_store(struct heartbeat *heartbeat, enum status status, const struct error *error)
{
    bool is_failing = status != STATUS_OK;

    if (is_failing && !heartbeat->is_failing)
        log_error("store_away", "keeping leases", error);
    if (!is_failing && heartbeat->is_failing)
        log_write(LOG_INFO, "store_back", "leases are kept again");
    heartbeat->is_failing = is_failing;
}

static enum status renew(struct heartbeat *heartbeat, struct error *error)
{
    struct daemon *daemon = heartbeat->daemon;
    struct text owners[WORKERS_MAX];
    size_t count = 0;

    pthread_mutex_lock(&daemon->mutex);
    for (int i = 0; i < WORKERS_MAX; i++)
        if (daemon->owners[i][0] != '\0') {
            size_t size = strlen(daemon->owners[i]);

            owners[count++] = (struct text){arena_string(heartbeat->arena, daemon->owners[i], size), size};
        }
    pthread_mutex_unlock(&daemon->mutex);
    return count == 0 ? STATUS_OK
                      : store_lease_renew(heartbeat->store, owners, count, LEASE_S, heartbeat->arena, error);
}

static void write_llm(struct json_writer *json, const struct llm_told *llm)
{
    json_key(json, "llm");
    json_object_begin(json);
    json_member_string(json, "status", llm_health_name(llm->health));
    json_member_string(json, "kind", llm->kind);
    json_member_text_or_null(json, "model", llm->model);
    json_member_bool(json, "has_model", llm->has_model);
    json_member_time(json, "checked_at", llm->checked_at_us);
    json_member_string(json, "problem", llm->problem[0] != '\0' ? llm->problem : NULL);
    json_object_end(json);
}

static enum status beat(struct heartbeat *heartbeat, struct error *error)
{
    struct daemon *daemon = heartbeat->daemon;
    struct json_writer json;
    struct llm_told llm;
    struct buffer detail;
    enum status status;

    pthread_mutex_lock(&daemon->mutex);
    llm = daemon->llm;
    daemon->llm.is_news = false;
    pthread_mutex_unlock(&daemon->mutex);
    buffer_init(&detail, DETAIL_BYTES_MAX);
    json_writer_init(&json, &detail);
    json_object_begin(&json);
    json_member_int64(&json, "pid", (int64_t)getpid());
    json_member_int64(&json, "threads", daemon->config.collector_threads);
    json_member_int64(&json, "cycles", atomic_load(&daemon->cycles));
    json_member_int64(&json, "failures", atomic_load(&daemon->failures));
    if (llm.health != LLM_HEALTH_UNSET)
        write_llm(&json, &llm);
    json_object_end(&json);
    status =
        store_daemon_beat(heartbeat->store, text_of(daemon->hostname), text_of(daemon->process), TEXT(POTTO_VERSION),
                          buffer_text(&detail), heartbeat->arena, &heartbeat->collector_id, error);
    buffer_free(&detail);
    return status;
}

static bool has_news(struct daemon *daemon)
{
    bool has;

    pthread_mutex_lock(&daemon->mutex);
    has = daemon->llm.is_news;
    pthread_mutex_unlock(&daemon->mutex);
    return has;
}

/* Run a step unless the store is away; a step that fails otherwise does not stop the next one. */
static enum status go_on(enum status so_far, enum status (*step)(struct heartbeat *, struct error *),
                         struct heartbeat *heartbeat, struct error *error)
{
    struct error failure = {0};
    enum status status = so_far == STATUS_UNAVAILABLE ? STATUS_OK : step(heartbeat, &failure);

    if (so_far != STATUS_OK || status == STATUS_OK)
        return so_far;
    *error = failure;
    return status;
}

static enum status ensure(struct heartbeat *heartbeat, struct error *error)
{
    return store_lease_ensure(heartbeat->store, heartbeat->arena, error);
}

static enum status reap(struct heartbeat *heartbeat, struct error *error)
{
    return store_lease_reap(heartbeat->store, heartbeat->arena, error);
}

/* Say it if the store's schema is not that of this program. */
static enum status look_at_schema(struct heartbeat *heartbeat, struct error *error)
{
    struct store_schema schema;
    enum status status = store_schema_read(heartbeat->store, heartbeat->arena, &schema, error);

    if (status != STATUS_OK)
        return status;
    if (schema.problem != NULL && !heartbeat->has_told_schema)
        log_write(LOG_WARN, "schema_differs", "the store has migration %d, this program %d: %s", schema.version,
                  schema.expected, schema.problem);
    if (schema.problem == NULL && heartbeat->has_told_schema)
        log_write(LOG_INFO, "schema_agrees", "store and program have migration %d", schema.version);
    heartbeat->has_told_schema = schema.problem != NULL;
    return STATUS_OK;
}

static void tick(struct heartbeat *heartbeat)
{
    struct error error = {0};
    int64_t now_us = clock_monotonic_us();
    enum status status = STATUS_OK;

    store_set_deadline(heartbeat->store, now_us + TICK_MAX_MS * INT64_C(1000));
    if (now_us >= heartbeat->renew_at_us) {
        status = go_on(status, renew, heartbeat, &error);
        heartbeat->renew_at_us = now_us + LEASE_RENEW_MS * INT64_C(1000);
    }
    if (now_us >= heartbeat->beat_at_us || has_news(heartbeat->daemon)) {
        status = go_on(status, beat, heartbeat, &error);
        /* collector_id 0: another process took the name at the same time; try another name at the next tick. */
        heartbeat->beat_at_us = heartbeat->collector_id == 0 ? now_us : now_us + BEAT_MS * INT64_C(1000);
    }
    /* After renewing: this collector's own leases may have run out while the store was away. */
    status = go_on(status, reap, heartbeat, &error);
    status = go_on(status, ensure, heartbeat, &error);
    if (now_us >= heartbeat->schema_at_us) {
        status = go_on(status, look_at_schema, heartbeat, &error);
        heartbeat->schema_at_us = now_us + STORE_SCHEMA_LOOK_MS * INT64_C(1000);
    }
    if (status != STATUS_OK)
        heartbeat->renew_at_us = heartbeat->beat_at_us = heartbeat->schema_at_us = now_us; /* due when it is back */
    tell_store(heartbeat, status, &error);
    arena_reset(heartbeat->arena);
}

/* Wait for all threads, at most STOP_MAX_MS. True if all ended. */
static bool join_all(struct worker *workers, int count, struct worker *job_threads, const pthread_t *others,
                     int other_count)
{
    struct timespec until;
    bool has_all = true;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_MAX_MS / 1000;
    for (int i = 0; i < count; i++)
        has_all &= pthread_timedjoin_np(workers[i].thread, NULL, &until) == 0;
    for (int i = 0; i < JOB_THREADS; i++)
        has_all &= pthread_timedjoin_np(job_threads[i].thread, NULL, &until) == 0;
    for (int i = 0; i < other_count; i++)
        has_all &= pthread_timedjoin_np(others[i], NULL, &until) == 0;
    return has_all;
}

static void stop(struct daemon *daemon)
{
    store_stop_by(clock_monotonic_us() + STOP_STORE_MAX_MS * INT64_C(1000));
    pthread_mutex_lock(&daemon->mutex);
    atomic_store(&daemon->should_stop, true);
    pthread_cond_broadcast(&daemon->stopping);
    pthread_mutex_unlock(&daemon->mutex);
    lanes_stop(&daemon->lanes);
}

/* Keys from before each SIGHUP; freed at the end. */
static struct auth_keys *old_keys[RELOADS_MAX];
static size_t old_key_count;

/* Read the keys again. Other settings need a restart, which loses nothing. */
static void reload(struct daemon *daemon)
{
    struct auth_keys *fresh = NULL;
    struct error error = {0};
    struct config config;
    enum status status = config_read(CONFIG_COLLECTOR, &config, &error);

    if (status == STATUS_OK)
        status = auth_keys_new(NULL, config.encryption_key, &fresh, &error);
    if (status == STATUS_OK && old_key_count == RELOADS_MAX) {
        auth_keys_destroy(fresh);
        status = error_set(&error, STATUS_CONFLICT, "read anew %d times already; restart", RELOADS_MAX);
    }
    if (status != STATUS_OK) {
        log_error("not_reloaded", "the settings of before stay", &error);
        for (size_t i = 0; i < error.field_count; i++)
            log_write(LOG_ERROR, "not_reloaded", "%s %s", error.fields[i].field, error.fields[i].message);
        return;
    }
    old_keys[old_key_count++] = atomic_exchange(&daemon->keys, fresh);
    log_write(LOG_INFO, "reloaded", "keys were read again");
}

static int run(struct daemon *daemon, const sigset_t *signals)
{
    static struct worker workers[WORKERS_MAX], job_threads[JOB_THREADS];
    struct heartbeat heartbeat = {
        .daemon = daemon, .store = store_new(daemon->config.store_owner_url, "potto-collector"), .arena = arena_new(0)};
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    int count = (int)daemon->config.collector_threads;
    bool is_clean;
    void *(*const mains[])(void *) = {upkeep_main, rollup_main, waits_main, logs_main, llm_main};
    enum { OTHERS = sizeof mains / sizeof mains[0] };
    pthread_t others[OTHERS];
    int got;

    for (int i = 0; i < OTHERS; i++)
        if (pthread_create(&others[i], NULL, mains[i], daemon) != 0)
            abort();
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.daemon = daemon, .index = i};
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0)
            abort();
    }
    for (int i = 0; i < JOB_THREADS; i++) {
        job_threads[i] = (struct worker){.daemon = daemon, .index = i};
        if (pthread_create(&job_threads[i].thread, NULL, jobs_main, &job_threads[i]) != 0)
            abort();
    }
    log_write(LOG_INFO, "collector_started", "%d threads, process %s", count, daemon->process);
    do {
        child_spawner_keep(daemon->spawner);
        tick(&heartbeat);
        got = sigtimedwait(signals, NULL, &pause);
        if (got == SIGHUP)
            reload(daemon);
    } while (got != SIGTERM && got != SIGINT);
    log_write(LOG_INFO, "collector_stopping", "signal %d", got);
    stop(daemon);
    is_clean = join_all(workers, count, job_threads, others, OTHERS);
    store_set_deadline(heartbeat.store, clock_monotonic_us() + TICK_MAX_MS * INT64_C(1000));
    store_stop_by(INT64_MAX);
    if (heartbeat.collector_id != 0)
        store_daemon_end(heartbeat.store, heartbeat.collector_id, heartbeat.arena, NULL);
    log_write(LOG_INFO, "collector_stopped", "%s", is_clean ? "all threads ended" : "a thread was cut off");
    /* A thread that hangs in a library call has not written anything, and its lease ends by itself. */
    if (!is_clean)
        _exit(0);
    store_destroy(heartbeat.store);
    arena_destroy(heartbeat.arena);
    return 0;
}

static void name_process(struct daemon *daemon)
{
    if (gethostname(daemon->hostname, sizeof daemon->hostname - 1) != 0)
        snprintf(daemon->hostname, sizeof daemon->hostname, "unknown");
    snprintf(daemon->process, sizeof daemon->process, "%.60s:%d:%llx", daemon->hostname, (int)getpid(),
             (unsigned long long)clock_now_us());
}

/* potto-target, beside this program's own file. */
static const char *target_program(void)
{
    static char program[PATH_BYTES];
    char own[PATH_BYTES];
    ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);

    own[size > 0 ? size : 0] = '\0';
    snprintf(program, sizeof program, "%s/potto-target", dirname(own));
    return program;
}

static const char usage[] = "usage: potto-collector [--help|--version]\n"
                            "potto-collector collects from monitored databases and keeps the store, with the settings "
                            "that `potto config` lists.\n";

int main(int argc, char **argv)
{
    static struct daemon daemon;
    const char *introduction;
    pthread_condattr_t attributes;
    struct error error = {0};
    struct auth_keys *keys = NULL;
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t signals;

    log_init("potto-collector", LOG_INFO);
    introduction = process_introduction(argc, argv, usage, "potto-collector " POTTO_VERSION "\n");
    if (introduction != NULL)
        return fputs(introduction, stdout) < 0;
    if (argc > 1) {
        fputs(usage, stderr);
        return 2;
    }
    log_take_stderr();
    process_close_to_others();
    mallopt(M_ARENA_MAX, 1); /* the threads wait most of the time; a heap for each of them would hold memory for none */
    if (config_read(CONFIG_COLLECTOR, &daemon.config, &error) != STATUS_OK) {
        for (size_t i = 0; i < error.field_count; i++)
            log_write(LOG_ERROR, "setting_refused", "%s %s", error.fields[i].field, error.fields[i].message);
        return 2;
    }
    log_init("potto-collector", log_level_of(daemon.config.log_level));
    if (daemon.config.foreign_secrets[0] != '\0')
        log_write(LOG_WARN, "setting_ignored", "%s: this program must not have it", daemon.config.foreign_secrets);
    if (daemon.config.monitoring_enabled == 0)
        log_write(LOG_WARN, "schedule_off",
                  "MONITORING_ENABLED is false: databases are collected from on demand alone");
    if (daemon.config.store_owner_url == NULL) {
        log_write(LOG_ERROR, "setting_missing", "POTTO_OWNER_DATABASE_URL is not set");
        return 2;
    }
    if (auth_keys_new(NULL, daemon.config.encryption_key, &keys, &error) != STATUS_OK) {
        log_error("setting_refused", "ENCRYPTION_KEY", &error);
        return 2;
    }
    atomic_init(&daemon.keys, keys);
    name_process(&daemon);
    lanes_init(&daemon.lanes, &daemon.config);
    pthread_mutex_init(&daemon.mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&daemon.stopping, &attributes);
    /* Threads inherit the mask, so only sigtimedwait receives these signals. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
    daemon.spawner = child_spawner_new(target_program());
    run(&daemon, &signals);
    child_spawner_destroy(daemon.spawner);
    auth_keys_destroy(daemon.keys);
    while (old_key_count > 0)
        auth_keys_destroy(old_keys[--old_key_count]);
    return 0;
}
