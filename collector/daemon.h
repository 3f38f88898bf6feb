/* What the threads of potto-collector share. Workers collect, others run jobs, one thread folds rollups, one keeps the
 * store small, the main thread keeps leases and the daemon's own row alive and waits for signals. Each has its own
 * connection to the store. */
#ifndef POTTO_COLLECTOR_DAEMON_H
#define POTTO_COLLECTOR_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/authenticate.h"
#include "base/config.h"
#include "collect/probe.h"
#include "store/collect/cycle.h"

enum {
    LEASE_S = 15,          /* a killed collector's connections are free again after this */
    LEASE_RENEW_MS = 5000, /* by the main thread, well before */
    POLL_MS = 500,         /* how soon a new connection is noticed */
    BEAT_MS = 10000,
    CYCLE_MAX_MS = 45000,
    STOP_MAX_MS = 8000, /* for a clean end; then the process ends all the same */
    BACKOFF_MIN_MS = 500,
    BACKOFF_MAX_MS = 10000,
    ROLLUP_ROWS_MAX = 20000,
    OWNER_BYTES = 128,
    WORKERS_MAX = 64,
    JOB_THREADS = 3 /* the first moves collect jobs along */
};

struct daemon {
    struct config config;
    /* Replaced at SIGHUP; those of before stay until the end, since a run may still use them. */
    _Atomic(struct auth_keys *) keys;
    char hostname[65];
    char process[96]; /* this process, unlike any other of any host and time */
    atomic_bool should_stop;
    atomic_llong cycles, failures;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t stopping;
    char owners[WORKERS_MAX][OWNER_BYTES]; /* the run of each worker, "": none */
};

struct worker {
    struct daemon *daemon;
    int index;
    pthread_t thread;
    int64_t run_count;
    int64_t trim_at_us; /* jobs: when old ones are forgotten next */
};

void *worker_main(void *worker); /* struct worker */
void *jobs_main(void *worker);   /* struct worker */
void *rollup_main(void *daemon); /* struct daemon */
void *upkeep_main(void *daemon); /* struct daemon */

/* Sleep; back at once when the daemon is told to stop. False then. */
bool daemon_sleep(struct daemon *daemon, int64_t wait_ms);
void daemon_set_owner(struct daemon *daemon, int index, const char *owner);

/* How long to wait after failures in a row: doubles from BACKOFF_MIN_MS to BACKOFF_MAX_MS. */
int64_t backoff_ms(int failure_count);

/* One run of a leased connection: read what is known, collect, write. STATUS_OK also when the database
 * failed; any other status is the store's. */
enum status cycle_perform(struct daemon *daemon, struct store *store, const struct lease *lease, struct arena *arena,
                          struct error *error);

/* Test a leased connection: always fills *out_result; a database that fails is a result. Texts live in `arena`. */
void cycle_probe(struct daemon *daemon, const struct lease *lease, int max_ms, struct arena *arena,
                 struct probe_result *out_result);

#endif
