/* Shared by the threads of potto-collector. Workers collect, one thread has sessions looked at, job threads run jobs,
 * one folds rollups, one maintains the store, and the main thread renews leases, sends heartbeats and waits for
 * signals. Another follows log files. Each thread has its own connection to the store, but the one that looks whether
 * the language model can be asked. */
#ifndef POTTO_COLLECTOR_DAEMON_H
#define POTTO_COLLECTOR_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/authenticate.h"
#include "base/config.h"
#include "child/child.h"
#include "collector/lanes.h"
#include "llm/llm.h"
#include "store/collect/cycle.h"

enum {
    LEASE_S = 15,          /* a killed collector's connections are free again after this */
    LEASE_RENEW_MS = 5000, /* the main thread renews leases this often, well before they end */
    POLL_MS = 500,         /* a new connection is noticed after this at most */
    BEAT_MS = 10000,
    STOP_STORE_MAX_MS = 5000, /* threads that stop wait this long for the store; what is healthy answers in less */
    STOP_MAX_MS = 8000,       /* threads may take this long to stop; then the process ends anyway */
    BACKOFF_MIN_MS = 500,
    BACKOFF_MAX_MS = 10000,
    OWNER_BYTES = 128,
    WORKERS_MAX = LANES_WORKERS_MAX,
    JOB_THREADS = 3 /* the first one advances collect jobs */
};

/* The language model as it was last found; the heartbeat tells it to the store. */
struct llm_told {
    enum llm_health health;  /* LLM_HEALTH_UNSET: not known yet */
    bool has_model, is_news; /* news: the store has not been told yet */
    const char *kind;        /* NULL: none */
    struct text model;       /* data NULL: none */
    char problem[LLM_PROBLEM_BYTES];
    int64_t checked_at_us; /* INT64_MIN: nothing was asked */
};

struct daemon {
    struct config config;
    /* Replaced at SIGHUP; the old ones stay in memory until the end, because a run may still use them. */
    _Atomic(struct auth_keys *) keys;
    struct child_spawner *spawner; /* of the children that talk with monitored servers */
    char hostname[65];
    char process[96]; /* identifies this process uniquely among all hosts and times */
    atomic_bool should_stop;
    atomic_llong cycles, failures;
    struct lanes lanes;
    pthread_mutex_t mutex; /* protects the members below */
    pthread_cond_t stopping;
    char owners[WORKERS_MAX][OWNER_BYTES]; /* the run of each worker, "": none */
    struct llm_told llm;
};

struct worker {
    struct daemon *daemon;
    int index;
    pthread_t thread;
    int64_t run_count;
    int64_t trim_at_us; /* in job threads: when old jobs are deleted next */
};

void *worker_main(void *worker); /* struct worker */
void *jobs_main(void *worker);   /* struct worker */
void *rollup_main(void *daemon); /* struct daemon */
void *upkeep_main(void *daemon); /* struct daemon */
void *waits_main(void *daemon);  /* struct daemon */
void *logs_main(void *daemon);   /* struct daemon */
void *llm_main(void *daemon);    /* struct daemon */

/* Sleep. Returns false, at once, when the daemon is told to stop. */
bool daemon_sleep(struct daemon *daemon, int64_t wait_ms);
void daemon_set_owner(struct daemon *daemon, int index, const char *owner);

/* How long to wait after `failure_count` failures in a row: doubles from BACKOFF_MIN_MS to BACKOFF_MAX_MS. */
int64_t backoff_ms(int failure_count);

/* One run of a leased connection: read its state from the store, collect in a child, write the result. A failure of the
 * database, or of the child that talked with it, is a result too, with STATUS_OK; any other status is a failure of the
 * store or of this machine. */
enum status cycle_perform(struct daemon *daemon, struct store *store, const struct lease *lease, struct arena *arena,
                          struct error *error);

/* Fill the options to connect, with the password: call cycle_forget_password when done. Any failure: the password
 * cannot be read, and the two texts below say so. */
enum status cycle_options(struct daemon *daemon, const struct lease *lease, struct arena *arena,
                          struct target_options *out_options);
void cycle_forget_password(struct target_options *options);
#define NO_PASSWORD_PROBLEM "The stored password cannot be read: it was encrypted with another ENCRYPTION_KEY."
#define NO_PASSWORD_REMEDY  "Give the collector the key it was encrypted with, or enter the password again."
/* Words of a child as the store takes them; data NULL for "". */
struct text cycle_sentence(const char *text, struct arena *arena);

/* Test a leased connection in a child. Always fills *out_result, also if the database or the child fails. Texts live in
 * `arena`. */
void cycle_probe(struct daemon *daemon, const struct lease *lease, int max_ms, struct arena *arena,
                 struct probe_result *out_result);

#endif
